"""Notices: what the actor has read is marked as read."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import update

from engine.command import Context
from engine.model import Notice


@dataclass(frozen=True)
class MarkNoticesRead:
    """Mark notices of the actor as read; ids of other people's notices change nothing."""

    ids: Sequence[int]

    def execute(self, context: Context) -> None:
        """Write the instant into those that are unread."""
        own = (Notice.person_id == context.actor.person_id, Notice.read_at.is_(None))
        wanted = Notice.id.in_([one for one in self.ids if 0 < one < 2**62])
        context.session.execute(update(Notice).where(wanted, *own).values(read_at=context.now))
