"""Timer start events of procedures: each deployment arms those of its newest version (BPMN 2.0.2 §10.5.2)."""

from typing import Any

from sqlalchemy import delete

from engine.command import Context
from engine.execution.applying import write_jobs
from engine.model import tables
from engine.tokens.definition import Node, Process
from engine.tokens.timers import Schedule, schedule

KIND = "start"


def arm_starts(context: Context, key: str, version: int, process: Process) -> None:
    """Let the timers of a procedure's newest version start matters; those of older versions end."""
    job = tables.job
    gone = delete(job).where(job.c.kind == KIND, job.c.topic == key)
    context.session.connection().execute(gone)
    rows = [
        start_job(key, version, node.id, index, schedule(str(event.form), str(event.timer.text), context.now))
        for node in _starts(process)
        for index, event in enumerate(node.events)
        if event.kind == "timer" and event.timer is not None
    ]
    write_jobs(context, rows)


def start_job(key: str, version: int, node: str, index: int, due: Schedule) -> dict[str, Any]:
    """Return the job of one round of a timer start event."""
    payload = {"version": version, "left": due.left, "every": due.every}
    name = f"start:{key}:{version}:{node}:{index}:{due.due:%Y%m%d%H%M%S}"
    return {
        "kind": KIND, "topic": key, "catcher": node, "event_index": index, "due_at": due.due, "payload": payload,
        "dedupe_key": name,
    }  # fmt: skip


def _starts(process: Process) -> list[Node]:
    return [
        node for node in process.nodes.values() if node.kind == "start" and node.scope == process.id and node.events
    ]
