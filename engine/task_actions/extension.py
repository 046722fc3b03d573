"""Extension: the assignee asks for more time within the deadline's rule; somebody else approves it (C-07 延期审批)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from engine.access import find_task
from engine.calendar import local
from engine.command import Context
from engine.deadlines import Deadline, Due, extended
from engine.deadlines.register import HOURLY
from engine.errors import ConflictError, InvalidError, NotTheAssigneeError, TaskNotOpenError
from engine.execution.starting import Beginning, begin_matter
from engine.model import MatterLink, ProcessInstance, UserTask, Variable
from engine.text import read_text

PROCEDURE = "cs_extension"
LINK = "延期申请"
LEAST_REASON = 20


class NoDeadlineError(InvalidError):
    """The task has no registered deadline, so nothing says how far it may be extended."""

    words = "这项任务没有登记时限，无需申请延期。"


class ExtensionTooLateError(ConflictError):
    """An extension can only be asked for before the deadline (domain C-07)."""

    words = "期限已过，不能再申请延期。"


class ExtensionPendingError(ConflictError):
    """An earlier request for this task has not been decided yet."""

    words = "这项任务已有延期申请在审批中。"


@dataclass(frozen=True)
class RequestExtension:
    """Ask for a later due date; returns the id of the matter in which the request is decided.

    `new_due` is a day, or for deadlines in hours an instant. Until the approval the old due date stands; it is kept
    afterwards, too. Raises UserTaskNotFoundError, NotTheAssigneeError, TaskNotOpenError, NoDeadlineError,
    ExtensionTooLateError, ExtensionRefusedError (deadline register), ExtensionPendingError.
    """

    task_id: int
    new_due: date | datetime
    reason: str
    done: str

    def execute(self, context: Context) -> int:
        """Check the rule, then start the approval, linked with the matter."""
        reason = read_text(self.reason, "延期理由", least=LEAST_REASON, most=1000)
        done = read_text(self.done, "已完成工作", least=1, most=2000)
        task = find_task(context.session, context.actor, context.directory, self.task_id, lock=True)
        if task.status != "open":
            raise TaskNotOpenError(task_id=task.id)
        if task.assignee != context.actor.person_id:
            raise NotTheAssigneeError(task_id=task.id)
        row, new_due = self._checked(context, task)
        if _is_pending(context, task):
            raise ExtensionPendingError(task_id=task.id)
        variables = _variables(task, row) | {"new_due": new_due, "reason": reason, "done": done}
        matter, _ = begin_matter(
            context,
            Beginning(
                context.catalog.latest_of(PROCEDURE),
                task.unit_code,
                variables | {"requester": context.actor.person_id},
                parent_id=task.instance_id,
                link=LINK,
            ),
        )
        context.record(
            "extension requested",
            task.instance_id,
            task.id,
            subject=matter.number,
            step=task.name,
            old_due=variables["old_due"],
            new_due=new_due,
            reason=reason,
        )
        return matter.id

    def _checked(self, context: Context, task: UserTask) -> tuple[Deadline, str]:
        """Return the register's row and the new due date as variables keep dates."""
        if not task.deadline_code or task.due_at is None:
            raise NoDeadlineError(task_id=task.id)
        if context.now >= task.due_at:
            raise ExtensionTooLateError(task_id=task.id)
        row = context.deadlines.find(task.deadline_code)
        due = Due(row.code, task.due_at, task.legal_due_at, row.limit.kind, row.statutory, "")
        wanted = self.new_due
        if isinstance(wanted, datetime) and wanted.tzinfo is None:
            raise InvalidError(reason="请选择延期到哪一天。")
        extended(context.deadlines, due, wanted, task.extensions_used or 0)
        return row, _iso(wanted, row)


def _variables(task: UserTask, row: Deadline) -> dict[str, Any]:
    """Return what the approval is told; the title has the number only, whatever the matter's level."""
    assert task.due_at is not None
    return {
        "title": f"{task.number} 延期申请",
        "sensitivity": f"S{task.sensitivity}",
        "task_id": task.id,
        "task_name": task.name,
        "deadline": row.code,
        "old_due": _iso(task.due_at, row),
        "approver": row.extension.approver if row.extension else None,
    }


def _iso(value: date | datetime, row: Deadline) -> str:
    """Return a day, or for deadlines in hours the instant with its zone."""
    if not isinstance(value, datetime):
        return value.isoformat()
    here = local(value)
    return here.isoformat(timespec="minutes") if row.limit.kind in HOURLY else here.date().isoformat()


def _is_pending(context: Context, task: UserTask) -> bool:
    """Tell whether a request for this task is still running."""
    asked = (
        select(Variable.value)
        .join(MatterLink, MatterLink.to_instance == Variable.instance_id)
        .join(ProcessInstance, ProcessInstance.id == Variable.instance_id)
        .where(
            MatterLink.from_instance == task.instance_id,
            MatterLink.kind == LINK,
            ProcessInstance.ended_at.is_(None),
            Variable.name == "task_id",
        )
    )
    return task.id in set(context.session.execute(asked).scalars())
