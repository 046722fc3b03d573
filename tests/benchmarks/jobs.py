"""Timers that are due at once, done by four workers in processes of their own, each timer once."""

from multiprocessing import get_context

from engine.clock import FrozenClock
from engine.database import Database
from engine.engine import Engine
from engine.files import FileStore
from engine.worker import Worker
from tests.benchmarks.tables import timed
from tests.factories import deploy, line, procedure, read, start, user

WAIT = (
    '<bpmn:intermediateCatchEvent id="pause"><bpmn:timerEventDefinition>'
    "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
)
WORKERS, MANY, FEW = 4, 10_000, 200


def measure(engines, *, quick, many=MANY):
    """How many due timers the workers do per second, each in a transaction of its own."""
    count, rows = FEW if quick else many, []
    for name, engine in engines.items():
        deploy(engine, *procedure("waits", line(WAIT, user("work"), keys=("pause", "work"))))
        for _ in range(count):
            start(engine, "waits")
        engine.clock.advance(hours=1)
        took = _all_at_once(engine)
        opened = [row.instance_id for row in read(engine, "user_task", process_key="waits", node_id="work")]
        once = len(opened) == len(set(opened)) == count
        rows.append([name, count, f"{count / took * 1000:.0f} per second", "yes" if once else "NO"])
    return f"Due timers, {WORKERS} workers", ["database", "timers", "rate", "each once"], rows


def _all_at_once(engine):
    """Start the workers, let them begin together; the milliseconds until the last one found nothing to do."""
    own = get_context("spawn")
    ready = own.Barrier(WORKERS + 1)
    url = engine.database.url.render_as_string(hide_password=False)
    about = (url, str(engine.files.root), engine.clock.now(), ready)
    workers = [own.Process(target=_work, args=about) for _ in range(WORKERS)]
    for one in workers:
        one.start()
    ready.wait()
    took, _ = timed(lambda: [one.join() for one in workers])
    assert [one.exitcode for one in workers] == [0] * WORKERS
    return took


def _work(url, files, now, ready):
    engine = Engine(Database(url), FrozenClock(now), FileStore(files))
    worker = Worker(engine)
    engine.database.reachable()
    ready.wait()
    worker.drain(most=1_000_000)
    engine.database.close()
