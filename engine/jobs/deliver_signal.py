"""Deliver a signal: one job finds who waits and starts, one job per matter delivers (BPMN 2.0.2 §10.5.1)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from engine.command import Context
from engine.execution.applying import run_event, write_jobs
from engine.execution.matter import ENDED, load
from engine.execution.starting import Beginning, begin_matter
from engine.jobs.acquire import AcquiredJob, take
from engine.model import tables
from engine.tokens.definition import Node
from engine.tokens.events import Signal


@dataclass(frozen=True)
class DeliverSignal:
    """Broadcast, or (with `to`) deliver to one matter."""

    job: AcquiredJob

    def execute(self, context: Context) -> None:
        """Deliver in the transaction that deletes the job."""
        if not take(context, self.job):
            return
        if self.job.instance_id is not None:
            self._to_one(context, self.job.instance_id)
        else:
            self._to_all(context)

    def _to_one(self, context: Context, instance_id: int) -> None:
        matter = load(context, instance_id)
        if matter.status not in ENDED:
            run_event(context, matter, Signal(self.job.payload["name"], self.job.payload["variables"]))
            context.record("signal received", matter.id, subject=self.job.payload["name"])

    def _to_all(self, context: Context) -> None:
        payload = self.job.payload
        table = tables.subscription
        asked = select(table.c.instance_id).where(table.c.kind == "signal", table.c.name == payload["name"]).distinct()
        waiting = [one for one in context.session.execute(asked).scalars() if one != payload.get("from")]
        rows: list[dict[str, Any]] = [
            {"kind": "signal", "instance_id": one, "due_at": context.now, "payload": payload} for one in sorted(waiting)
        ]
        write_jobs(context, rows)
        self._start(context)

    def _start(self, context: Context) -> None:
        payload = self.job.payload
        for deployed in context.catalog.all_latest():
            for node in deployed.process.nodes.values():
                if node.scope == deployed.process.id and _starts(node, payload["name"]):
                    unit = str(payload["variables"].get("matter_unit") or "")
                    begin_matter(context, Beginning(deployed, unit, payload["variables"], node.id, payload.get("from")))


def _starts(node: Node, signal: str) -> bool:
    """Tell whether a node is a start event that waits for this signal."""
    named = (event.name.text for event in node.events if event.kind == "signal" and event.name)
    return node.kind == "start" and signal in named
