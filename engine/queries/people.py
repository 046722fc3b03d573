"""People: the directory that administrators keep, and the colleagues a task may be handed to."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from engine.access import require_visible
from engine.actor import person_principal
from engine.command import Context
from engine.directory import holds
from engine.errors import NotAllowedError, UserTaskNotFoundError
from engine.handover import may_have, possible_assignees
from engine.model import Person, Position, UserTask
from engine.queries.office_views import ColleagueView, PersonRow, PositionRow
from engine.text import check_text

_KEEPERS = frozenset({"sys_admin", "sec_admin"})


@dataclass(frozen=True)
class ListPeople:
    """People with their positions of today, by unit and name; for the system and the security administrator."""

    search: str = ""
    unit: str = ""
    active_only: bool = False

    def execute(self, context: Context) -> tuple[PersonRow, ...]:
        """Read people and positions; raises NotAllowedError for anybody else."""
        if not context.actor.is_engine and context.actor.roles.isdisjoint(_KEEPERS):
            raise NotAllowedError(reason="人员目录由系统管理员、安全管理员维护。")
        check_text([self.search, self.unit], "查询条件")
        statement = select(Person)
        if self.search.strip():
            statement = statement.where(
                or_(Person.name.contains(self.search.strip(), autoescape=True),
                    Person.id.contains(self.search.strip(), autoescape=True))
            )  # fmt: skip
        if self.unit:
            statement = statement.where(Person.unit_code.in_(sorted(context.directory.subtree(self.unit))))
        if self.active_only:
            statement = statement.where(Person.active)
        found = context.session.execute(statement.order_by(Person.unit_code, Person.name, Person.id)).scalars().all()
        held = _positions(context, [person.id for person in found])
        return tuple(_person_row(person, context, tuple(held.get(person.id, ()))) for person in found)


@dataclass(frozen=True)
class ListColleagues:
    """Who may have a task instead: people behind its candidates, and why not where a rule stands against it."""

    task_id: int

    def execute(self, context: Context) -> tuple[ColleagueView, ...]:
        """List them, the actor left out; raises UserTaskNotFoundError."""
        task = context.session.get(UserTask, self.task_id)
        if task is None:
            raise UserTaskNotFoundError(task_id=self.task_id)
        if person_principal(context.actor.person_id) != person_principal(task.assignee or ""):
            require_visible(context.session, context.actor, context.directory, task.instance_id)
        others = [one for one in possible_assignees(context, task) if one.id != context.actor.person_id]
        return tuple(
            ColleagueView(one.id, one.name, one.unit_name, "、".join(one.roles), not reason, reason)
            for one in others
            for reason in (may_have(context, task, one.id),)
        )


def _positions(context: Context, person_ids: list[str]) -> dict[str, list[PositionRow]]:
    """Return the positions of today by person."""
    found: dict[str, list[PositionRow]] = defaultdict(list)
    names = dict(context.session.execute(select(Person.id, Person.name)).all()) if person_ids else {}
    statement = select(Position).where(Position.person_id.in_(person_ids), holds(context.now)).order_by(Position.id)
    for row in context.session.execute(statement).scalars():
        found[row.person_id].append(
            PositionRow(
                row.id,
                row.role,
                context.directory.role_name(row.role),
                row.unit_code,
                context.directory.unit_name(row.unit_code),
                row.valid_from,
                row.valid_to,
                row.acting_for,
                names.get(row.acting_for or "", ""),
            )
        )
    return found


def _person_row(person: Any, context: Context, positions: tuple[PositionRow, ...]) -> PersonRow:
    return PersonRow(
        person.id,
        person.name,
        person.unit_code,
        context.directory.unit_name(person.unit_code),
        person.email or "",
        person.phone or "",
        person.cert_no or "",
        person.cert_valid_to,
        bool(person.active),
        person.locked_until is not None and person.locked_until > context.now,
        positions,
    )
