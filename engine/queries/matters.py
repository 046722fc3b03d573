"""Lists of matters within the scope of who asks: the ledger's rows, what one registered, what one was told of."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, case, func, literal, select, union_all

from engine.access import S3, listed_instances
from engine.actor import Actor
from engine.command import Context
from engine.directory import Directory
from engine.errors import InvalidError
from engine.execution.matter import RUNNING
from engine.model import ProcessDefinition, ProcessInstance, UserTask
from engine.queries.matter_views import MatterPage, MatterRow
from engine.queries.rows import MATTER_COLUMNS, MATTER_STATUS, TASK_COLUMNS, matches_text, matter_row, names_of
from engine.queries.views import TaskPage, TaskRow
from engine.queries.walks import Source, Walk
from engine.text import check_text

MOST_ROWS = 200
COUNT_LIMIT = 1_000
# How many matters a page that is narrowed looks at, and any other order than the newest first is made of.
NEWEST = 20_000
_MOST_UNITS = 20


class MatterSort(StrEnum):
    """What a list of matters can be sorted by."""

    STARTED = "started"
    NUMBER = "number"
    TITLE = "title"
    PROCEDURE = "procedure"
    UNIT = "unit"
    STATUS = "status"


class UnknownFilterError(InvalidError):
    """A sort key or a filter is not one of those there are."""

    words = "没有这种筛选或排序：{name}"


@dataclass(frozen=True)
class MatterFilter:
    """What narrows a list of matters; empty texts narrow nothing."""

    search: str = ""
    procedure: str = ""
    unit: str = ""
    status: str = ""
    overdue: bool = False

    def conditions(self, context: Context) -> list[Any]:
        """Return the conditions; restricted rows show no procedure, unit or title, so none finds them."""
        check_text([self.search, self.procedure, self.unit], "查询条件")
        found: list[Any] = []
        if self.search.strip():
            found.append(matches_text(self.search, ProcessInstance))
        if self.procedure:
            found += [ProcessInstance.key == self.procedure, ProcessInstance.sensitivity < S3]
        if self.unit:
            units = sorted(context.directory.subtree(self.unit))
            found += [ProcessInstance.unit_code.in_(units), ProcessInstance.sensitivity < S3]
        if self.status:
            found.append(ProcessInstance.status.in_(_statuses(self.status)))
        if self.overdue:
            found.append(ProcessInstance.overdue)
        return found

    def sources(self, context: Context) -> list[Source]:
        """Return the index that holds the fewest rows beside those wanted; what is a whole number is found by it."""
        one, text = ProcessInstance, self.search.strip()
        number = one.number.in_({text, text.upper()})
        if text and context.session.execute(select(one.id).where(number).limit(1)).first() is not None:
            return [_source(number)]
        units = sorted(context.directory.subtree(self.unit)) if self.unit else []
        if self.status == "open":
            return [_source(one.status == status) for status in _statuses(self.status)]
        if 0 < len(units) <= _MOST_UNITS:
            return [_source(one.unit_code == unit) for unit in units]
        if self.overdue:
            return [_source(one.overdue)]
        if self.procedure:
            return [_source(one.key == self.procedure)]
        return [_source(*(one.status == status for status in _statuses(self.status)))]


@dataclass(frozen=True)
class ListMatters:
    """One page of the matters the actor may have listed; `status` is a status or `open`."""

    search: str = ""
    procedure: str = ""
    unit: str = ""
    status: str = ""
    overdue: bool = False
    sort: str = "started"
    descending: bool = True
    cursor: str | None = None
    limit: int = 30

    def execute(self, context: Context) -> MatterPage:
        """Return the page; raises UnknownFilterError and InvalidCursorError."""
        if self.sort not in _SORTS:
            raise UnknownFilterError(name=self.sort[:40])
        narrowed = MatterFilter(self.search, self.procedure, self.unit, self.status, self.overdue)
        size = max(1, min(self.limit, MOST_ROWS))
        if narrowed == MatterFilter():
            walk = _all_listed(context.actor, context.directory, size, descending=self.descending)
        else:
            seen = [listed_instances(context.actor, context.directory), *narrowed.conditions(context)]
            walk = Walk(narrowed.sources(context), lambda _: seen, size, self.descending, NEWEST)
        return _page(context, walk, MatterSort(self.sort), self.cursor)


@lru_cache(maxsize=64)
def _all_listed(actor: Actor, directory: Directory, size: int, *, descending: bool) -> Walk:
    """Return the walk along all matters the actor may have listed, which most pages are the beginning of."""
    seen = [listed_instances(actor, directory)]
    return Walk([_source()], lambda _: seen, size, descending, NEWEST)


@dataclass(frozen=True)
class Counted:
    """How many matters were found among those looked at; with `more` some were not looked at."""

    number: int
    more: bool


@dataclass(frozen=True)
class CountMatters:
    """How many matters the actor may have listed, by status; of each status COUNT_LIMIT are looked at."""

    procedure: str = ""

    def execute(self, context: Context) -> dict[str, Counted]:
        """Count within the same scope as the list."""
        scope = and_(
            listed_instances(context.actor, context.directory),
            *MatterFilter(procedure=self.procedure).conditions(context),
        )
        found = context.session.execute(union_all(*(self._count(status, scope) for status in MATTER_STATUS)))
        return {status: Counted(listed, looked_at == COUNT_LIMIT) for status, looked_at, listed in found if looked_at}

    def _count(self, status: str, scope: Any) -> Any:
        near = select(ProcessInstance.id).where(ProcessInstance.status == status, *self._versions()).limit(COUNT_LIMIT)
        one = near.subquery()
        listed = func.coalesce(func.sum(case((scope, 1), else_=0)), 0)
        return select(literal(status), func.count(), listed).join_from(
            one, ProcessInstance, ProcessInstance.id == one.c.id
        )

    def _versions(self) -> list[Any]:
        """Return the condition in words of an index that has the status behind the version."""
        if not self.procedure:
            return []
        versions = select(ProcessDefinition.id).where(ProcessDefinition.key == self.procedure)
        return [ProcessInstance.definition_id.in_(versions)]


def matters_as_tasks(
    context: Context, condition: Any, narrowed: MatterFilter, cursor: str | None, size: int
) -> TaskPage:
    """Return matters as rows of the worklist, newest first, for the tabs 我发起 and 抄送."""
    filters = narrowed.conditions(context)
    walk = Walk([_source(condition)], lambda _: filters, size, descending=True, window=NEWEST)
    page = _page(context, walk, MatterSort.STARTED, cursor)
    return TaskPage(tuple(_as_task(row) for row in page.rows), page.next_cursor)


def open_work(context: Context, instance_ids: Sequence[int]) -> dict[int, list[Any]]:
    """Return the open tasks of matters, as rows of TASK_COLUMNS by matter."""
    return _by_matter(context, _WORK, instance_ids)


def _by_matter(context: Context, asked: Any, instance_ids: Sequence[int]) -> dict[int, list[Any]]:
    work: dict[int, list[Any]] = defaultdict(list)
    if instance_ids:
        for row in context.session.execute(asked, {"ids": instance_ids}):
            work[row.instance_id].append(row)
    return work


def matter_statement() -> Any:
    """Return the SELECT of MATTER_COLUMNS."""
    return select(*MATTER_COLUMNS).join(ProcessDefinition, ProcessDefinition.id == ProcessInstance.definition_id)


_IDS: Any = bindparam("ids", expanding=True)
_MATTERS = matter_statement().where(ProcessInstance.id.in_(_IDS))
_WORK = (
    select(*TASK_COLUMNS)
    .join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
    .where(UserTask.instance_id.in_(_IDS), UserTask.status == "open")
    .order_by(UserTask.id)
)
# What a list of matters tells of their open tasks.
_STEPS = (
    select(
        UserTask.instance_id,
        UserTask.name,
        UserTask.due_at,
        UserTask.legal_due_at,
        UserTask.deadline_code,
        UserTask.light,
    )
    .where(UserTask.instance_id.in_(_IDS), UserTask.status == "open")
    .order_by(UserTask.id)
)


def _source(*conditions: Any) -> Source:
    """Return the walk along an index that has the newest matters first."""
    return Source(ProcessInstance.started_at, ProcessInstance.id, conditions, ProcessInstance, newest=True)


def _page(context: Context, walk: Walk, sort: MatterSort, cursor: str | None) -> MatterPage:
    if sort is MatterSort.STARTED:
        found = walk.along(context, cursor)
    else:
        column, kind = _SORTS[sort]
        found = walk.sorted_by(context, lambda _: column, kind, cursor)
    by_id = {row.id: row for row in context.session.execute(_MATTERS, {"ids": found.ids})} if found.ids else {}
    page = [by_id[id_] for id_ in found.ids if id_ in by_id]
    work = _by_matter(context, _STEPS, [row.id for row in page])
    names = names_of(context, (row.started_by for row in page))
    made = tuple(matter_row(row, context, work.get(row.id, ()), names) for row in page)
    return MatterPage(made, found.next_cursor, found.partial)


def _masked(column: Any) -> Any:
    """Sort restricted rows by nothing they do not show."""
    return case((ProcessInstance.sensitivity >= S3, literal("")), else_=func.coalesce(column, ""))


_SORTS: dict[str, tuple[Any, type]] = {
    MatterSort.STARTED: (ProcessInstance.started_at, datetime),
    MatterSort.NUMBER: (func.coalesce(ProcessInstance.number, ""), str),
    MatterSort.TITLE: (_masked(ProcessInstance.title), str),
    MatterSort.PROCEDURE: (_masked(ProcessInstance.key), str),
    MatterSort.UNIT: (_masked(ProcessInstance.unit_code), str),
    MatterSort.STATUS: (ProcessInstance.status, str),
}


def _statuses(name: str) -> tuple[str, ...]:
    if not name:
        return ()
    if name == "open":
        return RUNNING
    if name not in MATTER_STATUS:
        raise UnknownFilterError(name=name[:40])
    return (name,)


def _as_task(row: MatterRow) -> TaskRow:
    """Return a matter as a row of the worklist."""
    return TaskRow(
        id=None,
        instance_id=row.id,
        number=row.number,
        title=row.title,
        step=row.step or ("" if row.masked else row.status_text),
        procedure_key=row.procedure_key,
        procedure_title=row.procedure_title,
        unit_code=row.unit_code,
        unit_name=row.unit_name,
        due=row.due,
        priority=row.priority,
        sensitivity=row.sensitivity,
        masked=row.masked,
        status=row.status,
        status_text=row.status_text,
        created_at=row.started_at,
        completed_at=row.ended_at,
        suspended=row.status == "suspended",
    )
