"""Archiving: what finished matters leave behind moves from the tables at work into the archive, a batch at a time."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, literal, select, update

from engine.calendar import local
from engine.command import Context
from engine.database import add_partition
from engine.model import tables
from engine.model.archive import ARCHIVED

_MATTER = tables.process_instance
_FINISHED = (
    select(_MATTER.c.id, _MATTER.c.ended_at)
    .where(_MATTER.c.archive_year.is_(None), _MATTER.c.ended_at.is_not(None), _MATTER.c.ended_at < bindparam("before"))
    .order_by(_MATTER.c.ended_at, _MATTER.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


def _newest(table: Table) -> Any:
    return func.coalesce(select(table.c.instance_id).order_by(table.c.id.desc()).limit(1).scalar_subquery(), 0)


# SQLite gives the highest id again once its row is gone: two tasks or events would come to have the same id. So the
# matter that has the newest stays where it is until another has newer ones.
_FINISHED_ON_SQLITE = _FINISHED.where(*(_MATTER.c.id != _newest(live) for live, _ in ARCHIVED if "id" in live.c))


def archive_finished(context: Context, before: datetime, most: int) -> int:
    """Move what matters that ended before an instant left behind, of at most `most`; return of how many.

    All of it in the transaction of the command: a matter is wholly at work or wholly in the archive.
    """
    connection = context.session.connection()
    years: dict[int, list[int]] = defaultdict(list)
    statement = _FINISHED_ON_SQLITE if connection.dialect.name == "sqlite" else _FINISHED
    found = connection.execute(statement, {"before": before, "most": most}).all()
    for id_, ended_at in found:
        years[local(ended_at).year].append(id_)
    for year, ids in years.items():
        for live, archived in ARCHIVED:
            add_partition(connection, archived, year)
            _move(connection, live, archived, year, ids)
        connection.execute(update(_MATTER).where(_MATTER.c.id.in_(ids)).values(archive_year=year))
    return len(found)


def _move(connection: Connection, live: Table, archived: Table, year: int, ids: list[int]) -> None:
    chosen = live.c.instance_id.in_(ids)
    names = [column.name for column in live.columns]
    rows = select(*live.columns, literal(year)).where(chosen)
    connection.execute(insert(archived).from_select([*names, "year"], rows))
    connection.execute(delete(live).where(chosen))
