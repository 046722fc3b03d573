"""Incidents: work that waits for an operator; number and step of the matter, never its content."""

from dataclasses import dataclass

from sqlalchemy import func, select

from engine.command import Context
from engine.errors import NotAllowedError
from engine.model import Incident, Job, ProcessDefinition, ProcessInstance, UserTask
from engine.queries.office_views import IncidentView

OPERATORS = frozenset({"sys_admin", "process_admin"})
MOST_ROWS = 500


@dataclass(frozen=True)
class ListIncidents:
    """Open incidents, oldest first; with `resolved` also those settled."""

    resolved: bool = False
    limit: int = 100

    def execute(self, context: Context) -> tuple[IncidentView, ...]:
        """Read them; raises NotAllowedError unless the actor operates the system or its procedures."""
        _require_operator(context)
        statement = (
            select(
                Incident,
                ProcessInstance.number,
                ProcessDefinition.title,
                UserTask.name,
                Job.attempts,
            )
            .outerjoin(ProcessInstance, ProcessInstance.id == Incident.instance_id)
            .outerjoin(ProcessDefinition, ProcessDefinition.id == ProcessInstance.definition_id)
            .outerjoin(Job, Job.id == Incident.job_id)
            .outerjoin(UserTask, UserTask.id == Job.task_id)
            .order_by(Incident.id)
            .limit(max(1, min(self.limit, MOST_ROWS)))
        )
        if not self.resolved:
            statement = statement.where(Incident.resolved_at.is_(None))
        return tuple(
            IncidentView(
                row.id,
                row.instance_id,
                number or "",
                title or "",
                step or row.node_id or "",
                row.kind,
                row.message,
                row.created_at,
                row.resolved_at,
                row.resolved_by,
                attempts or 0,
            )
            for row, number, title, step, attempts in context.session.execute(statement)
        )


@dataclass(frozen=True)
class CountIncidents:
    """How many incidents are open; 0 for those who do not operate."""

    def execute(self, context: Context) -> int:
        """Count."""
        if context.actor.roles.isdisjoint(OPERATORS):
            return 0
        open_ = select(func.count()).select_from(Incident).where(Incident.resolved_at.is_(None))
        return int(context.session.execute(open_).scalar_one())


def _require_operator(context: Context) -> None:
    if not context.actor.is_engine and context.actor.roles.isdisjoint(OPERATORS):
        raise NotAllowedError(reason="运行故障由系统管理员、流程管理员处理。")
