"""A database that is away gives a page that keeps what was typed."""

import pytest

from config.settings import Settings
from engine.clock import SystemClock
from engine.database import Database
from engine.engine import Engine
from engine.files import FileStore
from tests.web.conftest import Browser
from web import create_app


@pytest.fixture
def browser(tmp_path):
    """A browser before an application whose database nobody answers for."""
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/away")
    engine = Engine(database, SystemClock(), FileStore(tmp_path / "files"))
    app = create_app(engine, Settings(data_dir=tmp_path, secret_key="k" * 64))
    yield Browser(app.test_client())
    database.close()


def test_what_was_posted_can_be_sent_again_with_one_press_but_never_a_password(browser):
    answer = browser.post("/login", {"login": "alice", "password": "secret-word"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "暂时无法连接" in page
    assert 'name="login" value="alice"' in page
    assert "secret-word" not in page


def test_scripts_and_partial_pages_are_told_in_their_own_form(browser):
    browser.client.set_cookie("bihuan", "some-session")
    assert browser.get("/work").status_code == 503
    told = browser.get("/work", headers={"Accept": "application/json"})
    assert (told.status_code, "数据库" in told.json["message"]) == (503, True)
    partial = browser.get("/work", headers={"HX-Request": "true"})
    assert partial.headers["HX-Retarget"] == "#messages"


def test_the_health_of_the_process_is_told_without_the_database(browser):
    assert browser.get("/health").get_data(as_text=True) == "ok"
