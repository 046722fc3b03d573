"""What of a matter's variables shows in its row: title, priority, and the sensitivity, which only rises."""

from typing import Any

from sqlalchemy import bindparam, insert, select, update

from engine.command import Context
from engine.database import upsert
from engine.execution.matter import Matter
from engine.model import tables

LEVELS = {"S0": 0, "S1": 1, "S2": 2, "S3": 3}
RESTRICTED = 3
_TASKS = (
    update(tables.user_task)
    .where(tables.user_task.c.instance_id == bindparam("b_id"), tables.user_task.c.status == "open")
    .values(title=bindparam("v_title"), sensitivity=bindparam("v_sensitivity"), priority=bindparam("v_priority"))
)


def follow_variables(context: Context, matter: Matter) -> None:
    """Take title, priority and sensitivity from the variables that procedure.toml names."""
    names = matter.deployed.procedure.get("matter", {})
    root = root_scope(matter.state)
    watched = {(root, name) for name in names.values()}
    if not watched & matter.changed or root is None:
        return
    values = matter.state["scopes"][root]["vars"]
    before = (matter.title, matter.priority, matter.sensitivity)
    matter.title = _text(values.get(names.get("title"))) or matter.title
    matter.priority = _text(values.get(names.get("priority"))) or matter.priority
    raise_sensitivity(context, matter, LEVELS.get(_text(values.get(names.get("sensitivity"))), 0))
    if before != (matter.title, matter.priority, matter.sensitivity) and matter.row_version:
        shown = {
            "b_id": matter.id,
            "v_title": matter.title,
            "v_sensitivity": matter.sensitivity,
            "v_priority": matter.priority,
        }
        context.session.connection().execute(_TASKS, shown)


def raise_sensitivity(context: Context, matter: Matter, level: int) -> None:
    """Raise a matter's level; who takes part in one that becomes restricted goes on its access list (domain 2.6)."""
    if level <= matter.sensitivity:
        return
    context.record("sensitivity raised", matter.id, old=f"S{matter.sensitivity}", new=f"S{level}")
    matter.sensitivity = level
    if level < RESTRICTED:
        return
    part = tables.participant
    connection = context.session.connection()
    people = set(connection.execute(select(part.c.person_id).where(part.c.instance_id == matter.id)).scalars())
    grant_access(context, matter.id, sorted(people), "事项转为受限时的参与人")


def grant_access(context: Context, instance_id: int, people: list[str], note: str) -> None:
    """Name people on a matter's access list, each once."""
    if not people:
        return
    connection = context.session.connection()
    rows = [{"instance_id": instance_id, "person_id": one, "kind": "access", "since": context.now, "note": note}
            for one in people]  # fmt: skip
    connection.execute(upsert(connection, tables.participant), rows)


def add_participant(context: Context, instance_id: int, person_id: str, kind: str) -> None:
    """Let a person take part in a new matter."""
    row = {"instance_id": instance_id, "person_id": person_id, "kind": kind, "since": context.now, "note": ""}
    context.session.connection().execute(insert(tables.participant), row)


def root_scope(state: dict[str, Any]) -> str | None:
    """Return the key of the scope of the matter's own process."""
    return next((key for key, scope in state["scopes"].items() if scope.get("up") is None), None)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
