"""Transfer: the assignee, or a direct leader, hands a task to somebody who may have it (转交、指派)."""

from dataclasses import dataclass

from engine.access import find_task
from engine.actor import Actor
from engine.command import Context
from engine.directory import leading
from engine.errors import NotAllowedError, NotTheAssigneeError, TaskNotOpenError
from engine.handover import give, person_name, possible_assignees, require_may_have
from engine.model import UserTask
from engine.text import read_text


class NotAColleagueError(NotAllowedError):
    """The person is not among those who may have the task."""

    words = "{name}不能办理这项任务，只能转交给具有同一岗位的人员。"


@dataclass(frozen=True)
class TransferTask:
    """Give a task to a colleague; the reason is recorded and he is told."""

    task_id: int
    to_person: str
    reason: str

    def execute(self, context: Context) -> None:
        """Lock the task, check both sides, hand it over."""
        reason = read_text(self.reason, "转交理由", least=2, most=500)
        to_person = read_text(self.to_person, "转交对象", least=1, most=100)
        task = find_task(context.session, context.actor, context.directory, self.task_id, lock=True)
        if task.status != "open":
            raise TaskNotOpenError(task_id=task.id)
        if task.assignee != context.actor.person_id and not may_assign(context.actor, context, task):
            raise NotTheAssigneeError(task_id=task.id)
        if to_person == task.assignee:
            return
        if to_person not in {one.id for one in possible_assignees(context, task)}:
            raise NotAColleagueError(task_id=task.id, name=person_name(context, to_person))
        require_may_have(context, task, to_person)
        before = task.assignee
        give(context, task, to_person, told=True)
        context.record(
            "task transferred",
            instance_id=task.instance_id,
            task_id=task.id,
            step=task.name,
            before=before,
            to=to_person,
            reason=reason,
        )


def may_assign(actor: Actor, context: Context, task: UserTask) -> bool:
    """Tell whether the actor leads the unit one of whose roles the task is for (指派, domain section 10)."""
    units = {principal.partition("@")[2] for principal in task.candidates or () if principal.startswith("r:")}
    leads = set(leading(context.directory))
    return any(held.role in leads and held.unit_code in units for held in actor.positions)
