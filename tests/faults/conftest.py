"""What tests of faults are given: a scene on a database of its own, of each kind, and a seed that is printed."""

import os
import random
from pathlib import Path

import pytest

from config.settings import Settings
from tests.faults.scene import LONG, Scene
from tests.postgresql import new_database
from tests.rows import PASSWORD, load_people
from tests.web.conftest import Browser
from web import create_app

LONGEST_SECONDS = 2 * 3600


def pytest_collection_modifyitems(items):
    """Give the tests of faults the time that their long form takes."""
    for item in items if LONG else ():
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(LONGEST_SECONDS))


@pytest.fixture
def chance(request):
    """Chance with a seed that a failing test shows; BIHUAN_TEST_SEED gives it again."""
    seed = os.environ.get("BIHUAN_TEST_SEED") or str(random.SystemRandom().randrange(1_000_000))
    print(f"BIHUAN_TEST_SEED={seed}")
    return random.Random(f"{seed}:{request.node.name}")


@pytest.fixture
def figure(record_property, request):
    """Tell a figure for the table of docs/reliability.md, which is printed at the end of the run."""
    kind = request.node.callspec.params.get("scene", "") if hasattr(request.node, "callspec") else ""
    return lambda what, told: record_property("figure", f"{what} | {kind} | {told}")


@pytest.fixture(params=["sqlite", "postgresql"])
def scene(request, tmp_path):
    """A scene; the test runs once on each kind of database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'bihuan.sqlite3'}"
    else:
        name = f"faults_{os.getpid()}"
        url = new_database(request.getfixturevalue("postgresql_server"), name)
    made = Scene(url, tmp_path)
    yield made
    made.close()


@pytest.fixture
def app(engine, tmp_path):
    """The application over the engine of this test, everybody with the same password."""
    load_people(engine, PASSWORD)
    return create_app(engine, Settings(data_dir=tmp_path, secret_key="k" * 64, example=True))


@pytest.fixture
def browse(app):
    """Return the browser of a person who is logged in."""

    def open_browser(person_id):
        browser = Browser(app.test_client())
        assert browser.log_in(person_id).status_code == 303
        return browser

    return open_browser
