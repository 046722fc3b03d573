"""Editors in Chromium at full speed: from asking for one until its first click is answered.

An editor is usable once it says that it is ready, its longest work is done, and a click on what is drawn is painted.
"""

import tempfile
from functools import partial
from statistics import median

from tests.benchmarks.http import served
from tests.benchmarks.pages import HEAR, QUIET, READ, both, browsing, logged_in, new_tab

AIM = 2500
ADMINISTRATOR = "liucheng"
# What is asked for, and what is clicked on first.
EDITORS = {
    "diagram of 线索办理": ("lead_handling/editor", ".djs-shape[data-element-id*=_start] .djs-hit"),
    "diagram of 专项集中整治": ("special_campaign/editor", ".djs-shape[data-element-id*=_start] .djs-hit"),
    "decision table": ("lead_handling/files/lead_triage.dmn", "[data-views] .chip"),
    "form": ("lead_handling/files/lead_register.form", ".fjs-children [data-field-type]"),
}


def measure(engines, *, quick):
    """Milliseconds; SQLite, as the browser does not know the database."""
    rounds, rows = (2 if quick else 7), []
    with (
        tempfile.TemporaryDirectory(prefix="bihuan-editors-") as folder,
        served(folder, "") as (port, _),
        browsing("desk") as open_,
    ):
        site = f"http://127.0.0.1:{port}"
        state = logged_in(open_, site, ADMINISTRATOR)
        for name, (path, control) in EDITORS.items():
            place = f"{site}/definitions/{path}"
            opened = partial(_opened, place=place, control=control)
            for store, times in both(partial(new_tab, open_, state), opened, rounds):
                ready, usable = sorted(one[0] for one in times), sorted(one[1] for one in times)
                rows.append([name, store, *(f"{one:.0f} ms" for one in (median(ready), median(usable), usable[-1])),
                             "yes" if usable[-1] <= AIM else "no"])  # fmt: skip
    return "Editors in Chromium", ["editor", "store", "ready p50", "usable p50", "longest", f"≤{AIM} ms"], rows


def _opened(page, place, control):
    """Open an editor and click as soon as it rests; when it was ready, and when it answered."""
    page.goto(place)
    page.wait_for_selector("[data-editor][data-ready]")
    ready = page.evaluate("performance.now()")
    _, _, rested = page.evaluate(READ, QUIET)
    page.evaluate(HEAR)
    page.locator(control).first.click()
    return ready, max(ready, rested) + page.evaluate("window.__answer")
