"""People: added, given passwords, deactivated, by the system administrator (security S15, S18)."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from engine.calendar import local_date
from engine.command import Context
from engine.commands.deploy_tokens import end_deploy_tokens
from engine.commands.positions import add_position, locked_person, organisation_changed, require_role, require_unit
from engine.directory import holds
from engine.errors import ConflictError, InvalidError, NotAllowedError, PersonNotFoundError
from engine.model import LoginSession, PasswordHistory, Person, Position
from engine.passwords import check_strength, hash_password, matches
from engine.text import read_text

SYSTEM = "sys_admin"


class PersonExistsError(ConflictError):
    """The login is taken."""

    words = "登录名“{person_id}”已被使用。"


class WrongPasswordError(InvalidError):
    """The present password was not given rightly."""

    words = "原密码不正确。"


class PasswordUsedBeforeError(InvalidError):
    """A new password is one of the last ones."""

    words = "新密码不能与最近 {count} 次用过的密码相同。"


@dataclass(frozen=True)
class AddPerson:
    """Add a person; with a password, which must be changed at first login. Returns the id.

    `roles` in his unit come from the command line only; otherwise the security administrator grants them.
    """

    person_id: str
    name: str
    unit_code: str
    password: str | None = field(default=None, repr=False)
    roles: tuple[str, ...] = ()
    email: str = ""
    phone: str = ""
    cert_no: str = ""
    cert_valid_to: date | None = None
    must_change_password: bool = True

    def execute(self, context: Context) -> str:
        """Insert the person, his password and his positions."""
        require_role(context.actor, SYSTEM)
        if self.roles and not context.actor.is_engine:
            raise NotAllowedError(reason="岗位由安全管理员授予。")
        _check_login(self.person_id)
        if context.session.get(Person, self.person_id) is not None:
            raise PersonExistsError(person_id=self.person_id)
        require_unit(context, self.unit_code)
        for text, name in ((self.email, "邮箱"), (self.phone, "电话"), (self.cert_no, "执法证号")):
            read_text(text, name, most=100)
        context.session.execute(insert(Person).values(**_person_row(self, context)))
        context.record("person added", subject=self.person_id, unit=self.unit_code)
        if self.password is not None:
            _set_password(context, self.person_id, self.password, must_change=self.must_change_password)
        for role in self.roles:
            add_position(context, self.person_id, role, self.unit_code, local_date(context.now), None, None)
        organisation_changed(context)
        return self.person_id


@dataclass(frozen=True)
class SetPassword:
    """Give a person a first password by the system administrator; he must change it, and his sessions end."""

    person_id: str
    password: str = field(repr=False)

    def execute(self, context: Context) -> None:
        """Replace the hash and unlock."""
        require_role(context.actor, SYSTEM)
        locked_person(context, self.person_id)
        _set_password(context, self.person_id, self.password, must_change=True)
        _end_logins(context, self.person_id)
        context.record("password set", subject=self.person_id)


@dataclass(frozen=True)
class ChangePassword:
    """Change the actor's own password; every session of his ends, the caller logs in anew."""

    old: str = field(repr=False)
    new: str = field(repr=False)

    def execute(self, context: Context) -> None:
        """Check the old password and the last ones, then replace the hash."""
        person = locked_person(context, context.actor.person_id)
        if not matches(person.password_hash, self.old, context.accounts):
            raise WrongPasswordError
        _set_password(context, person.id, self.new, must_change=False)
        _end_logins(context, person.id)
        context.record("password changed", subject=person.id)


@dataclass(frozen=True)
class DeactivatePerson:
    """Deactivate a person: no login, no session, no position from now on; what he did stays under his name."""

    person_id: str

    def execute(self, context: Context) -> None:
        """Switch off, end positions and sessions."""
        require_role(context.actor, SYSTEM)
        person = locked_person(context, self.person_id)
        person.active = False
        last = local_date(context.now) - timedelta(days=1)
        context.session.execute(
            update(Position).where(Position.person_id == person.id, holds(context.now)).values(valid_to=last)
        )
        _end_logins(context, person.id)
        context.record("person deactivated", subject=person.id)


def _end_logins(context: Context, person_id: str) -> None:
    """End what was opened with the password that is no longer valid: sessions and deploy tokens."""
    context.session.execute(delete(LoginSession).where(LoginSession.person_id == person_id))
    end_deploy_tokens(context, person_id)


def _check_login(person_id: str) -> None:
    read_text(person_id, "登录名", least=2, most=40)
    if not all(letter.isascii() and (letter.isalnum() or letter in "._-") for letter in person_id):
        raise InvalidError(reason="登录名只能用字母、数字和 . _ -")


def _person_row(command: AddPerson, context: Context) -> dict[str, Any]:
    return {
        "id": command.person_id,
        "name": read_text(command.name, "姓名", least=1, most=40),
        "unit_code": command.unit_code,
        "email": command.email,
        "phone": command.phone,
        "cert_no": command.cert_no,
        "cert_valid_to": command.cert_valid_to,
        "active": True,
        "must_change_password": command.must_change_password,
        "failed_logins": 0,
        "created_at": context.now,
    }


def _set_password(context: Context, person_id: str, password: str, *, must_change: bool) -> None:
    """Check a new password against the rules and the last ones, and keep its hash."""
    person = context.session.get(Person, person_id)
    if person is None:
        raise PersonNotFoundError(person_id=person_id)
    rules = context.accounts
    check_strength(password, (person.id, person.name), rules)
    used = select(PasswordHistory.password_hash).where(PasswordHistory.person_id == person_id)
    latest = context.session.execute(used.order_by(PasswordHistory.at.desc()).limit(rules.history)).scalars()
    if any(matches(old, password, rules) for old in latest):
        raise PasswordUsedBeforeError(count=rules.history)
    keep_hash(context, person, hash_password(password, rules), must_change=must_change)


def keep_hash(context: Context, person: Person, password_hash: str, *, must_change: bool) -> None:
    """Give a person a new hash, unlock him, and remember the hash among the last ones."""
    person.password_hash = password_hash
    person.must_change_password = must_change
    person.password_changed_at = context.now
    person.failed_logins = 0
    person.locked_until = None
    context.session.execute(
        insert(PasswordHistory).values(person_id=person.id, password_hash=password_hash, at=context.now)
    )
