"""Random groups and lists, and fields in them."""

import random
from typing import Any

from tests.web.form_js.fields import component
from tests.web.form_js.values import CONDITIONS, NUMBERS, TEXTS, Component, Made

PATHS = (None, "g", "g.h")


def group(rng: random.Random) -> Made:
    """Return fields in a group, with or without a path of its own."""
    inner = [component(rng, "textfield", "x"), component(rng, "number", "z")]
    made: Component = {"type": "group", "id": "G", "label": "组", "components": inner}
    if rng.random() < 0.3:
        made["components"] = [
            inner[0],
            {"type": "group", "id": "H", "path": "inner", "label": "内", "components": inner[1:]},
        ]
    values: dict[str, Any] = {"x": rng.choice(TEXTS), "z": rng.choice(NUMBERS)}
    if len(made["components"]) == 2 and made["components"][1]["type"] == "group":
        values = {"x": values["x"], "inner": {"z": values["z"]}}
    path = rng.choice(PATHS)
    if path:
        made["path"] = path
        for step in reversed(path.split(".")):
            values = {step: values}
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
    made = repeated("L", "list", inner, defaultRepetitions=rng.choice((0, 1)))
    if rng.random() < 0.3:
        made["conditional"] = {"hide": rng.choice(CONDITIONS)}
    filled = [
        {"x": rng.choice(TEXTS), "z": rng.choice(NUMBERS), "s": rng.choice(("p", "q", None))}
        for _ in range(rng.randrange(4))
    ]
    return [made], {"list": filled}


def deep(rng: random.Random) -> Made:
    """Return a list in a list, with groups around and between, and fields that look at every level."""
    hides = ("=this.z > 3", "=parent.w = 1", "=i[2] = 1", "=a > 3", "=_parent_.w = 0", "=count(parent.low) > 1")
    last = component(rng, "textfield", "x")
    last["conditional"] = {"hide": rng.choice(hides)}
    low = repeated("M", "low", [last, _plain(rng, "z")], defaultRepetitions=1)
    between: Component = {"type": "group", "id": "G2", "label": "间", "components": [low, _plain(rng, "w")]}
    top = repeated("L", "list", [between], defaultRepetitions=rng.choice((0, 1, 2)))
    around: Component = {"type": "group", "id": "G1", "path": "g", "label": "外", "components": [top]}
    if rng.random() < 0.3:
        between["conditional"] = {"hide": rng.choice(("=i[1] = 2", "=a > 3"))}
    filled = [
        {"w": rng.choice((0, 1, None)), "low": [_pair(rng) for _ in range(rng.randrange(3))]}
        for _ in range(rng.randrange(3))
    ]
    return [around], rng.choice(({"g": {"list": filled}}, {"g": {"list": filled}}, {}))


def repeated(name: str, path: str, inner: list[Component], **more: Any) -> Component:
    """Return a list of rows."""
    return {
        "type": "dynamiclist", "id": name, "path": path, "label": "清单", "isRepeating": True,
        "allowAddRemove": True, "components": inner, **more,
    }  # fmt: skip


def _plain(rng: random.Random, key: str) -> Component:
    made = component(rng, "number", key)
    made.pop("conditional", None)
    return made


def _pair(rng: random.Random) -> dict[str, Any]:
    return {"x": rng.choice(TEXTS), "z": rng.choice(NUMBERS)}
