"""Ten years of finished matters in the archive: `python -W ignore -m tests.benchmarks.large [matters]`.

Every matter has what one of two steps leaves behind: its row, two tasks, its history, its variables, its participants.
Of the last days some thousand wait to be archived, and some thousand are open.
"""

import sys
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

from sqlalchemy import func, select, text

from engine.actor import ENGINE
from engine.database import add_partition
from engine.execution.archiving import archive_finished
from engine.model import tables
from engine.model.archive import ARCHIVED
from engine.queries.diagrams import FindDiagram
from engine.queries.matter import FindMatter, ListTimeline
from engine.queries.matters import CountMatters, ListMatters
from engine.queries.task import FindTask
from engine.queries.worklist import ListTasks
from engine.reports import FindLedger, Timeliness
from tests.benchmarks.completion import FORM, Rounds, deploy_rounds
from tests.benchmarks.engines import on_both
from tests.benchmarks.filling import fill, instant, next_id, settle, words
from tests.benchmarks.tables import milliseconds, p50, table, timed
from tests.benchmarks.worklist import COLUMNS, asked
from tests.factories import (
    claim,
    complete,
    deploy,
    form_file,
    line,
    open_tasks,
    person,
    procedure,
    read,
    start,
    text_field,
    user,
)
from tests.rows import OTHER_SQUAD, SQUAD

MATTERS, FEW = 1_000_000, 20_000
YEARS = 10
MINUTES = YEARS * 365 * 24 * 60
WAITING = 5_000


def main():
    """Fill, archive, ask; one database after the other, so that only one of them needs its place on the disk."""
    matters = int(sys.argv[1]) if len(sys.argv) > 1 else MATTERS
    found = {}
    with ExitStack() as stack:
        for name, engine in on_both(stack).items():
            begun = perf_counter()
            deploy_rounds(engine)
            Past(engine, matters).fill()
            print(f"{name}: {matters:,} matters in {perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
            for title, columns, rows in measures({name: engine}, matters):
                found.setdefault(title, (columns, []))[1].extend(rows)
            _give_back(engine)
    for title, (columns, rows) in found.items():
        print(f"\n## {title}\n\n{table(columns, rows)}", flush=True)


def measures(engines, matters):
    """Yield the tables one after the other."""
    yield archiving(engines)
    yield questions(engines, matters)
    yield work(engines)


def _give_back(engine):
    """Let SQLite's file go; PostgreSQL's are deleted with its server."""
    engine.database.close()
    if engine.database.is_sqlite:
        for end in ("", "-wal", "-shm"):
            Path(f"{engine.database.url.database}{end}").unlink(missing_ok=True)


def measure(engines, *, quick):
    """What is asked about finished matters, in the run of all benchmarks."""
    for engine in engines.values():
        Past(engine, FEW if quick else MATTERS // 10).fill()
    return questions(engines, FEW if quick else MATTERS // 10)


class Past:
    """Copies of one finished matter, spread over ten years, two squads and the archive's partitions."""

    def __init__(self, engine, matters):
        self.engine, self.matters = engine, matters
        self.begun = engine.clock.now() - timedelta(days=365 * YEARS)
        self.pattern = _finish_one(engine)

    def fill(self):
        """Write the matters and, year by year, what they left behind."""
        engine = self.engine
        matter = read(engine, "process_instance", id=self.pattern)[0]._asdict()
        first = next_id(engine, tables.process_instance)
        fill(engine, tables.process_instance, self.matters, matter, id=lambda n: n + first,
             number=lambda n: words(n, "A-"), title=lambda n: words(n, "事项 "), unit_code=_unit,
             started_at=lambda n: self._at(n, 0), ended_at=lambda n: self._at(n, 1),
             archive_year=self._year)  # fmt: skip
        one = read(engine, "participant", instance_id=self.pattern)[0]._asdict()
        fill(engine, tables.participant, self.matters, one, instance_id=lambda n: n + first)
        for live, archived in ARCHIVED:
            for row in _rows(engine, live, self.pattern):
                self._spread(archived, row, first)
        settle(engine)

    def _spread(self, archived, row, first):
        """Copy one row of the pattern into the archive, for every matter."""
        _partitions(self.engine, archived)
        moved = {"instance_id": lambda n: n + first, "year": self._year}
        if "id" in row:
            base = 10**9 * (1 + row["seq"] if "seq" in row else 30 + row["id"])
            moved["id"] = lambda n: n + base
        for name in ("at", "created_at", "completed_at"):
            if row.get(name) is not None:
                moved[name] = lambda n: self._at(n, 1)
        fill(self.engine, archived, self.matters, row, **moved)

    def _at(self, n, days):
        return instant(self.engine, self.begun, self._minute(n) + days * 24 * 60)

    def _minute(self, n):
        return n * (MINUTES - 100 * 24 * 60) // self.matters

    def _year(self, n):
        return self.begun.year + self._minute(n) // (366 * 24 * 60)


def archiving(engines):
    """How fast finished matters go into the archive, in batches of 200."""
    rows = []
    for name, engine in engines.items():
        _more(engine)
        before = engine.clock.now() + timedelta(days=1)
        took = []
        while moved := timed(lambda e=engine, b=before: e.run(_Batch(b), ENGINE)):
            if not moved[1]:
                break
            took.append(moved[0])
        rows.append([name, WAITING, milliseconds(p50(took)), f"{WAITING / sum(took) * 1000:.0f} per second"])
    return "Archiving", ["database", "matters", "p50 of a batch of 200", "rate"], rows


def questions(engines, matters):
    """What staff ask about what is finished."""
    rows = []
    for name, engine in engines.items():
        alice, number = person(engine, "alice"), matters // 3
        with engine.database.transaction(write=False) as session:
            matter = session.scalar(
                select(tables.process_instance.c.id).where(tables.process_instance.c.number == f"A-{number}")
            )
            task = session.scalar(
                select(func.max(tables.archived_task.c.id)).where(tables.archived_task.c.instance_id == matter)
            )
        for what, question in _questions(matter, task, number).items():
            rows.append([name, what, *asked(engine, question, alice, 20)])
    return f"Questions about {matters:,} finished matters in the archive", ["database", *COLUMNS], rows


def work(engines):
    """A completion beside the archive."""
    rows = []
    for name, engine in engines.items():
        matter = Rounds(engine)
        took = [matter.submit() for _ in range(200)]
        rows.append([name, milliseconds(p50(took)), _bytes(engine)])
    return "A completion beside the archive", ["database", "p50", "size of the database"], rows


def _questions(matter, task, number):
    march = date(2024, 3, 1)
    return {
        "matter page": FindMatter(matter),
        "timeline": ListTimeline(matter),
        "diagram with the way taken": FindDiagram(matter),
        "page of a task done years ago": FindTask(task),
        "ledger, first page": ListMatters(procedure="past", limit=100),
        "ledger, its columns": FindLedger("past", tuple(range(matter, matter + 100))),
        "matters, first page": ListMatters(),
        "matters, by number": ListMatters(search=f"A-{number}"),
        "matters, by a number there is not": ListMatters(search="没有"),
        "已办, first page": ListTasks("done"),
        "counts of matters": CountMatters(),
        "按期办结 of a month": Timeliness(march, march + timedelta(days=30)),
    }


def _finish_one(engine):
    """Take one matter of two steps to its end; returns its id."""
    steps = line(user("first", FORM), user("second", FORM), keys=("first", "second"))
    ledger = '[[ledger]]\nlabel = "说明"\nvalue = "note"'
    deploy(engine, *procedure("past", steps, about=ledger), form_file("past", "work", text_field("note", "说明")))
    matter = start(engine, "past", title="占道经营").instance_id
    for number in range(2):
        (task,) = open_tasks(engine, matter)
        claim(engine, task)
        complete(engine, task, note=f"第{number}步")
    return matter


def _more(engine):
    """Finished matters of the last days that are still where work is done."""
    pattern = _finish_one(engine)
    first = next_id(engine, tables.process_instance)
    matter = read(engine, "process_instance", id=pattern)[0]._asdict()
    fill(engine, tables.process_instance, WAITING, matter, id=lambda n: n + first, number=lambda n: words(n, "W-"))
    for live, _ in ARCHIVED:
        for row in _rows(engine, live, pattern):
            base = next_id(engine, live) if "id" in row else 0
            own = {"id": lambda n: n + base} if base else {}  # noqa: B023 - used before the next one
            fill(engine, live, WAITING, row, instance_id=lambda n: n + first, **own)
    settle(engine)


class _Batch:
    """Archive what ended before an instant, as the job does."""

    def __init__(self, before):
        self.before = before

    def execute(self, context):
        return archive_finished(context, self.before, 200)


def _rows(engine, live, matter):
    with engine.database.transaction(write=False) as session:
        return [dict(row) for row in session.execute(select(live).where(live.c.instance_id == matter)).mappings()]


def _partitions(engine, archived):
    """Make the partition of each year, as archiving would."""
    for year in range(engine.clock.now().year - YEARS - 1, engine.clock.now().year + 1):
        with engine.database.transaction() as session:
            add_partition(session.connection(), archived, year)


def _unit(n):
    return words((n % 2) * (int(OTHER_SQUAD) - int(SQUAD)) + int(SQUAD))


def _bytes(engine):
    with engine.database.transaction(write=False) as session:
        asked_ = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        if not engine.database.is_sqlite:
            asked_ = "SELECT pg_database_size(current_database())"
        return f"{session.scalar(text(asked_)) / 1e9:.1f} GB"


if __name__ == "__main__":
    main()
