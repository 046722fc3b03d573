"""Measures what docs/benchmarks.md shows and prints its tables: `python -m tests.benchmarks`."""

import os
import platform
import sqlite3
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import text

from engine.actor import ENGINE
from engine.clock import FrozenClock, SystemClock
from engine.command import Context
from engine.database import Database
from engine.engine import Engine
from engine.files import FileStore
from engine.migrations import migrate
from engine.passwords import AccountRules
from tests.benchmarks import completion, jobs, migration, worklist
from tests.benchmarks.tables import table
from tests.conftest import MONDAY
from tests.factories import prepare
from tests.postgresql import new_database, postgresql


def main():
    """Measure on both databases, side by side, and print."""
    quick = "--quick" in sys.argv
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bihuan-bench-")))
        cluster = stack.enter_context(postgresql())
        urls = {"SQLite": f"sqlite:///{folder / 'bench.sqlite3'}", "PostgreSQL": new_database(cluster, "bench")}
        engines = {name: _engine(url, folder) for name, url in urls.items()}
        print(_machine(engines["PostgreSQL"]))
        measures = (
            completion.measure, completion.rounds, completion.starts, jobs.measure, worklist.measure, migration.measure,
        )  # fmt: skip
        for measure in measures:
            title, columns, rows = measure(engines, quick=quick)
            print(f"\n## {title}\n\n{table(columns, rows)}", flush=True)
        for engine in engines.values():
            engine.database.close()


def _engine(url, folder):
    database = Database(url)
    migrate(database)
    engine = Engine(database, FrozenClock(MONDAY), FileStore(folder / "files"), accounts=AccountRules(memory_kib=64))
    prepare(engine)
    return engine


class _ServerVersion:
    """Ask the database for its version."""

    def execute(self, context: Context):
        return context.session.execute(text("SHOW server_version")).scalar()


def _machine(engine):
    model = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.processor())  # fmt: skip
    day = SystemClock().now().date().isoformat()
    return (
        f"Measured {day} on {os.cpu_count()} cores ({model}), load {os.getloadavg()[0]:.1f} at the start; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version} (WAL, synchronous FULL), "
        f"PostgreSQL {engine.ask(_ServerVersion(), ENGINE)} (fsync on, local socket)."
    )


main()
