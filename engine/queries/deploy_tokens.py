"""Deploy tokens of the actor: for what, until when, last used when; never the token."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.command import Context
from engine.model import DeployToken


@dataclass(frozen=True)
class DeployTokenView:
    """A token as its owner sees it; `state` is live, expired or ended (revoked, or ended with the password)."""

    id: int
    label: str
    state: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    last_ip: str


@dataclass(frozen=True)
class ListDeployTokens:
    """The actor's own tokens, newest first; those that ended stay in sight until a new one clears old ones away."""

    def execute(self, context: Context) -> tuple[DeployTokenView, ...]:
        """Read the rows."""
        mine = DeployToken.person_id == context.actor.person_id
        rows = context.session.execute(select(DeployToken).where(mine).order_by(DeployToken.id.desc())).scalars()
        return tuple(
            DeployTokenView(
                row.id,
                row.label,
                _state(row, context.now),
                row.created_at,
                row.expires_at,
                row.last_used_at,
                row.last_ip,
            )
            for row in rows
        )


def _state(row: DeployToken, now: datetime) -> str:
    if row.ended_at is not None:
        return "ended"
    return "live" if row.expires_at > now else "expired"
