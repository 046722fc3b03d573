"""Where matters stand: what their states wait for, and the rows of tasks, jobs and subscriptions that must agree."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from engine.command import Context
from engine.execution.matter import ENDED
from engine.model import tables

_AT_ONCE = 500
Waiting = Counter[tuple[Any, ...]]


@dataclass
class _Standing:
    """What one matter waits for: work at tokens, timers, and messages or signals."""

    work: Waiting = field(default_factory=Counter)
    timers: Waiting = field(default_factory=Counter)
    subscriptions: Waiting = field(default_factory=Counter)


def differences(context: Context) -> Iterator[tuple[str, str]]:
    """Yield (rule, where) for every matter whose rows are not what its state waits for; some hundred at a time."""
    last = 0
    while rows := _running(context, last):
        stored = _stored(context, [row.id for row in rows])
        for row in rows:
            yield from _compare(row.id, _of_state(row.state), stored[row.id])
            yield from _broken_state(row.id, row.state)
        last = rows[-1].id


def _running(context: Context, last: int) -> list[Any]:
    instance = tables.process_instance
    asked = select(instance.c.id, instance.c.state).where(instance.c.id > last, instance.c.status.not_in(ENDED))
    return list(context.session.execute(asked.order_by(instance.c.id).limit(_AT_ONCE)).all())


def _of_state(state: Mapping[str, Any]) -> _Standing:
    standing = _Standing()
    for key, token in state["tokens"].items():
        if token.get("w") == "task" and "incident" not in token:
            standing.work[key,] += 1
    for owner, record in [*state["tokens"].items(), *state["scopes"].items()]:
        for place in record.get("due", ()):
            catcher, _, index = place.rpartition("/")
            standing.timers[owner, catcher, int(index)] += 1
        for place, (kind, name, correlation) in record.get("subs", {}).items():
            catcher, _, index = place.rpartition("/")
            standing.subscriptions[owner, catcher, int(index), kind, name, correlation] += 1
    return standing


def _stored(context: Context, ids: list[int]) -> Mapping[int, _Standing]:
    """Return what the rows of these matters wait for."""
    task, job, subscription = tables.user_task, tables.job, tables.subscription
    found: dict[int, _Standing] = defaultdict(_Standing)
    opened = select(task.c.instance_id, task.c.token).where(task.c.instance_id.in_(ids), task.c.status == "open")
    for instance_id, token in context.session.execute(opened):
        found[instance_id].work[token,] += 1
    asked = select(job.c.instance_id, job.c.kind, job.c.token, job.c.catcher, job.c.event_index)
    asked = asked.where(job.c.instance_id.in_(ids), job.c.kind.in_(("timer", "connector")))
    for instance_id, kind, token, catcher, index in context.session.execute(asked):
        if kind == "timer":
            found[instance_id].timers[token, catcher, index] += 1
        else:
            found[instance_id].work[token,] += 1
    waiting = select(
        subscription.c.instance_id, subscription.c.owner, subscription.c.catcher, subscription.c.event_index,
        subscription.c.kind, subscription.c.name, subscription.c.correlation,
    )  # fmt: skip
    for instance_id, *what in context.session.execute(waiting.where(subscription.c.instance_id.in_(ids))):
        found[instance_id].subscriptions[tuple(what)] += 1
    return found


def _compare(instance_id: int, wanted: _Standing, stored: _Standing) -> Iterator[tuple[str, str]]:
    for what in ("work", "timers", "subscriptions"):
        missing, surplus = getattr(wanted, what) - getattr(stored, what), getattr(stored, what) - getattr(wanted, what)
        for kind, rows in (("without a row", missing), ("that nothing waits for", surplus)):
            for key in rows:
                yield f"{what} of a matter", f"matter={instance_id} {kind}: {' '.join(map(str, key))}"


def _broken_state(instance_id: int, state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a state says of itself that is not so: tokens counted wrongly, scopes or hosts that are missing."""
    tokens, scopes = state["tokens"], state["scopes"]
    inside = Counter(token["s"] for token in tokens.values())
    for key, scope in scopes.items():
        if scope["c"] != inside[key]:
            yield "tokens are counted", f"matter={instance_id} scope={key} counted={scope['c']} found={inside[key]}"
        if scope.get("up") is not None and scope["up"] not in tokens:
            yield "a scope has its host", f"matter={instance_id} scope={key}"
    for key, token in tokens.items():
        if token["s"] not in scopes or token.get("sub", token["s"]) not in scopes:
            yield "a token has its scope", f"matter={instance_id} token={key}"
    if not tokens:
        yield "a running matter has a token", f"matter={instance_id} status={state['status']}"
