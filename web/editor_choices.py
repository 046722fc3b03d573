"""What the editors' pickers offer, each by value and label, and whether changes are published by approval."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from engine.command import Context
from engine.commands.draft_files import ListDraftFiles
from engine.commands.drafts import approval_procedure, whole_draft
from engine.queries.definitions import FindDefinition, require_keeper
from engine.topics import TOPICS

Choices = Mapping[str, list[dict[str, str]]]


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
        units = (context.directory.unit(code) for code in context.directory.subtree_of({context.actor.unit_code}))
        return {
            "roles": _pairs((role.id, role.name) for role in context.directory.roles.values()),
            "deadlines": _pairs((row.code, f"{row.code} {row.what}") for row in deadlines),
            "forms": _pairs((form, form) for form in forms),
            "decisions": _pairs((decision, decision) for decision in definition.decisions),
            "processes": _pairs((one.key, f"{one.title}（{one.key}）") for one in context.catalog.all_latest()),
            "variables": _variables(context, self.key),
            "topics": _pairs((topic, topic) for topic in sorted(TOPICS)),
            "units": _pairs((unit.code, f"{unit.name}（{unit.code}）") for unit in units if unit is not None),
        }


@dataclass(frozen=True)
class FindWhetherApproved:
    """Tell whether a procedure of approval publishes changes here."""

    def execute(self, context: Context) -> bool:
        """Read it from the configuration."""
        return approval_procedure(context) is not None


def _variables(context: Context, key: str) -> list[dict[str, str]]:
    """Return what the forms of a procedure fill in, as the expression fields offer it."""
    found: dict[str, str] = {}
    for file in whole_draft(context, key, {}):
        if file.suffix == ".form":
            with suppress(ValueError, RecursionError):  # a draft may be anything
                _collect(json.loads(file.content), found)
    return [{"name": name, "info": label} for name, label in sorted(found.items())]


def _collect(part: Any, found: dict[str, str]) -> None:
    for field in part.get("components", ()) if isinstance(part, dict) else ():
        if isinstance(field, dict) and isinstance(field.get("key"), str) and field["key"].isidentifier():
            found.setdefault(field["key"], str(field.get("label") or ""))
        _collect(field, found)


def _pairs(found: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in found]
