"""Data stores: values that procedures share and that outlive each matter (BPMN 2.0.2 §10.4.1), kept in a register."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.command import Context
from engine.database import upsert
from engine.execution.matter import Matter
from engine.model import tables
from engine.tokens import effects as fx

REGISTER = "data-store"


def stored_value(session: Session, name: str) -> Any:
    """Return what a data store holds; null where it holds nothing."""
    table = tables.register_entry
    asked = select(table.c.data).where(table.c.register == REGISTER, table.c.key == name)
    found = session.execute(asked).scalar()
    return found["value"] if found else None


def keep_stored(context: Context, matter: Matter, effects: Iterable[fx.Effect]) -> None:
    """Write what a step put into data stores; the last value of each stays."""
    last = {effect.name: effect.value for effect in effects if isinstance(effect, fx.Stored)}
    if not last:
        return
    rows = [
        {"register": REGISTER, "key": name, "instance_id": matter.id, "unit_code": matter.unit_code, "status": "",
         "valid_from": None, "valid_until": None, "data": {"value": value}, "updated_at": context.now}
        for name, value in sorted(last.items())
    ]  # fmt: skip
    connection = context.session.connection()
    changing = ("instance_id", "unit_code", "data", "updated_at")
    connection.execute(upsert(connection, tables.register_entry, ("register", "key"), changing), rows)
    for name in sorted(last):
        context.record("data stored", matter.id, subject=name, name=name)
