"""Random forms with random data, one kind of field at a time; deterministic by seed."""

import random
from collections.abc import Callable
from typing import Any

Component = dict[str, Any]
Made = tuple[list[Component], dict[str, Any]]

TEXTS = (
    "",
    "a",
    "ab",
    "平安建设",
    "  x ",
    "𠮷",
    "a1b2",
    "13800000000",
    "x" * 30,
    "第一行\n第二行",
    "é",
    "0",
    "=1",
    "{{a}}",
)
PATTERNS = ("^\\d+$", "\\d", "^[\\u4e00-\\u9fa5]+$", "^.{2,4}$", "^\\S+$", "[a-z]", "^1[3-9]\\d{9}$", "^$|^\\w+$")
NUMBERS = (0, 1, -1, 3, 7, 0.1, 0.3, 12.5, 100, 1e6, 0.07, "5", "2.50", None)
DATES = ("2026-11-25", "2024-02-29", "1999-12-31", None)
INSTANTS = ("2026-11-25T09:30+08:00", "2024-02-29T23:59+08:00", None)
TIMES = ("09:30+08:00", "00:00+08:00", "23:59+08:00", None)
CONDITIONS = (
    "=a <= 3",
    "=a > 3",
    "=not(a > 3)",
    "=a = null",
    "=a != null",
    '=b = "是"',
    '=b != "是"',
    "=b",
    "=c",
    "=not(c)",
    "=c = true",
    "=count(d) > 1",
    '=list contains(d, "x")',
    "=a + 1 > 2 and c",
    "=a > 1 or c",
    "=missing",
    "=missing = null",
    "=if c then a > 2 else false",
    "=e.f = 1",
    "=string length(b) > 0",
    # Not `a in [1..3]`: without a value the standard gives null, feelin false.
    "=a between 1 and 5",
    "=[null]",
    "=[1, 2]",
    "=1",
    '="x"',
    "=null",
    '=some x in d satisfies x = "x"',
    "=every x in d satisfies x != null",
    "=sum(n) > 5",
    '=date("2026-01-01") > date("2025-01-01")',
    "=a / 0",
)
NUMERIC = (
    "=a + 1", "=a * 2 - 1", "=count(d)", "=sum(n)", "=max(n)", "=e.f", "=missing", "=a / 2", "=floor(a / 2)",
    "=round half up(a / 3, 2)", "=mean(n)", "=if a = null then 0 else a",
)  # fmt: skip
OTHERS = (
    '=if c then "yes" else "no"', "=b", '=b + "!"', "=a > 3", "=d", "=for x in n return x * 2", "=n[item > 2]",
    "={x: a, y: b}", "=string(a)", '=string(date("2026-11-25"))', '=string(date("2026-11-25") + duration("P1D"))',
    "=upper case(b)", '=contains(b, "是")', '=string join(d, "、")', "=not(c)", "=distinct values(n)",
)  # fmt: skip


def facts(rng: random.Random) -> dict[str, Any]:
    """Return the data that conditions and expressions read."""
    return {
        "a": rng.choice((None, 0, 1, 2, 3, 4, 10)),
        "b": rng.choice((None, "", "是", "否")),
        "c": rng.choice((None, True, False)),
        "d": rng.choice(([], ["x"], ["x", "y"], ["y"])),
        "e": rng.choice(({}, {"f": 1}, {"f": None})),
        "n": rng.choice(([], [1], [1, 2, 3], [5, 5])),
    }


def component(rng: random.Random, kind: str, key: str, **more: Any) -> Component:
    """Return a field with random validation and condition."""
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
    return made


def text(kind: str) -> Callable[[random.Random], Made]:
    """Return the maker of text fields."""

    def make(rng: random.Random) -> Made:
        validate: dict[str, Any] = {}
        if rng.random() < 0.5:
            validate["minLength"] = rng.choice((0, 1, 2, 5, "=a"))
        if rng.random() < 0.5:
            validate["maxLength"] = rng.choice((1, 3, 10))
        if rng.random() < 0.5:
            validate["pattern"] = rng.choice(PATTERNS)
        # Beyond U+FFFF JavaScript's patterns see two characters where RE2 sees one.
        texts = [text for text in TEXTS if "pattern" not in validate or max(text, default="") <= "\uffff"]
        return [component(rng, kind, "x", validate=validate)], {"x": rng.choice(texts)}

    return make


def number(rng: random.Random) -> Made:
    """Return a number field."""
    validate: dict[str, Any] = {}
    if rng.random() < 0.6:
        validate["min"] = rng.choice((0, 0.1, 3, "=a", -5))
    if rng.random() < 0.6:
        validate["max"] = rng.choice((0.3, 7, 50, "=a"))
    more = {"decimalDigits": rng.choice((0, 1, 2))} if rng.random() < 0.4 else {}
    if rng.random() < 0.3:
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
        values: list[Any] = [{"value": v, "label": str(v)} for v in rng.choice((("x", "y"), (1, 2), (True, False)))]
        offered = [item["value"] for item in values]
        source = rng.choice(("values", "valuesKey", "valuesExpression"))
        more: dict[str, Any] = {source: {"values": values, "valuesKey": "offer", "valuesExpression": "=offer"}[source]}
        data = {"x": rng.choice((*offered, None)), "offer": values}
        return [component(rng, kind, "x", **more)], data

    return make


def many(kind: str) -> Callable[[random.Random], Made]:
    """Return the maker of fields of many choices."""

    def make(rng: random.Random) -> Made:
        offered = ["x", "y", "z"]
        values = [{"value": v, "label": v.upper()} for v in offered]
        return [component(rng, kind, "x", values=values)], {"x": rng.sample(offered, rng.randrange(4))}

    return make


def when(rng: random.Random) -> Made:
    """Return a date, a time or an instant."""
    subtype, values = rng.choice((("date", DATES), ("time", TIMES), ("datetime", INSTANTS)))
    names = {"dateLabel": "x", "timeLabel": "x", "timeSerializingFormat": "utc_offset", "timeInterval": 1}
    return [component(rng, "datetime", "x", subtype=subtype, **names)], {"x": rng.choice(values)}


def expression(rng: random.Random) -> Made:
    """Return a computed field and one that depends on it."""
    numeric = rng.random() < 0.5
    text = rng.choice(NUMERIC if numeric else OTHERS)
    computed = {"type": "expression", "id": "F_x", "key": "x", "label": "x", "computeOn": "change", "expression": text}
    conditions = ("=x = null", "=x != null", *(("=x > 2", "=not(x > 2)", "=x <= 2") if numeric else ()))
    after = {
        "type": "textfield",
        "id": "F_y",
        "key": "y",
        "label": "y",
        "conditional": {"hide": rng.choice(conditions)},
    }
    return [computed, after], {"y": rng.choice(TEXTS)}


def group(rng: random.Random) -> Made:
    """Return fields in a group, with or without a path of its own."""
    inner = [component(rng, "textfield", "x"), component(rng, "number", "z")]
    made: Component = {"type": "group", "id": "G", "label": "组", "components": inner}
    values = {"x": rng.choice(TEXTS), "z": rng.choice(NUMBERS)}
    if rng.random() < 0.5:
        made["path"] = "g"
        values = {"g": values}
    if rng.random() < 0.5:
        made["conditional"] = {"hide": rng.choice(CONDITIONS)}
    return [made], values


def rows(rng: random.Random) -> Made:
    """Return a list of rows whose fields look at themselves and around."""
    inner = [
        component(rng, "textfield", "x"),
        component(rng, "number", "z", validate={"max": rng.choice((3, "=a", "=this.limit"))}),
        component(rng, "select", "s", values=[{"value": "p", "label": "P"}, {"value": "q", "label": "Q"}]),
    ]
    # form-js reads hidden fields of a row as if they were shown; here only what nobody reads may be hidden.
    for field in inner[1:]:
        field.pop("conditional", None)
    inner[0]["conditional"] = {
        "hide": rng.choice(("=this.z > 3", '=this.s = "p"', "=a > 3", "=parent.a = 1", "=i[1] = 1"))
    }
    made: Component = {
        "type": "dynamiclist", "id": "L", "path": "list", "label": "清单", "isRepeating": True,
        "allowAddRemove": True, "defaultRepetitions": rng.choice((0, 1)), "components": inner,
    }  # fmt: skip
    if rng.random() < 0.3:
        made["conditional"] = {"hide": rng.choice(CONDITIONS)}
    filled = [
        {"x": rng.choice(TEXTS), "z": rng.choice(NUMBERS), "s": rng.choice(("p", "q", None))}
        for _ in range(rng.randrange(4))
    ]
    return [made], {"list": filled}


KINDS: dict[str, Callable[[random.Random], Made]] = {
    "textfield": text("textfield"),
    "textarea": text("textarea"),
    "number": number,
    "checkbox": checkbox,
    "select": one("select"),
    "radio": one("radio"),
    "checklist": many("checklist"),
    "taglist": many("taglist"),
    "datetime": when,
    "expression": expression,
    "group": group,
    "dynamiclist": rows,
}


def case(kind: str, seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a schema and the data to fill it with. The facts are fields of the form too, so that they are submitted."""
    rng = random.Random(f"{kind}-{seed}")
    components, values = KINDS[kind](rng)
    known = facts(rng)
    schema = {"type": "default", "id": "Form_1", "schemaVersion": 19, "components": components}
    return schema, {**known, **values}
