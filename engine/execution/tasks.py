"""Opening and closing rows of the worklist for the work at a token."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from engine.actor import person_principal
from engine.calendar import SHANGHAI, at_local
from engine.command import Context
from engine.deadlines import Due, UnknownDeadlineError
from engine.deadlines.register import END_OF_WORK
from engine.execution.matter import Matter
from engine.execution.nodes import form_key
from engine.form_context import matter_context
from engine.model import tables
from engine.model.tasks import NEVER
from engine.prepared import Prepared, PreparedUpsert
from engine.tokens import variables_in_sight
from engine.tokens.definition import Node
from engine.tokens.effects import TaskOpened
from engine.tokens.values import Value

URGENT = "特急"
_CANCEL = (
    update(tables.user_task)
    .where(
        tables.user_task.c.instance_id == bindparam("b_instance"),
        tables.user_task.c.token.in_(bindparam("b_tokens", expanding=True)),
        tables.user_task.c.status == "open",
    )
    .values(status="cancelled", completed_at=bindparam("v_at"))
    .returning(tables.user_task.c.id)
)
_COMPLETER = (
    select(tables.user_task.c.completed_by)
    .where(
        tables.user_task.c.instance_id == bindparam("instance"),
        tables.user_task.c.node_id == bindparam("node"),
        tables.user_task.c.status == "completed",
    )
    .order_by(tables.user_task.c.id.desc())
    .limit(1)
)
_DROP_ACCESS = Prepared(delete(tables.task_access).where(tables.task_access.c.task_id == bindparam("id")))
_DROP_JOBS = Prepared(delete(tables.job).where(tables.job.c.task_id == bindparam("id")))
_TASK_COLUMNS = (
    "instance_id", "token", "node_id", "definition_id", "process_key", "process_title", "name", "number", "title",
    "unit_code", "sensitivity", "priority", "assignee", "candidates", "form_key", "form_id", "status", "row_version",
    "created_at", "claimed_at", "due_at", "legal_due_at", "deadline_code", "light", "extensions_used",
)  # fmt: skip
_JOB_COLUMNS = (
    "kind", "instance_id", "task_id", "due_at", "payload", "dedupe_key", "retries", "priority", "attempts",
)  # fmt: skip
_OPEN = Prepared(insert(tables.user_task).returning(tables.user_task.c.id), _TASK_COLUMNS)
_GRANT = Prepared(insert(tables.task_access), ("principal", "status", "due_at", "task_id"))
_SET_LIGHT = Prepared(insert(tables.job).inline(), _JOB_COLUMNS)
_TAKE_PART = PreparedUpsert(tables.participant, ("instance_id", "person_id", "kind"), first=("since", "note"))


@dataclass(frozen=True)
class Opened:
    """A task as it was opened: what the answer to a completion tells of it."""

    task_id: int
    name: str
    candidates: tuple[str, ...]
    assignee: str | None


def open_tasks(context: Context, matter: Matter, opened: Iterable[TaskOpened]) -> list[Opened]:
    """Write the rows of new user tasks, who may act on them, and the job of their first light."""
    rows = [task_row(context, matter, effect) for effect in opened]
    if not rows:
        return []
    connection = context.session.connection()
    kinds = [row.pop("_kind") for row in rows]
    ids = _insert(connection, rows)
    access = [one for id_, row in zip(ids, rows, strict=True) for one in access_rows(id_, row)]
    _GRANT.write(connection, access)
    jobs = [
        job for id_, row, kind in zip(ids, rows, kinds, strict=True) if (job := first_light(context, id_, row, kind))
    ]
    _SET_LIGHT.write(connection, jobs)
    _let_take_part(context, ids, rows)
    return [
        Opened(id_, row["name"], tuple(row["candidates"]), row["assignee"]) for id_, row in zip(ids, rows, strict=True)
    ]


def _insert(connection: Connection, rows: list[dict[str, Any]]) -> list[int]:
    """Insert tasks and return their ids; many at once (multi-instance) in few statements."""
    if len(rows) == 1:
        return [_OPEN.rows(connection, rows[0])[0][0]]
    statement = insert(tables.user_task).returning(tables.user_task.c.id, sort_by_parameter_order=True)
    return list(connection.execute(statement, rows).scalars())


def cancel_tasks(context: Context, matter: Matter, tokens: list[str]) -> None:
    """Close the open tasks of tokens that went away; nothing is left of them in worklists and jobs."""
    if tokens:
        values = {"b_instance": matter.id, "b_tokens": tokens, "v_at": context.now}
        ids = list(context.session.connection().execute(_CANCEL, values).scalars())
        drop_waiting(context, ids)


def drop_waiting(context: Context, ids: list[int]) -> None:
    """Take tasks out of all worklists and forget their lights."""
    if ids:
        connection = context.session.connection()
        gone = [{"id": one} for one in ids]
        _DROP_ACCESS.write(connection, gone)
        _DROP_JOBS.write(connection, gone)


def first_light(context: Context, task_id: int, row: Mapping[str, Any], kind: str) -> dict[str, Any] | None:
    """Return the job of the first rung of a task's ladder, or None where nothing is due."""
    return next_light(context, task_id, row, kind, after=None)


def next_light(
    context: Context, task_id: int, row: Mapping[str, Any], kind: str, after: datetime | None
) -> dict[str, Any] | None:
    """Return the job of the first rung later than `after` (None: of the first there is)."""
    if row["due_at"] is None:
        return None
    unit = context.directory.unit(row["unit_code"])
    deadline = context.deadlines.deadlines.get(row["deadline_code"] or "")
    rungs = context.ladder.rungs(
        row["created_at"], row["due_at"], kind, bool(deadline and deadline.statutory),
        urgent=row["priority"].startswith(URGENT), level=unit.level if unit else None,
    )  # fmt: skip
    for rung in rungs:
        if after is None or rung.at > after:
            return {
                "kind": "light", "instance_id": row["instance_id"], "task_id": task_id, "due_at": rung.at,
                "priority": 0, "attempts": 0, "payload": {},
                "dedupe_key": f"light:{task_id}:{rung.name}:{row['due_at']:%Y%m%d%H%M}", "retries": 5,
            }  # fmt: skip
    return None


def task_row(context: Context, matter: Matter, effect: TaskOpened) -> dict[str, Any]:
    """Return the row of a task as its diagram says it opens now; `_kind` is the day kind of its deadline."""
    deployed = context.catalog.by_ref(effect.process)
    node = deployed.process.nodes[effect.node]
    variables = variables_in_sight(matter.state, effect.token)
    variables["matter"] = matter_context(matter, context.directory)
    extensions = node.extensions

    def text(value: Value | None) -> str | None:
        return value.evaluate_text(variables, context.now) if value else None

    unit = text(extensions.properties.get("bihuan:unit")) or matter.unit_code
    due = due_for(context, node, variables)
    key = form_key(deployed.key, node)
    form = context.catalog.latest_form(key) if key else None
    assignee = text(extensions.assignee) or _same_as(context, matter, node)
    candidates = context.directory.candidates(
        _split(extensions.candidate_groups, variables, context),
        _split(extensions.candidate_users, variables, context),
        unit,
    )
    return {
        "_kind": due.kind if due else "WD",
        "instance_id": matter.id, "token": effect.token, "node_id": node.id, "definition_id": deployed.id,
        "process_key": deployed.key, "process_title": deployed.title, "name": node.name or node.id,
        "number": matter.number, "title": text(extensions.properties.get("bihuan:title")) or matter.title,
        "unit_code": unit if context.directory.unit(unit) else matter.unit_code, "sensitivity": matter.sensitivity,
        "priority": matter.priority, "assignee": assignee, "candidates": list(candidates),
        "form_key": form.key if form else None, "form_id": form.id if form else None, "status": "open",
        "row_version": 1, "created_at": context.now, "claimed_at": context.now if assignee else None,
        "due_at": due.due_at if due else None, "legal_due_at": due.legal_due_at if due else None,
        "deadline_code": due.code or None if due else None, "light": 0, "extensions_used": 0,
    }  # fmt: skip


def _split(value: Value | None, variables: Mapping[str, Any], context: Context) -> list[str]:
    if value is None:
        return []
    found = value.evaluate(variables, context.now)
    parts = found if isinstance(found, list) else str(found or "").split(",")
    return [text for part in parts if part is not None and (text := str(part).strip())]


def _same_as(context: Context, matter: Matter, node: Node) -> str | None:
    """Return who completed the step named in `bihuan:sameAs` last, in this matter."""
    other = node.extensions.property("sameAs")
    if not other:
        return None
    if other in {"start", "starter"}:
        return matter.started_by
    found: str | None = context.session.execute(_COMPLETER, {"instance": matter.id, "node": other}).scalar()
    return found


def due_for(context: Context, node: Node, variables: Mapping[str, Any]) -> Due | None:
    """Return when a task is due: its deadline's end, or the earlier date that the matter sets (domain section 10)."""
    properties = node.extensions.properties

    def text(name: str) -> str | None:
        value = properties.get(f"bihuan:{name}")
        return value.evaluate_text(variables, context.now) if value else None

    wanted = _day(node.extensions.due_date.evaluate(variables, context.now)) if node.extensions.due_date else None
    code = text("deadline")
    if code:
        try:
            return context.deadlines.due(code, context.now, text("deadlineVariant"), wanted)
        except UnknownDeadlineError:
            return _plain(wanted)
    return _plain(wanted)


def _plain(wanted: date | datetime | None) -> Due | None:
    if wanted is None:
        return None
    from_day = wanted if isinstance(wanted, datetime) else _end_of_work(wanted)
    return Due("", from_day, None, "WD", statutory=False, text="")


def _end_of_work(day: date) -> datetime:
    return at_local(day, END_OF_WORK)


def _day(value: Any) -> date | datetime | None:
    """Read what a dueDate expression gave: an ISO day, or an ISO instant with its zone."""
    try:
        if isinstance(value, str) and len(value) == len("2026-03-02"):
            return date.fromisoformat(value)
        instant = datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
    return instant if instant is None or instant.tzinfo else instant.replace(tzinfo=SHANGHAI)


def access_rows(task_id: int, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of who may act on a task: its assignee, else each of its candidates."""
    principals = [person_principal(row["assignee"])] if row["assignee"] else row["candidates"]
    status = "assigned" if row["assignee"] else "claimable"
    due = row["due_at"] or NEVER
    return [{"principal": one, "status": status, "due_at": due, "task_id": task_id} for one in principals]


def _let_take_part(context: Context, ids: list[int], rows: list[dict[str, Any]]) -> None:
    """Let those who get work directly take part in the matter from now on; of a restricted one, on the access list."""
    wanted = {(row["instance_id"], row["assignee"], kind)
              for _, row in zip(ids, rows, strict=True) if row["assignee"]
              for kind in (("assignee", "access") if row["sensitivity"] >= 3 else ("assignee",))}  # fmt: skip
    if wanted:
        values = [{"instance_id": one, "person_id": person, "kind": kind, "since": context.now, "note": ""}
                  for one, person, kind in sorted(wanted)]  # fmt: skip
        _TAKE_PART.write(context.session.connection(), values)
