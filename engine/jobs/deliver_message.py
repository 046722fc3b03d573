"""Deliver a message: to who waits for it, to a message start event, or keep it until somebody does (security R3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from engine.command import Context
from engine.execution.applying import run_event
from engine.execution.matter import ENDED, load
from engine.execution.starting import Beginning, begin_matter, unit_in
from engine.jobs.acquire import AcquiredJob, take
from engine.model import tables
from engine.tokens.events import Trigger
from engine.tokens.state import StaleEventError

_AT_ONCE = 20


@dataclass(frozen=True)
class DeliverMessage:
    """Match one stored message; it stays stored where nobody waits, and is matched again when a receiver opens."""

    job: AcquiredJob

    def execute(self, context: Context) -> None:
        """Deliver in the transaction that deletes the job."""
        if not take(context, self.job):
            return
        table = tables.message
        asked = select(table).where(table.c.id == self.job.payload["message"]).with_for_update()
        message = context.session.execute(asked).first()
        if message is None or message.status != "stored":
            return
        if message.expires_at <= context.now:
            _mark(context, message.id, "expired", None)
            return
        matched = _deliver(context, message) or _start(context, message, self.job.payload.get("from"))
        if matched is not None:
            _mark(context, message.id, "matched", matched)


def waiting_for(context: Context, message: Any) -> Iterator[Any]:
    """Yield who waits for a message's name and correlation, longest first.

    Some are read at a time: mostly the first of perhaps a hundred thousand takes it.
    """
    table = tables.subscription
    wanted = table.c.correlation == message.correlation  # None asks for IS NULL
    asked = select(table).where(table.c.kind == "message", table.c.name == message.name, wanted)
    asked = asked.order_by(table.c.instance_id, table.c.owner, table.c.catcher, table.c.event_index).limit(_AT_ONCE)
    seen = 0
    while rows := context.session.execute(asked.offset(seen)).all():
        yield from rows
        seen += len(rows)


def _deliver(context: Context, message: Any) -> int | None:
    """Give it to the longest waiting subscription with its name and correlation; without one, to one without."""
    for waiting in waiting_for(context, message):
        matter = load(context, waiting.instance_id)
        if matter.status in ENDED:
            continue
        try:
            run_event(context, matter, Trigger(waiting.owner, waiting.catcher, waiting.event_index, message.variables))
        except StaleEventError:
            continue
        context.record("message received", matter.id, subject=message.name)
        return matter.id
    return None


def _start(context: Context, message: Any, sender: int | None) -> int | None:
    """Start the procedure that a message of this name begins."""
    for deployed in context.catalog.all_latest():
        for node, index, event in deployed.process.graph.triggers:
            if event.kind == "message" and event.name and event.name.text == message.name:
                unit = unit_in(context, message.variables)
                beginning = Beginning(deployed, unit, message.variables, node.id, sender, index=index)
                matter, _ = begin_matter(context, beginning)
                return matter.id
    return None


def _mark(context: Context, message: int, status: str, instance: int | None) -> None:
    table = tables.message
    statement = update(table).where(table.c.id == message).values(status=status, matched_instance=instance)
    context.session.execute(statement)
