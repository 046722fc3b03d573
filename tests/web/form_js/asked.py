"""Random forms as our own pages ask them: with the facts among the fields, and with the product's own rules."""

import random
import re
from typing import Any

from tests.web.form_js.generator import KINDS, MIXED, case
from tests.web.form_js.values import CONDITIONS, CONTACTS, TEXTS, Component

# What is typed, by the kind of field or of control.
TYPED = {
    "textfield": [*(text for text in TEXTS if "\n" not in text), *CONTACTS],
    "textarea": list(TEXTS),
    "number": ["", "0", "1", "-1", "3", "7", "12.5", "0.1", "0.07", "0.3", "1e3", "2.50", "+4", "x", "1,5", " 5 "],
    "date": ["", "2026-11-25", "1999-12-31"],
    "time": ["", "09:30", "23:59"],
    "datetime-local": ["", "2026-11-25T09:30", "2024-02-29T23:59"],
}
FACTS: list[Component] = [
    {"type": "number", "id": "F_a", "key": "a", "label": "a"},
    {
        "type": "select", "id": "F_b", "key": "b", "label": "b",
        "values": [{"value": "是", "label": "是"}, {"value": "否", "label": "否"}],
    },
    {"type": "checkbox", "id": "F_c", "key": "c", "label": "c"},
    {
        "type": "checklist", "id": "F_d", "key": "d", "label": "d",
        "values": [{"value": "x", "label": "X"}, {"value": "y", "label": "Y"}],
    },
    {"type": "number", "id": "F_f", "key": "e.f", "label": "f"},
]  # fmt: skip
FIXED = ("n", "k", "offer", "lines")


def asked(kind: str, seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a schema and what the matter knows before anybody types."""
    schema, data = case(kind, seed)
    rng = random.Random(f"asked-{kind}-{seed}")
    for one in _all(schema["components"]):
        _ruled(rng, one)
    schema["components"] = [*FACTS, *schema["components"]]
    earlier = data if rng.random() < 0.5 else {}
    if kind == "filepicker" and "x" in earlier:
        earlier = {**earlier, "x": [{"id": name, "name": name} for name in data["x"]]}
    return schema, {name: value for name, value in data.items() if name in FIXED} | earlier


def typed(schema: dict[str, Any]) -> dict[str, list[str]]:
    """Return what may be typed into a form; beyond U+FFFF JavaScript's patterns see two characters where RE2 sees one."""
    patterned = any("pattern" in one.get("validate", {}) for one in _all(schema["components"]))
    fits = (lambda text: max(text, default="") <= "\uffff") if patterned else (lambda text: True)
    return {kind: [text for text in texts if fits(text)] for kind, texts in TYPED.items()}


def kinds() -> list[str]:
    """Return the kinds of forms that are asked."""
    return sorted({**KINDS, **MIXED})


def _all(components: list[Component]) -> list[Component]:
    return [each for one in components for each in (one, *_all(one.get("components", [])))]


def _ruled(rng: random.Random, one: Component) -> None:
    """Give a component rules of the product at random."""
    properties: dict[str, str] = {}
    if one["type"] == "group" and "i[" in one.get("conditional", {}).get("hide", ""):
        # Rows that are dropped change the numbers of those below them, and so which of these groups are asked.
        one["conditional"] = {"hide": "=a > 3"}
    if one["type"] == "group" and "conditional" in one:
        for inner in _all(one["components"]):
            _unfixed(inner)
    if one["type"] == "dynamiclist":
        properties |= rng.choice(({}, {"bihuan:minRows": "1"}, {"bihuan:minRows": "2"}, {"bihuan:maxRows": "3"}))
        one["allowAddRemove"] = rng.random() < 0.8
        one["validate"] = rng.choice(({}, {"required": True}, {"maxLength": 2}))
    elif one.get("key"):
        properties |= _answered(rng, one)
    if properties:
        one["properties"] = properties


def _unfixed(one: Component) -> None:
    """Take away a condition that no answer changes: what is drawn in a hidden group hides the answer to it."""
    if not re.search(r"\b([a-e]|this|parent|i)\b", one.get("conditional", {}).get("hide", "a")):
        del one["conditional"]


def _answered(rng: random.Random, one: Component) -> dict[str, str]:
    """Return rules of the product for a field that is answered."""
    properties: dict[str, str] = {}
    if rng.random() < 0.3:
        properties["bihuan:requiredIf"] = rng.choice(CONDITIONS)
    if rng.random() < 0.3:
        texts = ("=a != 3", '=b = "是" or c', "=count(d) < 2", "=missing = null", "=a > 1")
        properties |= {"bihuan:check": rng.choice(texts), "bihuan:checkMessage": "请核对。"}
    if one["type"] == "number" and rng.random() < 0.2:
        properties["bihuan:type"] = "money"
    if one["type"] == "number" and one["key"] == "x" and rng.random() < 0.3:
        one["serializeToString"] = True
        properties |= {"bihuan:check": "=x = string(x)", "bihuan:checkMessage": "请核对。"}
    if one["type"] in {"checklist", "taglist"} and rng.random() < 0.5:
        one["validate"] = {**one.get("validate", {}), rng.choice(("minLength", "maxLength")): rng.choice((1, 2, "=a"))}
    return properties
