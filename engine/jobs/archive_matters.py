"""Archive matters: what ended long ago leaves the tables at work, some hundred matters at a time."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update

from engine.command import Context
from engine.database import upsert
from engine.execution.archiving import archive_finished
from engine.jobs.acquire import AcquiredJob
from engine.model import tables

EVERY = timedelta(hours=1)
NAME = "archive"
AT_ONCE = 200


@dataclass(frozen=True)
class ArchiveMatters:
    """Runs as one job row, whoever acquires it; the row is moved on, at once while there is more, never deleted."""

    job: AcquiredJob

    def execute(self, context: Context) -> int:
        """Archive one batch; `days` of the payload says how long a finished matter stays where it was."""
        before = context.now - timedelta(days=self.job.payload["days"])
        moved = archive_finished(context, before, AT_ONCE)
        pause = timedelta() if moved == AT_ONCE else EVERY
        later = {"due_at": context.now + pause, "lease_until": None, "lease_by": None, "attempts": 0}
        context.session.connection().execute(update(tables.job).where(tables.job.c.id == self.job.id).values(later))
        return moved


@dataclass(frozen=True)
class EnsureArchiving:
    """See to it that the job exists and knows after how many days a finished matter is archived."""

    days: int

    def execute(self, context: Context) -> None:
        """Insert it, or tell the one that is there."""
        connection = context.session.connection()
        row = {
            "kind": NAME, "due_at": context.now + EVERY, "payload": {"days": self.days}, "priority": -1, "attempts": 0,
            "retries": 1_000_000, "dedupe_key": NAME,
        }  # fmt: skip
        connection.execute(upsert(connection, tables.job, ("dedupe_key",), ("payload",)), [row])
