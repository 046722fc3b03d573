"""Positions: a role in a unit, given by the security administrator; the three administrators stay apart (S15)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, insert, select

from engine.actor import Actor
from engine.calendar import local_date
from engine.command import Context
from engine.directory import VERSION_KEY
from engine.errors import InvalidError, NotAllowedError, NotFoundError, PersonNotFoundError
from engine.model import Person, Position, Setting, Unit

SECURITY = "sec_admin"
# 系统、安全、审计管理员: nobody holds two of them, nor one of them beside any other role.
APART = frozenset({"sys_admin", "sec_admin", "audit_admin"})


class RolesApartError(InvalidError):
    """One person cannot hold these roles together."""

    words = "“{role}”不能与“{other}”由同一人担任（三员分立）。"


class UnknownUnitError(InvalidError):
    """No such unit."""

    words = "没有单位“{unit}”。"


class UnknownRoleError(InvalidError):
    """No such role."""

    words = "没有角色“{role}”。"


class PositionNotFoundError(NotFoundError):
    """No such position."""

    words = "没有找到这一任职。"


class OwnRightsError(NotAllowedError):
    """Nobody changes his own rights."""

    words = "不能变更本人的任职。"


@dataclass(frozen=True)
class GrantPosition:
    """Give a person a role in a unit, perhaps for a time or acting for somebody. Returns the position's id."""

    person_id: str
    role: str
    unit_code: str
    valid_from: date | None = None
    valid_to: date | None = None
    acting_for: str | None = None

    def execute(self, context: Context) -> int:
        """Insert the position; the right holds from the next request on."""
        require_role(context.actor, SECURITY)
        if self.person_id == context.actor.person_id:
            raise OwnRightsError
        locked_person(context, self.person_id)
        if self.acting_for is not None:
            locked_person(context, self.acting_for)
        start = self.valid_from or local_date(context.now)
        return add_position(context, self.person_id, self.role, self.unit_code, start, self.valid_to, self.acting_for)


@dataclass(frozen=True)
class EndPosition:
    """End a position as of yesterday; the right is gone with the next request."""

    position_id: int

    def execute(self, context: Context) -> None:
        """Set the last day."""
        require_role(context.actor, SECURITY)
        position = context.session.get(Position, self.position_id, with_for_update=True)
        if position is None:
            raise PositionNotFoundError
        if position.person_id == context.actor.person_id:
            raise OwnRightsError
        position.valid_to = local_date(context.now) - timedelta(days=1)
        context.record("position ended", subject=position.person_id, role=position.role, unit=position.unit_code)


def require_role(actor: Actor, role: str) -> None:
    """Raise NotAllowedError unless the actor holds an administrator's role or is the engine (command line)."""
    if not actor.is_engine and role not in actor.roles:
        raise NotAllowedError(reason="")


def locked_person(context: Context, person_id: str) -> Person:
    """Return a person, locked, or raise PersonNotFoundError."""
    person = context.session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise PersonNotFoundError(person_id=person_id)
    return person


def require_unit(context: Context, unit_code: str) -> None:
    """Raise UnknownUnitError for a unit that is not there."""
    if context.session.execute(select(Unit.code).where(Unit.code == unit_code)).first() is None:
        raise UnknownUnitError(unit=unit_code)


def add_position(  # noqa: PLR0913, PLR0917
    context: Context,
    person_id: str,
    role: str,
    unit_code: str,
    start: date,
    end: date | None,
    acting_for: str | None,
) -> int:
    """Insert a position unless roles would come together that must stay apart."""
    if context.directory.roles and role not in context.directory.roles:
        raise UnknownRoleError(role=role)
    require_unit(context, unit_code)
    held = set(
        context.session.execute(
            select(Position.role).where(Position.person_id == person_id, _overlaps(start, end))
        ).scalars()
    )
    _check_apart(context, role, held)
    made = context.session.execute(
        insert(Position)
        .values(
            person_id=person_id, unit_code=unit_code, role=role, valid_from=start, valid_to=end, acting_for=acting_for
        )
        .returning(Position.id)
    ).scalar_one()
    context.record("position granted", subject=person_id, role=role, unit=unit_code)
    return int(made)


def _overlaps(start: date, end: date | None) -> Any:
    """Match positions with a day in common with a span."""
    ends_later = Position.valid_to.is_(None) | (Position.valid_to >= start)
    return ends_later if end is None else ends_later & (Position.valid_from <= end)


def _check_apart(context: Context, role: str, held: Iterable[str]) -> None:
    """Raise RolesApartError where one of the three administrators would hold anything else."""
    for other in sorted(set(held) - {role}):
        if role in APART or other in APART:
            names = context.directory.role_name
            raise RolesApartError(role=names(role), other=names(other))


def organisation_changed(context: Context) -> None:
    """Tell every process that its directory is old."""
    context.session.execute(delete(Setting).where(Setting.name == VERSION_KEY))
    context.session.execute(insert(Setting).values(name=VERSION_KEY, value=uuid4().hex))
