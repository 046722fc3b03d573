"""Migrate matters: a worker takes a few matters of a batch over, then leaves the rest to the next job."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from engine.command import Context
from engine.errors import MatterNotFoundError
from engine.execution.applying import write_jobs
from engine.execution.migrating import EndedMatterError, Plan, take_over
from engine.execution.migration_batches import BATCH_JOB, plan_of
from engine.jobs.acquire import AcquiredJob, take
from engine.model import tables
from engine.tokens.moving import SurgeryRefusedError
from engine.tokens.state import StaleEventError

AT_ONCE = 20
# Raised before anything of the matter was written; whatever else fails, fails the job.
_REFUSALS = (EndedMatterError, MatterNotFoundError, StaleEventError, SurgeryRefusedError)


@dataclass(frozen=True)
class MigrateMatters:
    """Take up to twenty matters over in one transaction: killed in the middle, none of them has moved.

    After a failure they go one by one, and one that fails each time is refused with that reason, so that it does not
    hold up the others.
    """

    job: AcquiredJob

    def execute(self, context: Context) -> None:
        """Work on the batch the job names, unless it was paused or undone meanwhile."""
        batch = _locked(context, self.job.payload["batch"])
        if not take(context, self.job) or batch is None or batch.status != "running":
            return
        plan = plan_of(batch)
        waiting = _waiting(context, batch.id, 1 if self.job.attempts else AT_ONCE)
        hopeless = self.job.attempts >= self.job.retries - 1
        for instance_id in waiting:
            values = _given_up(self.job) if hopeless else _moved(context, instance_id, plan)
            _settle(context, batch.id, instance_id, values)
        if _waiting(context, batch.id, 1):
            write_jobs(context, [{"kind": BATCH_JOB, "due_at": context.now, "payload": self.job.payload}])
        else:
            _end(context, batch)


def _moved(context: Context, instance_id: int, plan: Plan) -> dict[str, Any]:
    try:
        before, after = take_over(context, instance_id, plan)
    except _REFUSALS as refusal:
        return {"status": "refused", "reason": str(refusal)[:2000]}
    return {"status": "moved", "before": before, "after": after}


def _given_up(job: AcquiredJob) -> dict[str, Any]:
    return {"status": "refused", "reason": f"迁移时出错，已跳过（作业 {job.id}），请联系系统管理员查看运行日志"}


def _locked(context: Context, batch: int) -> Any:
    table = tables.migration_batch
    return context.session.execute(select(table).where(table.c.id == batch).with_for_update()).first()


def _waiting(context: Context, batch: int, most: int) -> list[int]:
    item = tables.migration_item
    asked = select(item.c.instance_id).where(item.c.batch_id == batch, item.c.status == "waiting")
    return list(context.session.execute(asked.order_by(item.c.instance_id).limit(most)).scalars())


def _settle(context: Context, batch: int, instance_id: int, values: dict[str, Any]) -> None:
    item = tables.migration_item
    one = update(item).where(item.c.batch_id == batch, item.c.instance_id == instance_id)
    context.session.connection().execute(one.values(at=context.now, **values))


def _end(context: Context, batch: Any) -> None:
    table = tables.migration_batch
    ended = update(table).where(table.c.id == batch.id).values(status="done", ended_at=context.now)
    context.session.connection().execute(ended)
    context.record("migration ended", subject=batch.key, batch=batch.id)
