"""What tests are given: a fresh database of each kind, an engine with a frozen clock, and people who act."""

import gc
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from engine.calendar import SHANGHAI
from engine.clock import FrozenClock
from engine.database import Database
from engine.engine import Engine
from engine.files import FileStore
from engine.migrations import migrate
from engine.model import Base
from engine.passwords import AccountRules
from tests import conformance_table
from tests.faults import commit_faults
from tests.postgresql import UNSAFE, new_database, postgresql
from tests.stories.browser import ARGUMENTS, chromium

gc.freeze()
gc.set_threshold(50_000, 10, 10)  # looking for garbage as often as Python does takes a fifth of a run

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
_END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


def pytest_terminal_summary(terminalreporter):
    """Print the table of the conformance suites that ran."""
    reports = [report for several in terminalreporter.stats.values() for report in several]
    table = list(conformance_table.lines(conformance_table.told(reports)))
    if table:
        terminalreporter.section("conformance")
        terminalreporter.write("\n".join(table) + "\n")
    figures = [f"| {value} |" for report in reports for name, value in getattr(report, "user_properties", ())
               if name == "figure" and report.when == "call"]  # fmt: skip
    if figures:
        terminalreporter.section("reliability")
        terminalreporter.write("\n".join(sorted(figures)) + "\n")


@pytest.fixture(scope="session")
def sqlite_database(tmp_path_factory):
    """A SQLite file and the migrated, empty one it is made anew from before each test."""
    folder = tmp_path_factory.mktemp("sqlite")
    template = Database(f"sqlite:///{folder / 'template.sqlite3'}")
    migrate(template)
    template.close()
    database = Database(f"sqlite:///{folder / 'bihuan.sqlite3'}")
    yield database
    database.close()


@pytest.fixture(scope="session")
def browser():
    """Chromium, headless; one for all tests of a worker, since Playwright cannot be started twice in a thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def postgresql_server():
    """A real PostgreSQL of this test run; the URL of its cluster."""
    with postgresql(UNSAFE) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgresql_database(postgresql_server):
    """A migrated database that is emptied before each test: a copy of a template would take 0.6 s."""
    database = Database(new_database(postgresql_server, "bihuan_test"))
    migrate(database)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request):
    """An empty database; the test runs once on each kind.

    The tests of one worker share the object, and with it the statements that SQLAlchemy has compiled already.
    """
    database = request.getfixturevalue(f"{request.param}_database")
    database.close()
    if database.is_sqlite:
        _renew(Path(database.url.database))
    else:
        _empty(database)
    yield database
    database.close()


@pytest.fixture
def clock():
    """A clock that stands still on a working day: Monday, 2 March 2026, 9:00 in Shanghai."""
    return FrozenClock(MONDAY)


@pytest.fixture
def files(tmp_path):
    """An empty file store."""
    return FileStore(tmp_path / "files")


@pytest.fixture
def engine(request, database, clock, files):
    """An engine on a fresh database; its clock stands still and may be moved as in example mode.

    With BIHUAN_TEST_COMMIT_FAULTS some of its commits fail, and it tries again as clients do.
    """
    rules = AccountRules(memory_kib=64)
    if not commit_faults.PERCENT or request.node.get_closest_marker("counts"):
        yield Engine(database, clock, files, accounts=rules, example=True)
        return
    url = database.url.render_as_string(hide_password=False)
    failing = commit_faults.faulty(url, request.node.nodeid, clock, files, accounts=rules, example=True)
    yield failing
    failing.database.close()


def _renew(path):
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(path.with_name("template.sqlite3"), path)


def _empty(database):
    """Take every row out and let the ids begin at 1 again; whoever is still connected is cut off."""
    with database.engine.begin() as connection:
        connection.exec_driver_sql(_END_OTHERS)
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in Base.metadata.sorted_tables:
            connection.exec_driver_sql(f'DELETE FROM "{table.name}"')
        connection.exec_driver_sql("SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'")
