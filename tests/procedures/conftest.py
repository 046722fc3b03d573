"""What stories are given: a bureau with every shipped definition deployed and the example people in their posts."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine as Connections
from sqlalchemy import NullPool, create_engine, make_url, text

from engine.actor import ENGINE
from engine.bpmn.checks import DefinitionFile
from engine.clock import FrozenClock
from engine.commands.deployments import Deploy
from engine.commands.organisation import LoadOrganisation
from engine.database import Database
from engine.engine import Engine
from engine.files import FileStore
from engine.migrations import migrate
from engine.passwords import AccountRules
from engine.worker import Worker
from tests.conftest import MONDAY
from tests.procedures.shipped import ROOT, config, files
from tests.procedures.story import Bureau

TEMPLATE = "bihuan_deployed"


@pytest.fixture(scope="session")
def deployed_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with definitions and people; each test gets a copy."""
    path = tmp_path_factory.mktemp("deployed") / "template.sqlite3"
    database = Database(f"sqlite:///{path}")
    _fill(database, path.parent)
    database.close()
    return path


@pytest.fixture(scope="session")
def deployed_postgresql(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> Connections:
    """A database with definitions and people, of which each test gets a copy; returns who may make copies."""
    admin = create_engine(postgresql_server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {TEMPLATE}"))
    database = Database(_named(postgresql_server, TEMPLATE))
    _fill(database, tmp_path_factory.mktemp("deployed"))
    database.close()
    return admin


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A fresh copy of the deployed bureau; the test runs once on each kind of database."""
    if request.param == "sqlite":
        path = tmp_path / "bihuan.sqlite3"
        shutil.copyfile(request.getfixturevalue("deployed_sqlite"), path)
        database = Database(f"sqlite:///{path}")
        yield database
        database.close()
        return
    admin, name = request.getfixturevalue("deployed_postgresql"), f"story_{uuid4().hex}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
    database = Database(_named(request.getfixturevalue("postgresql_server"), name))
    yield database
    database.close()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def bureau(engine: Engine, clock: FrozenClock) -> Bureau:
    """The example bureau on a Monday morning."""
    return Bureau(engine, clock, Worker(engine))


def _fill(database: Database, folder: Path) -> None:
    migrate(database)
    rules = AccountRules(memory_kib=64)
    engine = Engine(database, FrozenClock(MONDAY), FileStore(folder / "files"), accounts=rules)
    documents = [DefinitionFile(f"config/{path.name}", path.read_bytes()) for path in (ROOT / "config").glob("*.toml")]
    engine.run(Deploy((*documents, *files()), "tests"), ENGINE)
    engine.run(LoadOrganisation(config("example/organisation")), ENGINE)


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)
