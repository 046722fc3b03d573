"""A browser without a screen: logs in, keeps cookies and the token against forgery, posts like a form."""

import re
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache

from config.settings import Settings
from tests.rows import PASSWORD, load_people
from web import create_app


@dataclass
class Browser:
    """One person's browser."""

    client: FlaskClient

    def get(self, path, **options):
        return self.client.get(path, **options)

    def text(self, path):
        """The page at an address that must answer 200."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.get_data(as_text=True)

    def token(self):
        page = self.client.get("/help").get_data(as_text=True)
        return re.search(r'name="csrf-token" content="([^"]+)"', page)[1]

    def post(self, path, data=None, **options):
        """Post as a form of ours does."""
        return self.client.post(path, data={"csrf_token": self.token(), **(data or {})}, **options)

    def log_in(self, person_id, password=PASSWORD, **options):
        return self.post("/login", {"login": person_id, "password": password}, **options)


@pytest.fixture
def people(engine):
    """The invented organisation, everybody with the same password."""
    load_people(engine, PASSWORD)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    """Templates once compiled, for every application of the tests."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(engine, people, tmp_path, compiled):
    """The application over the engine of this test."""
    made = create_app(engine, Settings(data_dir=tmp_path, secret_key="k" * 64, example=True))
    made.jinja_env.bytecode_cache = compiled
    return made


@pytest.fixture
def browse(app):
    """Return a browser; with a name, that person is logged in."""

    def open_browser(person_id=None):
        browser = Browser(app.test_client())
        if person_id:
            assert browser.log_in(person_id).status_code == 303
        return browser

    return open_browser
