"""按期办结: matters closed in a period and how many of them were never overdue, by procedure (domain 15).

按期办结率 = on-time closed / closed. 超期率 = matters overdue at least once / (closed + open at end). `overdue` is
never reset, so a matter that was late once stays counted.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from sqlalchemy import and_, case, func, or_, select

from engine.command import Context
from engine.model import ProcessInstance
from engine.reports.scope import begin, end, in_scope, procedure_titles
from engine.reports.table import Column, Table, share, totals

_COLUMNS = (
    Column("流程"),
    Column("办结", number=True),
    Column("按期办结", number=True),
    Column("按期办结率", number=True),
    Column("期末办理中", number=True),
    Column("曾逾期", number=True),
    Column("超期率", number=True),
)


@dataclass(frozen=True)
class Timeliness:
    """按期办结率 and 超期率 by procedure, within scope."""

    since: date
    until: date

    title: ClassVar[str] = "按期办结"

    def execute(self, context: Context) -> Table:
        """Count matters once each: closed within the period, or begun before its end and open at it."""
        rows = [_row(found) for found in context.session.execute(self._statement(context))]
        titles = procedure_titles(context)
        shown = sorted(((titles.get(row[0], row[0]), *row[1:]) for row in rows), key=lambda row: str(row[0]))
        note = "按办结时间统计；批准延期的按新期限计；曾逾期一次即计入超期。"
        return Table(self.title, note, _COLUMNS, tuple(shown), _totals(shown))

    def _statement(self, context: Context) -> Any:
        """Return one row per procedure; restricted matters count within it like all others."""
        first, last = begin(self.since), end(self.until)
        one = ProcessInstance
        closed = and_(one.ended_at >= first, one.ended_at < last)
        still = and_(one.started_at < last, or_(one.ended_at.is_(None), one.ended_at >= last))
        # Both in words of one index: what ended before the period is not looked at.
        near = or_(one.ended_at.is_(None), one.ended_at >= first)
        return (
            select(
                one.key,
                _count(closed),
                _count(and_(closed, one.overdue.is_(False))),
                _count(still),
                _count(one.overdue.is_(True)),
            )
            .where(in_scope(context), near, or_(closed, still))
            .group_by(one.key)
        )


def _count(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _row(found: Any) -> tuple[Any, ...]:
    key, closed, on_time, still, late = found[0], *(int(count) for count in found[1:])
    return key, closed, on_time, share(on_time, closed), still, late, share(late, closed + still)


def _totals(rows: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    if not rows:
        return ()
    sums = totals(rows, (1, 2, 4, 5))
    closed, on_time, still, late = sums[1], sums[2], sums[4], sums[5]
    return "合计", closed, on_time, share(on_time, closed), still, late, share(late, closed + still)
