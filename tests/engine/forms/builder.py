"""Short ways to write forms in tests."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from engine.forms import Checked, Form, Option, read_form

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
PEOPLE = (Option("dj.wang", "王刚（临江中队）"), Option("dj.li", "李敏（临江中队）"))


def options(source: str) -> Sequence[Option]:
    lists = {
        "people": PEOPLE,
        "units": (Option("LJ", "临江中队"), Option("DJ", "东江区局")),
        "code:PRIORITY": tuple(Option(text, text) for text in ("特急", "加急", "一般")),
    }
    return lists.get(source, ())


def field(kind: str, key: str, label: str = "", **more: Any) -> dict[str, Any]:
    name = "path" if kind == "dynamiclist" else "key"
    properties = {k: v for k, v in more.items() if k.startswith("bihuan:")}
    plain = {k: v for k, v in more.items() if not k.startswith("bihuan:")}
    if kind == "dynamiclist":
        plain = {"isRepeating": True, "allowAddRemove": True, **plain}
    return {
        "type": kind,
        "id": f"Field_{key}",
        name: key,
        "label": label or key,
        **({"properties": properties} if properties else {}),
        **plain,
    }


def choices(*values: Any) -> list[dict[str, Any]]:
    return [{"value": value, "label": str(value)} for value in values]


def schema(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": "default", "id": "form", "schemaVersion": 19, "components": list(components)}


def form(*components: dict[str, Any], **more: Any) -> Form:
    return read_form(schema(*components), "demo/form.form", **more)


def check(one: Form, submitted: Mapping[str, Any], variables: Mapping[str, Any] | None = None, **more: Any) -> Checked:
    return one.check(submitted, variables or {}, options, NOW, **more)


def visible(one: Form, variables: Mapping[str, Any] | None = None, values: Any = None) -> list[str]:
    prepared = one.prepare(variables or {}, options, NOW, values)
    return [each.path for each in prepared if each.visible and each.field.keyed]


def prepared_field(one: Form, path: str, variables: Mapping[str, Any] | None = None, values: Any = None) -> Any:
    return next(each for each in one.prepare(variables or {}, options, NOW, values) if each.path == path)
