"""From the kernel's effects to rows: tasks, jobs, subscriptions, messages, history."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, or_, select

from engine.command import Context
from engine.execution.data_stores import keep_stored
from engine.execution.matter import Matter, step
from engine.execution.rows import follow_variables
from engine.execution.tasks import Opened, cancel_tasks, open_tasks
from engine.model import tables
from engine.prepared import Prepared
from engine.tokens import effects as fx
from engine.tokens.events import Event

PERSONAL = frozenset({"user", "manual"})
MESSAGE_LIFE = timedelta(days=30)
CONNECTOR_RETRIES = 3
_DROP_TIMER = Prepared(
    delete(tables.job).where(
        tables.job.c.instance_id == bindparam("b_instance"),
        tables.job.c.kind == "timer",
        tables.job.c.token == bindparam("b_token"),
        tables.job.c.catcher == bindparam("b_catcher"),
        tables.job.c.event_index == bindparam("b_index"),
    )
)
_SUBSCRIBE = Prepared(
    insert(tables.subscription),
    ("instance_id", "owner", "catcher", "event_index", "kind", "name", "correlation", "process_key"),
)
_STORED = select(tables.message.c.id).where(tables.message.c.status == "stored")


@dataclass
class Outcome:
    """What a step did that its command may want to tell."""

    opened: list[Opened] = field(default_factory=list)
    finished: bool = False


def run_event(context: Context, matter: Matter, event: Event) -> Outcome:
    """Advance a matter by one event and write everything that follows from it."""
    return apply(context, matter, step(context, matter, event))


def apply(context: Context, matter: Matter, effects: tuple[fx.Effect, ...]) -> Outcome:
    """Write the effects of one step."""
    outcome = Outcome()
    lasting, cancelled = _tasks(effects)
    follow_variables(context, matter)
    _cancel(context, matter, cancelled)
    outcome.opened = open_tasks(context, matter, [effect for effect in lasting if effect.kind in PERSONAL])
    _jobs(context, matter, [effect for effect in lasting if effect.kind not in PERSONAL], effects)
    _subscriptions(context, matter, effects)
    _leaving(context, matter, effects)
    keep_stored(context, matter, effects)
    _history(context, matter, effects)
    outcome.finished = _ending(context, matter, effects)
    return outcome


def _tasks(effects: Iterable[fx.Effect]) -> tuple[list[fx.TaskOpened], list[str]]:
    """Return the work that is open after a step and was not before, and the tokens whose work of before is cancelled.

    What opened and closed within the step is neither; what was cancelled and opened again is both.
    """
    opened: dict[str, fx.TaskOpened] = {}
    cancelled = []
    for effect in effects:
        if isinstance(effect, fx.TaskOpened):
            opened[effect.token] = effect
        elif isinstance(effect, fx.TaskClosed) and not opened.pop(effect.token, None) and effect.reason == "cancelled":
            cancelled.append(effect.token)
    return list(opened.values()), cancelled


def _cancel(context: Context, matter: Matter, tokens: list[str]) -> None:
    cancel_tasks(context, matter, tokens)
    if tokens:
        job = tables.job
        context.session.connection().execute(
            delete(job).where(job.c.instance_id == matter.id, job.c.kind == "connector", job.c.token.in_(tokens))
        )


def _jobs(context: Context, matter: Matter, work: list[fx.TaskOpened], effects: Iterable[fx.Effect]) -> None:
    """Write jobs for work without a person and for timers; drop the timers nobody waits for."""
    armed, gone = _balance(effects, fx.TimerArmed, fx.TimerDisarmed)
    for key in gone:
        _drop_timer(context, matter, key)
    rows = [_connector(context, matter, effect) for effect in work]
    rows += [
        _job("timer", matter, armed_.due, token=armed_.owner, catcher=armed_.catcher, event_index=armed_.index)
        for armed_ in armed.values()
    ]
    write_jobs(context, rows)


def _balance(
    effects: Iterable[fx.Effect], opening: type[Any], closing: type[Any]
) -> tuple[dict[tuple[str, str, int], Any], list[tuple[str, str, int]]]:
    """Return what is waited for after a step and was not before, and what of before is waited for no more.

    What opened and closed within the step is neither; what closed and opened again is both.
    """
    opened: dict[tuple[str, str, int], Any] = {}
    closed = []
    for effect in effects:
        if isinstance(effect, opening):
            opened[effect.owner, effect.catcher, effect.index] = effect
        elif isinstance(effect, closing):
            key = (effect.owner, effect.catcher, effect.index)
            if opened.pop(key, None) is None:
                closed.append(key)
    return opened, closed


def write_jobs(context: Context, rows: list[dict[str, Any]]) -> None:
    """Insert jobs; those due now are looked for as soon as the transaction is committed."""
    if rows:
        _WRITE_JOB.write(context.session.connection(), [{**_JOB, **row} for row in rows])
        if any(row["due_at"] <= context.now for row in rows):
            context.wake_worker()


_JOB: dict[str, Any] = {
    "instance_id": None, "task_id": None, "token": None, "catcher": None, "event_index": None, "topic": None,
    "payload": {}, "priority": 0, "attempts": 0, "retries": CONNECTOR_RETRIES, "dedupe_key": None,
}  # fmt: skip
_WRITE_JOB = Prepared(insert(tables.job).inline(), (*_JOB, "kind", "due_at"))


def _job(kind: str, matter: Matter, due_at: Any, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "instance_id": matter.id, "due_at": due_at, **more}


def _connector(context: Context, matter: Matter, effect: fx.TaskOpened) -> dict[str, Any]:
    node = context.catalog.process(effect.process).nodes[effect.node]
    topic = node.extensions.topic.text if node.extensions.topic else ""
    payload = {"process": effect.process, "node": effect.node}
    return _job("connector", matter, context.now, token=effect.token, topic=topic, payload=payload)


def _drop_timer(context: Context, matter: Matter, key: tuple[str, str, int]) -> None:
    values = {"b_instance": matter.id, "b_token": key[0], "b_catcher": key[1], "b_index": key[2]}
    _DROP_TIMER.write(context.session.connection(), [values])


def _subscriptions(context: Context, matter: Matter, effects: Iterable[fx.Effect]) -> None:
    connection = context.session.connection()
    table = tables.subscription
    added, gone = _balance(effects, fx.Subscribed, fx.Unsubscribed)
    if gone:
        matches = [
            and_(table.c.owner == owner, table.c.catcher == catcher, table.c.event_index == index)
            for owner, catcher, index in gone
        ]
        connection.execute(delete(table).where(table.c.instance_id == matter.id, or_(*matches)))
    rows = [
        {"instance_id": matter.id, "owner": e.owner, "catcher": e.catcher, "event_index": e.index, "kind": e.kind,
         "name": e.name, "correlation": e.correlation, "process_key": matter.key}
        for e in added.values()
    ]  # fmt: skip
    _SUBSCRIBE.write(connection, rows)
    for effect in added.values():
        if effect.kind == "message":
            _match_stored(context, effect)


def _match_stored(context: Context, effect: fx.Subscribed) -> None:
    """Match messages again that came before this receiver opened (security R3)."""
    asked = _STORED.where(tables.message.c.name == effect.name, tables.message.c.correlation == effect.correlation)
    found = context.session.connection().execute(asked).scalars().all()
    write_jobs(context, [{"kind": "message", "due_at": context.now, "payload": {"message": one}} for one in found])


def _leaving(context: Context, matter: Matter, effects: Iterable[fx.Effect]) -> None:
    for effect in effects:
        if isinstance(effect, fx.MessageThrown):
            store_message(context, effect.name, effect.correlation, effect.variables, sender=matter.id)
        elif isinstance(effect, fx.SignalThrown):
            payload = {"name": effect.name, "variables": dict(effect.variables), "from": matter.id}
            write_jobs(context, [{"kind": "signal", "due_at": context.now, "payload": payload}])


def store_message(
    context: Context, name: str, correlation: str | None, variables: Mapping[str, Any], sender: int | None = None
) -> int:
    """Keep a message before it is matched, and let a worker match it; return its id."""
    row = {
        "name": name, "correlation": correlation, "variables": dict(variables), "status": "stored",
        "created_at": context.now, "expires_at": context.now + MESSAGE_LIFE,
    }  # fmt: skip
    statement = insert(tables.message).returning(tables.message.c.id)
    message = int(context.session.connection().execute(statement, row).scalar_one())
    payload = {"message": message, "from": sender}
    write_jobs(context, [{"kind": "message", "due_at": context.now, "payload": payload}])
    return message


def _history(context: Context, matter: Matter, effects: Iterable[fx.Effect]) -> None:
    path = [[e.process, e.node, e.flow] for e in effects if isinstance(e, fx.Passed)]
    if path:
        context.record("steps passed", matter.id, path=path)
    for effect in effects:
        if isinstance(effect, fx.DecisionMade):
            context.record(
                "decision made",
                matter.id,
                subject=effect.decision,
                node=effect.node,
                decision=effect.explanation.get("name") or effect.decision,
                explanation=dict(effect.explanation),
            )
        elif isinstance(effect, fx.IncidentRaised):
            _incident(context, matter, effect)


def _incident(context: Context, matter: Matter, effect: fx.IncidentRaised) -> None:
    row = {"instance_id": matter.id, "token": effect.token, "node_id": effect.node, "kind": "token",
           "message": effect.message[:2000], "created_at": context.now}  # fmt: skip
    context.session.connection().execute(insert(tables.incident), row)
    context.record("incident raised", matter.id, subject=effect.node, message=effect.message)


def _ending(context: Context, matter: Matter, effects: Iterable[fx.Effect]) -> bool:
    status = matter.state["status"]
    if status not in {"completed", "terminated", "failed"} or matter.ended_at:
        return False
    matter.status = "completed" if status == "completed" else "terminated"
    matter.ended_at = context.now
    code = next((e.code for e in effects if isinstance(e, fx.Failed)), None)
    context.record("matter ended", matter.id, status=matter.status, error=code)
    return True
