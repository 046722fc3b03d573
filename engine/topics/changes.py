"""change.work: lets a worker publish, take anew or close what a matter of approval proposes (P34); input act."""

from typing import Any

from engine.errors import ConnectorError
from engine.execution.applying import write_jobs
from engine.topics.topic import Call

ACTS = frozenset({"publish", "refresh", "close"})


def work(call: Call) -> dict[str, Any]:
    """Write the job; what comes of it arrives as the message CHANGE_WORKED, correlated by the matter's number."""
    act = call.required("act")
    if act not in ACTS:
        raise ConnectorError(reason=f"服务任务“{call.node}”的参数 act 不能是“{act}”", permanent=True)
    payload = {"act": act, "migrate": call.text("migrate") == "是"}
    write_jobs(
        call.context,
        [{"kind": "change", "instance_id": call.matter.id, "due_at": call.context.now, "payload": payload}],
    )
    return {}
