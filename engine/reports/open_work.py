"""在办任务: open tasks by unit and light, so that a leader sees in one look where time runs out (domain 10)."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from sqlalchemy import and_, case, func, or_, select

from engine.command import Context
from engine.model import ProcessInstance
from engine.reports.looking import open_tasks
from engine.reports.scope import Scope, is_sqlite
from engine.reports.table import Column, Table, totals

_COLUMNS = (
    Column("单位"),
    Column("在办", number=True),
    Column("待签收", number=True),
    Column("黄灯", number=True),
    Column("红灯预警", number=True),
    Column("红灯（已逾期）", number=True),
)


@dataclass(frozen=True)
class OpenWork:
    """Open tasks by unit as of now; the period does not matter."""

    since: date
    until: date

    title: ClassVar[str] = "在办任务"

    def execute(self, context: Context) -> Table:
        """Count by unit; what is past its due date is red even if no worker has marked it yet."""
        rows = context.session.execute(_statement(context))
        shown = [(context.directory.unit_name(row[0]), *(int(count or 0) for count in row[1:])) for row in rows]
        sums = totals(shown, range(1, 6)) if shown else {}
        note = "此刻的情况，不看时段；不按人统计，不作排名。"
        return Table(self.title, note, _COLUMNS, tuple(shown), ("合计", *sums.values()) if shown else ())


def _statement(context: Context) -> Any:
    """Return one row per unit. Only matters that run have open tasks (engine.queries.invariants)."""
    task = open_tasks(sqlite=is_sqlite(context)).c
    late = or_(task.light == 3, and_(task.due_at.is_not(None), task.due_at <= context.now))
    running = select(ProcessInstance.id).where(ProcessInstance.ended_at.is_(None))
    # By itself: PostgreSQL would look at the matter of each task by its id.
    listed = (
        running.where(Scope(context).condition(running)).cte("listed").prefix_with("MATERIALIZED", dialect="postgresql")
    )
    return (
        select(
            task.unit_code,
            func.count(),
            _count(task.assignee.is_(None)),
            _count(and_(task.light == 1, ~late)),
            _count(and_(task.light == 2, ~late)),
            _count(late),
        )
        .where(task.instance_id.in_(select(listed.c.id)))
        .group_by(task.unit_code)
        .order_by(task.unit_code)
    )


def _count(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))
