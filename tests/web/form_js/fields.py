"""Random fields that hold a value, with random rules and values."""

import random
from collections.abc import Callable
from typing import Any

from tests.web.form_js.values import (
    CONDITIONS,
    CONTACTS,
    DATES,
    FILES,
    INSTANTS,
    NUMBERS,
    NUMERIC,
    OTHERS,
    PATTERNS,
    TEXTS,
    TIMES,
    Component,
    Made,
)

STATIC: tuple[tuple[Any, ...], ...] = (("x", "y"), (1, 2), (True, False), ({"k": 1}, {"k": [2]}))
# What lists of the data and of expressions may hold besides: plain values, no labels, what is no choice at all.
GIVEN: tuple[list[Any], ...] = (
    ["x", "y"],
    [1, 2.5],
    [True, False],
    [{"value": "x"}, {"value": 2}],
    ["", "x", None, {"label": "空"}, {"value": None, "label": "无"}, {"label": "真", "value": {}}],
)


def component(rng: random.Random, kind: str, key: str, **more: Any) -> Component:
    """Return a field with random validation, condition and state."""
    made: Component = {"type": kind, "id": f"F_{key}", "key": key, "label": key, **more}
    validate: dict[str, Any] = dict(made.pop("validate", {}))
    if rng.random() < 0.4:
        validate["required"] = True
    if validate:
        made["validate"] = validate
    if rng.random() < 0.3:
        made["conditional"] = {"hide": rng.choice(CONDITIONS)}
    if rng.random() < 0.1:
        made["disabled"] = True
    # What must be ticked is a declaration: nobody makes it for somebody else, so it never starts with an answer.
    if rng.random() < 0.2 and not (kind == "checkbox" and validate):
        made["readonly"] = rng.choice((True, False, *CONDITIONS))
    if rng.random() < 0.1:
        made["label"] = rng.choice(
            ('="标签" + k', "标签{{k}}", "{{count(d)}} 项\n第二行", '="有 " + string(a)', "{{c = true}} {{a}}")
        )
    return made


def text(kind: str) -> Callable[[random.Random], Made]:
    """Return the maker of text fields."""

    def make(rng: random.Random) -> Made:
        if rng.random() < 0.3:
            validate = {"validationType": rng.choice(("phone", "email"))}
            return [component(rng, kind, "x", validate=validate)], {"x": rng.choice(CONTACTS)}
        validate = {}
        if rng.random() < 0.5:
            validate["minLength"] = rng.choice((0, 1, 2, 5, "=a"))
        if rng.random() < 0.5:
            validate["maxLength"] = rng.choice((1, 3, 10, "=count(n)"))
        if rng.random() < 0.5:
            validate["pattern"] = rng.choice(PATTERNS)
        if rng.random() < 0.2:
            validate["patternErrorMessage"] = "请按格式填写。"
        # Beyond U+FFFF JavaScript's patterns see two characters where RE2 sees one.
        texts = [text for text in TEXTS if "pattern" not in validate or max(text, default="") <= "\uffff"]
        return [component(rng, kind, "x", validate=validate)], {"x": rng.choice(texts)}

    return make


def number(rng: random.Random) -> Made:
    """Return a number field."""
    validate: dict[str, Any] = {}
    if rng.random() < 0.4:
        validate["min"] = rng.choice((0, 0.1, 3, "=a", -5))
    if rng.random() < 0.4:
        validate["max"] = rng.choice((0.3, 7, 50, "=a"))
    more: dict[str, Any] = {"decimalDigits": rng.choice((0, 1, 2))} if rng.random() < 0.4 else {}
    if rng.random() < 0.5:
        more["increment"] = rng.choice(("0.1", "0.25", "5"))
    if rng.random() < 0.2:
        more["serializeToString"] = True
    return [component(rng, "number", "x", validate=validate, **more)], {"x": rng.choice(NUMBERS)}


def checkbox(rng: random.Random) -> Made:
    """Return a box."""
    return [component(rng, "checkbox", "x")], {"x": rng.choice((True, False, None))}


def one(kind: str) -> Callable[[random.Random], Made]:
    """Return the maker of fields of one choice."""

    def make(rng: random.Random) -> Made:
        source, offered, data = offers(rng)
        return [component(rng, kind, "x", **source)], {"x": rng.choice((*offered, None)), **data}

    return make


def many(kind: str) -> Callable[[random.Random], Made]:
    """Return the maker of fields of many choices."""

    def make(rng: random.Random) -> Made:
        source, offered, data = offers(rng)
        return [component(rng, kind, "x", **source)], {
            "x": rng.sample(offered, rng.randrange(len(offered) + 1)),
            **data,
        }

    return make


def offers(rng: random.Random) -> tuple[Component, list[Any], dict[str, Any]]:
    """Return where choices come from, the values that may be chosen, and the data behind them."""
    source = rng.choice(("values", "valuesKey", "valuesExpression"))
    listed: list[Any] = [{"value": v, "label": f"选 {v}"} for v in rng.choice(STATIC)]
    if source == "values":
        return {"values": listed}, [item["value"] for item in listed], {}
    if source == "valuesExpression" and rng.random() < 0.4:
        text = rng.choice(
            ('=["x", "y"]', "=for i in 1..2 return i", '=[{label: "一", value: 1}, {label: "二", value: 2}]')
        )
        return {"valuesExpression": text}, ["x", "y"] if "x" in text else [1, 2], {}
    given = rng.choice((listed, *GIVEN))
    values = [item.get("value") if isinstance(item, dict) else item for item in given]
    where = {"valuesKey": "offer"} if source == "valuesKey" else {"valuesExpression": "=offer"}
    return where, [value for value in values if value not in (None, "", {})], {"offer": given}


def when(rng: random.Random) -> Made:
    """Return a date, a time or an instant."""
    subtype, values = rng.choice((("date", DATES), ("time", TIMES), ("datetime", INSTANTS)))
    names = {"dateLabel": "x", "timeLabel": "x", "timeSerializingFormat": "utc_offset", "timeInterval": 1}
    return [component(rng, "datetime", "x", subtype=subtype, **names)], {"x": rng.choice(values)}


def files(rng: random.Random) -> Made:
    """Return a field of attachments, by their ids."""
    multiple = rng.choice((None, False, True, "=c", "=count(d) > 0"))
    more = {} if multiple is None else {"multiple": multiple}
    # One too many is told by the server alone: form-js leaves it to the browser's own dialogue.
    filled = rng.choice(FILES[:2] if multiple is not True else FILES)
    return [component(rng, "filepicker", "x", **more)], {"x": list(filled)}


def expression(rng: random.Random) -> Made:
    """Return a computed field and one that depends on it."""
    numeric = rng.random() < 0.5
    text = rng.choice(NUMERIC if numeric else OTHERS)
    computed: Component = {"type": "expression", "id": "F_x", "key": "x", "label": "x", "computeOn": "change"}
    computed["expression"] = text
    if rng.random() < 0.2:
        return [{**computed, "computeOn": "presubmit"}], {}
    if rng.random() < 0.2:
        computed["conditional"] = {"hide": rng.choice(CONDITIONS)}
    conditions = ("=x = null", "=x != null", *(("=x > 2", "=not(x > 2)", "=x <= 2") if numeric else ()))
    after = {
        "type": "textfield",
        "id": "F_y",
        "key": "y",
        "label": "y",
        "conditional": {"hide": rng.choice(conditions)},
    }
    return [computed, after], {"y": rng.choice(TEXTS)}


def defaults(rng: random.Random) -> Made:
    """Return a field of any kind with a default, and data that may have its key or not, or nothing at it."""
    values = [{"value": v, "label": v.upper()} for v in ("x", "y")]
    kind, default, other, more = rng.choice((
        ("textfield", "甲", "乙", {}),
        ("textarea", "一\n二", "三", {}),
        ("number", 5, 0, {}),
        ("checkbox", True, False, {}),
        ("select", "x", "y", {"values": values}),
        ("radio", "y", "x", {"values": values}),
        ("checklist", ["x"], [], {"values": values}),
        ("taglist", ["x", "y"], ["y"], {"values": values}),
        ("datetime", "2026-11-25", "2026-11-26", {"subtype": "date", "dateLabel": "日"}),
    ))  # fmt: skip
    field = component(rng, kind, "x", defaultValue=default, **more)
    return [field], rng.choice(({}, {}, {"x": other}, {"x": None}))
