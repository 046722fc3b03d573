"""Beginning a matter: its row, its number, its first step."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from engine.command import Chain, Context, Deployed
from engine.execution.applying import Outcome, run_event
from engine.execution.matter import Matter
from engine.execution.numbers import assign_number
from engine.execution.rows import LEVELS, add_participant, grant_access
from engine.model import tables
from engine.tokens import new_state
from engine.tokens.events import Start


@dataclass(frozen=True)
class Beginning:
    """What a new matter begins with; `node` and `index` tell the event that begins it, if one does."""

    deployed: Deployed
    unit_code: str
    variables: Mapping[str, Any]
    node: str | None = None
    parent_id: int | None = None
    starter: str | None = None
    link: str = "发起"
    index: int = 0


def begin_matter(context: Context, beginning: Beginning) -> tuple[Matter, Outcome]:
    """Write a new matter with its number, take its first step, and link it with the one it came from."""
    matter = _insert(context, beginning)
    variables = {**beginning.variables, "starter": matter.started_by, "matter_unit": matter.unit_code,
                 "matter_no": matter.number, "matter_id": matter.id}  # fmt: skip
    context.record("matter started", matter.id, subject=matter.number, procedure=beginning.deployed.title)
    if matter.started_by != "engine":
        add_participant(context, matter.id, matter.started_by, "starter")
        if matter.sensitivity >= LEVELS["S3"]:
            grant_access(context, matter.id, [matter.started_by], "登记人")
    if beginning.parent_id is not None:
        link(context, beginning.parent_id, matter.id, beginning.link)
    outcome = run_event(context, matter, Start(variables, beginning.node, beginning.index))
    return matter, outcome


def link(context: Context, from_instance: int, to_instance: int, kind: str) -> None:
    """Link two matters, so that each file shows the other."""
    row = {"from_instance": from_instance, "to_instance": to_instance, "kind": kind, "at": context.now}
    context.session.connection().execute(insert(tables.matter_link), row)


def unit_in(context: Context, variables: Mapping[str, Any]) -> str:
    """Return the unit that what came from outside names for a new matter (`unit`, `matter_unit`), else the highest."""
    named = str(variables.get("unit") or variables.get("matter_unit") or "")
    if context.directory.unit(named):
        return named
    return min(context.directory.units.values(), key=lambda unit: (unit.level, unit.code)).code


def _insert(context: Context, beginning: Beginning) -> Matter:
    deployed = beginning.deployed
    procedure = deployed.procedure
    names = procedure.get("matter", {})
    asked = LEVELS.get(str(beginning.variables.get(names.get("sensitivity", ""), "")), 0)
    values: dict[str, Any] = {
        "definition_id": deployed.id,
        "key": deployed.key,
        "number": assign_number(
            context,
            procedure.get("number") or f"{deployed.key}-{{yyyy}}-{{nnnnn}}",
            beginning.unit_code,
            str(procedure.get("code", "")),
        ),
        "title": str(beginning.variables.get(names.get("title", ""), "") or deployed.title)[:200],
        "status": "active",
        "row_version": 0,
        "state": new_state(deployed.ref),
        "unit_code": beginning.unit_code,
        "sensitivity": max(asked, LEVELS.get(str(procedure.get("sensitivity", "S1")), 1)),
        "priority": str(beginning.variables.get(names.get("priority", ""), "") or ""),
        "started_by": beginning.starter or context.actor.person_id,
        "started_at": context.now,
        "parent_id": beginning.parent_id,
        "chain_head": "",
        "chain_seq": 0,
        "overdue": False,
    }
    table = tables.process_instance
    id_ = int(context.session.connection().execute(insert(table).returning(table.c.id), values).scalar_one())
    matter = context.matters[id_] = Matter(id=id_, **values, deployed=deployed)
    context.locked[id_] = Chain("", 0)
    return matter
