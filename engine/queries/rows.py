"""From database rows to the rows people see: due in words, names, groups, and the mask of restricted matters."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from engine.access import S3, is_masked
from engine.calendar import local_date
from engine.command import Context
from engine.deadlines import Light, UnknownDeadlineError, time_left_text
from engine.deadlines.register import OWNERS, Deadline
from engine.model import EveryTask, Person, ProcessDefinition, ProcessInstance, UserTask
from engine.queries.matter_views import MatterRow
from engine.queries.views import MASKED_TITLE, DueView, TaskRow

TASK_STATUS = {"open": "待签收", "assigned": "办理中", "completed": "已办结", "cancelled": "已收回"}
MATTER_STATUS = {
    "active": "办理中",
    "suspended": "已中止",
    "incident": "办理中",
    "completed": "已办结",
    "terminated": "已终止",
}
_OF_TASK = (
    "id", "instance_id", "number", "title", "name", "process_key", "process_title", "unit_code", "sensitivity",
    "priority", "assignee", "candidates", "status", "created_at", "claimed_at", "completed_at", "due_at",
    "legal_due_at", "deadline_code", "light",
)  # fmt: skip
TASK_COLUMNS = (*(getattr(UserTask, name) for name in _OF_TASK), ProcessInstance.status.label("matter_status"))
# The same of tasks that may be in the archive; a join of them with ten years of matters tempts PostgreSQL into hashing.
EVERY_TASK_COLUMNS = (
    *(getattr(EveryTask, name) for name in _OF_TASK),
    select(ProcessInstance.status)
    .where(ProcessInstance.id == EveryTask.instance_id)
    .scalar_subquery()
    .label("matter_status"),
)
_NAMES = select(Person.id, Person.name).where(Person.id.in_(bindparam("ids", expanding=True)))
MATTER_COLUMNS = (
    ProcessInstance.id,
    ProcessInstance.number,
    ProcessInstance.title,
    ProcessInstance.key,
    ProcessInstance.unit_code,
    ProcessInstance.status,
    ProcessInstance.sensitivity,
    ProcessInstance.priority,
    ProcessInstance.overdue,
    ProcessInstance.started_by,
    ProcessInstance.started_at,
    ProcessInstance.ended_at,
    ProcessDefinition.title.label("procedure_title"),
)


def task_row(
    row: Any, context: Context, names: Mapping[str, str], *, mask: bool = True, suspended: bool | None = None
) -> TaskRow:
    """Return a row of TASK_COLUMNS as people see it; `mask=False` on the page of a task the actor may open.

    A task itself has all of them but whether its matter is suspended.
    """
    masked = mask and is_masked(row.sensitivity)
    is_open = row.status == "open"
    status = "assigned" if is_open and row.assignee else row.status
    return TaskRow(
        id=row.id,
        instance_id=row.instance_id,
        number=row.number or "",
        title=MASKED_TITLE if masked else row.title or "",
        step="" if masked else row.name,
        procedure_key="" if masked else row.process_key,
        procedure_title="" if masked else row.process_title,
        unit_code="" if masked else row.unit_code,
        unit_name="" if masked else context.directory.unit_name(row.unit_code),
        due=due_view(row, context, is_open=is_open),
        priority="" if masked else row.priority or "",
        sensitivity=row.sensitivity,
        masked=masked,
        status=status,
        status_text=TASK_STATUS[status],
        assignee=None if masked else row.assignee,
        assignee_name="" if masked else names.get(row.assignee or "", ""),
        candidates_text="" if masked else in_words(row.candidates or (), context, names),
        created_at=row.created_at,
        claimed_at=row.claimed_at,
        completed_at=row.completed_at,
        suspended=row.matter_status == "suspended" if suspended is None else suspended,
        group=group_of(row.due_at, context.now) if is_open else "none",
    )


def matter_row(
    row: Any, context: Context, work: Sequence[Any], names: Mapping[str, str], *, mask: bool = True
) -> MatterRow:
    """Return a row of MATTER_COLUMNS with its open tasks `work`; `mask=False` on the page of the matter itself."""
    masked = mask and is_masked(row.sensitivity)
    first = min(work, key=lambda task: (task.due_at is None, task.due_at or context.now), default=None)
    return MatterRow(
        id=row.id,
        number=row.number or "",
        title=MASKED_TITLE if masked else row.title or "",
        procedure_key="" if masked else row.key,
        procedure_title="" if masked else row.procedure_title,
        unit_code="" if masked else row.unit_code,
        unit_name="" if masked else context.directory.unit_name(row.unit_code),
        status=row.status,
        status_text=MATTER_STATUS[row.status],
        step="" if masked else "、".join(dict.fromkeys(task.name for task in work)),
        due=due_view(first, context) if first is not None else DueView(),
        priority="" if masked else row.priority or "",
        sensitivity=row.sensitivity,
        masked=masked,
        overdue=bool(row.overdue),
        started_by_name="" if masked else names.get(row.started_by or "", ""),
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def due_view(row: Any, context: Context, *, is_open: bool = True) -> DueView:
    """Return how much time is left of a task row and which rule says so; nothing runs once it is done."""
    if row.due_at is None:
        return DueView()
    deadline = _deadline(row.deadline_code, context)
    light = Light(row.light or 0)
    kind = deadline.limit.kind if deadline else "WD"
    return DueView(
        due_at=row.due_at,
        legal_due_at=row.legal_due_at,
        light=max(light, Light.RED) if is_open and context.now >= row.due_at else light,
        time_left=time_left_text(row.due_at, context.now, context.calendar, kind) if is_open else "",
        code=row.deadline_code,
        text=f"{OWNERS[deadline.owner]} {deadline.code}" if deadline else "",
        basis=deadline.basis if deadline else "",
        what=deadline.what if deadline else "",
    )


def group_of(due_at: datetime | None, now: datetime) -> str:
    """Return overdue, today, week (to Sunday), later or none."""
    if due_at is None:
        return "none"
    if due_at <= now:
        return "overdue"
    day, today = local_date(due_at), local_date(now)
    if day == today:
        return "today"
    return "week" if day <= today + timedelta(days=6 - today.weekday()) else "later"


def names_of(context: Context, person_ids: Iterable[str | None]) -> dict[str, str]:
    """Return the names of people by id, in one statement; nobody is asked for twice in one transaction."""
    known: dict[str, str | None] = context.session.info.setdefault("names", {"engine": "系统"})
    wanted = {person for person in person_ids if person}
    if missing := sorted(wanted - known.keys()):
        known.update(dict.fromkeys(missing))
        known.update(context.session.execute(_NAMES, {"ids": missing}).all())
    return {person: name for person in (*wanted, "engine") if (name := known[person]) is not None}


def steps_of(context: Context, task_ids: Iterable[int | None]) -> dict[int, tuple[str, str]]:
    """Return name and status of tasks by id, also of those in the archive, in one statement."""
    wanted = sorted({task_id for task_id in task_ids if task_id is not None})
    if not wanted:
        return {}
    asked = select(EveryTask.id, EveryTask.name, EveryTask.status).where(EveryTask.id.in_(wanted))
    return {id_: (name, status) for id_, name, status in context.session.execute(asked)}


def in_words(principals: Iterable[str], context: Context, names: Mapping[str, str]) -> str:
    """Return candidates in Chinese: roles with their unit, people by name."""
    told = [context.directory.describe(principal) for principal in principals]
    return "、".join(dict.fromkeys(names.get(text, text) for text in told))


def matches_text(text: str, table: Any) -> Any:
    """Match a part of the number, or of the title where lists show it; never anything about persons (domain 2.1)."""
    pattern = text.strip()[:60].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    like = f"%{pattern}%"
    title = and_(table.sensitivity < S3, table.title.ilike(like, escape="\\"))
    return or_(table.number.ilike(like, escape="\\"), title)


def _deadline(code: str | None, context: Context) -> Deadline | None:
    if not code:
        return None
    try:
        return context.deadlines.find(code)
    except UnknownDeadlineError:
        return None
