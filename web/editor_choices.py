"""What the editor's pickers offer: roles, deadline codes and forms, each by value and label."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.command import Context
from engine.queries.definitions import FindDefinition, require_keeper

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
        own = f"{self.key}/"
        return {
            "roles": _pairs((role.id, role.name) for role in context.directory.roles.values()),
            "deadlines": _pairs((row.code, f"{row.code} {row.what}") for row in deadlines),
            "forms": _pairs(
                (form.removeprefix(own), form.removeprefix(own)) for form in definition.forms if form.startswith(own)
            ),
            "decisions": _pairs((decision, decision) for decision in definition.decisions),
        }


def _pairs(found: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in found]
