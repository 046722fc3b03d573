"""notify, access.grant and sensitivity.raise."""

from typing import Any

from engine.actor import person_principal
from engine.directory import members
from engine.execution.notices import Telling, tell
from engine.execution.rows import LEVELS, RESTRICTED, grant_access, raise_sensitivity
from engine.topics.topic import Call


def notify(call: Call) -> dict[str, Any]:
    """Tell people: inputs roles (ids, at the matter's unit), persons (ids), text; restricted ones by number only."""
    context, matter = call.context, call.matter
    found = context.directory.candidates(
        call.texts("roles"), call.texts("persons"), call.text("unit", matter.unit_code)
    )
    people = members(context.session, context.directory, found, context.now)
    text = matter.number if matter.sensitivity >= RESTRICTED else f"{matter.number} {call.required('text')}"
    tell(context, people, Telling("notify", text, f"notify:{matter.id}:{call.token}", matter.id))
    return {}


def grant_access_to(call: Call) -> dict[str, Any]:
    """Name people on the matter's access list (知悉人员): input persons."""
    found = [person_principal(one) for one in call.texts("persons")]
    people = members(call.context.session, call.context.directory, found, call.context.now)
    grant_access(call.context, call.matter.id, [one.id for one in people], call.text("note", "知悉人员"))
    if people:
        call.context.record("access granted", call.matter.id, persons=[one.id for one in people])
    return {}


def raise_level(call: Call) -> dict[str, Any]:
    """Raise the matter's sensitivity: input level (S1–S3); it never falls."""
    raise_sensitivity(call.context, call.matter, LEVELS.get(call.required("level"), 0))
    return {}
