"""Keep house: anchor the chains, expire messages, sessions' leftovers and drafts of tasks that are done."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, case, cast, delete, false, func, insert, select, update

from engine.command import Context
from engine.database import upsert
from engine.execution.saving import AUDIT_HEAD, entry_hash
from engine.jobs.acquire import AcquiredJob
from engine.model import tables

EVERY = timedelta(minutes=10)
NAME = "house"
_KEPT = timedelta(days=2)
_TASK = "task:"
_ANCHORED = "anchored_events"


@dataclass(frozen=True)
class KeepHouse:
    """Runs every ten minutes as one job row, whoever acquires it; the row is moved on, never deleted."""

    job: AcquiredJob

    def execute(self, context: Context) -> str | None:
        """Do it, and return the line of the new anchor, which is written outside the database too."""
        job = tables.job
        later = {"due_at": context.now + EVERY, "lease_until": None, "lease_by": None, "attempts": 0}
        context.session.connection().execute(update(job).where(job.c.id == self.job.id).values(later))
        _expire(context)
        return _anchor(context)


@dataclass(frozen=True)
class EnsureHouse:
    """See to it that the job exists."""

    def execute(self, context: Context) -> None:
        """Insert it unless it is there."""
        connection = context.session.connection()
        row = {
            "kind": NAME, "due_at": context.now + EVERY, "payload": {}, "priority": 0, "attempts": 0,
            "retries": 1_000_000, "dedupe_key": NAME,
        }  # fmt: skip
        connection.execute(upsert(connection, tables.job), [row])


def _expire(context: Context) -> None:
    connection = context.session.connection()
    message, kept, draft, task = tables.message, tables.idempotency, tables.task_draft, tables.user_task
    old = update(message).where(message.c.status == "stored", message.c.expires_at <= context.now)
    connection.execute(old.values(status="expired"))
    connection.execute(delete(kept).where(kept.c.at < context.now - _KEPT))
    # One look at the task of each draft; there are few drafts and many tasks.
    of_task = cast(func.substr(draft.c.key, len(_TASK) + 1), task.c.id.type)
    done = select(task.c.completed_at).where(task.c.id == of_task).scalar_subquery()
    is_over = case((draft.c.key.startswith(_TASK), done.is_not(None)), else_=false())
    connection.execute(delete(draft).where(is_over))


def _anchor(context: Context) -> str | None:
    """Hash the heads of all chains that changed since the last anchor into the chain of anchors (security D10)."""
    connection = context.session.connection()
    anchor, instance = tables.anchor, tables.process_instance
    last = connection.execute(select(anchor).order_by(anchor.c.id.desc()).limit(1)).first()
    changed = instance.c.id.in_(_changed(connection))
    asked = select(instance.c.id, instance.c.chain_head, instance.c.chain_seq).where(changed)
    heads = {str(id_): [head, seq] for id_, head, seq in connection.execute(asked)}
    audit = connection.execute(select(tables.setting.c.value).where(tables.setting.c.name == AUDIT_HEAD)).scalar()
    if audit:
        heads["audit"] = [audit["head"], audit["seq"]]
    if last is not None:
        heads = {key: head for key, head in heads.items() if last.heads.get(key) != head}
    if not heads:
        return None
    previous = last.hash if last else ""
    row = {"at": context.now, "heads": heads, "previous_hash": previous}
    row["hash"] = entry_hash(b"anchor", previous, row)
    connection.execute(insert(anchor), row)
    return json.dumps({"at": context.now.isoformat(), "hash": row["hash"], "heads": heads}, ensure_ascii=False)


def _changed(connection: Connection) -> Any:
    """Return the ids of the matters with events that the last anchor may not have seen, and note how far this one saw.

    Events are numbered as they are written, whatever the clock says. A transaction that was open at the last anchor may
    have written one below what was seen then, so everything behind the anchor before it is looked at again.
    """
    event, setting = tables.history_event, tables.setting
    marks = connection.execute(select(setting.c.value).where(setting.c.name == _ANCHORED)).scalar() or {}
    newest = connection.execute(select(func.max(event.c.id))).scalar() or 0
    row = {"name": _ANCHORED, "value": {"last": newest, "before": marks.get("last", 0)}}
    connection.execute(upsert(connection, setting, ("name",), ("value",)), [row])
    return select(event.c.instance_id).where(event.c.id > marks.get("before", 0))
