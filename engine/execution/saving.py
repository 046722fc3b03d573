"""What is written once at the end of a command: states, variables, history with its chains."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from engine.command import Chain, Context, Entry
from engine.database import upsert
from engine.errors import ConflictError
from engine.execution.matter import Matter
from engine.model import ProcessInstance, tables
from engine.prepared import Prepared, PreparedUpsert

AUDIT_HEAD = "audit_head"
_SAVE = Prepared(
    update(tables.process_instance)
    .where(
        tables.process_instance.c.id == bindparam("b_id"),
        tables.process_instance.c.row_version == bindparam("b_version"),
    )
    .values(
        {
            name: bindparam(f"v_{name}")
            for name in ("state", "status", "title", "sensitivity", "priority", "ended_at", "chain_head", "chain_seq",
                         "overdue", "row_version")
        }
    )
)  # fmt: skip
_RECORD = Prepared(
    insert(tables.history_event).inline(),
    ("instance_id", "seq", "at", "actor", "actor_name", "acting_for", "unit_code", "client_ip", "task_id", "action",
     "object", "details", "previous_hash", "hash"),
)  # fmt: skip
_SET = PreparedUpsert(tables.variable, ("instance_id", "scope", "name"), ("value",))
_HEAD = select(ProcessInstance.chain_head, ProcessInstance.chain_seq).where(ProcessInstance.id == bindparam("id"))
_KEEP_HEAD = Prepared(
    update(tables.process_instance)
    .where(tables.process_instance.c.id == bindparam("b_id"))
    .values(chain_head=bindparam("v_head"), chain_seq=bindparam("v_seq"))
)


class MatterChangedError(ConflictError):
    """Another command changed the matter while this one held an older copy."""


def finish(context: Context, chain_key: bytes) -> None:
    """Write every matter that was stepped and every history event, each chain in its order."""
    context.session.flush()
    by_matter: dict[int | None, list[Entry]] = {}
    for entry in context.entries:
        by_matter.setdefault(entry.instance_id, []).append(entry)
    rows: list[dict[str, Any]] = []
    for instance_id, entries in by_matter.items():
        if instance_id is not None:
            chain = context.locked.get(instance_id) or _lock(context, instance_id)
            rows += _chained(context, chain, entries, chain_key, {"instance_id": instance_id})
    for matter in context.matters.values():
        if matter.stepped:
            _save(context, matter)
    for instance_id, chain in context.locked.items():
        matter = context.matters.get(instance_id)
        if instance_id in by_matter and not (matter and matter.stepped):
            values = {"b_id": instance_id, "v_head": chain.head, "v_seq": chain.seq}
            _KEEP_HEAD.write(context.session.connection(), [values])
    _RECORD.write(context.session.connection(), rows)
    if None in by_matter:
        _audit(context, by_matter[None], chain_key)


def entry_hash(key: bytes, previous: str, row: Mapping[str, Any]) -> str:
    """Return the HMAC-SM3 of a row and the hash before it (security D10)."""
    text = json.dumps(
        {**row, "previous": previous}, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str
    )
    return hmac.new(key or b"bihuan", text.encode(), lambda: hashlib.new("sm3")).hexdigest()


def _save(context: Context, matter: Matter) -> None:
    chain = context.locked[matter.id]
    state = matter.state
    stored = {
        **state,
        "scopes": {key: {k: v for k, v in scope.items() if k != "vars"} for key, scope in state["scopes"].items()},
    }
    values = {
        "b_id": matter.id, "b_version": matter.row_version, "v_state": stored, "v_status": matter.status,
        "v_title": matter.title, "v_sensitivity": matter.sensitivity, "v_priority": matter.priority,
        "v_ended_at": matter.ended_at, "v_chain_head": chain.head, "v_chain_seq": chain.seq,
        "v_overdue": matter.overdue, "v_row_version": matter.row_version + 1,
    }  # fmt: skip
    connection = context.session.connection()
    _SAVE.write(connection, [values], instead=partial(MatterChangedError, instance_id=matter.id))
    matter.row_version += 1
    _save_variables(context, matter)


def _save_variables(context: Context, matter: Matter) -> None:
    scopes = matter.state["scopes"]
    connection = context.session.connection()
    ended = bool(matter.ended_at)
    gone = [] if ended else sorted(matter.stored_scopes - scopes.keys())
    if gone:
        table = tables.variable
        connection.execute(delete(table).where(table.c.instance_id == matter.id, table.c.scope.in_(gone)))
    known = {key: scope["vars"] for key, scope in scopes.items()}
    rows = [
        {"instance_id": matter.id, "scope": scope, "name": name, "value": known[scope][name]}
        for scope, name in sorted(matter.changed)
        if name in known.get(scope, ())
    ]
    _SET.write(connection, rows)
    matter.changed.clear()
    matter.stored_scopes = frozenset(scopes)


def _lock(context: Context, instance_id: int) -> Chain:
    head, seq = context.session.execute(_HEAD.with_for_update(), {"id": instance_id}).one()
    chain = context.locked[instance_id] = Chain(head, seq)
    return chain


def _chained(
    context: Context, chain: Chain, entries: Iterable[Entry], key: bytes, more: Mapping[str, Any]
) -> list[dict[str, Any]]:
    actor = context.actor
    rows = []
    for entry in entries:
        chain.seq += 1
        row = {
            "seq": chain.seq, "at": context.now, "actor": actor.person_id, "actor_name": actor.name,
            "acting_for": next((held.acting_for for held in actor.positions if held.acting_for), None),
            "unit_code": actor.unit_code, "client_ip": actor.client_ip, "task_id": entry.task_id,
            "action": entry.action, "object": str(entry.object), "details": dict(entry.details), **more,
        }  # fmt: skip
        row["previous_hash"], row["hash"] = chain.head, entry_hash(key, chain.head, row)
        chain.head = row["hash"]
        rows.append(row)
    return rows


def _audit(context: Context, entries: list[Entry], key: bytes) -> None:
    setting = tables.setting
    connection = context.session.connection()
    asked = select(setting.c.value).where(setting.c.name == AUDIT_HEAD).with_for_update()
    found = connection.execute(asked).scalar()
    chain = Chain(found["head"], found["seq"]) if found else Chain("", 0)
    rows = _chained(context, chain, entries, key, {})
    for row in rows:
        del row["task_id"]
    connection.execute(insert(tables.audit_event), rows)
    head = {"name": AUDIT_HEAD, "value": {"head": chain.head, "seq": chain.seq}}
    connection.execute(upsert(connection, setting, ("name",), ("value",)), [head])
