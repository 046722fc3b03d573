"""Files of a matter; they are seen by whoever sees the matter, and by nobody else (security S11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select

from engine.access import may_see, require_visible
from engine.command import Context
from engine.errors import AttachmentNotFoundError
from engine.model import Attachment
from engine.prepared import Prepared
from engine.queries.matter_views import AttachmentView
from engine.queries.rows import names_of, steps_of


@dataclass(frozen=True)
class ListAttachments:
    """The files of a matter in the order they came; raises MatterNotFoundError."""

    instance_id: int
    task_id: int | None = None

    def execute(self, context: Context) -> tuple[AttachmentView, ...]:
        """Read them."""
        require_visible(context.session, context.actor, context.directory, self.instance_id)
        rows = _OF_MATTER.rows(context.session.connection(), {"instance": self.instance_id})
        files = (_File(*row) for row in rows)
        return _views(context, [one for one in files if self.task_id in (None, one.task_id)])


@dataclass(frozen=True)
class ListKeptContent:
    """The SHA-256 of every content a row names, also of removed attachments, for who sweeps or verifies the store."""

    def execute(self, context: Context) -> frozenset[str]:
        """Read them."""
        return frozenset(context.session.execute(select(Attachment.sha256).distinct()).scalars())


@dataclass(frozen=True)
class ListOwnUploads:
    """What the actor uploaded for matters that have not begun, by id; for a start form shown again."""

    def execute(self, context: Context) -> tuple[AttachmentView, ...]:
        """Read them."""
        own = (Attachment.instance_id.is_(None), Attachment.uploaded_by == context.actor.person_id)
        asked = _statement().where(*own).order_by(Attachment.at, Attachment.id)
        return _views(context, context.session.execute(asked).scalars().all())


@dataclass(frozen=True)
class OpenAttachment:
    """A file to be handed out: its row and where its content lies; raises AttachmentNotFoundError."""

    attachment_id: str

    def execute(self, context: Context) -> tuple[AttachmentView, Path]:
        """Check the scope of the matter (or the uploader, before there is one) and find the content."""
        found = context.session.execute(_statement().where(Attachment.id == _uuid(self.attachment_id))).scalar()
        if found is None or not _may_open(context, found):
            raise AttachmentNotFoundError
        return _views(context, [found])[0], context.files.find(found.sha256)


class _File(NamedTuple):
    """What is read of an attachment."""

    id: str
    instance_id: int | None
    task_id: int | None
    field: str
    name: str
    size: int
    content_type: str
    sha256: str
    sm3: str
    category: str
    uploaded_by: str
    at: datetime


_OF_MATTER = Prepared(
    select(*(getattr(Attachment, name) for name in _File._fields))
    .where(Attachment.removed_at.is_(None), Attachment.instance_id == bindparam("instance"))
    .order_by(Attachment.at, Attachment.id)
)


def _statement() -> Any:
    return select(Attachment).where(Attachment.removed_at.is_(None))


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


def _views(context: Context, found: Sequence[Attachment | _File]) -> tuple[AttachmentView, ...]:
    names = names_of(context, (one.uploaded_by for one in found))
    steps = steps_of(context, (one.task_id for one in found))
    return tuple(_view(one, names, steps.get(one.task_id or 0, ("", "")), context) for one in found)


def _view(one: Attachment | _File, names: dict[str, str], step: tuple[str, str], context: Context) -> AttachmentView:
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
        step[0],
        removable=mine and (one.instance_id is None or step[1] == "open"),
    )
