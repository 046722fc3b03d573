"""Every kind of page under axe: the rules of WCAG 2.1 A and AA that a machine can check, on the desk and on the phone."""

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from engine.commands.drafts import SaveDefinitionDraft
from engine.queries.definitions import FindDefinition
from tests.stories.browser import SCREENS
from tests.stories.conftest import Site, serving
from tests.stories.steps import lead_at
from web.build import FRONTEND

AXE = FRONTEND / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
SCHEMES: dict[str, Literal["light", "dark"]] = {"desk": "light", "phone": "dark"}
# What bpmn-js, dmn-js and form-js draw is theirs, SVG and tables without names for a screen reader; the pages around
# them are ours, and everything a procedure's diagram says is in lists beside it (its file, its map, its comparison).
FOREIGN = [".djs-container", ".editor-whole"]
RUN = """async ([rules, foreign]) => {
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const found = await axe.run({exclude: foreign.map((one) => [one])}, {
    runOnly: {type: "tag", values: rules}, resultTypes: ["violations"], preload: false,
  });
  return found.violations.flatMap(({id, nodes}) => nodes.map((node) => `${id} ${node.target}: ${node.failureSummary}`));
}"""
PEOPLE = {
    "lj.duizhang": (
        "/work", "/work?tab=claimable", "/work?tab=done", "/work?tab=started", "/work?tab=cc", "/work?search=没有的",
        "/work?task={task}", "/tasks/{task}", "/tasks/{task}/transfer", "/tasks/{task}/extension", "/tasks/{signing}",
        "/tasks/{done}", "/more", "/system/clock", "/none",
    ),
    "lj.duiyuan1": ("/start", "/start/lead_handling", "/start/ledger_item", "/notices", "/account", "/password"),
    "dj.zhuren": (
        "/work?tab=claimable", "/matters", "/matters/{matter}", "/matters/{matter}/timeline",
        "/matters/{matter}/documents", "/matters/{matter}/filed", "/matters/{matter}/links",
        "/matters/{matter}/diagram", "/matters/{matter}/audit", "/ledgers", "/ledgers/lead_handling",
        "/ledgers/risk_assessment", "/reports", "/notices", "/help",
    ),
    "liucheng": (
        "/definitions", "/deploy-tokens", "/definitions/lead_handling", "/definitions/lead_handling/compare",
        "/definitions/lead_handling/propose", "/definitions/lead_handling/replay",
        "/definitions/lead_handling/scenarios", "/definitions/lead_handling/migrations",
        "/definitions/lead_handling/migration", "/definitions/lead_handling/editor",
        "/definitions/lead_handling/files/lead_triage.dmn", "/definitions/lead_handling/files/lead_register.form",
        "/system/incidents",
    ),
    "nobody": ("/login", "/help"),
    "xitong": ("/system/people", "/system/incidents", "/system/clock"),
}  # fmt: skip


class Places:
    """The bureau with a lead in each state that a page shows, and a draft of its procedure."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.login: BrowserContext | None = None
        late = lead_at(site, "lead_confirm", "逾期的线索")
        site.pass_time(days=20)
        late.claim("lead_confirm", "dj.zhuren")
        matter = lead_at(site, "lead_check", "核查中的线索")
        done = matter._task("lead_check", "lj.duizhang")
        matter.do("lead_check", "lj.duizhang")
        signing = lead_at(site, "lead_sign", "待签收的线索")
        for key in ("lead_handling", "cs_supervise"):
            found = site.engine.ask(FindDefinition(key), site.person("liucheng"))
            draft = SaveDefinitionDraft(key, found.xml.replace('name="', 'name="新', 3), None)
            site.engine.run(draft, site.person("liucheng"))
        self.names = {
            "matter": matter.id,
            "task": matter._task("lead_verify", "lj.duizhang"),
            "signing": signing._task("lead_sign", "lj.duizhang"),
            "done": done,
        }

    def page_of(self, person_id: str) -> Page:
        """Somebody's window, or one that nobody is logged in at."""
        if person_id != "nobody":
            return self.site.at("desk", person_id).page
        self.login = self.login or self.site.browser.new_context(locale="zh-CN")
        return self.login.new_page()

    def at(self, person_id: str, place: str) -> Page:
        """Somebody's window at an address."""
        page = self.page_of(person_id)
        answer = page.goto(self.site.address + place.format(**self.names))
        assert answer is not None
        assert answer.status == (404 if place == "/none" else 200), place
        if "/editor" in place or "/files/" in place:
            page.wait_for_selector("[data-editor][data-ready]")
        return page


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Places]:
    with serving(tmp_path_factory.mktemp("axe")) as (bureau, address):
        site = Site(bureau, address, browser)
        yield Places(site)
        site.leave()


def violations(page: Page, what: str) -> list[str]:
    """What axe finds at both sizes, on the phone in dark colours, as these come from the same names everywhere."""
    page.evaluate(AXE.read_text("utf-8"))
    found = []
    for screen, (width, height) in SCREENS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=SCHEMES[screen])
        found += [f"{what} ({screen}) {one}" for one in page.evaluate(RUN, [RULES, FOREIGN])]
    return found


@pytest.mark.parametrize("person_id", sorted(PEOPLE))
def test_every_page_of_a_person_is_accessible(places: Places, person_id: str):
    found = []
    for place in PEOPLE[person_id]:
        found += violations(places.at(person_id, place), place)
    assert not found, "\n".join(found)


def refused(page: Page) -> None:
    """A form that was sent without its answers."""
    page.locator("#task-form [data-main]").click()
    page.locator(".field-error").first.wait_for()


def opened_menus(page: Page) -> None:
    """Every menu, explanation and list of choices open."""
    page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
    for field in page.locator("[role=combobox]:visible").all()[:1]:
        field.click()
        page.locator("[role=option]").first.wait_for()


def shortcuts(page: Page) -> None:
    """The window that tells the keys."""
    page.locator("body").press("?")
    page.locator("#keys[open]").wait_for()


def offline(page: Page) -> None:
    """The network gone, and said so."""
    page.evaluate("document.dispatchEvent(new CustomEvent('htmx:sendError'))")
    page.locator("[data-offline]:visible").wait_for()


def trial(page: Page) -> None:
    """A trial of the draft, with its bar."""
    with page.expect_navigation():
        page.click("button:has-text('试运行')")
    page.locator(".trial-bar").wait_for()


def proposed(page: Page) -> None:
    """A proposal, compared with what is in force."""
    page.fill("[name=reason]", "名称更清楚")
    page.fill("[name=impact]", "不影响在办事项")
    with page.expect_navigation():
        page.click("button:has-text('提请变更')")
    page.goto(page.url.replace("/matters/", "/definitions/changes/"))
    page.locator(".compare").wait_for()


def wrong_password(page: Page) -> None:
    """A login that was refused."""
    page.fill("[name=login]", "nobody")
    page.fill("[name=password]", "wrong")
    with page.expect_navigation():
        page.press("[name=password]", "Enter")
    page.locator("[role=alert]").wait_for()


def checked(page: Page) -> None:
    """An editor that shows what its check found, and the properties of a step."""
    page.click("[data-act=check]")
    page.wait_for_selector("[data-problems]:not([hidden]) h2")
    page.click('.djs-element[data-element-id="lead_check"] .djs-hit', force=True)
    page.locator('[data-entry-id="bihuan-camunda-candidateGroups"]').first.wait_for(state="attached")


@pytest.mark.parametrize(
    ("person_id", "place", "act"),
    [
        ("lj.duizhang", "/tasks/{task}", refused),
        ("lj.duizhang", "/tasks/{task}", opened_menus),
        ("lj.duiyuan1", "/start/lead_handling", opened_menus),
        ("lj.duizhang", "/work", shortcuts),
        ("lj.duizhang", "/work", offline),
        ("liucheng", "/definitions/lead_handling", trial),
        ("liucheng", "/definitions/cs_supervise/propose", proposed),
        ("liucheng", "/definitions/lead_handling/editor", checked),
        ("nobody", "/login", wrong_password),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_page_is_accessible_after(places: Places, person_id: str, place: str, act: Callable[[Page], None]):
    page = places.at(person_id, place)
    page.set_viewport_size(dict(zip(("width", "height"), SCREENS["desk"], strict=True)))
    act(page)
    found = violations(page, f"{place} after {act.__name__}")
    assert not found, "\n".join(found)
