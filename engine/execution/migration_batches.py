"""What commands, jobs and queries about batches of migrations share."""

from typing import Any

from sqlalchemy import String, cast, select

from engine.command import Context
from engine.execution.matter import RUNNING
from engine.execution.migrating import Plan
from engine.model import ProcessInstance

BATCH_JOB = "migration"
UNFINISHED = ("running", "paused")


def plan_of(batch: Any) -> Plan:
    """Return the plan a batch's row holds."""
    return Plan(f"{batch.key}:{batch.from_version}", f"{batch.key}:{batch.to_version}", **batch.plan)


def candidates(context: Context, ref: str) -> list[int]:
    """Return the running matters that stand in a version `key:version`, be it their own or one they called."""
    deployed = context.catalog.by_ref(ref)
    instance = ProcessInstance
    asked = select(instance.id).where(instance.status.in_(RUNNING))
    found = set(context.session.execute(asked.where(instance.definition_id == deployed.id)).scalars())
    if deployed.procedure.get("callable_only"):
        named = cast(instance.state, String).contains(f'"{ref}"', autoescape=True)
        found.update(context.session.execute(asked.where(named)).scalars())
    return sorted(found)
