"""Sessions: logging in and out; rows on the server, found by the SHA-256 of a random token (security S16, D5)."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from engine.access import idle_since, session_is_over
from engine.command import Context
from engine.model import LoginSession, Person
from engine.passwords import Tried, hash_password, matches, needs_rehash, token_hash
from engine.text import check_text

REFUSAL = "用户名或密码不正确；连续 {failures} 次失败后，账号锁定 {minutes} 分钟。"


@dataclass(frozen=True)
class LoggedIn:
    """The outcome of a login: a token to be kept in the cookie, or None and a refusal to be shown."""

    token: str | None = field(repr=False)
    must_change_password: bool = False
    refusal: str = ""


@dataclass(frozen=True)
class LogIn:
    """Open a session; the answer and its time are the same for an unknown login, a wrong password and a lock.

    A refusal is a result, not an error, because the failed attempt has to be kept. `tried` is what TryPassword answered
    just before, so that the slow hash is not computed while others wait to write.
    """

    login: str
    password: str = field(repr=False)
    client_ip: str = ""
    user_agent: str = ""
    tried: Tried | None = None

    def execute(self, context: Context) -> LoggedIn:
        """Check the password against the person's hash or a dummy, count failures, open a new session."""
        check_text(self.login, "用户名")
        check_text(self.password, "密码")
        person = context.session.get(Person, self.login[:100], with_for_update=True)
        fits = self._fits(context, person.password_hash if person else None)
        locked = person is not None and person.locked_until is not None and person.locked_until > context.now
        if person is None or not person.active or locked or not fits:
            if person is not None and not locked and not fits:
                count_failure(context, person)
            known = person.id if person is not None else ""
            context.record("login refused", subject=known, client_ip=self.client_ip[:64])
            rules = context.accounts
            return LoggedIn(None, refusal=REFUSAL.format(failures=rules.failures, minutes=rules.lock_minutes))
        return self._open(context, person)

    def _fits(self, context: Context, password_hash: str | None) -> bool:
        if self.tried is not None and self.tried.still_of(password_hash):
            return self.tried.fits
        return matches(password_hash, self.password, context.accounts)

    def _open(self, context: Context, person: Person) -> LoggedIn:
        """Reset the count, renew an old hash, end the oldest sessions beyond the limit and open a new one."""
        rules = context.accounts
        person.failed_logins = 0
        person.locked_until = None
        if needs_rehash(person.password_hash or "", rules):
            person.password_hash = hash_password(self.password, rules)
        _end_surplus(context, person.id)
        token = secrets.token_urlsafe(32)
        context.session.execute(insert(LoginSession).values(**self._row(context, person.id, token)))
        context.record("login", subject=person.id, client_ip=self.client_ip[:64])
        return LoggedIn(token, bool(person.must_change_password) or password_too_old(context, person))

    def _row(self, context: Context, person_id: str, token: str) -> dict[str, Any]:
        return {
            "token_hash": token_hash(token),
            "person_id": person_id,
            "created_at": context.now,
            "last_seen_at": context.now,
            "expires_at": context.now + timedelta(hours=context.accounts.absolute_hours),
            "client_ip": self.client_ip[:64],
            "user_agent": "".join(letter for letter in self.user_agent if letter.isprintable())[:200],
        }


@dataclass(frozen=True)
class LogOut:
    """End a session; one that is unknown is ended already."""

    token: str = field(repr=False)

    def execute(self, context: Context) -> None:
        """Delete the row."""
        ended = context.session.execute(
            delete(LoginSession)
            .where(LoginSession.token_hash == token_hash(self.token))
            .returning(LoginSession.person_id)
        ).scalar_one_or_none()
        if ended is not None:
            context.record("logout", subject=ended)


@dataclass(frozen=True)
class EndSession:
    """End one of the actor's own sessions, named by its hash."""

    session_id: str

    def execute(self, context: Context) -> None:
        """Delete the row if it is the actor's."""
        own = LoginSession.person_id == context.actor.person_id
        context.session.execute(delete(LoginSession).where(LoginSession.token_hash == self.session_id, own))
        context.record("session ended", subject=context.actor.person_id)


@dataclass(frozen=True)
class TouchSession:
    """Note that a session is in use, which puts off its idle end; and clear away those that are over."""

    token: str = field(repr=False)

    def execute(self, context: Context) -> None:
        """Write the instant."""
        over = session_is_over(context.now, idle_since(context.now, context.accounts))
        context.session.execute(delete(LoginSession).where(over))
        context.session.execute(
            update(LoginSession)
            .where(LoginSession.token_hash == token_hash(self.token))
            .values(last_seen_at=context.now)
        )


def count_failure(context: Context, person: Person) -> None:
    """Count a failed login; the last one allowed locks the account for a while."""
    person.failed_logins = (person.failed_logins or 0) + 1
    if person.failed_logins >= context.accounts.failures:
        person.failed_logins = 0
        person.locked_until = context.now + timedelta(minutes=context.accounts.lock_minutes)
        context.record("account locked", subject=person.id)


def _end_surplus(context: Context, person_id: str) -> None:
    """Leave room for one more session: the ones used last stay."""
    mine = select(LoginSession.token_hash).where(LoginSession.person_id == person_id)
    kept = mine.order_by(LoginSession.last_seen_at.desc()).limit(context.accounts.sessions - 1)
    staying = list(context.session.execute(kept).scalars())
    context.session.execute(
        delete(LoginSession).where(LoginSession.person_id == person_id, LoginSession.token_hash.not_in(staying))
    )


def password_too_old(context: Context, person: Person) -> bool:
    """Tell whether a password must be changed for its age."""
    days = context.accounts.days
    changed = person.password_changed_at
    return bool(days) and (changed is None or changed + timedelta(days=days) < context.now)
