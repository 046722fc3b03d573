"""Which decision tables a matter's suggestions come from: the newest explanation by the variable with its result."""

from typing import Any

from sqlalchemy import bindparam, select

from engine.command import Context
from engine.model import EveryEvent
from engine.prepared import Prepared
from engine.tokens.definition import Process

_MADE = Prepared(
    select(EveryEvent.object, EveryEvent.details)
    .where(EveryEvent.instance_id == bindparam("instance"), EveryEvent.action == "decision made")
    .order_by(EveryEvent.seq)
)


def decisions_of(context: Context, instance_id: int, process: Process) -> dict[str, Any]:
    """Return {variable: explanation} of the decisions made for a matter, for the 为什么 of a form's 系统建议.

    The variable is the business rule task's resultVariable, else each of the decision's outputs.
    """
    found: dict[str, Any] = {}
    for decision, details in _MADE.rows(context.session.connection(), {"instance": instance_id}):
        explanation = details.get("explanation") or {}
        node = process.nodes.get(str(details.get("node")))
        name = node.extensions.result_variable if node else None
        result = explanation.get("result")
        names = [name] if name else [*result, decision] if isinstance(result, dict) else [decision]
        found.update(dict.fromkeys(map(str, names), explanation))
    return found
