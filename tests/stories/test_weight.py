"""What a page weighs: everything a browser without anything in store loads for it, compressed as the proxy does."""

import gzip

import pytest

from tests.stories.conftest import Site
from tests.stories.steps import lead_at

MOST_BYTES = 60_000
PAGES = (
    "/work", "/matters", "/matters/{matter}", "/matters/{matter}/timeline", "/matters/{matter}/diagram",
    "/matters/{matter}/documents", "/tasks/{task}", "/start/lead_handling", "/ledgers/risk_assessment", "/reports",
    "/notices", "/help",
)  # fmt: skip


@pytest.fixture(scope="module")
def places(served, browser):
    """A lead at its report, which has the largest form."""
    bureau, address = served
    matter = lead_at(bureau, "lead_verify", "称量页面")
    site = Site(bureau, address, browser)
    yield site, matter
    site.leave()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_weighs_at_most_60_kilobytes(places, page):
    site, matter = places
    person = site.at("phone", "lj.duiyuan1" if page.startswith("/start") else "lj.duizhang")
    client = person.context.request
    loaded: list[str] = []
    fresh = person.context.browser.new_context(storage_state=person.context.storage_state(), locale="zh-CN")
    tab = fresh.new_page()
    tab.on("request", lambda request: loaded.append(request.url))
    place = page.format(matter=matter.id, task=matter._task("lead_verify", "lj.duizhang"))
    answer = tab.goto(site.address + place)
    assert answer is not None
    assert answer.status == 200, place
    tab.wait_for_load_state("networkidle")
    sizes = {url: len(gzip.compress(client.get(url).body(), 6)) for url in dict.fromkeys(loaded) if "blob:" not in url}
    fresh.close()
    assert sum(sizes.values()) <= MOST_BYTES, sizes


def test_feel_comes_when_somebody_comes_near_the_form(places):
    site, matter = places
    person = site.at("desk", "lj.duizhang")
    loaded: list[str] = []
    person.page.on("request", lambda request: loaded.append(request.url))
    person.open(f"/tasks/{matter._task('lead_verify', 'lj.duizhang')}")
    person.page.wait_for_load_state("networkidle")
    assert not [url for url in loaded if "/chunks/feel" in url]
    with person.page.expect_response("**/chunks/feel*"):
        person.page.locator("[data-form] textarea").first.focus()
