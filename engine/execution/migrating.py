"""Taking one running matter over to another version of its procedure, and back while it has not moved on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from engine.command import Context
from engine.errors import ConflictError
from engine.execution.applying import apply
from engine.execution.matter import ENDED, Matter, load
from engine.execution.pausing import due_of, move_due
from engine.execution.tasks import access_rows, task_row
from engine.model import tables
from engine.model.states import plain_state
from engine.tokens import effects as fx
from engine.tokens.effects import TaskOpened
from engine.tokens.migration import KEEP, RESTART, Migrate
from engine.tokens.surgery import operate

_QUIET = (fx.TimerArmed, fx.TimerDisarmed, fx.Subscribed, fx.Unsubscribed)
_BOUND: dict[str, Callable[[datetime, datetime], datetime]] = {"statutory": min, "party": max}
_TIMER = ("token", "catcher", "event_index", "due_at")
_SUBSCRIPTION = ("owner", "catcher", "event_index", "kind", "name", "correlation", "process_key")
_TASK = ("id", "definition_id", "node_id", "name", "form_key", "form_id", "candidates", "process_title")


class MovedOnError(ConflictError):
    """The matter went on after it was taken over, so it stays where it is."""

    words = "事项在迁移后已经前进，不能撤销。"


class EndedMatterError(ConflictError):
    """There is nothing to take over in a matter that is over."""

    words = "事项已经办结。"


@dataclass(frozen=True)
class Plan:
    """How matters go over from `old` to `new` (refs `key:version`).

    `nodes` and `flows` map ids of the old diagram to those of the new one. `timers` and `due` say what becomes of
    armed timers and of due dates: keep, restart (as from now) or recompute (as if the new version had held then).
    """

    old: str
    new: str
    nodes: Mapping[str, str] = field(default_factory=dict)
    flows: Mapping[str, str] = field(default_factory=dict)
    timers: str = KEEP
    due: str = KEEP

    def operation(self) -> Migrate:
        """Return the edit of the state."""
        return Migrate(self.old, self.new, self.nodes, self.flows, self.timers)


def take_over(context: Context, instance_id: int, plan: Plan) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take a matter over and return its record before and after.

    Raises EndedMatterError, SurgeryRefusedError with every reason, and StaleEventError.
    """
    matter = load(context, instance_id)
    if matter.status in ENDED:
        raise EndedMatterError
    before = _record(context, matter)
    step = operate(context.catalog, matter.state, plan.operation(), context.now)
    matter.state, matter.stepped = step.state, True
    matter.changed |= step.changed
    _set_definition(context, matter, plan.old, plan.new)
    tasks = _open_tasks(context, matter)
    apply(context, matter, step.effects)
    _follow_work(context, matter, plan)
    for row in tasks:
        _follow_task(context, matter, plan, row)
    context.record("matter migrated", matter.id, subject=plan.new, old=plan.old, nodes=dict(plan.nodes))
    quiet = all(isinstance(effect, _QUIET) for effect in step.effects)
    return before, {**_record(context, matter), "row_version": matter.row_version + 1, "quiet": quiet}


def take_back(
    context: Context, instance_id: int, plan: Plan, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Undo `take_over`; raises MovedOnError unless the matter stands as it was left."""
    matter = load(context, instance_id)
    if matter.status in ENDED or matter.row_version != after["row_version"] or not after["quiet"]:
        raise MovedOnError
    variables = {key: scope["vars"] for key, scope in matter.state["scopes"].items()}
    scopes = {key: {**scope, "vars": variables.get(key, {})} for key, scope in before["state"]["scopes"].items()}
    matter.state, matter.stepped = {**before["state"], "scopes": scopes}, True
    _set_definition(context, matter, plan.new, plan.old)
    _put_back_listening(context, matter, before)
    _follow_work(context, matter, replace(plan, old=plan.new, new=plan.old, nodes=_inverse(plan.nodes)))
    for row in before["tasks"]:
        _put_back_task(context, row)
    context.record("migration undone", matter.id, subject=plan.old, old=plan.new)


def _record(context: Context, matter: Matter) -> dict[str, Any]:
    """Return everything of a matter that a migration may change, as JSON."""
    state = plain_state(matter.state)
    scopes = {key: {k: v for k, v in scope.items() if k != "vars"} for key, scope in state["scopes"].items()}
    tasks = [
        {**{name: row[name] for name in _TASK}, "due_at": row["due_at"].isoformat() if row["due_at"] else None,
         "legal_due_at": row["legal_due_at"].isoformat() if row["legal_due_at"] else None}
        for row in _open_tasks(context, matter)
    ]  # fmt: skip
    job, subscription = tables.job, tables.subscription
    timers = context.session.execute(
        select(*(job.c[name] for name in _TIMER)).where(job.c.instance_id == matter.id, job.c.kind == "timer")
    ).mappings()
    waiting = context.session.execute(
        select(*(subscription.c[name] for name in _SUBSCRIPTION)).where(subscription.c.instance_id == matter.id)
    ).mappings()
    return {
        "definition_id": matter.definition_id, "row_version": matter.row_version, "state": {**state, "scopes": scopes},
        "tasks": tasks, "subscriptions": [dict(row) for row in waiting],
        "timers": [{**row, "due_at": row["due_at"].isoformat() if row["due_at"] else None} for row in timers],
    }  # fmt: skip


def _open_tasks(context: Context, matter: Matter) -> list[dict[str, Any]]:
    task = tables.user_task
    asked = select(task).where(task.c.instance_id == matter.id, task.c.status == "open").order_by(task.c.id)
    return [dict(row) for row in context.session.execute(asked).mappings()]


def _set_definition(context: Context, matter: Matter, old: str, new: str) -> None:
    """Let the matter's row follow where it is the matter's own process that goes over, not one it called."""
    if matter.definition_id != context.catalog.by_ref(old).id:
        return
    matter.deployed = context.catalog.by_ref(new)
    matter.definition_id = matter.deployed.id
    table = tables.process_instance
    changed = update(table).where(table.c.id == matter.id).values(definition_id=matter.definition_id)
    context.session.connection().execute(changed)


def _follow_work(context: Context, matter: Matter, plan: Plan) -> None:
    """Let waiting connector calls know their node in the version that holds now."""
    job = tables.job
    asked = select(job.c.id, job.c.payload).where(job.c.instance_id == matter.id, job.c.kind == "connector")
    for row in context.session.execute(asked).all():
        if row.payload.get("process") == plan.old:
            node = row.payload["node"]
            payload = {**row.payload, "process": plan.new, "node": plan.nodes.get(node, node)}
            context.session.connection().execute(update(job).where(job.c.id == row.id).values(payload=payload))


def _follow_task(context: Context, matter: Matter, plan: Plan, row: dict[str, Any]) -> None:
    """Give an open task the step, form and candidates of the new version; who has claimed it keeps it."""
    if row["definition_id"] != context.catalog.by_ref(plan.old).id or row["token"] not in matter.state["tokens"]:
        return
    node = matter.state["tokens"][row["token"]]["n"]
    opened = TaskOpened(row["token"], matter.state["tokens"][row["token"]]["s"], plan.new, node, "user")
    since = context.now if plan.due == RESTART else row["created_at"]
    fresh = task_row(replace(context, now=since), matter, opened)
    values = {name: fresh[name] for name in _TASK if name != "id"}
    task, access = tables.user_task, tables.task_access
    connection = context.session.connection()
    connection.execute(update(task).where(task.c.id == row["id"]).values(**values, row_version=row["row_version"] + 1))
    if row["assignee"] is None and fresh["candidates"] != row["candidates"]:
        connection.execute(delete(access).where(access.c.task_id == row["id"]))
        connection.execute(insert(access), access_rows(row["id"], {**row, **values}))
    if plan.due != KEEP:
        _move_due(context, {**row, **values}, fresh)


def _move_due(context: Context, row: Mapping[str, Any], fresh: Mapping[str, Any]) -> None:
    """Recompute a due date; never to the party's harm: no duty of the authority gets longer, no right shorter (P34)."""
    deadline = context.deadlines.deadlines.get(fresh["deadline_code"] or "")
    due, old = fresh["due_at"], row["due_at"]
    if due is None or old is None:
        return
    if deadline is not None and deadline.owner in _BOUND:
        due = _BOUND[deadline.owner](due, old)
    if due == old:
        return
    task = tables.user_task
    code = update(task).where(task.c.id == row["id"]).values(deadline_code=fresh["deadline_code"])
    context.session.connection().execute(code)
    moved = replace(due_of(context, {**row, "deadline_code": fresh["deadline_code"]}), due_at=due)
    who = context.actor.person_id
    move_due(context, row, moved, reason="流程版本迁移", asked_by=who, approved_by=who)


def _put_back_listening(context: Context, matter: Matter, before: Mapping[str, Any]) -> None:
    connection = context.session.connection()
    job, subscription = tables.job, tables.subscription
    connection.execute(delete(job).where(job.c.instance_id == matter.id, job.c.kind == "timer"))
    connection.execute(delete(subscription).where(subscription.c.instance_id == matter.id))
    timers = [
        {**row, "kind": "timer", "instance_id": matter.id, "due_at": _instant(row["due_at"]), "payload": {},
         "priority": 0, "attempts": 0, "retries": 3}
        for row in before["timers"]
    ]  # fmt: skip
    _insert(context, job, timers)
    _insert(context, subscription, [{**row, "instance_id": matter.id} for row in before["subscriptions"]])


def _put_back_task(context: Context, row: Mapping[str, Any]) -> None:
    task, access = tables.user_task, tables.task_access
    connection = context.session.connection()
    now = dict(connection.execute(select(task).where(task.c.id == row["id"])).mappings().one())
    values = {name: row[name] for name in _TASK if name != "id"}
    connection.execute(update(task).where(task.c.id == row["id"]).values(**values, row_version=now["row_version"] + 1))
    if now["assignee"] is None and now["candidates"] != row["candidates"]:
        connection.execute(delete(access).where(access.c.task_id == row["id"]))
        connection.execute(insert(access), access_rows(row["id"], {**now, **values}))
    if row["due_at"] is not None and now["due_at"] != _instant(row["due_at"]):
        due = replace(due_of(context, now), due_at=_instant(row["due_at"]), legal_due_at=_instant(row["legal_due_at"]))
        who = context.actor.person_id
        move_due(context, now, due, reason="撤销流程版本迁移", asked_by=who, approved_by=who)


def _inverse(nodes: Mapping[str, str]) -> dict[str, str]:
    return {new: old for old, new in nodes.items()}


def _insert(context: Context, table: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    if found := [dict(row) for row in rows]:
        context.session.connection().execute(insert(table), found)


def _instant(text: str | None) -> Any:
    return datetime.fromisoformat(text) if text else None
