"""Attachments: which files a form may name, and to which matter those uploaded before its start come to belong."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, or_, select, update

from engine.actor import Actor
from engine.command import Context
from engine.model import Attachment


def files_of(context: Context, instance_id: int | None) -> Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]]:
    """Return the function that describes those of some attachment ids that a form of this matter may name.

    They are the matter's own, and what the actor uploaded for a matter that has not started yet.
    """

    def files(ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        wanted = sorted({str(one) for one in ids})
        if not wanted:
            return {}
        rows = context.session.execute(
            select(Attachment.id, Attachment.name, Attachment.size, Attachment.content_type, Attachment.sha256).where(
                Attachment.id.in_(wanted), Attachment.removed_at.is_(None), belongs(context.actor, instance_id)
            )
        ).mappings()
        return {str(row["id"]): {**row, "id": str(row["id"])} for row in rows}

    return files


def belongs(actor: Actor, instance_id: int | None) -> Any:
    """Return the condition on table attachment for the matter's files and the actor's own that have no matter yet."""
    own = and_(Attachment.instance_id.is_(None), Attachment.uploaded_by == actor.person_id)
    return own if instance_id is None else or_(Attachment.instance_id == instance_id, own)


def bind_files(context: Context, values: Any, instance_id: int, task_id: int | None = None) -> None:
    """Give the matter what the actor uploaded before it began, as far as the filed values name it."""
    ids = sorted(set(_ids_in(values)))
    if ids:
        context.session.execute(
            update(Attachment)
            .where(Attachment.id.in_(ids), belongs(context.actor, None))
            .values(instance_id=instance_id, task_id=task_id)
        )


def _ids_in(value: Any) -> Iterable[str]:
    """Yield every text of a JSON value that may be an attachment's id (a UUID) or the `id` of a file described."""
    if isinstance(value, str):
        if len(value) == 36 and value.count("-") == 4:
            yield value
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from _ids_in(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _ids_in(entry)
