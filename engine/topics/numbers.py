"""number.assign: the next number of a series (domain section 6); inputs pattern, unit, result."""

from typing import Any

from engine.execution.numbers import assign_number
from engine.topics.topic import Call


def assign(call: Call) -> dict[str, Any]:
    """Return the number under the name in `result` (default `number`)."""
    unit = call.text("unit", call.matter.unit_code)
    number = assign_number(
        call.context, call.required("pattern"), unit, str(call.matter.deployed.procedure.get("code", ""))
    )
    call.context.record("number assigned", call.matter.id, subject=number)
    return call.result(number, "number")
