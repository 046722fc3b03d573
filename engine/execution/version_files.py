"""The files of a version of a procedure: its diagram and settings, and the decisions and forms in force with it."""

import json
from typing import Any

from sqlalchemy import select

from engine.command import Context
from engine.errors import ProcessDefinitionNotFoundError
from engine.model import DecisionDefinition, FormDefinition, ProcessDefinition

SETTINGS = "processes/{key}/procedure.json"


def files_of(context: Context, key: str, version: int) -> dict[str, bytes]:
    """Return the files of a version by path: diagram, settings, and the decisions and forms in force with it.

    Raises ProcessDefinitionNotFoundError. Those of the newest version are the newest; those of an older one are what
    its deployment found.
    """
    rows = versions_of(context, key)
    row = next((one for one in rows if one.version == version), None)
    if row is None:
        raise ProcessDefinitionNotFoundError(key=key[:80])
    until = None if row is rows[-1] else row.deployment_id
    settings = json.dumps(row.procedure or {}, ensure_ascii=False).encode()
    return {
        row.file: row.xml,
        SETTINGS.format(key=key): settings,
        **_decisions(context, key, until),
        **_forms(context, key, until),
    }


def versions_of(context: Context, key: str) -> list[Any]:
    """Return the versions of a procedure as deployed, oldest first."""
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
