"""Attach: a file that is in the store becomes part of a matter, or is taken out again while nothing rests on it."""

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import insert, select

from engine.access import find_task, require_visible
from engine.command import Context
from engine.errors import AttachmentNotFoundError, ConflictError, NotAllowedError, NotTheAssigneeError, TaskNotOpenError
from engine.execution.matter import ENDED
from engine.files import StoredFile
from engine.model import Attachment, Participant, ProcessInstance, UserTask
from engine.text import read_text

MOST_WAITING = 200


class AttachmentFiledError(ConflictError):
    """A file that was submitted with a step stays in the file of the matter."""

    words = "材料已随办理提交归入档案，不能删除。"


class TooManyFilesError(ConflictError):
    """Too many files were uploaded for matters that never began."""

    words = "尚未提交的附件过多，请先提交或删除。"


@dataclass(frozen=True)
class AttachFile:
    """Add a stored file to a matter, at a task of the actor's or as somebody who takes part; returns its id (UUID).

    Without a matter (start form) it is the uploader's until StartProcess names it. Content must have been put into the
    FileStore before, so that no large file is copied inside a transaction.
    """

    instance_id: int | None
    task_id: int | None
    field: str | None
    stored: StoredFile
    category: str | None = None

    def execute(self, context: Context) -> str:
        """Check the right and insert the row."""
        category = read_text(self.category or "", "材料类别", most=60)
        field = read_text(self.field or "", "字段", most=120)
        if self.instance_id is None:
            self._check_waiting(context)
        else:
            self._check_matter(context, self.instance_id)
        attachment_id = str(uuid4())
        context.session.execute(
            insert(Attachment).values(
                id=attachment_id,
                instance_id=self.instance_id,
                task_id=self.task_id if self.instance_id is not None else None,
                field=field,
                name=self.stored.name,
                size=self.stored.size,
                content_type=self.stored.content_type,
                sha256=self.stored.sha256,
                sm3=self.stored.sm3,
                category=category,
                uploaded_by=context.actor.person_id,
                at=context.now,
            )
        )
        if self.instance_id is not None:
            context.record(
                "file attached",
                instance_id=self.instance_id,
                task_id=self.task_id,
                subject=attachment_id,
                sha256=self.stored.sha256,
            )
        return attachment_id

    def _check_matter(self, context: Context, instance_id: int) -> None:
        """At a task only its assignee attaches; to the matter whoever takes part in it, while it runs."""
        require_visible(context.session, context.actor, context.directory, instance_id)
        if self.task_id is not None:
            task = find_task(context.session, context.actor, context.directory, self.task_id)
            if task.instance_id != instance_id or task.assignee != context.actor.person_id:
                raise NotTheAssigneeError(task_id=self.task_id)
            if task.status != "open":
                raise TaskNotOpenError(task_id=self.task_id)
            return
        matter = context.session.get_one(ProcessInstance, instance_id)
        if matter.status in ENDED:
            raise ConflictError(reason="事项已经结束，不能再补充材料。")
        if not _takes_part(context, instance_id):
            raise NotAllowedError(reason="只有参与办理的人员可以补充材料。")

    @staticmethod
    def _check_waiting(context: Context) -> None:
        waiting = select(Attachment.id).where(
            Attachment.instance_id.is_(None),
            Attachment.uploaded_by == context.actor.person_id,
            Attachment.removed_at.is_(None),
        )
        if len(context.session.execute(waiting.limit(MOST_WAITING)).all()) >= MOST_WAITING:
            raise TooManyFilesError


@dataclass(frozen=True)
class RemoveAttachment:
    """Take a file out again: by its uploader, before the step it belongs to is submitted. The row stays, marked."""

    attachment_id: str

    def execute(self, context: Context) -> None:
        """Mark the row as removed; raises AttachmentNotFoundError, NotAllowedError, AttachmentFiledError."""
        row = context.session.execute(
            select(Attachment)
            .where(Attachment.id == self.attachment_id, Attachment.removed_at.is_(None))
            .with_for_update()
        ).scalar_one_or_none()
        if row is None:
            raise AttachmentNotFoundError
        if row.instance_id is not None:
            require_visible(context.session, context.actor, context.directory, row.instance_id)
        elif row.uploaded_by != context.actor.person_id:
            raise AttachmentNotFoundError
        if row.uploaded_by != context.actor.person_id:
            raise NotAllowedError(reason="只有上传人可以删除。")
        if row.instance_id is not None:
            self._check_open(context, row)
            context.record("file removed", instance_id=row.instance_id, task_id=row.task_id, subject=row.id)
        row.removed_at = context.now

    @staticmethod
    def _check_open(context: Context, row: Attachment) -> None:
        task = context.session.get(UserTask, row.task_id) if row.task_id is not None else None
        if task is None or task.status != "open":
            raise AttachmentFiledError


def _takes_part(context: Context, instance_id: int) -> bool:
    person = context.actor.person_id
    part = select(Participant.person_id).where(
        Participant.instance_id == instance_id, Participant.person_id == person, Participant.kind != "cc"
    )
    work = select(UserTask.id).where(
        UserTask.instance_id == instance_id, UserTask.assignee == person, UserTask.status == "open"
    )
    return any(context.session.execute(found.limit(1)).first() is not None for found in (part, work))
