"""Health: figures of the installation for its operators; counts and ages, never what a matter holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from engine.command import Context
from engine.model import Incident, Job, Outbox, ProcessInstance, UserTask, WorkerHeartbeat


@dataclass(frozen=True)
class Health:
    """The state of an installation. Ages are in seconds; None: there is no worker, or no job is due."""

    workers: int
    heartbeat_age: float | None
    due_jobs: int
    oldest_due_age: float | None
    incidents: int
    open_tasks: int
    running_matters: int
    unsent_messages: int


@dataclass(frozen=True)
class AskHealth:
    """Read the figures; `at` is the machine's present instant, which the example's clock does not move."""

    at: datetime

    def execute(self, context: Context) -> Health:
        """Count, each by an index."""

        def one(statement: Any) -> Any:
            return context.session.execute(statement).scalar()

        workers, seen = context.session.execute(
            select(func.count(), func.max(WorkerHeartbeat.beat_at)).select_from(WorkerHeartbeat)
        ).one()
        due = Job.due_at <= context.now
        oldest = one(select(func.min(Job.due_at)).where(due))
        return Health(
            int(workers),
            None if seen is None else (self.at - seen).total_seconds(),
            int(one(select(func.count(Job.id)).where(due))),
            None if oldest is None else (context.now - oldest).total_seconds(),
            int(one(select(func.count(Incident.id)).where(Incident.resolved_at.is_(None)))),
            int(one(select(func.count(UserTask.id)).where(UserTask.status == "open"))),
            int(one(select(func.count(ProcessInstance.id)).where(ProcessInstance.status == "active"))),
            int(one(select(func.count(Outbox.id)).where(Outbox.sent_at.is_(None)))),
        )
