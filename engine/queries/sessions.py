"""Who is asking: the actor behind a session's token, with the rights of this very request (security S14, S16)."""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import not_, select

from engine.access import session_is_over
from engine.actor import Actor
from engine.command import Context
from engine.directory import positions_of
from engine.model import LoginSession, Person
from engine.passwords import Tried, matches, token_hash
from engine.queries.office_views import SessionView
from engine.text import check_text

# last_seen_at is written at most once in this time, so that reading pages does not write each time.
TOUCH_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class TryPassword:
    """Whether a password fits that of a login; for `LogIn`, which counts what failed."""

    login: str
    password: str = field(repr=False)

    def execute(self, context: Context) -> Tried:
        """Read the hash and compare; for an unknown login it takes as long."""
        check_text(self.login, "用户名")
        check_text(self.password, "密码")
        found = context.session.execute(select(Person.password_hash).where(Person.id == self.login[:100])).scalar()
        return Tried(found, matches(found, self.password, context.accounts))


@dataclass(frozen=True)
class FoundSession:
    """A live session: its actor, and whether `TouchSession` is due to put off the idle end."""

    actor: Actor
    touch_due: bool


@dataclass(frozen=True)
class FindSession:
    """Find the live session of a token, or None: unknown, ended, idle too long, too old, or of a person gone."""

    token: str = field(repr=False)
    client_ip: str = ""

    def execute(self, context: Context) -> FoundSession | None:
        """Read session, person and positions."""
        row = context.session.execute(
            select(
                Person.id,
                Person.name,
                Person.unit_code,
                Person.must_change_password,
                Person.password_changed_at,
                LoginSession.last_seen_at,
            )
            .join(LoginSession, LoginSession.person_id == Person.id)
            .where(
                LoginSession.token_hash == token_hash(self.token),
                not_(session_is_over(context.now, context.accounts)),
                Person.active,
            )
        ).first()
        if row is None:
            return None
        days = context.accounts.days
        changed = row.password_changed_at
        too_old = bool(days) and changed is not None and changed + timedelta(days=days) < context.now
        actor = Actor(
            row.id,
            row.name,
            row.unit_code,
            context.directory.unit_name(row.unit_code),
            positions_of(context.session, row.id, context.now),
            self.client_ip,
            bool(row.must_change_password) or too_old,
        )
        return FoundSession(actor, row.last_seen_at + TOUCH_AFTER <= context.now)


@dataclass(frozen=True)
class FindActor:
    """Find the actor behind a session's token, or None."""

    token: str = field(repr=False)
    client_ip: str = ""

    def execute(self, context: Context) -> Actor | None:
        """Return the actor of FindSession."""
        found = FindSession(self.token, self.client_ip).execute(context)
        return found.actor if found else None


@dataclass(frozen=True)
class FindPersonAsActor:
    """Find the actor a person is, without a session; for the command line and for tests. None if there is none."""

    person_id: str

    def execute(self, context: Context) -> Actor | None:
        """Read person and positions."""
        row = context.session.execute(
            select(Person.id, Person.name, Person.unit_code).where(Person.id == self.person_id, Person.active)
        ).first()
        if row is None:
            return None
        held = positions_of(context.session, row.id, context.now)
        return Actor(row.id, row.name, row.unit_code, context.directory.unit_name(row.unit_code), held)


@dataclass(frozen=True)
class ListSessions:
    """The actor's own live sessions, newest first; `token` marks the present one."""

    token: str = field(default="", repr=False)

    def execute(self, context: Context) -> tuple[SessionView, ...]:
        """Read the rows; the id is the hash, which opens nothing."""
        rows = context.session.execute(
            select(LoginSession)
            .where(
                LoginSession.person_id == context.actor.person_id,
                not_(session_is_over(context.now, context.accounts)),
            )
            .order_by(LoginSession.last_seen_at.desc())
        ).scalars()
        present = token_hash(self.token)
        return tuple(
            SessionView(
                row.token_hash,
                row.created_at,
                row.last_seen_at,
                row.client_ip,
                row.user_agent,
                row.token_hash == present,
            )
            for row in rows
        )
