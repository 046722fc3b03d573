"""A bureau at its busiest: `python -W ignore -m tests.benchmarks.busy [copies]`.

The example's matters are copied as they are, open ones and finished ones, with their tasks, history, notices, mail and
audit, until nothing is small; each copy is twenty minutes older than the one before. Then somebody of each kind of
work opens each kind of page that links lead to, and the house is kept. Files of whole lists (CSV) are left out.
"""

import re
import sys
import tempfile
import tomllib
from collections import deque
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from time import perf_counter
from urllib.parse import parse_qs, urljoin, urlsplit

from sqlalchemy import Interval as Span
from sqlalchemy import cast, event, func, insert, literal, select, type_coerce
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from config.settings import Settings
from engine.actor import ENGINE
from engine.clock import SystemClock
from engine.commands.sessions import LogIn
from engine.jobs.acquire import AcquireJobs
from engine.jobs.keep_house import EnsureHouse, KeepHouse
from engine.model import tables
from engine.model.base import Base, Instant
from engine.queries.health import AskHealth
from tests.benchmarks.filling import numbers, settle, words
from tests.benchmarks.http import loaded
from tests.benchmarks.tables import milliseconds, table, timed
from tests.postgresql import new_database, postgresql
from tests.web.conftest import Browser
from web import create_app
from web.assembly import EXAMPLE, ROOT, make_engine
from web.demo_cli import EXAMPLE_PASSWORD

COPIES = 5_000
# Above the highest id of the example; a copy's ids are that far from those of the copy before.
STEP = 10_000
MINUTES = 20
SHOWN = 12
LEADER = "dj.fenguan"
ROLES = (
    "squad_officer", "squad_leader", "town_leader", "dist_intake", "dist_handler", "dist_legal", "dist_leader",
    "city_leader", "archivist", "process_admin", "sys_admin", "sec_admin", "audit_admin",
)  # fmt: skip
COPIED = (
    "process_instance", "user_task", "task_access", "history_event", "variable", "participant", "notice", "outbox",
    "message", "audit_event", "matter_link", "subscription", "deadline_change", "vault_entry", "register_entry",
)  # fmt: skip
MOVED = frozenset({"id", "instance_id", "task_id", "parent_id", "matched_instance", "from_instance", "to_instance"})


def main():
    """Fill, open, keep house; one database after the other."""
    copies = int(sys.argv[1]) if len(sys.argv) > 1 else COPIES
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bihuan-busy-")))
        urls = {"SQLite": f"sqlite:///{folder / 'busy.sqlite3'}"}
        urls["PostgreSQL"] = new_database(stack.enter_context(postgresql()), "busy")
        for name, url in urls.items():
            settings = Settings(data_dir=folder / name, database_url=url, example=True, secret_key="k" * 64)
            loaded(settings.data_dir, settings.database)
            engine = make_engine(settings)
            rows = copy(engine, copies)
            print(f"\n## {name}: {rows:,} rows, {copies:,} times the example\n", flush=True)
            print(table(("what", "time"), housekeeping(engine)), end="\n\n", flush=True)
            pages = Pages(engine, settings)
            opened = sorted((one for who in _people() for one in pages.opened_by(who)), key=lambda one: -one.time)
            print(f"{len(opened):,} pages; the slowest of each kind:\n")
            print(table(Opened.COLUMNS, _slowest(opened)), flush=True)
            engine.database.close()


def copy(engine, copies):
    """Copy every matter; returns how many rows there are of them now."""
    rows = 0
    for one in Base.metadata.sorted_tables:
        if one.name in COPIED:
            count = numbers(1, copies + 1)
            columns = [_copied(engine, column, count.c.n) for column in one.columns]
            original = one.c.id < STEP if "id" in one.c else literal(value=True)
            chosen = select(*columns).select_from(count).join(one, original)
            with engine.database.schema_change() as connection:
                connection.execute(insert(one).from_select(list(one.columns.keys()), chosen))
                rows += connection.scalar(select(func.count()).select_from(one))
    settle(engine, [name for name in COPIED if "id" in Base.metadata.tables[name].c])
    return rows


def _copied(engine, column, n):
    if column.name in MOVED or str(column) == "audit_event.seq":
        return column + n * STEP
    if column.name in {"number", "dedupe_key"} or str(column) == "register_entry.key":
        return column + words(n, "#")
    if isinstance(column.type, Instant):
        return _earlier(engine, column, n * MINUTES)
    return column


def _earlier(engine, column, minutes):
    if engine.database.is_sqlite:
        return type_coerce(func.strftime("%Y-%m-%d %H:%M:%f000", column, words(-minutes) + " minutes"), Instant())
    return column - cast(words(minutes) + " minutes", Span)


def housekeeping(engine):
    """What runs every few minutes: the figures for monitoring, and the house, the first time and later."""
    health = AskHealth(SystemClock().now())
    rows = [["figures for monitoring", milliseconds(min(timed(lambda: engine.ask(health, ENGINE))[0] for _ in "123"))]]
    engine.run(EnsureHouse(), ENGINE)
    due = tables.job.update().where(tables.job.c.kind == "house")
    for when in ("first time", "second time", "later"):
        engine.run(LogIn(LEADER, EXAMPLE_PASSWORD), ENGINE)
        with engine.database.transaction() as session:
            session.execute(due.values(due_at=engine.clock.now(), priority=100))
        (job,) = engine.run(AcquireJobs("benchmark", 1, False), ENGINE)
        rows.append(
            [f"keeping house, {when}", milliseconds(timed(lambda job=job: engine.run(KeepHouse(job), ENGINE))[0])]
        )
    return rows


@dataclass(frozen=True)
class Opened:
    """A page that was opened: milliseconds of the whole answer, of its statements, and of the longest of these."""

    COLUMNS = ("page", "person", "whole answer", "statements", "SQL", "longest")

    kind: str
    person: str
    time: float
    statements: tuple[float, ...]

    def row(self):
        """The cells of a table."""
        longest = max(self.statements, default=0)
        times = (milliseconds(one) for one in (sum(self.statements), longest))
        return [self.kind, self.person, milliseconds(self.time), len(self.statements), *times]


class Pages:
    """The pages of the program, opened by following links; each kind once per person, the second time if it is slow."""

    SLOW = 100

    def __init__(self, engine, settings):
        self.engine = engine
        self.app = create_app(engine, settings)
        self.addresses = self.app.url_map.bind("localhost")

    def opened_by(self, person):
        """Yield every kind of page that somebody gets to."""
        browser = Browser(self.app.test_client())
        assert browser.log_in(person, EXAMPLE_PASSWORD).status_code == 303, person
        ahead, kinds = deque(["/work", "/matters", "/system/people"]), set()
        while ahead:
            path = ahead.popleft()
            kind = self._kind(path)
            if kind is None or kind in kinds:
                continue
            kinds.add(kind)
            opened, page = self._open(browser, person, kind, path)
            yield opened if opened.time < self.SLOW else self._open(browser, person, kind, path)[0]
            ahead += [urljoin(path, unescape(link)) for link in re.findall(r'href="(/[^"#]*|\?[^"#]*)"', page)]

    def _kind(self, path):
        """What tells kinds of pages apart: the end point and which of its filters are set."""
        parts = urlsplit(path)
        try:
            endpoint, _ = self.addresses.match(parts.path, "GET")
        except (HTTPException, RequestRedirect):
            return None
        if endpoint == "static" or parts.path.endswith(".csv"):
            return None
        return " ".join((endpoint, *sorted(parse_qs(parts.query))))

    def _open(self, browser, person, kind, path):
        with watched(self.engine) as statements:
            took, answer = timed(lambda: browser.get(path).get_data())
        return Opened(kind, person, took, tuple(statements)), answer.decode("utf-8", "replace")


@contextmanager
def watched(engine):
    """Collect the milliseconds of each statement."""
    times, begun = [], []
    hooks = {
        "before_cursor_execute": lambda *given: begun.append(perf_counter()),
        "after_cursor_execute": lambda *given: times.append((perf_counter() - begun.pop()) * 1000),
    }
    for name, hook in hooks.items():
        event.listen(engine.database.engine, name, hook)
    try:
        yield times
    finally:
        for name, hook in hooks.items():
            event.remove(engine.database.engine, name, hook)


def _people():
    """The example's first holder of each role."""
    content = tomllib.loads((ROOT / EXAMPLE / "organisation.toml").read_text("utf-8"))
    first = {}
    for one in content["person"]:
        for role in one.get("roles", ()):
            first.setdefault(role, one["id"])
    return sorted({first[role] for role in ROLES})


def _slowest(opened):
    kinds = {}
    for one in opened:
        kinds.setdefault(one.kind, one)
    return [one.row() for one in [*kinds.values()][:SHOWN]]


if __name__ == "__main__":
    main()
