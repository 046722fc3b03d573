"""Health: figures of the installation for its operators; counts and ages, never what a matter holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select

from engine.command import Context
from engine.model import Incident, Job, Outbox, ProcessInstance, UserTask, WorkerHeartbeat
from engine.model.priorities import PRIORITIES


@dataclass(frozen=True)
class Pulse:
    """Whether work goes on. Ages are in seconds; None: there is no worker, or no job is due."""

    workers: int
    heartbeat_age: float | None
    due_jobs: int
    oldest_due_age: float | None


@dataclass(frozen=True)
class Health(Pulse):
    """The state of an installation: its pulse, and how much there is."""

    incidents: int
    open_tasks: int
    running_matters: int
    unsent_messages: int


@dataclass(frozen=True)
class AskPulse:
    """Read what tells whether work goes on, as often as anybody likes; see AskHealth for `at`."""

    at: datetime

    def execute(self, context: Context) -> Pulse:
        """Look at workers and due jobs, each by an index."""
        one = context.session.execute
        workers, seen = one(select(func.count(), func.max(WorkerHeartbeat.beat_at)).select_from(WorkerHeartbeat)).one()
        by_priority = and_(Job.priority == PRIORITIES.c.priority, Job.due_at <= context.now)
        due = select(func.count(Job.id), func.min(Job.due_at)).select_from(PRIORITIES).join(Job, by_priority)
        count, oldest = one(due).one()
        return Pulse(
            int(workers),
            None if seen is None else (self.at - seen).total_seconds(),
            int(count),
            None if oldest is None else (context.now - oldest).total_seconds(),
        )


@dataclass(frozen=True)
class AskHealth:
    """Read the figures; `at` is the machine's present instant, which the example's clock does not move.

    Open tasks and waiting messages are counted one by one, so this is for monitoring, not for every few seconds.
    """

    at: datetime

    def execute(self, context: Context) -> Health:
        """Take the pulse, and count."""

        def count(column: Any, condition: Any) -> int:
            return int(context.session.execute(select(func.count(column)).where(condition)).scalar_one())

        return Health(
            **vars(AskPulse(self.at).execute(context)),
            incidents=count(Incident.id, Incident.resolved_at.is_(None)),
            open_tasks=count(UserTask.id, UserTask.status == "open"),
            running_matters=count(ProcessInstance.id, ProcessInstance.status == "active"),
            unsent_messages=count(Outbox.id, Outbox.sent_at.is_(None)),
        )
