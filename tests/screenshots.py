"""Makes the pictures in docs/images from the running program: `make screenshots`."""

import sys
import tempfile
import threading
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from waitress.server import create_server

from config.settings import Settings
from engine.actor import ENGINE
from engine.bpmn.checks import DefinitionFile
from engine.calendar import SHANGHAI
from engine.clock import FrozenClock
from engine.commands.deployments import Deploy
from engine.commands.drafts import SaveDefinitionDraft
from engine.migrations import migrate
from engine.queries.definitions import FindDefinition
from engine.queries.sessions import FindPersonAsActor
from engine.queries.worklist import ListTasks
from engine.worker import Worker
from tests.stories.browser import ARGUMENTS, SCREENS, Person, chromium
from web import create_app
from web.assembly import EXAMPLE, ROOT, definition_files, make_engine
from web.demo import load_matters, load_organisation

NOW = datetime(2026, 3, 12, 9, 40, tzinfo=SHANGHAI)
PASSWORD = "Bihuan-2026"
TARGET = ROOT / "docs" / "images"


def main() -> int:
    """Serve the example as of a fixed day and take the pictures."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        engine = prepare(Path(folder))
        server = create_server(
            create_app(engine, Settings(data_dir=Path(folder), example=True)), host="127.0.0.1", port=0
        )
        threading.Thread(target=server.run, daemon=True).start()
        address = f"http://127.0.0.1:{server.effective_port}"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
            take(browser, address, engine)
            take_desk(browser, address, engine)
            browser.close()
        server.close()
        engine.database.close()
    return 0


def prepare(folder: Path):
    """The example bureau as of NOW."""
    clock = FrozenClock(NOW - timedelta(days=120))
    engine = make_engine(Settings(data_dir=folder, example=True, password_memory_kib=64), clock)
    migrate(engine.database)
    engine.run(Deploy(definition_files(), "screenshots"), ENGINE)
    load_organisation(engine, ROOT / EXAMPLE, PASSWORD)
    clock.move_to(NOW)
    load_matters(engine, clock, ROOT / EXAMPLE, Worker(engine).tick, lambda _text: None)
    return engine


def take(browser: Browser, address: str, engine) -> None:
    """Open each page at both sizes and keep what is seen."""
    handler = engine.ask(FindPersonAsActor("dj.chengban1"))
    task = next(row for row in engine.ask(ListTasks("mine"), handler).rows if row.step == "实地核查")
    pages = {
        "worklist": ("dj.fenban", "/work?tab=claimable"),
        "task": ("dj.chengban1", f"/tasks/{task.id}"),
        "matter": ("dj.chengban1", f"/matters/{task.instance_id}"),
        "diagram": ("dj.chengban1", f"/matters/{task.instance_id}/diagram"),
        "procedures": ("liucheng", "/definitions"),
        "editor": ("liucheng", "/definitions/lead_handling/editor"),
        "decision-editor": ("liucheng", "/definitions/lead_handling/files/lead_triage.dmn"),
        "form-editor": ("liucheng", "/definitions/lead_handling/files/lead_register.form"),
    }
    for screen, (width, _) in SCREENS.items():
        for name, (person_id, path) in pages.items():
            person = Person(browser, address, person_id, screen, PASSWORD)
            page = person.open(path)
            page.wait_for_timeout(2500 if name.endswith("editor") else 600)
            page.screenshot(path=str(TARGET / f"{name}-{width}.png"))
            person.close()


def take_desk(browser: Browser, address: str, engine) -> None:
    """Change a procedure twice, once deployed and once drafted, and take the pictures of the handbook."""
    found = engine.ask(FindDefinition("lead_handling"))
    changed = found.xml.replace('name="受理确认"', 'name="受理审查"', 1)
    engine.run(Deploy((DefinitionFile(found.file, changed.encode()),), "screenshots"), ENGINE)
    engine.run(SaveDefinitionDraft("lead_handling", changed.replace('name="签收"', 'name="签收线索"', 1), None), ENGINE)
    person = Person(browser, address, "liucheng", "desk", PASSWORD)
    width, _ = SCREENS["desk"]
    for name in ("compare", "propose", "migration"):
        person.open(f"/definitions/lead_handling/{name}").screenshot(path=str(TARGET / f"{name}-{width}.png"))
    page = person.open("/definitions/lead_handling")
    with page.expect_navigation():
        page.click("button:has-text('试运行')")
    page.screenshot(path=str(TARGET / f"trial-{width}.png"))
    _take_counterexample(person, engine, width)
    person.close()


def _take_counterexample(person: Person, engine, width: int) -> None:
    """Draft a campaign that goes past the second look at its assessment, and play what the proof says."""
    found = engine.ask(FindDefinition("special_campaign"))
    round_it = found.xml.replace('targetRef="sc_get_again"', 'targetRef="sc_no"')
    engine.run(SaveDefinitionDraft("special_campaign", round_it, None), ENGINE)
    page = person.open("/definitions/special_campaign/editor?check=1")
    page.click('[data-problems] li[data-rule="campaign-assessed"] >> text=播放反例')
    page.click("[data-trace] button:has-text('暂停')")
    page.locator("[data-trace] li button").last.click()
    page.wait_for_timeout(400)
    page.screenshot(path=str(TARGET / f"proof-{width}.png"))


if __name__ == "__main__":
    sys.exit(main())
