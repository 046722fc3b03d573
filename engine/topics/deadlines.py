"""deadline.extend: what an approved extension (C-07) does to a task; inputs task_id, new_due, reason."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from engine.deadlines import extended
from engine.errors import ConnectorError, InvalidError
from engine.execution.matter import ENDED
from engine.execution.pausing import due_of, move_due
from engine.model import tables
from engine.topics.topic import Call


def extend(call: Call) -> dict[str, Any]:
    """Move the due date within the rule of its code; a task that is done meanwhile stays as it is.

    Raises ConnectorError where the register does not allow the date any more.
    """
    task = tables.user_task
    asked = select(task).where(task.c.id == int(call.required("task_id"))).with_for_update()
    found = call.context.session.execute(asked).mappings().first()
    row: dict[str, Any] = dict(found) if found else {"status": "gone"}
    if row["status"] != "open":
        return call.result("原任务已办结", "extension_result")
    wanted = _read(call.required("new_due"))
    try:
        moved = extended(call.context.deadlines, due_of(call.context, row), wanted, row["extensions_used"])
    except InvalidError as error:
        raise ConnectorError(reason=str(error), permanent=True) from error
    move_due(
        call.context,
        row,
        moved,
        reason=call.text("reason"),
        asked_by=call.matter.started_by,
        approved_by=_approver(call),
    )
    used = update(task).where(task.c.id == row["id"]).values(extensions_used=row["extensions_used"] + 1)
    call.context.session.connection().execute(used)
    if call.matter.status not in ENDED:
        call.context.record(
            "deadline extended", row["instance_id"], row["id"], subject=row["deadline_code"] or "",
            old_due=row["due_at"].isoformat(), new_due=moved.due_at.isoformat(), reason=call.text("reason"),
        )  # fmt: skip
    return call.result("已延期", "extension_result")


def _approver(call: Call) -> str:
    """Return who completed the last task of the approval."""
    task = tables.user_task
    asked = select(task.c.completed_by).where(task.c.instance_id == call.matter.id, task.c.status == "completed")
    return call.context.session.execute(asked.order_by(task.c.id.desc()).limit(1)).scalar() or call.matter.started_by


def _read(text: str) -> date | datetime:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-03-02") else datetime.fromisoformat(text)
    except ValueError as wrong:
        raise ConnectorError(reason=f"新的期限“{text}”不是日期", permanent=True) from wrong
