"""The worklist: 待办, 待领, 已办, 我发起, 抄送 with counts; first pages by an index walk per principal.

Sort keys and filters come from enums and plain comparisons; no text of a request reaches ORDER BY (security S13). The
search looks at numbers and titles within the tab only, never at persons (domain 2.1).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, case, func, literal, select, union, union_all

from engine.access import S2, S3
from engine.actor import Actor, person_principal
from engine.command import Context
from engine.errors import InvalidError
from engine.model import ArchivedTask, EveryTask, Participant, ProcessInstance, TaskAccess, UserTask
from engine.model.tasks import NEVER
from engine.prepared import Prepared
from engine.queries.matters import MatterFilter, matters_as_tasks
from engine.queries.rows import EVERY_TASK_COLUMNS, TASK_COLUMNS, matches_text, names_of, task_row
from engine.queries.views import TaskPage
from engine.queries.walks import Found, Source, Walk
from engine.text import check_text

COUNT_LIMIT = 1_000
MOST_ROWS = 200
# How many rows of each index a page that is narrowed looks at, and any other order is made of.
WINDOW = 1_000


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
        principals = {f"principal{place}": one for place, one in enumerate(sorted(actor.principals))}
        counting = _counting(tuple(principals), is_administrator=actor.is_administrator)
        own = {"person": actor.person_id, "mine": person_principal(actor.person_id)}
        (counts,) = counting.rows(context.session.connection(), own | principals)
        return {tab.value: min(int(count), COUNT_LIMIT) for tab, count in zip(Tab, counts, strict=True)}


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
        whole = not (self.search.strip() or self.procedure or self.unit or self.light is not None)
        if whole and tab is not Tab.DONE and order == _Order(TaskSort.DUE, descending=False):
            found = _open_work(context, tab, size, self.cursor)
        else:
            sources = _sources(context.actor, tab)
            walk = Walk(sources, lambda task: self._filters(context, task), size, order.descending, WINDOW)
            if order.sort is _WALKED[tab]:
                found = walk.along(context, self.cursor)
            else:
                found = walk.sorted_by(context, *_SORTS[order.sort], self.cursor)
        rows = _rows(context, tab, found.ids)
        people = [row.assignee for row in rows] + [p[2:] for row in rows for p in row.candidates or () if p[0] == "p"]
        names = names_of(context, people)
        return TaskPage(tuple(task_row(row, context, names) for row in rows), found.next_cursor, found.partial)

    def _filters(self, context: Context, task: Any) -> list[Any]:
        """Return what the request narrows; restricted rows show no procedure, unit or title, so none finds them."""
        found = _levels(context.actor, task.sensitivity)
        if self.search.strip():
            found.append(matches_text(self.search, task))
        open_text = task.sensitivity < S3
        if self.procedure:
            found += [task.process_key == self.procedure, open_text]
        if self.unit:
            found += [task.unit_code.in_(sorted(context.directory.subtree(self.unit))), open_text]
        if self.light is not None:
            found.append(task.light == max(0, min(self.light, 3)))
        return found


@dataclass(frozen=True)
class _Order:
    """A sort key with its direction."""

    sort: TaskSort
    descending: bool


def _masked(name: str) -> Callable[[Any], Any]:
    """Sort restricted rows by nothing they do not show."""
    return lambda task: case((task.sensitivity >= S3, literal("")), else_=func.coalesce(getattr(task, name), ""))


_STATUS = {Tab.MINE: "assigned", Tab.CLAIMABLE: "claimable"}
# The order in which the index of a tab has its rows.
_WALKED = {Tab.MINE: TaskSort.DUE, Tab.CLAIMABLE: TaskSort.DUE, Tab.DONE: TaskSort.DONE}
_SORTS: dict[TaskSort, tuple[Callable[[Any], Any], type]] = {
    TaskSort.DUE: (lambda task: func.coalesce(task.due_at, NEVER), datetime),
    TaskSort.NUMBER: (lambda task: func.coalesce(task.number, ""), str),
    TaskSort.TITLE: (_masked("title"), str),
    TaskSort.STEP: (_masked("name"), str),
    TaskSort.PROCEDURE: (_masked("process_title"), str),
    TaskSort.UNIT: (_masked("unit_code"), str),
    TaskSort.LIGHT: (lambda task: task.light, int),
    TaskSort.CREATED: (lambda task: task.created_at, datetime),
    TaskSort.DONE: (lambda task: func.coalesce(task.completed_at, task.created_at), datetime),
}


def _choice(kind: Callable[[str], Any], name: str) -> Any:
    try:
        return kind(name)
    except ValueError as unknown:
        raise UnknownChoiceError(name=name[:40]) from unknown


def _open_work(context: Context, tab: Tab, size: int, cursor: str | None) -> Found:
    """Find the ids of all of 待办 or 待领 by due date; who asks are parameters, so that one statement serves many."""
    values = {f"principal{place}": one for place, one in enumerate(_principals(context.actor, tab))}
    walk = _open_walk(tab, tuple(values), size, is_administrator=context.actor.is_administrator)
    return walk.along(context, cursor, values)


@lru_cache(maxsize=64)
def _open_walk(tab: Tab, principals: tuple[str, ...], size: int, *, is_administrator: bool) -> Walk:
    whose, sources = _Whose(is_administrator), [_open(tab, bindparam(one)) for one in principals]
    return Walk(sources, lambda task: _levels(whose, task.sensitivity), size, False, WINDOW, prepared=True)


def _principals(actor: Actor, tab: Tab) -> list[str]:
    return [person_principal(actor.person_id)] if tab is Tab.MINE else sorted(actor.principals)


def _sources(actor: Actor, tab: Tab) -> list[Source]:
    """Return the indexes that hold a tab: one place in that of task_access per principal, or what the actor did."""
    if tab is Tab.DONE:
        return [
            Source(task.completed_at, task.id, _done(actor, task), task, newest=True)
            for task in (UserTask, ArchivedTask)
        ]
    return [_open(tab, principal) for principal in _principals(actor, tab)]


def _open(tab: Tab, principal: Any) -> Source:
    named = (TaskAccess.principal == principal, TaskAccess.status == _STATUS[tab])
    return Source(TaskAccess.due_at, TaskAccess.task_id, named, UserTask)


@dataclass(frozen=True)
class _Whose:
    """Whose tabs a statement counts: its parameter of that name, so that it is made once for all people alike."""

    is_administrator: bool
    person_id: Any = field(default_factory=lambda: bindparam("person"))


@lru_cache(maxsize=64)
def _counting(principals: tuple[str, ...], *, is_administrator: bool) -> Prepared:
    """Return the statement that counts all tabs; its parameters are `person`, `mine` and those named."""
    whose = _Whose(is_administrator)
    counted = {
        Tab.MINE: _ids_by_access(whose, ("mine",), "assigned"),
        Tab.CLAIMABLE: _ids_by_access(whose, principals, "claimable"),
        Tab.DONE: _ids_done(whose),
        Tab.STARTED: select(ProcessInstance.id).where(_started(whose)).limit(COUNT_LIMIT),
        Tab.CC: _ids_copied(whose),
    }
    return Prepared(select(*(_count(counted[tab]).label(tab.value) for tab in Tab)))


def _ids_by_access(whose: _Whose, principals: tuple[str, ...], status: str) -> Any:
    """Return the ids of at most COUNT_LIMIT tasks per principal, which the statement's parameters name."""
    levels = _levels(whose, UserTask.sensitivity)
    parts = []
    for principal in principals:
        named = TaskAccess.principal == bindparam(principal)
        part = select(TaskAccess.task_id).where(named, TaskAccess.status == status)
        if levels:
            part = part.join(UserTask, UserTask.id == TaskAccess.task_id).where(*levels)
        parts.append(select(part.limit(COUNT_LIMIT).subquery().c.task_id))
    return union(*parts) if len(parts) > 1 else union_all(*parts)


def _count(ids: Any) -> Any:
    return select(func.count()).select_from(ids.subquery()).scalar_subquery()


def _levels(actor: Actor | _Whose, sensitivity: Any) -> list[Any]:
    """Keep sensitive and restricted work out of the lists of administrators (domain 2.6)."""
    return [sensitivity < S2] if actor.is_administrator else []


def _done(actor: Actor | _Whose, task: Any) -> tuple[Any, ...]:
    return (task.completed_by == actor.person_id, task.status == "completed")


def _ids_done(whose: _Whose) -> Any:
    """Return the ids of at most COUNT_LIMIT tasks the actor did, at work and in the archive each."""
    parts = []
    for task in (UserTask, ArchivedTask):
        done = select(task.id).where(*_done(whose, task), *_levels(whose, task.sensitivity))
        parts.append(select(done.limit(COUNT_LIMIT).subquery().c.id))
    return union_all(*parts)


def _started(actor: Actor | _Whose) -> Any:
    own = ProcessInstance.started_by == actor.person_id
    return and_(own, *_levels(actor, ProcessInstance.sensitivity))


def _copied(actor: Actor) -> Any:
    told = select(Participant.instance_id).where(Participant.person_id == actor.person_id, Participant.kind == "cc")
    return and_(ProcessInstance.id.in_(told), *_levels(actor, ProcessInstance.sensitivity))


def _ids_copied(whose: _Whose) -> Any:
    """Return the matters the actor was told of, from the index of who takes part."""
    told = select(Participant.instance_id).where(Participant.person_id == whose.person_id, Participant.kind == "cc")
    levels = _levels(whose, ProcessInstance.sensitivity)
    if levels:
        told = told.join(ProcessInstance, ProcessInstance.id == Participant.instance_id).where(*levels)
    return told.limit(COUNT_LIMIT)


def _rows(context: Context, tab: Tab, ids: tuple[int, ...]) -> list[Any]:
    """Return the rows of a page in its order; what was done since its ids were found is left out of open work."""
    if not ids:
        return []
    found = {row.id: row for row in context.session.execute(_DONE if tab is Tab.DONE else _OPEN, {"ids": ids})}
    return [found[id_] for id_ in ids if id_ in found]


_IDS: Any = bindparam("ids", expanding=True)
_DONE = select(*EVERY_TASK_COLUMNS).where(EveryTask.id.in_(_IDS))
_OPEN = (
    select(*TASK_COLUMNS)
    .join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
    .where(UserTask.id.in_(_IDS), UserTask.status == "open")
)
