"""Unclaim: the assignee puts a task back to its candidates (退回待领)."""

from dataclasses import dataclass

from engine.access import find_task
from engine.command import Context
from engine.errors import ConflictError, NotTheAssigneeError, TaskNotOpenError
from engine.handover import put_back
from engine.text import read_text


class NoCandidatesError(ConflictError):
    """The task was given to this person alone; there is nobody it could go back to."""

    words = "这项任务直接指派给您，没有可以退回的候选岗位。如需换人，请使用“转交”。"


@dataclass(frozen=True)
class UnclaimTask:
    """Put the actor's task back; what he typed stays as his draft."""

    task_id: int
    reason: str = ""

    def execute(self, context: Context) -> None:
        """Lock the task and free it; raises NotTheAssigneeError, TaskNotOpenError, NoCandidatesError."""
        reason = read_text(self.reason, "退回理由", most=500)
        task = find_task(context.session, context.actor, context.directory, self.task_id, lock=True)
        if task.status != "open":
            raise TaskNotOpenError(task_id=task.id)
        if task.assignee != context.actor.person_id:
            raise NotTheAssigneeError(task_id=task.id)
        if not task.candidates:
            raise NoCandidatesError(task_id=task.id)
        put_back(context, task)
        context.record(
            "task returned to group", instance_id=task.instance_id, task_id=task.id, step=task.name, reason=reason
        )
