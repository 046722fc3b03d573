"""Keep house: anchor the chains, expire messages, sessions' leftovers and drafts of tasks that are done."""

import json
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert, select, update

from engine.command import Context
from engine.database import upsert
from engine.execution.saving import AUDIT_HEAD, entry_hash
from engine.jobs.acquire import AcquiredJob
from engine.model import tables

EVERY = timedelta(minutes=10)
NAME = "house"
_KEPT = timedelta(days=2)


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
    done = select("task:" + task.c.id.cast(draft.c.key.type)).where(task.c.completed_at > context.now - _KEPT)
    connection.execute(delete(draft).where(draft.c.key.in_(done)))


def _anchor(context: Context) -> str | None:
    """Hash the heads of all chains that changed since the last anchor into the chain of anchors (security D10)."""
    connection = context.session.connection()
    anchor, event = tables.anchor, tables.history_event
    last = connection.execute(select(anchor).order_by(anchor.c.id.desc()).limit(1)).first()
    changed = select(event.c.instance_id).distinct()
    if last is not None:
        # A transaction that began before the last anchor may have ended after it, so look a little further back.
        changed = changed.where(event.c.at > last.at - EVERY)
    instance = tables.process_instance
    asked = select(instance.c.id, instance.c.chain_head, instance.c.chain_seq).where(instance.c.id.in_(changed))
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
