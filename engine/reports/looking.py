"""How reports find out what somebody has to do with very many matters, on each database (see engine.access.Looking)."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Subquery, literal_column, select, text

from engine.access import Looking
from engine.actor import Actor
from engine.model import Participant, Person, ProcessInstance, TaskAccess, UserTask

# Not a parameter: the databases take a partial index only where they see that its condition holds.
_IS_OPEN = UserTask.status == literal_column("'open'")


def open_tasks(*, sqlite: bool) -> Subquery:
    """Return the open tasks with what is counted of them, read from their index.

    SQLite has to be told: it would find each by its id in the table, among all that was filed.
    """
    index = " INDEXED BY ix_user_task_open" if sqlite else ""
    named = (UserTask.id, UserTask.instance_id, UserTask.unit_code, UserTask.light, UserTask.due_at, UserTask.assignee)
    names = ", ".join(one.key for one in named)
    found = text(f"SELECT {names} FROM user_task{index} WHERE status = 'open'")  # noqa: S608 - nothing from outside
    return found.columns(*named).subquery("open_task")


class Gathered(Looking):
    """SQLite gathers all that somebody has to do with, and then looks whether a matter is among it."""

    def takes_part(self, actor: Actor, kinds: Iterable[str] = ()) -> Any:
        """Match matters with the actor among the participants, of some kinds if any are given."""
        found = select(Participant.instance_id).where(Participant.person_id == actor.person_id)
        return ProcessInstance.id.in_(found.where(Participant.kind.in_(tuple(kinds))) if kinds else found)

    def has_work(self, actor: Actor, statuses: tuple[str, ...]) -> Any:
        """Match matters with an open task the actor has or may claim."""
        access = select(TaskAccess.task_id).where(
            TaskAccess.principal.in_(sorted(actor.principals)), TaskAccess.status.in_(statuses)
        )
        task = open_tasks(sqlite=True)
        return ProcessInstance.id.in_(select(task.c.instance_id).where(task.c.id.in_(access)))

    def leads(self, units: Sequence[str]) -> Any:
        """Match matters in which somebody of these units takes part."""
        people = select(Person.id).where(Person.unit_code.in_(units))
        return ProcessInstance.id.in_(select(Participant.instance_id).where(Participant.person_id.in_(people)))


class Planned(Looking):
    """PostgreSQL decides by its statistics whether it gathers or looks at each matter, where both are possible."""

    def has_work(self, actor: Actor, statuses: tuple[str, ...]) -> Any:
        """Match matters with an open task the actor has or may claim."""
        access = select(TaskAccess.task_id).where(
            TaskAccess.principal.in_(sorted(actor.principals)), TaskAccess.status.in_(statuses)
        )
        work = select(UserTask.id).where(UserTask.instance_id == ProcessInstance.id, _IS_OPEN, UserTask.id.in_(access))
        return work.correlate(ProcessInstance).exists()

    def leads(self, units: Sequence[str]) -> Any:
        """Match matters in which somebody of these units takes part."""
        people = select(Person.id).where(Person.unit_code.in_(units))
        led = select(Participant.instance_id).where(
            Participant.instance_id == ProcessInstance.id, Participant.person_id.in_(people)
        )
        return led.correlate(ProcessInstance).exists()
