"""Incidents: what waits for an operator, and its retry."""

from dataclasses import dataclass

from sqlalchemy import select, update

from engine.command import Context
from engine.errors import ConflictError, NotFoundError
from engine.execution.applying import run_event
from engine.execution.matter import ENDED, load
from engine.model import tables
from engine.tokens.events import Retry


class IncidentNotFoundError(NotFoundError):
    """No such incident."""


class IncidentResolvedError(ConflictError):
    """Somebody resolved it meanwhile."""

    words = "这项异常已经处理。"


@dataclass(frozen=True)
class RetryIncident:
    """Let a job or token with an incident go on where it failed; nothing that was done is done again."""

    incident_id: int

    def execute(self, context: Context) -> None:
        """Retry and mark the incident; raises IncidentNotFoundError, IncidentResolvedError."""
        table = tables.incident
        asked = select(table).where(table.c.id == self.incident_id).with_for_update()
        incident = context.session.execute(asked).first()
        if incident is None:
            raise IncidentNotFoundError(incident_id=self.incident_id)
        if incident.resolved_at is not None:
            raise IncidentResolvedError(incident_id=self.incident_id)
        values = {"resolved_at": context.now, "resolved_by": context.actor.person_id}
        context.session.execute(update(table).where(table.c.id == incident.id).values(values))
        if incident.instance_id is not None:
            context.record("incident retried", incident.instance_id, subject=incident.kind, node=incident.node_id)
        if incident.job_id is not None:
            job = tables.job
            again = (
                update(job)
                .where(job.c.id == incident.job_id)
                .values(due_at=context.now, attempts=0, lease_until=None, lease_by=None)
            )
            context.session.execute(again)
            context.wake_worker()
            return
        matter = load(context, incident.instance_id)
        if matter.status not in ENDED:
            run_event(context, matter, Retry(incident.token))
