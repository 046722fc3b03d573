"""Values in words: a stored code becomes the label its form shows, a unit or a person their name, a date a date."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from engine.command import Context
from engine.model import FormDefinition, Person
from engine.options import UnknownOptionsError, options_of

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_LONGEST = 200


@dataclass(frozen=True)
class Words:
    """What the values of variables mean: labels per variable, and the names of units and people."""

    labels: Mapping[str, Mapping[str, str]]
    names: Mapping[str, str]

    @classmethod
    def of(cls, context: Context, key: str, variables: Sequence[str]) -> "Words":
        """Read the labels from the newest forms of a procedure, and the names from the directory."""
        names = {code: context.directory.unit_name(code) for code in context.directory.units}
        people = {str(person): str(name) for person, name in context.session.execute(select(Person.id, Person.name))}
        return cls(_labels(context, key, set(variables)), {**people, **names})

    def say(self, name: str, value: Any) -> str:
        """Return a value as a cell shows it."""
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, list):
            return "、".join(self.say(name, item) for item in value)[:_LONGEST]
        if isinstance(value, dict):
            return str(value.get("name") or value.get("label") or "")[:_LONGEST]
        text = str(value)
        return self.labels.get(name, {}).get(text) or self.names.get(text) or _as_date(text) or text[:_LONGEST]


def _as_date(text: str) -> str:
    """Return an ISO date or instant as `2026-11-25` or `2026-11-25 09:30` in Shanghai; empty for any other text."""
    if len(text) < 10 or text[4:5] != "-" or text[7:8] != "-":
        return ""
    try:
        if len(text) == 10:
            return date.fromisoformat(text).isoformat()
        at = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return f"{at.astimezone(_SHANGHAI) if at.tzinfo else at:%Y-%m-%d %H:%M}"


def _labels(context: Context, key: str, variables: set[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    options = options_of(context)
    for component in _components(_newest_forms(context, key)):
        name = component.get("key")
        if name not in variables or name in found:
            continue
        source = str((component.get("properties") or {}).get("bihuan:options") or "")
        if source.startswith("code:"):
            try:
                found[name] = {option.value: option.label for option in options(source)}
            except UnknownOptionsError:
                continue
        elif isinstance(component.get("values"), list):
            found[name] = {str(one.get("value")): str(one.get("label")) for one in component["values"]}
    return found


def _newest_forms(context: Context, key: str) -> Iterator[Mapping[str, Any]]:
    newest = select(func.max(FormDefinition.id)).group_by(FormDefinition.key)
    prefix = key.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = context.session.execute(
        select(FormDefinition.schema).where(
            FormDefinition.id.in_(newest), FormDefinition.key.like(f"{prefix}/%", escape="\\")
        )
    )
    yield from rows.scalars()


def _components(schemas: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    pending: list[Any] = [one for schema in schemas for one in schema.get("components", ())]
    while pending:
        component = pending.pop(0)
        if isinstance(component, dict):
            yield component
            pending.extend(component.get("components", ()))
