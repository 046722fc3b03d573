"""What the editors' pickers offer, each by value and label, and whether changes are published by approval."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from engine.command import Context
from engine.commands.draft_files import ListDraftFiles
from engine.commands.drafts import approval_procedure, whole_draft
from engine.jobs.work_on_change import MESSAGE
from engine.queries.choices import ListUnitsInScope
from engine.queries.definitions import FindDefinition, require_keeper
from engine.queries.messages import ListKeysOfSteps, ListMessages, MessageView
from engine.topics import TOPICS

Choices = Mapping[str, list[dict[str, str]]]
# Kinds of fields whose value is one text or number that two matters seldom share.
_TELLING = frozenset({"textfield", "number", "expression"})
_MOST_TITLES = 3


@dataclass(frozen=True)
class ListEditorChoices:
    """The choices for the editor of one procedure; raises NotAllowedError, ProcessDefinitionNotFoundError."""

    key: str

    def execute(self, context: Context) -> Choices:
        """Read the directory, the register of deadlines and the forms."""
        require_keeper(context)
        definition = FindDefinition(self.key).execute(context)
        deadlines = sorted(context.deadlines.deadlines.values(), key=lambda row: row.code)
        files = ListDraftFiles(self.key).execute(context)
        forms = [name.removesuffix(".form") for name in files if name.endswith(".form")]
        fields = _fields(context, self.key)
        messages = ListMessages().execute(context)
        return {
            "roles": _pairs((role.id, role.name) for role in context.directory.roles.values()),
            "deadlines": _pairs((row.code, f"{row.code} {row.what}") for row in deadlines),
            "forms": _pairs((form, form) for form in forms),
            "decisions": _pairs((decision, decision) for decision in definition.decisions),
            "processes": _pairs((one.key, f"{one.title}（{one.key}）") for one in context.catalog.all_latest()),
            "variables": [{"name": one.key, "info": one.label} for one in fields],
            "topics": _pairs((topic, topic) for topic in sorted(TOPICS)),
            "units": _units(context, fields),
            "messages": [_message(view) for view in messages],
            "keys": _keys(fields, ListKeysOfSteps(self.key).execute(context), messages),
        }


@dataclass(frozen=True)
class FindWhetherApproved:
    """Tell whether a procedure of approval publishes changes here."""

    def execute(self, context: Context) -> bool:
        """Read it from the configuration."""
        return approval_procedure(context) is not None


@dataclass(frozen=True)
class _Field:
    """A field of a form; `inside` a list of rows it is no variable of the whole matter."""

    key: str
    label: str
    kind: str
    options: str
    inside: bool

    @property
    def names_unit(self) -> bool:
        """Tell whether it holds the code of one unit."""
        return self.options.partition(":")[0] == "units" and self.kind in {"select", "radio"} and not self.inside

    @property
    def tells_apart(self) -> bool:
        """Tell whether its value may serve to find one matter among others."""
        return (self.kind in _TELLING or self.options.startswith("register:")) and not self.inside


def _fields(context: Context, key: str) -> list[_Field]:
    """Return what the forms of a procedure fill in, as drafted, by name; of two of one name the first."""
    found: dict[str, _Field] = {}
    for file in whole_draft(context, key, {}):
        if file.suffix == ".form":
            with suppress(ValueError, RecursionError):  # a draft may be anything
                for one in _collect(json.loads(file.content), inside=False):
                    found.setdefault(one.key, one)
    return [one for _, one in sorted(found.items())]


def _collect(part: Any, *, inside: bool) -> Iterator[_Field]:
    components = part.get("components") if isinstance(part, dict) else None
    for field in components if isinstance(components, list) else ():
        if not isinstance(field, dict):
            continue
        key, kind = field.get("key"), str(field.get("type") or "")
        if isinstance(key, str) and key.isidentifier():
            yield _Field(key, str(field.get("label") or ""), kind, _source(field.get("properties")), inside)
        yield from _collect(field, inside=inside or bool(field.get("path")))


def _source(properties: Any) -> str:
    """Return where the choices of a field come from, as its properties say."""
    own = properties if isinstance(properties, dict) else {}
    named = "units" if own.get("bihuan:type") == "unit" else ""
    return str(own.get("bihuan:options") or named)


def _units(context: Context, fields: Iterable[_Field]) -> list[dict[str, str]]:
    """Return the units within the actor's sight, then the fields that hold a unit."""
    units = [_choice(one.value, one.label) for one in ListUnitsInScope().execute(context)]
    named = [_choice(f"${{{one.key}}}", one.label or one.key, "表单字段所选单位") for one in fields if one.names_unit]
    return [*units, _choice("${matter_unit}", "事项所属单位"), *named]


def _message(view: MessageView) -> dict[str, str]:
    senders = [*view.senders, *(["系统"] if view.name == MESSAGE else [])]
    notes = [("接收", view.receivers), ("发送", senders)]
    note = "；".join(f"{word}：{_titles(titles)}" for word, titles in notes if titles)
    return _choice(view.name, "、".join(view.words[:_MOST_TITLES]) or view.name, note or "外来消息，尚无流程接收")


def _titles(titles: list[str]) -> str:
    if len(titles) <= _MOST_TITLES:
        return "、".join(titles)
    return f"{'、'.join(titles[:_MOST_TITLES])}等 {len(titles)} 个流程"


def _keys(
    fields: Iterable[_Field], steps: Iterable[tuple[str, str]], messages: Iterable[MessageView]
) -> list[dict[str, str]]:
    """Return what may tell matters apart: the number of the matter, numbers its steps assign, fields of its forms."""
    labels = {"matter_no": "事项编号"}
    named = {one.key: one.label or one.key for one in fields if one.tells_apart}
    for name, step in steps:
        labels[name] = named.get(name, f"{step}（{name}）")
    labels = {**labels, **{name: label for name, label in named.items() if name not in labels}}
    found = []
    for name, label in labels.items():
        value = f"${{{name}}}"
        uses = [view.words[0] if view.words else view.name for view in messages if value in view.keys]
        found.append(_choice(value, label, f"已用于消息：{'、'.join(uses[:_MOST_TITLES])}" if uses else ""))
    return sorted(found, key=lambda choice: not choice["note"])


def _choice(value: str, label: str, note: str = "") -> dict[str, str]:
    return {"value": value, "label": label, "note": note}


def _pairs(found: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in found]
