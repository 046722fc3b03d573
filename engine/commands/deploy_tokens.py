"""Deploy tokens: what a desktop modeler shows instead of a password, good for bringing drafts and nothing else.

A token is `<login>~<256 random bits>`; the server keeps its SHA-256, as of a session (security S16, D5). It names its
owner so that wrong ones count as failed logins do (S17).
"""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete, func, insert, select, update

from engine.actor import Actor
from engine.command import Context
from engine.commands.drafts import require_keeper
from engine.commands.positions import locked_person
from engine.commands.sessions import count_failure, password_too_old
from engine.directory import positions_of
from engine.errors import ConflictError, InvalidError, NotFoundError
from engine.model import DeployToken, Person
from engine.passwords import token_hash
from engine.text import check_text, read_text

LONGEST_DAYS = 90
_MOST = 10
_LONGEST_TOKEN = 200
_KEPT = timedelta(days=90)


class DeployTokenDaysError(InvalidError):
    """A token is asked for too many days, or for none."""

    words = "有效期应为 1 至 {most} 天。"


class TooManyDeployTokensError(ConflictError):
    """A person has as many live tokens as anybody may have."""

    words = "有效的部署令牌已有 {most} 个，请先撤销不用的。"


class DeployTokenNotFoundError(NotFoundError):
    """The actor has no such live token."""

    words = "没有找到这个部署令牌，可能已经撤销或到期。"


@dataclass(frozen=True)
class CreateDeployToken:
    """Make a token for the actor. Returns its text, which cannot be read again."""

    label: str
    days: int

    def execute(self, context: Context) -> str:
        """Keep the hash; tokens that ended long ago are forgotten."""
        require_keeper(context)
        label = read_text(self.label, "用途", least=1, most=60)
        if not 1 <= self.days <= LONGEST_DAYS:
            raise DeployTokenDaysError(most=LONGEST_DAYS)
        owner = locked_person(context, context.actor.person_id)
        mine = DeployToken.person_id == owner.id
        context.session.execute(delete(DeployToken).where(mine, DeployToken.expires_at < context.now - _KEPT))
        live = select(func.count()).where(mine, DeployToken.ended_at.is_(None), DeployToken.expires_at > context.now)
        if context.session.execute(live).scalar_one() >= _MOST:
            raise TooManyDeployTokensError(most=_MOST)
        token = f"{owner.id}~{secrets.token_urlsafe(32)}"
        expires = context.now + timedelta(days=self.days)
        context.session.execute(insert(DeployToken).values(
            token_hash=token_hash(token), person_id=owner.id, label=label, created_at=context.now, expires_at=expires,
        ))  # fmt: skip
        context.record("deploy token created", subject=owner.id, label=label, expires_at=expires.isoformat())
        return token


@dataclass(frozen=True)
class RevokeDeployToken:
    """End one of the actor's own live tokens. Raises DeployTokenNotFoundError."""

    token_id: int

    def execute(self, context: Context) -> None:
        """Write the instant."""
        mine = DeployToken.person_id == context.actor.person_id
        live = DeployToken.ended_at.is_(None)
        label = context.session.execute(
            update(DeployToken)
            .where(DeployToken.id == self.token_id, mine, live)
            .values(ended_at=context.now)
            .returning(DeployToken.label)
        ).scalar_one_or_none()
        if label is None:
            raise DeployTokenNotFoundError
        context.record("deploy token revoked", subject=context.actor.person_id, label=label)


@dataclass(frozen=True)
class UseDeployToken:
    """Find the actor of a token, or None: unknown, ended, or of a person who may not log in at present.

    A refusal is a result, not an error, because the failed attempt has to be kept. `deploys` says that it is shown to
    bring something, not to try the connection.
    """

    token: str = field(repr=False)
    client_ip: str = ""
    deploys: bool = False

    def execute(self, context: Context) -> Actor | None:
        """Check token and owner, and note the use."""
        check_text(self.token, "令牌")
        owner_id = self.token.partition("~")[0]
        owner = context.session.get(Person, owner_id[:100], with_for_update=True)
        kept = self._kept(context, owner_id)
        locked = owner is not None and owner.locked_until is not None and owner.locked_until > context.now
        if owner is None or kept is None or locked or not self._is_good(context, owner, kept):
            # One that was good once is no guess: a modeler that goes on showing it must not lock its owner out.
            if owner is not None and kept is None and not locked:
                count_failure(context, owner)
            known = owner.id if owner is not None else ""
            context.record("deploy token refused", subject=known, client_ip=self.client_ip[:64])
            return None
        kept.last_used_at = context.now
        kept.last_ip = self.client_ip[:64]
        if self.deploys:
            context.record("deploy token used", subject=owner.id, label=kept.label, client_ip=self.client_ip[:64])
        unit = context.directory.unit_name(owner.unit_code)
        held = positions_of(context.session, owner.id, context.now)
        return Actor(owner.id, owner.name, owner.unit_code, unit, held, self.client_ip)

    def _kept(self, context: Context, owner_id: str) -> DeployToken | None:
        if len(self.token) > _LONGEST_TOKEN:
            return None
        fits = DeployToken.token_hash == token_hash(self.token), DeployToken.person_id == owner_id
        return context.session.execute(select(DeployToken).where(*fits)).scalar_one_or_none()

    def _is_good(self, context: Context, owner: Person, kept: DeployToken) -> bool:
        live = kept.ended_at is None and kept.expires_at > context.now
        due = owner.must_change_password or password_too_old(context, owner)
        return live and owner.active and not due


def end_deploy_tokens(context: Context, person_id: str) -> None:
    """End every live token of a person, whose password changed or who may no longer log in."""
    mine = DeployToken.person_id == person_id
    context.session.execute(
        update(DeployToken).where(mine, DeployToken.ended_at.is_(None)).values(ended_at=context.now)
    )
