"""What reports share: the period as instants, and the matters within the scope of who asks."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, literal_column, or_, select, union_all

from engine.access import Looking, led_units, listed_instances
from engine.command import Context
from engine.model import Participant, Person, ProcessDefinition, TaskAccess
from engine.reports.looking import Gathered, Planned

_SHANGHAI = ZoneInfo("Asia/Shanghai")
# What ended that long after an instant at which it was open is in the index of what took long.
LONG = timedelta(days=90)
# More than this is not gathered.
_MANY = 300_000


def begin(day: date) -> datetime:
    """Return the first instant of a day in Shanghai, in UTC."""
    return datetime.combine(day, time(), _SHANGHAI).astimezone(UTC)


def end(day: date) -> datetime:
    """Return the first instant behind a day in Shanghai, in UTC."""
    return begin(day + timedelta(days=1))


class Scope:
    """The matters the actor may have listed; counts obey it like lists do."""

    def __init__(self, context: Context) -> None:
        """Count, where it has to be known, all that the actor has to do with."""
        self._context = context
        self._own = _number(context, _own(context), _MANY + 1) if is_sqlite(context) else 0

    def condition(self, matters: Any) -> Any:
        """Return the condition for some matters; `matters` selects them."""
        return listed_instances(self._context.actor, self._context.directory, self._looking(matters))

    def _looking(self, matters: Any) -> Looking:
        """Return how to find out what the actor has to do with matters.

        PostgreSQL knows by its statistics. SQLite has to be told: all of it is read to gather it, what ended years ago
        too, which is worth while for many matters and not for a few.
        """
        if not is_sqlite(self._context):
            return Planned()
        few = self._own <= _MANY and _number(self._context, matters, enough := self._own // 2) == enough
        return Gathered() if few else Looking()


def took_long(matter: Any, *, sqlite: bool) -> Any:
    """Return the condition of the index of what took long, a day less than LONG: SQLite counts in fractions of days."""
    if sqlite:
        return func.julianday(matter.ended_at) - func.julianday(matter.started_at) > literal_column("89")
    return matter.ended_at - matter.started_at > literal_column("interval '89 days'")


def is_sqlite(context: Context) -> bool:
    """Tell which of the two databases is asked."""
    return context.session.connection().dialect.name == "sqlite"


def _number(context: Context, rows: Any, most: int) -> int:
    return int(context.session.scalar(select(func.count()).select_from(rows.limit(most).subquery())) or 0)


def _own(context: Context) -> Any:
    """Return the SELECT of all that would be gathered."""
    actor = context.actor
    people = select(Person.id).where(
        or_(Person.id == actor.person_id, Person.unit_code.in_(led_units(actor, context.directory)))
    )
    return union_all(
        select(Participant.instance_id).where(Participant.person_id.in_(people)),
        select(TaskAccess.task_id).where(TaskAccess.principal.in_(sorted(actor.principals))),
    )


def procedure_titles(context: Context) -> Mapping[str, str]:
    """Return the titles of the newest versions by key."""
    newest = select(func.max(ProcessDefinition.id)).group_by(ProcessDefinition.key)
    rows = context.session.execute(
        select(ProcessDefinition.key, ProcessDefinition.title).where(ProcessDefinition.id.in_(newest))
    )
    return {row.key: row.title for row in rows}
