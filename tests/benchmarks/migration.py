"""Running matters that go over to another version, and a comparison of two versions."""

from sqlalchemy import insert

from engine.actor import ENGINE
from engine.commands.migration_batches import StartMigration
from engine.execution.changes import REGISTER
from engine.model import tables
from engine.queries.migration_batches import FindMigration, PreviewMigration
from engine.worker import Worker
from tests.benchmarks.tables import milliseconds, timed
from tests.factories import deploy, line, procedure, start, user

KEY = "goes_over"


def measure(engines, *, quick):
    """How many matters go over per second, and how long the preview of all of them takes."""
    count, rows = 200 if quick else 10_000, []
    for name, engine in engines.items():
        deploy(engine, *_version("核查"))
        for _ in range(count):
            start(engine, KEY)
        deploy(engine, *_version("实地核查"))
        _approve(engine)
        previewed, preview = timed(lambda e=engine: e.ask(PreviewMigration(KEY, 1, 2), ENGINE))
        batch = engine.run(StartMigration(KEY, 1, 2, "测量"), ENGINE)
        took, _ = timed(lambda e=engine: Worker(e).drain(most=10_000_000))
        moved = engine.ask(FindMigration(batch), ENGINE).moved
        rate = f"{moved / took * 1000:.0f} per second"
        rows.append([name, preview.total, milliseconds(previewed), moved, rate])
    return "Migration of running matters, one worker", ["database", "matters", "preview of all", "moved", "rate"], rows


def _version(name):
    return procedure(KEY, line(user("check", name=name), user("reply"), keys=("check", "reply")))


def _approve(engine):
    row = {
        "register": REGISTER, "key": f"{KEY}:2", "status": "approved", "data": {"migrate": True}, "unit_code": "",
        "updated_at": engine.clock.now(),
    }  # fmt: skip
    with engine.database.transaction() as session:
        session.connection().execute(insert(tables.register_entry), row)
