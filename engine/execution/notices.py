"""Telling people: one notice in the product and one message in the outbox, never twice for the same cause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from engine.calendar import local
from engine.command import Context
from engine.database import upsert
from engine.directory import Colleague
from engine.execution.applying import write_jobs
from engine.model import tables

MERGE = timedelta(hours=1)
LONGEST = 10_000  # characters; what comes then goes into another message
CHANNEL = "email"
SUBJECT = "闭环：待办提醒"


@dataclass(frozen=True)
class Telling:
    """What to tell: `dedupe` names the cause, `not_before` keeps messages out of the quiet hours."""

    kind: str
    text: str
    dedupe: str
    instance_id: int | None = None
    task_id: int | None = None
    not_before: datetime | None = None


def tell(context: Context, people: Sequence[Colleague], telling: Telling) -> None:
    """Write the notices, and for those with an address the messages; messages of one hour become one of some pages."""
    if not people:
        return
    connection = context.session.connection()
    rows = [
        {"person_id": one.id, "kind": telling.kind, "instance_id": telling.instance_id, "task_id": telling.task_id,
         "text": telling.text, "created_at": context.now, "dedupe_key": f"{telling.dedupe}:{one.id}"}
        for one in people
    ]  # fmt: skip
    statement = upsert(connection, tables.notice).returning(tables.notice.c.person_id)
    new = set(connection.execute(statement, rows).scalars())
    for one in people:
        if one.id in new and one.email:
            _send(context, one, telling)


def _send(context: Context, person: Colleague, telling: Telling) -> None:
    table = tables.outbox
    connection = context.session.connection()
    open_since = context.now - MERGE
    asked = select(table.c.id, table.c.body).where(
        table.c.person_id == person.id, table.c.channel == CHANNEL, table.c.sent_at.is_(None), table.c.attempts == 0,
        table.c.created_at > open_since, func.length(table.c.body) < LONGEST,
    )  # fmt: skip
    waiting = connection.execute(asked.order_by(table.c.id.desc()).limit(1).with_for_update()).first()
    line = f"{local(context.now):%Y-%m-%d %H:%M} {telling.text}"
    if waiting is not None:
        connection.execute(update(table).where(table.c.id == waiting.id).values(body=f"{waiting.body}\n{line}"))
        return
    row = {
        "channel": CHANNEL, "person_id": person.id, "address": person.email, "subject": SUBJECT, "body": line,
        "dedupe_key": f"{CHANNEL}:{telling.dedupe}:{person.id}", "created_at": context.now, "attempts": 0,
    }  # fmt: skip
    outbox = connection.execute(upsert(connection, table).returning(table.c.id), [row]).scalar()
    if outbox is not None:
        due = max(telling.not_before or context.now, context.now)
        write_jobs(context, [{"kind": "notification", "due_at": due, "payload": {"outbox": outbox}, "retries": 5}])
