"""The worklist: 待办, 待领, 已办, 我发起, 抄送 with counts; first pages by an index walk per principal.

Sort keys and filters come from enums and plain comparisons; no text of a request reaches ORDER BY (security S13). The
search looks at numbers and titles within the tab only, never at persons (domain 2.1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, case, func, literal, select, union, union_all

from engine.access import S2, S3
from engine.actor import Actor, person_principal
from engine.command import Context
from engine.errors import InvalidError
from engine.model import Participant, ProcessInstance, TaskAccess, UserTask
from engine.model.tasks import NEVER
from engine.queries.cursors import after, encode
from engine.queries.matters import MatterFilter, matters_as_tasks
from engine.queries.rows import TASK_COLUMNS, matches_text, names_of, task_row
from engine.queries.views import TaskPage
from engine.text import check_text

COUNT_LIMIT = 1_000
MOST_ROWS = 200


class Tab(StrEnum):
    """The tabs of the worklist."""

    MINE = "mine"
    CLAIMABLE = "claimable"
    DONE = "done"
    STARTED = "started"
    CC = "cc"


class TaskSort(StrEnum):
    """What a worklist can be sorted by."""

    DUE = "due"
    NUMBER = "number"
    TITLE = "title"
    STEP = "step"
    PROCEDURE = "procedure"
    UNIT = "unit"
    LIGHT = "light"
    CREATED = "created"
    DONE = "done"


class UnknownChoiceError(InvalidError):
    """A tab, sort key or filter is not one of those there are."""

    words = "没有这种查看方式：{name}"


@dataclass(frozen=True)
class CountTasks:
    """How many stand in each tab; counted up to COUNT_LIMIT, which then means "at least"."""

    def execute(self, context: Context) -> dict[str, int]:
        """Count all tabs in one statement."""
        actor = context.actor
        mine = [person_principal(actor.person_id)]
        done = select(UserTask.id).where(*_done(actor))
        started = select(ProcessInstance.id).where(_started(actor))
        copied = select(ProcessInstance.id).where(_copied(actor))
        counted = {
            Tab.MINE: _ids_by_access(actor, mine, "assigned"),
            Tab.CLAIMABLE: _ids_by_access(actor, sorted(actor.principals), "claimable"),
            Tab.DONE: done.limit(COUNT_LIMIT),
            Tab.STARTED: started.limit(COUNT_LIMIT),
            Tab.CC: copied.limit(COUNT_LIMIT),
        }
        columns = [_count(ids).label(tab.value) for tab, ids in counted.items()]
        row = context.session.execute(select(*columns)).one()
        return {str(tab): min(int(count), COUNT_LIMIT) for tab, count in zip(counted, row, strict=True)}


@dataclass(frozen=True)
class ListTasks:
    """One page of a tab. `light` is 0-3, `unit` a code that stands for its subtree, `procedure` a key."""

    tab: str = "mine"
    search: str = ""
    procedure: str = ""
    unit: str = ""
    light: int | None = None
    sort: str = ""
    descending: bool | None = None
    cursor: str | None = None
    limit: int = 30

    def execute(self, context: Context) -> TaskPage:
        """Return the page; raises UnknownChoiceError and InvalidCursorError."""
        tab, size = _choice(Tab, self.tab), max(1, min(self.limit, MOST_ROWS))
        check_text([self.search, self.procedure, self.unit, self.cursor or ""], "查询条件")
        if tab in {Tab.STARTED, Tab.CC}:
            chosen = _started(context.actor) if tab is Tab.STARTED else _copied(context.actor)
            narrowed = MatterFilter(self.search, self.procedure, self.unit)
            return matters_as_tasks(context, chosen, narrowed, self.cursor, size)
        default = TaskSort.DONE if tab is Tab.DONE else TaskSort.DUE
        sort = _choice(TaskSort, self.sort) if self.sort else default
        descending = (sort is TaskSort.DONE) if self.descending is None else self.descending
        return self._page(context, tab, _Order(sort, descending), size)

    def _page(self, context: Context, tab: Tab, order: "_Order", size: int) -> TaskPage:
        """Find the ids of the page, then its rows."""
        filters = self._filters(context)
        if tab is Tab.DONE:
            found = select(UserTask.id).where(*_done(context.actor), *filters)
        elif order.sort is TaskSort.DUE:
            found = self._walk(context.actor, tab, order, filters, size)
        else:
            found = select(UserTask.id).where(UserTask.id.in_(_with_access(context.actor, tab)), *filters)
        statement = _rows(found).where(*order.after(self.cursor)).order_by(*order.by()).limit(size + 1)
        rows = context.session.execute(statement.add_columns(order.column.label("sort_value"))).all()
        page = rows[:size]
        people = [row.assignee for row in page] + [p[2:] for row in page for p in row.candidates or () if p[0] == "p"]
        names = names_of(context, people)
        cursor = encode(page[-1].sort_value, page[-1].id) if len(rows) > size else None
        return TaskPage(tuple(task_row(row, context, names) for row in page), cursor)

    def _walk(self, actor: Actor, tab: Tab, order: "_Order", filters: list[Any], size: int) -> Any:
        """Walk the index of task_access once per principal, and merge: a page costs the same however long the list."""
        parts = []
        for principal in _principals(actor, tab):
            part = select(TaskAccess.task_id).where(
                TaskAccess.principal == principal,
                TaskAccess.status == _STATUS[tab],
                *after(TaskAccess.due_at, TaskAccess.task_id, self.cursor, datetime, descending=order.descending),
            )
            if filters:
                part = part.join(UserTask, UserTask.id == TaskAccess.task_id).where(*filters)
            ends = (TaskAccess.due_at, TaskAccess.task_id)
            ordered = part.order_by(*(end.desc() if order.descending else end for end in ends))
            parts.append(select(ordered.limit(size + 1).subquery().c.task_id))
        return union(*parts)

    def _filters(self, context: Context) -> list[Any]:
        """Return what the request narrows; restricted rows show no procedure, unit or title, so none finds them."""
        found = _levels(context.actor, UserTask.sensitivity)
        if self.search.strip():
            found.append(matches_text(self.search, UserTask))
        open_text = UserTask.sensitivity < S3
        if self.procedure:
            found += [UserTask.process_key == self.procedure, open_text]
        if self.unit:
            found += [UserTask.unit_code.in_(sorted(context.directory.subtree(self.unit))), open_text]
        if self.light is not None:
            found.append(UserTask.light == max(0, min(self.light, 3)))
        return found


@dataclass(frozen=True)
class _Order:
    """A sort key with its direction."""

    sort: TaskSort
    descending: bool

    @property
    def column(self) -> Any:
        """Return what the rows are compared by."""
        return _SORTS[self.sort][0]

    def by(self) -> tuple[Any, ...]:
        """Return the ORDER BY; the id settles ties, so that no row is shown twice or missed."""
        ends = (self.column, UserTask.id)
        return tuple(end.desc() for end in ends) if self.descending else ends

    def after(self, cursor: str | None) -> Any:
        """Return the condition for the rows behind a cursor."""
        return after(self.column, UserTask.id, cursor, _SORTS[self.sort][1], descending=self.descending)


def _masked(column: Any) -> Any:
    """Sort restricted rows by nothing they do not show."""
    return case((UserTask.sensitivity >= S3, literal("")), else_=func.coalesce(column, ""))


_STATUS = {Tab.MINE: "assigned", Tab.CLAIMABLE: "claimable"}
_SORTS: dict[TaskSort, tuple[Any, type]] = {
    TaskSort.DUE: (func.coalesce(UserTask.due_at, NEVER), datetime),
    TaskSort.NUMBER: (func.coalesce(UserTask.number, ""), str),
    TaskSort.TITLE: (_masked(UserTask.title), str),
    TaskSort.STEP: (_masked(UserTask.name), str),
    TaskSort.PROCEDURE: (_masked(UserTask.process_title), str),
    TaskSort.UNIT: (_masked(UserTask.unit_code), str),
    TaskSort.LIGHT: (UserTask.light, int),
    TaskSort.CREATED: (UserTask.created_at, datetime),
    TaskSort.DONE: (func.coalesce(UserTask.completed_at, UserTask.created_at), datetime),
}


def _choice(kind: Callable[[str], Any], name: str) -> Any:
    try:
        return kind(name)
    except ValueError as unknown:
        raise UnknownChoiceError(name=name[:40]) from unknown


def _principals(actor: Actor, tab: Tab) -> list[str]:
    return [person_principal(actor.person_id)] if tab is Tab.MINE else sorted(actor.principals)


def _with_access(actor: Actor, tab: Tab) -> Any:
    return select(TaskAccess.task_id).where(
        TaskAccess.principal.in_(_principals(actor, tab)), TaskAccess.status == _STATUS[tab]
    )


def _ids_by_access(actor: Actor, principals: list[str], status: str) -> Any:
    """Return the ids of at most COUNT_LIMIT tasks per principal."""
    levels = _levels(actor, UserTask.sensitivity)
    parts = []
    for principal in principals:
        part = select(TaskAccess.task_id).where(TaskAccess.principal == principal, TaskAccess.status == status)
        if levels:
            part = part.join(UserTask, UserTask.id == TaskAccess.task_id).where(*levels)
        parts.append(select(part.limit(COUNT_LIMIT).subquery().c.task_id))
    return union(*parts) if len(parts) > 1 else union_all(*parts)


def _count(ids: Any) -> Any:
    return select(func.count()).select_from(ids.subquery()).scalar_subquery()


def _levels(actor: Actor, sensitivity: Any) -> list[Any]:
    """Keep sensitive and restricted work out of the lists of administrators (domain 2.6)."""
    return [sensitivity < S2] if actor.is_administrator else []


def _done(actor: Actor) -> tuple[Any, ...]:
    own = (UserTask.completed_by == actor.person_id, UserTask.status == "completed")
    return (*own, *_levels(actor, UserTask.sensitivity))


def _started(actor: Actor) -> Any:
    own = ProcessInstance.started_by == actor.person_id
    return and_(own, *_levels(actor, ProcessInstance.sensitivity))


def _copied(actor: Actor) -> Any:
    told = select(Participant.instance_id).where(Participant.person_id == actor.person_id, Participant.kind == "cc")
    return and_(ProcessInstance.id.in_(told), *_levels(actor, ProcessInstance.sensitivity))


def _rows(ids: Any) -> Any:
    return (
        select(*TASK_COLUMNS)
        .join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
        .where(UserTask.id.in_(ids))
    )
