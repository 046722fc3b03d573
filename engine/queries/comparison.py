"""Two versions of a procedure side by side: diagrams, and what changed in words."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from engine.command import Context
from engine.comparison import Comparison, compare_files
from engine.errors import ProcessDefinitionNotFoundError
from engine.model import DecisionDefinition, FormDefinition, ProcessDefinition


@dataclass(frozen=True)
class ComparisonView:
    """Two versions with their diagrams as XML and the changes from the older one to the newer one."""

    key: str
    title: str
    before: int
    after: int
    versions: tuple[int, ...]
    before_xml: str
    after_xml: str
    comparison: Comparison


@dataclass(frozen=True)
class CompareVersions:
    """Compare two versions of a procedure; versions are for everybody to see (domain P34).

    Raises ProcessDefinitionNotFoundError.
    """

    key: str
    before: int
    after: int

    def execute(self, context: Context) -> ComparisonView:
        """Read both versions with the forms and decisions that were in force with them."""
        rows = {row.version: row for row in _versions(context, self.key)}
        if self.before not in rows or self.after not in rows:
            raise ProcessDefinitionNotFoundError(key=self.key[:80])
        files = [files_of(context, self.key, version) for version in (self.before, self.after)]
        one, other = rows[self.before], rows[self.after]
        return ComparisonView(
            self.key, other.title, self.before, self.after, tuple(sorted(rows, reverse=True)),
            one.xml.decode("utf-8"), other.xml.decode("utf-8"), compare_files(*files),
        )  # fmt: skip


def files_of(context: Context, key: str, version: int) -> dict[str, bytes]:
    """Return the files of a version by path: diagram, settings, and the decisions and forms in force with it.

    Raises ProcessDefinitionNotFoundError. Those of the newest version are the newest; those of an older one are what
    its deployment found.
    """
    rows = _versions(context, key)
    row = next((one for one in rows if one.version == version), None)
    if row is None:
        raise ProcessDefinitionNotFoundError(key=key[:80])
    until = None if row is rows[-1] else row.deployment_id
    settings = json.dumps(row.procedure or {}, ensure_ascii=False).encode()
    return {
        row.file: row.xml,
        f"processes/{key}/procedure.json": settings,
        **_decisions(context, key, until),
        **_forms(context, key, until),
    }


def _versions(context: Context, key: str) -> list[Any]:
    asked = select(ProcessDefinition).where(ProcessDefinition.key == key).order_by(ProcessDefinition.version)
    return list(context.session.execute(asked).scalars())


def _decisions(context: Context, key: str, until: int | None) -> dict[str, bytes]:
    table = DecisionDefinition
    asked = select(table.file, table.xml).where(table.file.startswith(f"processes/{key}/", autoescape=True))
    if until is not None:
        asked = asked.where(table.deployment_id <= until)
    return {row.file: row.xml for row in context.session.execute(asked.order_by(table.version)).all()}


def _forms(context: Context, key: str, until: int | None) -> dict[str, bytes]:
    table = FormDefinition
    asked = select(table.key, table.schema).where(table.key.startswith(f"{key}/", autoescape=True))
    if until is not None:
        asked = asked.where(table.deployment_id <= until)
    rows = context.session.execute(asked.order_by(table.version)).all()
    return {f"forms/{row.key}.form": json.dumps(row.schema, ensure_ascii=False).encode() for row in rows}
