"""Measures what docs/benchmarks.md shows and prints its tables: `python -W ignore -m tests.benchmarks [--quick]`."""

import os
import platform
import sqlite3
import sys
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import text

from engine.actor import ENGINE
from engine.clock import SystemClock
from engine.command import Context
from tests.benchmarks import (
    beginning,
    completion,
    editors,
    feel,
    http,
    jobs,
    large,
    migration,
    pages,
    proof,
    repetition,
    worklist,
)
from tests.benchmarks.engines import on_both
from tests.benchmarks.tables import table
from web.memory import collect_seldom

# In this order: a later one finds what an earlier one has filled the databases with.
MEASURES = (
    completion.measure,
    completion.rounds,
    completion.spiff_rounds,
    completion.starts,
    repetition.measure,
    beginning.measure,
    jobs.measure,
    migration.measure,
    feel.measure,
    proof.measure,
    http.measure,
    pages.measure,
    editors.measure,
    worklist.measure,
    large.measure,
)


def main():
    """Measure on both databases, side by side, and print."""
    quick = "--quick" in sys.argv
    collect_seldom()  # as the program does
    with ExitStack() as stack:
        engines = on_both(stack)
        print(_machine(engines["PostgreSQL"]))
        for measure in MEASURES:
            title, columns, rows = measure(engines, quick=quick)
            print(f"\n## {title}\n\n{table(columns, rows)}", flush=True)


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


if __name__ == "__main__":
    main()
