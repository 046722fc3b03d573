"""Answers already given: whether a request that comes again was carried out the first time."""

from dataclasses import dataclass

from sqlalchemy import select

from engine.command import Context
from engine.model import Idempotency


@dataclass(frozen=True)
class FindWhetherDone:
    """Whether the actor's request with this key was carried out."""

    key: str

    def execute(self, context: Context) -> bool:
        """Look for the kept answer."""
        mine = (Idempotency.person_id == context.actor.person_id, Idempotency.key == self.key)
        return context.session.execute(select(Idempotency.key).where(*mine)).first() is not None
