"""Work on a change: publish what was approved, take a draft anew, or close a proposal; the matter hears how it went."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.command import Context
from engine.errors import ConflictError, InvalidDefinitionError, NotFoundError
from engine.execution.applying import store_message
from engine.execution.matter import Matter, load
from engine.jobs.acquire import AcquiredJob, take
from engine.proposals import close, proposal_of, publish, renew, told

MESSAGE = "CHANGE_WORKED"
_REFUSALS = (ConflictError, InvalidDefinitionError, NotFoundError)


@dataclass(frozen=True)
class WorkOnChange:
    """Do what the matter of approval asked for; a refusal is an answer, too, so that the matter goes on with it."""

    job: AcquiredJob

    def execute(self, context: Context) -> None:
        """Work, and tell the matter, in the transaction that deletes the job."""
        assert self.job.instance_id is not None
        matter = load(context, self.job.instance_id)
        if not take(context, self.job):
            return
        proposal = proposal_of(context, matter.id)
        act, silent = _ACTS[self.job.payload["act"]]
        answer = act(context, matter, proposal, self.job) if proposal is not None else silent
        if answer:
            store_message(context, MESSAGE, matter.number, answer)


def _publish(context: Context, matter: Matter, proposal: Any, job: AcquiredJob) -> dict[str, Any]:
    try:
        version = publish(context, proposal, migrate=bool(job.payload.get("migrate")), number=matter.number)
    except _REFUSALS as refusal:
        return {"change_result": "不能发布", "change_problem": str(refusal)}
    return {"change_result": "已发布", "change_problem": None, "published_version": f"第 {version} 版"}


def _refresh(context: Context, _matter: Matter, proposal: Any, _job: AcquiredJob) -> dict[str, Any]:
    try:
        frozen = renew(context, proposal)
    except _REFUSALS as refusal:
        return {"change_result": "不能再送", "change_problem": str(refusal)}
    return {"change_result": "可以再送", "change_problem": None, "new_value": told(frozen)}


def _close(context: Context, _matter: Matter, proposal: Any, _job: AcquiredJob) -> dict[str, Any]:
    close(context, proposal)
    return {}


Act = Callable[[Context, Matter, Any, AcquiredJob], dict[str, Any]]
# Beside each act what is answered where nothing is proposed for the system itself: a change of deadlines, codes or
# roles is approved here and deployed by the system administrator.
_ACTS: dict[str, tuple[Act, dict[str, Any]]] = {
    "publish": (_publish, {"change_result": "已发布", "change_problem": None}),
    "refresh": (_refresh, {"change_result": "可以再送", "change_problem": None}),
    "close": (_close, {}),
}
