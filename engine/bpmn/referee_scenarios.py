"""Scenarios for two engines, found by walking a process at random with the values that its own conditions compare."""

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from engine.bpmn.check_language import read_expressions
from engine.bpmn.check_tree import Tree
from engine.bpmn.referee_kernel import Files, KernelRun
from engine.bpmn.second_opinion import Scenario, Step, Verdict, referee, trees_of
from engine.bpmn.xml import B, C

_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"|(?<![\w.])(\d+(?:\.\d+)?)(?![\w.])|\b(true|false)\b')
_MOST_VALUES = 12


@dataclass(frozen=True)
class Walk:
    """How long to walk and from which seed; the same seed gives the same scenarios."""

    now: datetime
    seed: int = 0
    longest: int = 60


def random_scenarios(definitions: Files, key: str, count: int, walk: Walk) -> tuple[Scenario, ...]:
    """Return `count` scenarios of the process `key`."""
    values = _values(definitions)
    made = []
    for number in range(count):
        random = Random(f"{walk.seed}/{key}/{number}")  # noqa: S311 - chance, not secrecy
        run = KernelRun(definitions, key, walk.now)
        made.append(_walk(run, values, random, walk.longest))
    return tuple(made)


def opinions(definitions: Files, count: int, walk: Walk) -> dict[str, Verdict]:
    """Return what two engines say of each process, over `count` random scenarios."""
    return {key: opinion(definitions, key, count, walk) for key in definitions.processes}


def opinion(definitions: Files, key: str, count: int, walk: Walk) -> Verdict:
    """Return what two engines say of one process."""
    return referee(definitions, key, random_scenarios(definitions, key, count, walk), walk.now)


def _walk(run: KernelRun, values: Mapping[str, list[Any]], random: Random, longest: int) -> Scenario:
    """Walk until the process ends, stops or has taken enough steps."""
    steps: list[Step] = []
    variables = _choose(values, random)
    run.start(deepcopy(variables))
    while len(steps) < longest and not run.finished and not run.stuck and run.open():
        step = (random.choice(run.open()), _choose(values, random))
        run.complete(step[0], dict(deepcopy(step[1])))
        steps.append(step)
    return Scenario(variables, tuple(steps))


def _choose(values: Mapping[str, list[Any]], random: Random) -> dict[str, Any]:
    """Give each variable one of the values it is compared with."""
    return {name: random.choice(choices) for name, choices in values.items()}


def _values(definitions: Files) -> dict[str, list[Any]]:
    """Return for each variable that an expression reads the values named beside it."""
    found: dict[str, list[Any]] = {}
    for tree in dict.fromkeys(trees_of(definitions.files).values()):
        for entry in read_expressions(tree, definitions.functions)[0]:
            literals = _literals(entry.expression.text)
            for name in entry.expression.names:
                choices = found.setdefault(name.partition(".")[0], [])
                choices += [value for value in literals if value not in choices]
        for name in _collections(tree):
            found[name] = [[], ["甲"], ["甲", "乙"], ["甲", "乙", "丙"]]
    return {name: [*choices[:_MOST_VALUES], None] for name, choices in sorted(found.items())}


def _literals(text: str) -> list[Any]:
    values: list[Any] = []
    for quoted, number, truth in _LITERAL.findall(text):
        if truth:
            values += [True, False]
        elif number:
            values += [int(float(number)), int(float(number)) + 1]
        else:
            values.append(quoted)
    return values


def _collections(tree: Tree) -> list[str]:
    """Return the variables that a repetition runs over."""
    loops = tree.root.iter(f"{B}multiInstanceLoopCharacteristics")
    texts = [loop.get(f"{C}collection", "").strip() for loop in loops]
    return [text.removeprefix("${").removesuffix("}").strip() for text in texts if text]
