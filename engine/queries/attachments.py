"""Files of a matter; they are seen by whoever sees the matter, and by nobody else (security S11)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from engine.access import may_see, require_visible
from engine.command import Context
from engine.errors import AttachmentNotFoundError
from engine.model import Attachment, UserTask
from engine.queries.matter_views import AttachmentView
from engine.queries.rows import names_of


@dataclass(frozen=True)
class ListAttachments:
    """The files of a matter in the order they came; raises MatterNotFoundError."""

    instance_id: int
    task_id: int | None = None

    def execute(self, context: Context) -> tuple[AttachmentView, ...]:
        """Read them."""
        require_visible(context.session, context.actor, context.directory, self.instance_id)
        statement = (
            _statement().where(Attachment.instance_id == self.instance_id).order_by(Attachment.at, Attachment.id)
        )
        if self.task_id is not None:
            statement = statement.where(Attachment.task_id == self.task_id)
        rows = context.session.execute(statement).all()
        names = names_of(context, (row.Attachment.uploaded_by for row in rows))
        return tuple(_view(row, names, context) for row in rows)


@dataclass(frozen=True)
class ListOwnUploads:
    """What the actor uploaded for matters that have not begun, by id; for a start form shown again."""

    def execute(self, context: Context) -> tuple[AttachmentView, ...]:
        """Read them."""
        own = (Attachment.instance_id.is_(None), Attachment.uploaded_by == context.actor.person_id)
        rows = context.session.execute(_statement().where(*own).order_by(Attachment.at, Attachment.id)).all()
        names = {context.actor.person_id: context.actor.name}
        return tuple(_view(row, names, context) for row in rows)


@dataclass(frozen=True)
class OpenAttachment:
    """A file to be handed out: its row and where its content lies; raises AttachmentNotFoundError."""

    attachment_id: str

    def execute(self, context: Context) -> tuple[AttachmentView, Path]:
        """Check the scope of the matter (or the uploader, before there is one) and find the content."""
        row = context.session.execute(_statement().where(Attachment.id == _uuid(self.attachment_id))).first()
        if row is None or not _may_open(context, row.Attachment):
            raise AttachmentNotFoundError
        names = names_of(context, [row.Attachment.uploaded_by])
        return _view(row, names, context), context.files.find(row.Attachment.sha256)


def _statement() -> Any:
    return (
        select(Attachment, UserTask.name.label("step"), UserTask.status.label("task_status"))
        .outerjoin(UserTask, UserTask.id == Attachment.task_id)
        .where(Attachment.removed_at.is_(None))
    )


def _may_open(context: Context, row: Attachment) -> bool:
    if row.instance_id is None:
        return row.uploaded_by == context.actor.person_id
    return may_see(context.session, context.actor, context.directory, row.instance_id)


def _uuid(text: str) -> str:
    """Return the text if it is a UUID; anything else names no attachment."""
    try:
        return str(UUID(text))
    except ValueError as wrong:
        raise AttachmentNotFoundError from wrong


def _view(row: Any, names: dict[str, str], context: Context) -> AttachmentView:
    one = row.Attachment
    mine = one.uploaded_by == context.actor.person_id
    return AttachmentView(
        str(one.id),
        one.instance_id,
        one.task_id,
        one.field,
        one.name,
        one.size,
        one.content_type,
        one.category,
        one.sha256,
        one.sm3,
        one.uploaded_by,
        names.get(one.uploaded_by, one.uploaded_by),
        one.at,
        row.step or "",
        removable=mine and (one.instance_id is None or row.task_status == "open"),
    )
