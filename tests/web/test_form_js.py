"""Our server's answers against form-js-viewer's own, in Chromium, with random forms and data per kind of field."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from engine.forms import read_form
from engine.forms.values import JS_BLANKS
from tests.web.form_js.generator import KINDS, case
from web import build

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
COUNT = 400 if os.environ.get("BIHUAN_TEST_LONG") else 25


@pytest.fixture(scope="module")
def viewer(browser, tmp_path_factory):
    """A page of Chromium with form-js-viewer in it."""
    build.install()
    folder = tmp_path_factory.mktemp("form_js")
    entry = str(Path(__file__).parent / "form_js" / "page.js")
    esbuild = [
        "node_modules/esbuild/bin/esbuild",
        entry,
        "--bundle",
        f"--outfile={folder}/page.js",
        "--log-level=error",
    ]
    build.run_node(*esbuild, NODE_PATH=str(build.FRONTEND / "node_modules"))
    page = browser.new_page(timezone_id="Asia/Shanghai")
    page.set_content("<!doctype html><html><body></body></html>")
    page.add_script_tag(path=f"{folder}/page.js")
    yield page
    page.close()


def ours(schema: dict[str, Any], data: dict[str, Any]) -> tuple[dict[str, Any], set[str]]:
    checked = read_form(schema, "form").check(data, data, lambda _source: (), NOW)
    return checked.values, set(checked.errors)


def alike(value: Any) -> Any:
    """Both write an instant their own way: compare it as an instant."""
    if isinstance(value, dict):
        return {key: found for key, inner in value.items() if (found := alike(inner)) not in ({}, [], None)}
    if isinstance(value, list):
        # A list without rows, or of rows in which everything is hidden, is no list for form-js.
        return [found for inner in value if (found := alike(inner)) not in ({}, None)]
    if isinstance(value, str) and len(value) >= 16 and value[10] == "T":
        return datetime.fromisoformat(value)
    if isinstance(value, str) and value[2:3] == ":":
        return value.replace(":00+", "+") if value.count(":") > 2 else value
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def stricter(schema: dict[str, Any], data: dict[str, Any], path: str) -> bool:
    """Where we refuse on purpose what form-js takes: blanks alone are nothing."""
    text: Any = data
    for step in path.replace("[", ".").replace("]", "").split("."):
        text = text[int(step)] if isinstance(text, list) else text.get(step)
    return isinstance(text, str) and text != "" and not text.strip(JS_BLANKS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_server_answers_as_form_js_does(viewer: Page, kind: str):
    cases = [case(kind, seed) for seed in range(COUNT)]
    answers = viewer.evaluate("cases => window.allSubmitted(cases)", cases)
    wrong = []
    for seed, ((schema, data), theirs) in enumerate(zip(cases, answers, strict=True)):
        assert "failed" not in theirs, theirs
        values, errors = ours(schema, data)
        faults = {path for path in errors ^ set(theirs["errors"]) if not stricter(schema, data, path)}
        if faults or alike(values) != alike(theirs["data"]):
            wrong.append((kind, seed, schema["components"], data, {"ours": (values, errors), "theirs": theirs}))
    assert not wrong, f"{len(wrong)} of {COUNT} differ; the first: {wrong[0]}"
