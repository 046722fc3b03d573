"""Timers that are due at once, done by one worker."""

from engine.worker import Worker
from tests.benchmarks.tables import timed
from tests.factories import deploy, line, procedure, start, user

WAIT = (
    '<bpmn:intermediateCatchEvent id="pause"><bpmn:timerEventDefinition>'
    "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
)


def measure(engines, *, quick):
    """How many due timers one worker does per second, each in a transaction of its own."""
    count, rows = 100 if quick else 500, []
    for name, engine in engines.items():
        deploy(engine, *procedure("waits", line(WAIT, user("work"), keys=("pause", "work"))))
        for _ in range(count):
            start(engine, "waits")
        engine.clock.advance(hours=1)
        took, done = timed(lambda e=engine: Worker(e).drain(most=100_000))
        rows.append([name, done, f"{done / took * 1000:.0f} per second"])
    return "Due timers, one worker", ["database", "jobs", "rate"], rows
