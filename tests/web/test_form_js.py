"""Our server's answers against form-js-viewer's own and against our own script's, in Chromium, on random forms."""

import os
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from werkzeug.datastructures import MultiDict

from engine.forms import Checked, Form, Prepared, PreparedField, read_form
from engine.forms.model import KEYED_KINDS, NESTED_KINDS, SHOWN_KINDS
from engine.forms.places import value_at
from engine.forms.reader import REFUSED
from engine.forms.starting import starting_data
from engine.forms.values import JS_BLANKS, as_number
from engine.forms.words import plain_text
from tests.web.form_js.asked import asked, kinds, typed
from tests.web.form_js.generator import KINDS, MIXED, case
from tests.web.form_pages import NOW, markup, options
from web import build
from web.form_submission import parse_submission
from web.form_words import words_markup

COUNT = 400 if os.environ.get("BIHUAN_TEST_LONG") else 40
# What a message complains of, in their words and in ours.
COMPLAINTS = {
    "required": r"is required|^请(填写|选择|上传)“|^请确认并勾选",
    "pattern": r"must match pattern|valid international phone|valid email|格式|国家代码|完整的电子邮箱",
    "min": r"minimum value|不能小于",
    "max": r"maximum value|不能大于",
    "minLength": r"minimum length|不能少于",
    "maxLength": r"maximum length|不能超过",
    "decimalDigits": r"an integer|decimal digit|请填写整数|位小数",
    "increment": r"nearest valid|的倍数",
}


@pytest.fixture(scope="module")
def viewer(browser, tmp_path_factory):
    """A page of Chromium with form-js-viewer in it."""
    yield from opened(browser, tmp_path_factory.mktemp("form_js"), "viewer.js")


def opened(browser, folder: Path, script: str):
    """A page of Chromium with a script of this folder in it."""
    build.install()
    entry = str(Path(__file__).parent / "form_js" / script)
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


def known_files(ids: Any) -> dict[str, dict[str, Any]]:
    return {one: {"name": one} for one in ids}


def ours(schema: dict[str, Any], data: dict[str, Any]) -> tuple[Checked, Prepared]:
    form = read_form(schema, "form")
    filled = {**starting_data(form.fields, data), **data}
    checked = form.check(filled, data, lambda _source: (), NOW, known_files)
    return checked, form.prepare(data, lambda _source: (), NOW)


def alike(value: Any) -> Any:
    """Both write an instant and a file their own way: compare it as an instant, and by its name."""
    if isinstance(value, dict):
        if value.keys() == {"id", "name"}:
            return value["name"]
        return {key: found for key, inner in value.items() if (found := alike(inner)) not in ({}, [], None)}
    if isinstance(value, list):
        # A list without rows, or of rows in which everything is hidden, is no list for form-js.
        return [found for inner in value if (found := alike(inner)) not in ({}, [], None)]
    if isinstance(value, str) and len(value) >= 16 and value[10] == "T":
        return datetime.fromisoformat(value)
    if isinstance(value, str) and value[2:3] == ":":
        return value.replace(":00+", "+") if value.count(":") > 2 else value
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def stricter(data: dict[str, Any], path: str) -> bool:
    """Where we refuse on purpose what form-js takes: blanks alone are nothing."""
    text = value_at(data, steps_of(path))
    return isinstance(text, str) and text != "" and not text.strip(JS_BLANKS)


def complaints(errors: dict[str, list[str]], data: dict[str, Any]) -> dict[str, list[str]]:
    """What is wrong at each path, in one language."""
    told = {}
    for path, messages in errors.items():
        names = [next((n for n, words in COMPLAINTS.items() if re.search(words, text)), text) for text in messages]
        if not stricter(data, path):
            told[path] = sorted(set(names))
    return told


def place_name(field: PreparedField) -> str:
    return " ".join([field.field.id, *re.findall(r"\[(\d+)\]", field.path)])


def state(field: PreparedField) -> dict[str, Any]:
    """What form-js's page would show of a field."""
    cells = []
    if field.field.kind == "table":
        columns = field.field.schema["columns"]
        rows = [[plain_text(row.get(column["key"])) for column in columns] for row in field.value or []]
        cells = [[column["label"] for column in columns], *(rows or [["没有内容。"]])]
    label = field.field.schema["dateLabel"] if field.field.kind == "datetime" else field.label
    return {"label": label, "required": field.required, "closed": field.read_only, "cells": cells}


def shown_by_us(prepared: Prepared, theirs: dict[str, Any]) -> dict[str, Any]:
    """The visible fields with as much of their state as form-js's page tells."""
    found = {place_name(field): state(field) for field in prepared if field.visible}
    return {name: mine if theirs.get(name) else None for name, mine in found.items()}


def shown_by_them(shown: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    words = {"": "—", "Nothing to show.": "没有内容。"}
    for one in filter(None, shown.values()):
        one["cells"] = [[words.get(text, text) for text in row] for row in one["cells"]]
    return {name: one for name, one in shown.items() if name != schema["id"]}


def texts_of(prepared: Prepared) -> list[str]:
    markup = "\n".join(words_markup(one.text) for one in prepared if one.visible and one.field.kind == "text")
    plain = re.sub(r"<[^>]+>", "\n", markup)
    return [line.strip() for line in plain.split("\n") if line.strip()]


def starting(prepared: Prepared, submitted: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the fields start with, ours and theirs; some of ours never start with an earlier answer."""
    shown = [one for one in prepared if one.visible and one.field.keyed]
    kept = [one for one in shown if not one.field.rules.disabled and not one.field.fresh]
    theirs = {one.path: value_at(submitted, steps_of(one.path)) for one in kept}
    return alike({one.path: one.value for one in kept}), alike(theirs)


def steps_of(path: str) -> tuple[str | int, ...]:
    parts = path.replace("]", "").replace("[", ".").split(".")
    return tuple(int(part) if part.isdecimal() else part for part in parts)


def differences(schema: dict[str, Any], data: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """What our answer and theirs differ in."""
    checked, prepared = ours(schema, data)
    shown = shown_by_them(theirs["shown"], schema)
    pairs = {
        "start": starting(prepared, theirs["data"]),
        "data": (alike(checked.values), alike(theirs["data"])),
        "faults": (complaints(checked.errors, data), complaints(theirs["errors"], data)),
        "shown": (shown_by_us(prepared, shown), shown),
        "texts": (texts_of(prepared), theirs["texts"]),
    }
    return {name: {"ours": mine, "theirs": other} for name, (mine, other) in pairs.items() if mine != other}


def agree(kind: str, cases: list[tuple[Any, Any]], answers: list[Any], compare: Callable[[Any, Any, Any], Any]) -> None:
    """Fail with the first case in which two sides say different things, and with how many there are."""
    wrong = []
    for seed, ((schema, data), answer) in enumerate(zip(cases, answers, strict=True)):
        assert "failed" not in answer, answer
        if found := compare(schema, data, answer):
            filled = answer.get("entries", "")
            wrong.append(f"{kind} {seed}: {schema['components']} with {data} {filled}: {found}")
    if wrong:
        pytest.fail(f"{len(wrong)} of {COUNT} differ; the first: {wrong[0]}", pytrace=False)


@pytest.mark.parametrize("kind", sorted({**KINDS, **MIXED}))
def test_the_server_answers_as_form_js_does(viewer: Page, kind: str):
    cases = [case(kind, seed) for seed in range(COUNT)]
    answers = viewer.evaluate("cases => window.allSubmitted(cases)", cases)
    agree(kind, cases, answers, differences)


def test_every_kind_is_compared_or_refused(viewer: Page):
    known = KEYED_KINDS | SHOWN_KINDS | NESTED_KINDS
    assert set(KINDS) == known
    assert set(viewer.evaluate("() => window.kinds()")) == known | set(REFUSED) | {"default"}


@pytest.fixture(scope="module")
def script(browser, tmp_path_factory):
    """A page of Chromium with our own form script in it."""
    yield from opened(browser, tmp_path_factory.mktemp("form_script"), "script.js")


def blank_rows(entries: list[list[str]]) -> set[str]:
    """The rows in which nothing is filled, which the server drops: `list[0]`."""
    names = [(name[: match.end()], name, value) for name, value in entries for match in re.finditer(r"\[\d+\]", name)]
    filled = {row for row, name, value in names if value and not name.endswith("._row")}
    return {row for row, _, _ in names} - filled


def posted_path(path: str, dropped: set[str]) -> str:
    """Where a field stands once rows are dropped."""
    before = after = ""
    for name, number in re.findall(r"([^\[\]]+)(?:\[(\d+)\])?", path):
        before, after = before + name, after + name
        if number:
            gone = sum(f"{before}[{earlier}]" in dropped for earlier in range(int(number)))
            before, after = f"{before}[{number}]", f"{after}[{int(number) - gone}]"
    return after


def refused_by_the_server(form: Form, known: dict[str, Any], page: dict[str, Any]) -> dict[str, str]:
    """The first fault at each field that the page can know of."""
    kept, posted = (
        parse_submission(form, MultiDict([*page["entries"], *more])).values for more in ([("_redraw", "1")], [])
    )
    lists = {one.path: one.field for one in form.prepare(known, options, NOW, kept) if one.field.kind == "dynamiclist"}
    dropped = {row for row in blank_rows(page["entries"]) if lists[row.rpartition("[")[0]].schema["allowAddRemove"]}
    fields = form.check(kept, known, options, NOW, known_files).errors
    rows = form.check(posted, known, options, NOW, known_files).errors
    told = {path: messages for path, messages in fields.items() if path not in lists}
    seen = {path: posted_path(path, dropped) for path in lists if path in page["visible"]}
    told |= {path: rows[posted] for path, posted in seen.items() if posted in rows}
    # A field that was drawn closed cannot be mended in the page.
    hushed = {path for path in told if path in page["closed"] or any(path.startswith(f"{row}.") for row in dropped)}
    return {path: messages[0] for path, messages in told.items() if path not in hushed}


def held(field: PreparedField | None, value: Any) -> Any:
    """A value as both can hold it: the page makes numbers of what is typed, and nothing of what is none."""
    if field is None or field.field.kind != "number" or not isinstance(value, str):
        return value
    number = as_number(value)
    return None if number is None else float(number)


def rows_drawn(form: Form, known: dict[str, Any], page: dict[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    """How many rows each list begins with, be it hidden; one that may grow shows a row to begin with."""
    data = starting_data(form.fields, known)
    grows = {".".join(one.key): one.schema["allowAddRemove"] for one in form if one.kind == "dynamiclist"}
    # Lists in that first row of another list are in no data yet.
    rows = {path: value_at(data, steps_of(path)) for path in page}
    counts = {path: len(found) for path, found in rows.items() if found is not None}
    may = {path: next(grows[key] for key in grows if path.endswith(key)) for path in counts}
    return {path: count or int(may[path]) for path, count in counts.items()}, {path: page[path] for path in counts}


def unlike_the_server(schema: dict[str, Any], known: dict[str, Any], page: dict[str, Any]) -> dict[str, Any]:
    """What our page and our server differ in, given what was typed."""
    form = read_form(schema, "form")
    values = parse_submission(form, MultiDict([*page["entries"], ("_redraw", "1")])).values
    drawn = [one for one in form.prepare(known, options, NOW, values) if one.field.kind not in {"spacer", "button"}]
    shown = {one.path: one for one in drawn if one.visible}
    both = ({path: shown[path].value for path in page["values"] if path in shown}, page["values"])
    pairs = {
        "drawn": rows_drawn(form, known, page["drawn"]),
        "visible": (sorted(shown), page["visible"]),
        "values": tuple({path: held(shown.get(path), value) for path, value in values.items()} for values in both),
        "many": (
            {path: shown[path].multiple if path in shown else many for path, many in page["many"].items()},
            page["many"],
        ),
        "labels": ({path: shown[path].label for path in page["labels"] if path in shown}, page["labels"]),
        "required": ({path: shown[path].required for path in page["required"] if path in shown}, page["required"]),
        "faults": (refused_by_the_server(form, known, page), page["faults"]),
    }
    return {name: {"server": mine, "page": other} for name, (mine, other) in pairs.items() if mine != other}


@pytest.mark.parametrize("kind", kinds())
def test_the_page_answers_as_the_server_does(script: Page, kind: str):
    cases = [asked(kind, seed) for seed in range(COUNT)]
    drawn = [str(markup(read_form(schema, "form"), variables=known)) for schema, known in cases]
    filled = [[html, seed, typed(cases[seed][0])] for seed, html in enumerate(drawn)]
    pages = script.evaluate("cases => window.allFilled(cases)", filled)
    agree(kind, cases, pages, unlike_the_server)
