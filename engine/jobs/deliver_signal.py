"""Deliver a signal: one job finds who waits and starts, one job per matter delivers (BPMN 2.0.2 §10.5.1)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from engine.command import Context
from engine.execution.applying import run_event, write_jobs
from engine.execution.matter import ENDED, load
from engine.execution.starting import Beginning, begin_matter, unit_in
from engine.jobs.acquire import AcquiredJob, take
from engine.model import tables
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
            for node, index, event in deployed.process.graph.triggers:
                named = event.kind == "signal" and event.name is not None and event.name.text == payload["name"]
                if named and not _completes_another(context, deployed.key, node.id, payload["name"]):
                    unit = unit_in(context, payload["variables"])
                    sender = payload.get("from")
                    beginning = Beginning(deployed, unit, payload["variables"], node.id, sender, index=index)
                    begin_matter(context, beginning)


def _completes_another(context: Context, key: str, node: str, signal: str) -> bool:
    """Tell whether a matter that other events of a parallel start began waits for this one: then none is begun."""
    table = tables.subscription
    waiting = select(table.c.instance_id).where(
        table.c.process_key == key, table.c.catcher == node, table.c.kind == "signal", table.c.name == signal
    )
    return context.session.execute(waiting.limit(1)).first() is not None
