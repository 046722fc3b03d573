"""Databases of released versions: they migrate, nothing in them contradicts anything else, and open matters finish."""

import pytest
from sqlalchemy import text

from engine.clock import FrozenClock
from engine.database import Database
from engine.engine import Engine
from engine.files import FileStore
from engine.migrations import migrate, newest_revision
from engine.passwords import AccountRules
from engine.queries.chains import ListBrokenChains
from engine.queries.invariants import ListViolations
from engine.worker import Worker
from tests.conftest import MONDAY
from tests.factories import read
from tests.faults.dumps.make import CHAIN_KEY
from tests.faults.scene import LONG
from tests.faults.upgraded import RELEASES, finish, load_postgresql, load_sqlite, terminate
from tests.procedures.story import Bureau

LEAST_OPEN = 20


@pytest.fixture(params=RELEASES)
def release(request):
    return request.param


@pytest.fixture(params=["sqlite", "postgresql"])
def bureau(request, release, tmp_path):
    """The example bureau as a released version left it, migrated to the present tables."""
    if request.param == "sqlite":
        url = load_sqlite(release, tmp_path / "bihuan.sqlite3")
    else:
        url = load_postgresql(release, request.getfixturevalue("postgresql_server"), "faults_upgrade")
    database = Database(url)
    assert migrate(database)[1] == newest_revision()
    clock, rules = FrozenClock(MONDAY), AccountRules(memory_kib=64)
    engine = Engine(database, clock, FileStore(tmp_path / "files"), accounts=rules, chain_key=CHAIN_KEY)
    yield Bureau(engine, clock, Worker(engine))
    database.close()


def open_matters(bureau):
    return [row.id for row in read(bureau.engine, "process_instance") if row.ended_at is None]


def assert_sound(bureau):
    assert [str(one) for one in bureau.engine.ask(ListViolations())] == []
    assert bureau.engine.ask(ListBrokenChains(CHAIN_KEY.encode())).broken == ()


def test_open_matters_of_a_released_version_go_on_and_finish(bureau, figure):
    matters = open_matters(bureau)
    assert len(matters) >= LEAST_OPEN
    assert_sound(bureau)
    some = matters if LONG else matters[:: 2 if bureau.engine.database.is_sqlite else 5]
    finish(bureau, bureau.start("emergency_plan", "xl.chengban1", title="预案").id)  # an assessment there names it
    for one in some:
        bureau.clock.move_to(MONDAY)
        if finish(bureau, one):
            terminate(bureau, one)
            assert finish(bureau, one) == ""
    assert_sound(bureau)
    assert not set(open_matters(bureau)) & set(some)
    assert bureau.incidents() == []
    kind = bureau.engine.database.url.get_backend_name()
    figure(f"16 upgrade of open matters, {kind}", f"{len(matters)} migrated, {len(some)} of {len(some)} finished")


def test_checker_detects_what_an_upgrade_would_lose(bureau):
    with bureau.engine.database.transaction() as session:
        lost = session.execute(text("DELETE FROM job WHERE kind = 'timer'")).rowcount
        lost += session.execute(text("DELETE FROM subscription WHERE kind = 'message'")).rowcount
    assert len(bureau.engine.ask(ListViolations())) == lost > 0
