"""Pages in Chromium on a processor four times slower: when they show, and when they can be used.

A phone opens every page of tests/stories/test_weight.py, with nothing in store and with everything there. A page is
usable once it is loaded, its longest work done, and a tap on its main control painted; the network is the loopback.
"""

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median

from playwright.sync_api import sync_playwright

from tests.benchmarks.http import BUSY, served
from tests.stories.browser import ARGUMENTS, SCREENS, chromium
from tests.stories.test_weight import PAGES
from web.demo_cli import EXAMPLE_PASSWORD

SLOWER, AIM = 4, 1000
STARTER = "lj.duiyuan1"
# Milliseconds without a long task after which the page's own work counts as done, and those a new window takes to
# load the browser's own controls, which would share the processor with the page.
QUIET, SETTLE = 300, 700
WATCH = """
window.__tasks = [];
new PerformanceObserver((list) => window.__tasks.push(...list.getEntries().map((one) => one.startTime + one.duration)))
  .observe({type: "longtask", buffered: true});
"""
READ = """async (quiet) => {
  const last = () => Math.max(0, ...window.__tasks);
  const [loaded] = performance.getEntriesByType("navigation");
  const shown = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
  const rested = () => loaded.loadEventEnd && shown() && Math.max(loaded.loadEventEnd, shown(), last());
  while (!rested() || performance.now() - rested() < quiet) await new Promise((done) => setTimeout(done, 50));
  return [loaded.domContentLoadedEventEnd, shown(), rested()];
}"""
# A form's first field, else the person's menu: what is there without leaving the page.
_CONTROLS = "[data-form] :is(input, select, textarea):not([type=hidden]), details.menu > summary"
HEAR = """() => { window.__answer = new Promise((done) => document.addEventListener("pointerdown", (event) =>
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - event.timeStamp))), {once: true})); }"""


@dataclass(frozen=True)
class Opened:
    """Milliseconds from asking for a page until it was parsed, showed something, was at rest, and answered a tap."""

    parsed: float
    shown: float
    rested: float
    answer: float

    @property
    def usable(self):
        """When the first tap is answered that comes as soon as the page rests."""
        return self.rested + self.answer


def measure(engines, *, quick):
    """Milliseconds at a quarter of the processor; SQLite, as the browser does not know the database."""
    rounds, rows = (3 if quick else 7), []
    with (
        tempfile.TemporaryDirectory(prefix="bihuan-pages-") as folder,
        served(folder, "") as (port, _),
        browsing("phone") as open_,
    ):
        places = _places(open_, f"http://127.0.0.1:{port}")
        for name, place, state in places:
            for store, times in both(partial(new_tab, open_, state, SLOWER), partial(_opened, place=place), rounds):
                rows.append([name, store, *_told(times)])
    title = f"Pages in Chromium, processor {SLOWER} times slower"
    return title, ["page", "store", "parsed", "first paint", "tap", "usable p50", "longest", f"≤{AIM} ms"], rows


def _told(times):
    columns = [[one.parsed for one in times], [one.shown for one in times], [one.answer for one in times]]
    usable = sorted(one.usable for one in times)
    met = "yes" if usable[-1] <= AIM else "p50" if median(usable) <= AIM else "no"
    return *(f"{median(one):.0f} ms" for one in columns), f"{median(usable):.0f} ms", f"{usable[-1]:.0f} ms", met


def both(tab, opened, rounds):
    """Open a page in tabs with an empty store each time, then again and again in one with a full store."""
    anew = []
    for _ in range(rounds):
        with tab() as page:
            anew.append(opened(page))
    yield "empty", anew
    with tab() as page:
        opened(page)
        yield "full", [opened(page) for _ in range(rounds)]


@contextmanager
def new_tab(open_, state, slower=1):
    """Give a tab of somebody who has logged in, `slower` times slower, once the browser itself has come to rest."""
    with open_(state) as context:
        page = context.new_page()
        page.wait_for_timeout(SETTLE)
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
        yield page


def _opened(page, place):
    """Open a page and tap on its main control as soon as it rests."""
    answer = page.goto(place)
    if answer is None or answer.status != 200 or page.url != place:
        raise RuntimeError(f"{place}: {answer and answer.status} {page.url}")
    parsed, shown, rested = page.evaluate(READ, QUIET)
    control = page.locator(_CONTROLS).locator("visible=true").first
    control.scroll_into_view_if_needed()
    page.evaluate(HEAR)
    control.tap()
    found = Opened(parsed, shown, rested, page.evaluate("window.__answer"))
    # A touched form loads FEEL, which is not to fall into the next opening.
    page.wait_for_load_state("networkidle")
    return found


def _places(open_, site):
    """Name, address and login of each page; the task is the one of the longest page among somebody's."""
    states = {one: logged_in(open_, site, one) for one in (BUSY, STARTER)}
    with open_(states[BUSY]) as context:
        page = context.new_page()
        page.goto(f"{site}/work")
        tasks = set(page.locator("tr[data-task]").evaluate_all("rows => rows.map((row) => row.dataset.task)"))
        task = max(tasks, key=lambda one: len(context.request.get(f"{site}/tasks/{one}").body()))
        page.goto(f"{site}/tasks/{task}")
        matter = page.locator(".task-where a").get_attribute("href").rpartition("/")[2]
    return [
        (name, site + name.format(task=task, matter=matter), states[STARTER if name.startswith("/start") else BUSY])
        for name in PAGES
    ]


def logged_in(open_, site, login):
    """The stored state of a browser in which somebody has logged in."""
    with open_(None) as context:
        page = context.new_page()
        page.goto(f"{site}/login")
        page.fill("[name=login]", login)
        page.fill("[name=password]", EXAMPLE_PASSWORD)
        with page.expect_navigation():
            page.press("[name=password]", "Enter")
        return context.storage_state()


@contextmanager
def browsing(screen):
    """Yield what opens a browser of a size of SCREENS with an empty store and somebody's login."""
    width, height = SCREENS[screen]

    @contextmanager
    def opened(state):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            has_touch=screen == "phone",
            storage_state=state,
        )
        context.add_init_script(WATCH)
        try:
            yield context
        finally:
            context.close()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        yield opened
        browser.close()
