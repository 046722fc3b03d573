"""What happened to a matter, as a record that can be replayed."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from engine.command import Context
from engine.execution.nodes import start_node
from engine.execution.replaying import Act, Recorded
from engine.model import EveryEvent, EveryTask, EveryVariable, ProcessInstance, UserTask
from engine.tokens import Process

_LEAVING = frozenset({"throw", "end"})
_FROM_OUTSIDE = frozenset({"message", "signal"})


def tasks_of(context: Context, row: ProcessInstance) -> list[UserTask]:
    """Return the tasks of a matter in the order they were opened."""
    asked = select(EveryTask).where(EveryTask.instance_id == row.id).order_by(EveryTask.created_at, EveryTask.id)
    return list(context.session.execute(asked).scalars())


def record(context: Context, row: ProcessInstance, tasks: list[UserTask]) -> Recorded:
    """Return what happened to a matter from outside, from its tasks, its history and what it knows."""
    deployed = context.catalog.deployed(row.definition_id)
    known = _variables(context, row)
    begun = start_node(deployed.process)
    filed = next((task for task in tasks if not task.token and begun is not None and task.node_id == begun.id), None)
    given: dict[str, Any] = {
        name: known[name] for name in ("starter", "matter_unit", "matter_no", "matter_id") if name in known
    }
    events = list(_events(context, row))
    start: str | None = None
    if filed is not None:
        values: dict[str, Any] = {**(filed.submission or {}), **given}
    else:
        # A message began it: what nobody filed came with the message.
        names = {name for task in tasks for name in (task.submission or {})}
        start = next((act.node for act in events if _starts(deployed.process, act.node)), None)
        values = {name: value for name, value in known.items() if name not in names}
    acts = [
        Act(task.completed_at, task.node_id, task.submission or {})
        for task in tasks
        if task.token and task.status == "completed" and task.completed_at is not None
    ]
    acts += [act for act in events if not _starts(deployed.process, act.node)]
    return Recorded(row.started_at, start, values, sorted(acts, key=lambda act: act.at), known)


def _starts(process: Process, node: str) -> bool:
    found = process.nodes.get(node)
    return found is not None and found.kind == "start" and found.scope == process.id


def _variables(context: Context, row: ProcessInstance) -> dict[str, Any]:
    every = EveryVariable
    asked = select(every.name, every.value).where(every.instance_id == row.id).order_by(every.scope.desc())
    found: dict[str, Any] = dict(context.session.execute(asked).all())
    return found


def _events(context: Context, row: ProcessInstance) -> Iterator[Act]:
    """Yield the messages and signals that reached the matter, as its path tells."""
    asked = select(EveryEvent.at, EveryEvent.details).where(
        EveryEvent.instance_id == row.id, EveryEvent.action == "steps passed"
    )
    for at, details in context.session.execute(asked.order_by(EveryEvent.seq)):
        for ref, node_id, _ in details.get("path", ()):
            node = context.catalog.process(ref).nodes.get(node_id)
            if (
                node is not None
                and any(event.kind in _FROM_OUTSIDE for event in node.events)
                and node.kind not in _LEAVING
            ):
                yield Act(at, node_id, {}, is_event=True)
