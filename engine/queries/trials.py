"""What the bar above a trial shows: who may act next, everybody one may act as, and the sandbox's time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.actor import person_principal
from engine.command import Context
from engine.directory import Colleague, holds, members, people
from engine.model import Position, ProcessInstance, UserTask

_MOST_PEOPLE = 500
_MOST_TASKS = 12


@dataclass(frozen=True)
class OpenStep:
    """An open task of the sandbox, and somebody who may do it; `person` is empty where nobody holds the post."""

    task_id: int
    name: str
    person: str
    person_name: str


@dataclass(frozen=True)
class TrialView:
    """A trial as it stands; `people` are ids with names, `starter` is somebody who may begin the procedure."""

    now: datetime
    steps: tuple[OpenStep, ...]
    people: tuple[tuple[str, str], ...]
    starter: str | None
    matter: int | None
    status: str


@dataclass(frozen=True)
class FindTrial:
    """The state of a trial of a procedure; asked of the sandbox's engine."""

    key: str

    def execute(self, context: Context) -> TrialView:
        """Read open tasks and people."""
        matter = context.session.execute(
            select(ProcessInstance.id, ProcessInstance.status)
            .where(ProcessInstance.key == self.key)
            .order_by(ProcessInstance.id.desc())
            .limit(1)
        ).first()
        everybody = people(context.session, context.directory)[:_MOST_PEOPLE]
        held = _roles(context)
        starters = set(context.catalog.latest_of(self.key).procedure.get("start_roles", ()))
        starter = next((one.id for one in everybody if starters.intersection(held.get(one.id, ()))), None)
        named = tuple((one.id, _words(context, one, held.get(one.id, ()))) for one in everybody)
        return TrialView(
            context.now, tuple(_steps(context)), named,
            starter or (everybody[0].id if everybody else None), matter.id if matter else None,
            matter.status if matter else "",
        )  # fmt: skip


def _steps(context: Context) -> list[OpenStep]:
    asked = select(UserTask).where(UserTask.status == "open").order_by(UserTask.id.desc()).limit(_MOST_TASKS)
    found = []
    for task in context.session.execute(asked).scalars():
        principals = [person_principal(task.assignee)] if task.assignee else list(task.candidates)
        who = members(context.session, context.directory, principals, context.now)
        one = who[0] if who else None
        found.append(OpenStep(task.id, task.name, one.id if one else "", one.name if one else ""))
    return found


def _roles(context: Context) -> dict[str, list[str]]:
    """Return the roles people hold today."""
    found: dict[str, list[str]] = {}
    for person, role in context.session.execute(
        select(Position.person_id, Position.role).where(holds(context.now)).order_by(Position.id)
    ):
        found.setdefault(person, []).append(role)
    return found


def _words(context: Context, one: Colleague, roles: Iterable[str]) -> str:
    return f"{one.name}（{' '.join([one.unit_name, *map(context.directory.role_name, roles)])}）"
