"""Send a notification: the channel is called between two transactions; the outbox id makes it once (security R2)."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select, update

from engine.channels import OutboxMessage
from engine.command import Context
from engine.jobs.acquire import AcquiredJob, take
from engine.model import tables


@dataclass(frozen=True)
class Outgoing:
    """A message about to leave, and by which channel."""

    channel: str
    message: OutboxMessage


@dataclass(frozen=True)
class TakeOutgoing:
    """Take the message of a job to send it, if its channel is among those set up; None where it was sent already.

    From now on nothing is added to it: a line that came between reading and sending would never leave.
    """

    job: AcquiredJob
    channels: Collection[str]

    def execute(self, context: Context) -> Outgoing | None:
        """Count the attempt and read the outbox row."""
        table = tables.outbox
        mine = (table.c.id == self.job.payload["outbox"], table.c.sent_at.is_(None))
        count = update(table).where(*mine, table.c.channel.in_(self.channels)).values(attempts=table.c.attempts + 1)
        context.session.execute(count)
        row = context.session.execute(select(table).where(*mine)).first()
        if row is None:
            return None
        message = OutboxMessage(f"bihuan-{row.id}", row.address, row.subject, row.body, row.created_at)
        return Outgoing(row.channel, message)


@dataclass(frozen=True)
class MarkSent:
    """Note that a message left, and forget its job."""

    job: AcquiredJob

    def execute(self, context: Context) -> None:
        """Write both in one transaction."""
        take(context, self.job)
        table = tables.outbox
        statement = update(table).where(table.c.id == self.job.payload["outbox"], table.c.sent_at.is_(None))
        context.session.execute(statement.values(sent_at=context.now))


@dataclass(frozen=True)
class KeepUnsent:
    """Forget the job of a message whose channel is not set up; the message stays in the outbox and says why."""

    job: AcquiredJob

    def execute(self, context: Context) -> None:
        """Write both in one transaction."""
        take(context, self.job)
        table = tables.outbox
        statement = update(table).where(table.c.id == self.job.payload["outbox"])
        context.session.execute(statement.values(last_error="没有配置这一通知渠道"))
