"""Heartbeat: workers say that they live, so that the readiness page and the metrics can tell."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete

from engine.command import Context
from engine.database import upsert
from engine.model import tables

FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Beat:
    """A worker lives; those not seen for a day are forgotten. The instants are the worker's own, not the example's."""

    worker: str
    started_at: datetime
    at: datetime

    def execute(self, context: Context) -> None:
        """Write the row."""
        table, connection = tables.worker_heartbeat, context.session.connection()
        row = {"worker": self.worker, "started_at": self.started_at, "beat_at": self.at}
        connection.execute(upsert(connection, table, ("worker",), ("started_at", "beat_at")), [row])
        connection.execute(delete(table).where(table.c.beat_at < self.at - FORGOTTEN_AFTER))


@dataclass(frozen=True)
class StopBeating:
    """A worker ends in order."""

    worker: str

    def execute(self, context: Context) -> None:
        """Remove its row."""
        table = tables.worker_heartbeat
        context.session.connection().execute(delete(table).where(table.c.worker == self.worker))
