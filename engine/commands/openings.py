"""Openings: who looked into a restricted matter, and for which purpose, stands in its history (domain 2.6 and 2.8)."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from engine.access import is_masked, require_visible
from engine.command import Context
from engine.model import HistoryEvent, ProcessInstance
from engine.text import read_text

OPENED = "restricted matter opened"
# Turning the pages of one file is one opening.
ONE_OPENING = timedelta(minutes=30)


@dataclass(frozen=True)
class RecordOpening:
    """Note that the actor opened a restricted matter (S3); of others nothing is noted. Returns whether it was noted."""

    instance_id: int
    purpose: str = ""

    def execute(self, context: Context) -> bool:
        """Write the event unless the actor's last opening is less than ONE_OPENING ago."""
        purpose = read_text(self.purpose, "查阅目的", most=200)
        require_visible(context.session, context.actor, context.directory, self.instance_id)
        level = context.session.execute(
            select(ProcessInstance.sensitivity).where(ProcessInstance.id == self.instance_id)
        ).scalar_one()
        if not is_masked(level) or self._open_already(context):
            return False
        context.record(OPENED, self.instance_id, reason=purpose)
        return True

    def _open_already(self, context: Context) -> bool:
        recent = select(HistoryEvent.id).where(
            HistoryEvent.instance_id == self.instance_id,
            HistoryEvent.action == OPENED,
            HistoryEvent.actor == context.actor.person_id,
            HistoryEvent.at > context.now - ONE_OPENING,
        )
        return context.session.execute(recent.limit(1)).first() is not None
