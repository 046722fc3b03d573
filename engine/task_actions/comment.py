"""Comment: whoever may see a matter's content may remark on it; remarks are never changed."""

from dataclasses import dataclass

from sqlalchemy import insert

from engine.access import require_visible
from engine.command import Context
from engine.errors import UserTaskNotFoundError
from engine.model import Comment, UserTask
from engine.text import read_text

LONGEST = 1_000


@dataclass(frozen=True)
class AddComment:
    """Add a remark to a matter, perhaps at one of its tasks. Returns its id."""

    instance_id: int
    task_id: int | None
    text: str

    def execute(self, context: Context) -> int:
        """Insert the remark; raises MatterNotFoundError, UserTaskNotFoundError and what read_text raises."""
        text = read_text(self.text, "意见", least=1, most=LONGEST)
        require_visible(context.session, context.actor, context.directory, self.instance_id)
        if self.task_id is not None:
            task = context.session.get(UserTask, self.task_id)
            if task is None or task.instance_id != self.instance_id:
                raise UserTaskNotFoundError(task_id=self.task_id)
        made = context.session.execute(
            insert(Comment)
            .values(
                instance_id=self.instance_id,
                task_id=self.task_id,
                person_id=context.actor.person_id,
                text=text,
                at=context.now,
            )
            .returning(Comment.id)
        ).scalar_one()
        context.record("comment added", instance_id=self.instance_id, task_id=self.task_id)
        return int(made)
