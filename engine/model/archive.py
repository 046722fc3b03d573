"""The archive: what finished matters leave behind, apart from what is at work, and both read as one.

A finished matter keeps its row in process_instance, so that lists, scopes, counts and reports find it as before. Its
tasks, history and variables move into tables of the same columns with the year it ended in. On PostgreSQL these are
partitioned by that year: vacuum leaves alone what is old, and a year may be detached as a whole.
"""

from typing import Any

from sqlalchemy import Column, FromClause, Index, Integer, Subquery, Table, select, union_all
from sqlalchemy.orm import aliased

from engine.model.base import Base
from engine.model.history import HistoryEvent
from engine.model.instances import Variable
from engine.model.tasks import UserTask

PARTITIONED = "LIST (year)"


def _archive(model: Any, name: str, *indexes: tuple[str, ...]) -> Table:
    """Return a table with the columns of another and the year; it refers to no other, what is in it stays."""
    kept = [Column(one.name, one.type, primary_key=one.primary_key, nullable=one.nullable, autoincrement=False)
            for one in model.__table__.columns]  # fmt: skip
    year = Column("year", Integer, primary_key=True, autoincrement=False)
    made = [Index(f"ix_{name}_{columns[0]}", *columns) for columns in indexes]
    return Table(name, Base.metadata, *kept, year, *made, postgresql_partition_by=PARTITIONED)


def _every(model: Any, archived: Table) -> Subquery:
    """Return the rows at work and those in the archive as one."""
    live = model.__table__
    old = select(*(archived.c[one.name] for one in live.columns))
    return union_all(select(live), old).subquery(f"every_{live.name}")


def _shared(model: Any, rows: FromClause) -> Any:
    """Return the model over other rows, complete before threads share it.

    SQLAlchemy collects the columns of a subquery, and what they are to a model, when they are first asked for. Threads
    that are all the first get columns that do not fit each other, and statements with a table too many, which stay in
    its cache for as long as the process lives.
    """
    made = aliased(model, rows, adapt_on_names=True)
    for column in model.__table__.columns:
        assert getattr(made, column.name).expression.table is rows
    return made


archived_task = _archive(UserTask, "archived_task", ("instance_id", "status"), ("completed_by", "completed_at", "id"))
archived_event = _archive(HistoryEvent, "archived_event", ("instance_id", "seq"))
archived_variable = _archive(Variable, "archived_variable")
# What moves together, from where, to where.
ARCHIVED: tuple[tuple[Table, Table], ...] = (
    (Base.metadata.tables["user_task"], archived_task),
    (Base.metadata.tables["history_event"], archived_event),
    (Base.metadata.tables["variable"], archived_variable),
)
ArchivedTask: type[UserTask] = _shared(UserTask, archived_task)
every_event = _every(HistoryEvent, archived_event)
EveryEvent: type[HistoryEvent] = _shared(HistoryEvent, every_event)
EveryTask: type[UserTask] = _shared(UserTask, _every(UserTask, archived_task))
EveryVariable: type[Variable] = _shared(Variable, _every(Variable, archived_variable))
