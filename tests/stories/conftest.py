"""The product as its users meet it: a real server over the example bureau, and Chromium at two sizes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from waitress.server import create_server

from config.settings import Settings
from engine.actor import ENGINE
from engine.clock import FrozenClock
from engine.commands.deployments import Deploy
from engine.commands.organisation import LoadOrganisation
from engine.migrations import migrate
from engine.worker import Worker
from tests.conftest import MONDAY
from tests.faults import commit_faults
from tests.procedures.shipped import config
from tests.procedures.story import Bureau
from tests.stories.browser import SCREENS, Person
from web import create_app
from web.assembly import definition_files, make_engine
from web.build import main as build

PASSWORD = "Bihuan-2026"


class Site(Bureau):
    """The bureau behind a web server; a story's people come in by the browser."""

    def __init__(self, bureau: Bureau, address: str, browser: Browser) -> None:
        super().__init__(bureau.engine, bureau.clock, bureau.worker)
        self.address = address
        self.browser = browser
        self._people: dict[tuple[str, str], Person] = {}

    def at(self, screen: str, person_id: str) -> Person:
        """Return somebody at a screen, logged in."""
        key = (screen, person_id)
        if key not in self._people:
            self._people[key] = Person(self.browser, self.address, person_id, screen, PASSWORD)
        return self._people[key]

    def leave(self) -> None:
        """Let everybody go, and fail if any page complained."""
        people = list(self._people.values())
        self._people.clear()
        for person in people:
            person.close()
        for person in people:
            person.assert_quiet()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bureau, str]]:
    """The example bureau on a Monday morning, served on a port of its own."""
    with serving(tmp_path_factory.mktemp("site")) as made:
        yield made


@contextmanager
def serving(folder: Path) -> Iterator[tuple[Bureau, str]]:
    """Serve a new example bureau, its clock standing on a Monday morning."""
    build()
    settings = Settings(data_dir=folder, example=True, password_memory_kib=64, session_limit=10)
    clock = FrozenClock(MONDAY - timedelta(days=90))
    engine = make_engine(settings, clock)
    if commit_faults.PERCENT:
        parts = clock, engine.files
        options = {"accounts": engine.accounts, "example": True, "chain_key": settings.key()}
        engine = commit_faults.faulty(settings.database, "stories", *parts, **options)
    migrate(engine.database)
    engine.run(Deploy(definition_files(), "stories"), ENGINE)
    engine.run(LoadOrganisation(config("example/organisation"), PASSWORD, keep_password=True), ENGINE)
    clock.move_to(MONDAY)
    server = create_server(create_app(engine, settings), host="127.0.0.1", port=0, threads=6)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Bureau(engine, clock, Worker(engine)), f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=5)
    engine.database.close()


@pytest.fixture
def site(served: tuple[Bureau, str], browser: Browser) -> Iterator[Site]:
    """The site for one story; at its end no page may have complained."""
    bureau, address = served
    site = Site(bureau, address, browser)
    yield site
    site.leave()


@pytest.fixture(params=sorted(SCREENS))
def screen(request: pytest.FixtureRequest) -> str:
    """A desk screen and a phone."""
    return str(request.param)
