"""按期办结: matters closed in a period and how many of them were never overdue, by procedure (domain 15).

按期办结率 = on-time closed / closed. 超期率 = matters overdue at least once / (closed + open at end). `overdue` is
never reset, so a matter that was late once stays counted.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import case, func, literal, select, union_all
from sqlalchemy.orm import aliased

from engine.command import Context
from engine.model import ProcessInstance
from engine.reports.scope import LONG, Scope, begin, end, is_sqlite, procedure_titles, took_long
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
        rows = [_row(key, counted) for key, counted in self._counted(context).items()]
        titles = procedure_titles(context)
        shown = sorted(((titles.get(row[0], row[0]), *row[1:]) for row in rows), key=lambda row: str(row[0]))
        note = "按办结时间统计；批准延期的按新期限计；曾逾期一次即计入超期。"
        return Table(self.title, note, _COLUMNS, tuple(shown), _totals(shown))

    def _counted(self, context: Context) -> dict[str, Counter[str]]:
        """Return the counts by procedure; restricted matters count within it like all others."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        # In one statement, which sees one state of the database: a matter that ends meanwhile counts once.
        for name, key, number, late in context.session.execute(union_all(*self._parts(context))):
            found[key].update({name: int(number), f"{name} late": int(late)})
        return found

    def _parts(self, context: Context) -> Iterator[Any]:
        """Yield what is counted, each in words of one range of one index; no matter stands in two of them."""
        first, last = begin(self.since), end(self.until)
        one, scope = ProcessInstance, Scope(context)
        # Not the column itself: SQLite would rather walk all matters of each procedure than put some in order.
        key = one.key.concat("")
        yield _grouped("closed", scope, key, one.ended_at >= first, one.ended_at < last)
        yield _grouped("still", scope, one.key, one.ended_at.is_(None), one.started_at < last)
        yield _grouped("still", scope, key, one.ended_at >= last, one.ended_at < last + LONG, one.started_at < last)
        yield _grouped("still", scope, key, one.id.in_(_long(context, last)))


def _long(context: Context, last: datetime) -> Any:
    """Select what ended long after an instant and had begun before it."""
    other = aliased(ProcessInstance)
    conditions = (other.ended_at >= last + LONG, other.started_at < last)
    return select(other.id).where(took_long(other, sqlite=is_sqlite(context)), *conditions)


def _grouped(name: str, scope: Scope, key: Any, *conditions: Any) -> Any:
    listed = scope.condition(select(ProcessInstance.id).where(*conditions))
    late = func.sum(case((ProcessInstance.overdue, 1), else_=0))
    return select(literal(name), key, func.count(), late).where(*conditions, listed).group_by(key)


def _row(key: str, counted: Counter[str]) -> tuple[Any, ...]:
    closed, still = counted["closed"], counted["still"]
    on_time, late = closed - counted["closed late"], counted["closed late"] + counted["still late"]
    return key, closed, on_time, share(on_time, closed), still, late, share(late, closed + still)


def _totals(rows: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    if not rows:
        return ()
    sums = totals(rows, (1, 2, 4, 5))
    closed, on_time, still, late = sums[1], sums[2], sums[4], sums[5]
    return "合计", closed, on_time, share(on_time, closed), still, late, share(late, closed + still)
