"""台账: what the columns of a procedure's ledger say about matters, in words (procedure.toml, `[[ledger]]`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from engine.access import S3, visible_instances
from engine.command import Context
from engine.errors import ProcessDefinitionNotFoundError
from engine.model import EveryVariable, ProcessDefinition, ProcessInstance
from engine.reports.words import Words


@dataclass(frozen=True)
class Ledger:
    """The title and headings of a ledger, and per matter one text for each heading."""

    title: str
    headings: tuple[str, ...]
    values: Mapping[int, tuple[str, ...]]


@dataclass(frozen=True)
class FindLedger:
    """What the ledger of a procedure says about these matters; nothing about those the actor may not open."""

    key: str
    instance_ids: tuple[int, ...] = ()

    def execute(self, context: Context) -> Ledger:
        """Read the variables; raises ProcessDefinitionNotFoundError."""
        title, columns = _columns(context, self.key)
        names = [name for _, name in columns]
        words = Words.of(context, self.key, names)
        known = _values(context, self.instance_ids, names) if self.instance_ids else {}
        values = {
            instance_id: tuple(words.say(name, found.get(name)) for name in names)
            for instance_id, found in known.items()
        }
        return Ledger(title, tuple(label for label, _ in columns), values)


def _columns(context: Context, key: str) -> tuple[str, Sequence[tuple[str, str]]]:
    """Return title and (heading, variable) of the newest version."""
    row = context.session.execute(
        select(ProcessDefinition.title, ProcessDefinition.procedure)
        .where(ProcessDefinition.key == key)
        .order_by(ProcessDefinition.version.desc())
        .limit(1)
    ).first()
    if row is None:
        raise ProcessDefinitionNotFoundError(key=key[:60])
    columns = (row.procedure or {}).get("ledger", ())
    return row.title, [(str(one["label"]), str(one["value"])) for one in columns if one.get("value")]


def _values(context: Context, instance_ids: Sequence[int], names: Sequence[str]) -> dict[int, dict[str, Any]]:
    """Return the variables by matter; where scopes know the same name, the outermost one counts."""
    rows = context.session.execute(
        select(EveryVariable.instance_id, EveryVariable.name, EveryVariable.value)
        .join(ProcessInstance, ProcessInstance.id == EveryVariable.instance_id)
        .where(
            EveryVariable.instance_id.in_(instance_ids),
            EveryVariable.name.in_(names),
            ProcessInstance.sensitivity < S3,
            visible_instances(context.actor, context.directory),
        )
        .order_by(func.length(EveryVariable.scope), EveryVariable.scope)
    )
    found: dict[int, dict[str, Any]] = {}
    for instance_id, name, value in rows:
        found.setdefault(instance_id, {}).setdefault(name, value)
    return found
