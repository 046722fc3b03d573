"""Claim: a candidate takes a user task, and it leaves everyone else's worklist."""

from dataclasses import dataclass

from engine.access import find_task
from engine.command import Context
from engine.errors import NotACandidateError, TaskAlreadyClaimedError, TaskNotOpenError
from engine.handover import give, is_candidate, person_name, require_may_have


@dataclass(frozen=True)
class ClaimTask:
    """Make the actor the assignee; claiming one's own task again changes nothing.

    Separation of duties, recusal by unit and certificates are checked here and again when the task is submitted.
    """

    task_id: int

    def execute(self, context: Context) -> None:
        """Lock the task, check, and give it to the actor."""
        # Locked, so that when two people press Claim at once the second sees the first.
        task = find_task(context.session, context.actor, context.directory, self.task_id, lock=True)
        if task.status != "open":
            raise TaskNotOpenError(task_id=task.id)
        if task.assignee == context.actor.person_id:
            return
        if task.assignee is not None:
            name = person_name(context, task.assignee)
            raise TaskAlreadyClaimedError(task_id=task.id, assignee=name)
        if not is_candidate(context.actor, task):
            raise NotACandidateError(task_id=task.id, user_id=context.actor.person_id)
        require_may_have(context, task, context.actor.person_id)
        give(context, task, context.actor.person_id)
        context.record("task claimed", instance_id=task.instance_id, task_id=task.id, step=task.name)
