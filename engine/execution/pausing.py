"""Stop-clock: a paused matter's lights wait, and when it goes on its due dates move (domain section 5 rule 7)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select, update

from engine.command import Context
from engine.deadlines import Due, resumed
from engine.execution.applying import write_jobs
from engine.execution.matter import Matter
from engine.execution.tasks import next_light
from engine.model import tables
from engine.model.tasks import NEVER


def stop_clocks(context: Context, matter: Matter) -> None:
    """Take the waiting lights of a paused matter away."""
    job = tables.job
    statement = job.delete().where(job.c.instance_id == matter.id, job.c.kind == "light")
    context.session.connection().execute(statement)


def resume_clocks(context: Context, matter: Matter) -> None:
    """Move the due dates of the tasks that were open during the pause, keep the old ones, and set their lights anew."""
    paused_at = _paused_at(context, matter)
    task = tables.user_task
    asked = select(task).where(task.c.instance_id == matter.id, task.c.status == "open", task.c.due_at.is_not(None))
    for row in map(dict, context.session.execute(asked).mappings().all()):
        if paused_at is None or row["created_at"] >= paused_at:
            continue
        due = due_of(context, row)
        moved = resumed(context.deadlines, due, paused_at, context.now) if due.code else due
        move_due(
            context,
            row,
            moved,
            reason="中止后恢复",
            asked_by=context.actor.person_id,
            approved_by=context.actor.person_id,
        )


def due_of(context: Context, row: Mapping[str, Any]) -> Due:
    """Return the due date of a task's row as the register counts it."""
    known = context.deadlines.deadlines.get(row["deadline_code"] or "")
    return Due(
        known.code if known else "", row["due_at"], row["legal_due_at"], known.limit.kind if known else "WD",
        bool(known and known.statutory), "",
    )  # fmt: skip


def move_due(  # noqa: PLR0913 - three of them are who and why
    context: Context, row: Mapping[str, Any], moved: Due, *, reason: str, asked_by: str, approved_by: str
) -> None:
    """Give a task a new due date: the old one is kept, its light and its place in the worklists follow."""
    connection = context.session.connection()
    task, access, job = tables.user_task, tables.task_access, tables.job
    light = context.ladder.light(row["created_at"], moved.due_at, context.now, moved.kind, statutory=moved.statutory)
    values = {"due_at": moved.due_at, "legal_due_at": moved.legal_due_at, "light": int(light)}
    connection.execute(update(task).where(task.c.id == row["id"]).values(values))
    connection.execute(update(access).where(access.c.task_id == row["id"]).values(due_at=moved.due_at or NEVER))
    connection.execute(job.delete().where(job.c.task_id == row["id"], job.c.kind == "light"))
    upcoming = next_light(context, row["id"], {**row, **values}, moved.kind, after=context.now)
    write_jobs(context, [upcoming] if upcoming else [])
    change = {
        "task_id": row["id"], "old_due": row["due_at"], "new_due": moved.due_at, "reason": reason, "asked_by": asked_by,
        "approved_by": approved_by, "at": context.now,
    }  # fmt: skip
    connection.execute(insert(tables.deadline_change), change)


def _paused_at(context: Context, matter: Matter) -> Any:
    event = tables.history_event
    asked = select(event.c.at).where(event.c.instance_id == matter.id, event.c.action == "matter suspended")
    return context.session.execute(asked.order_by(event.c.seq.desc()).limit(1)).scalar()
