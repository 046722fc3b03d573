"""matter.start, matter.suspend and matter.resume."""

from typing import Any

from engine.errors import ConnectorError, ProcessDefinitionNotFoundError
from engine.execution.pausing import resume_clocks, stop_clocks
from engine.execution.starting import Beginning, begin_matter
from engine.topics.topic import Call


def start(call: Call) -> dict[str, Any]:
    """Start a linked matter: inputs procedure, variables (a map), link (its kind), result; returns {id, number}."""
    key = call.required("procedure")
    try:
        deployed = call.context.catalog.latest_of(key)
    except ProcessDefinitionNotFoundError as error:
        raise ConnectorError(reason=f"没有部署流程“{key}”", permanent=True) from error
    given = call.variables.get("variables")
    variables = {
        **(given if isinstance(given, dict) else {}),
        "parent_no": call.matter.number,
        "parent_id": call.matter.id,
    }
    beginning = Beginning(
        deployed, call.text("unit", call.matter.unit_code), variables, parent_id=call.matter.id,
        starter=call.matter.started_by, link=call.text("link", "发起"),
    )  # fmt: skip
    matter, _ = begin_matter(call.context, beginning)
    return call.result({"id": matter.id, "number": matter.number})


def suspend(call: Call) -> dict[str, Any]:
    """Pause the matter: its tasks cannot be done and its clocks stand still; input reason."""
    if call.matter.status == "active":
        call.matter.status = "suspended"
        stop_clocks(call.context, call.matter)
        call.context.record("matter suspended", call.matter.id, reason=call.text("reason"))
    return {}


def resume(call: Call) -> dict[str, Any]:
    """Let the matter go on: what was left of each time limit is left again; input reason."""
    if call.matter.status == "suspended":
        call.matter.status = "active"
        resume_clocks(call.context, call.matter)
        call.context.record("matter resumed", call.matter.id, reason=call.text("reason"))
    return {}
