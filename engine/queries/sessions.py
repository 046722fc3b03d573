"""Who is asking: the actor behind a session's token, with the rights of this very request (security S14, S16)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import bindparam, not_, select

from engine.access import idle_since, session_is_over
from engine.actor import Actor
from engine.command import Context
from engine.directory import positions_of
from engine.model import LoginSession, Person
from engine.passwords import Tried, matches, token_hash
from engine.prepared import Prepared
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
    """A live session: its actor, whether `TouchSession` is due to put off the idle end, and the instant of asking."""

    actor: Actor
    touch_due: bool
    now: datetime


_SESSION = Prepared(
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
        LoginSession.token_hash == bindparam("token"),
        not_(session_is_over(bindparam("now"), bindparam("idle"))),
        Person.active,
    )
)


@dataclass(frozen=True)
class FindSession:
    """Find the live session of a token, or None: unknown, ended, idle too long, too old, or of a person gone."""

    token: str = field(repr=False)
    client_ip: str = ""

    def execute(self, context: Context) -> FoundSession | None:
        """Read session, person and positions."""
        now, rules = context.now, context.accounts
        values = {"token": token_hash(self.token), "now": now, "idle": idle_since(now, rules)}
        found = _SESSION.rows(context.session.connection(), values)
        if not found:
            return None
        person_id, name, unit_code, must_change, changed, seen = found[0]
        too_old = bool(rules.days) and changed is not None and changed + timedelta(days=rules.days) < now
        actor = Actor(
            person_id,
            name,
            unit_code,
            context.directory.unit_name(unit_code),
            positions_of(context.session, person_id, now),
            self.client_ip,
            bool(must_change) or too_old,
        )
        return FoundSession(actor, seen + TOUCH_AFTER <= now, now)


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
                not_(session_is_over(context.now, idle_since(context.now, context.accounts))),
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
