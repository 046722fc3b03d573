"""Starting: the procedures the actor may begin by hand, their start forms, and the acts a matter offers (更多操作)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from engine.access import require_visible
from engine.command import Context
from engine.errors import MatterNotFoundError, NotAllowedError, ProcessDefinitionNotFoundError
from engine.execution.nodes import form_key, start_node
from engine.form_context import actor_context, matter_context, new_matter_context
from engine.model import ProcessDefinition, ProcessInstance
from engine.queries.acts import NOT_NOW, find_act
from engine.queries.forms import find_draft, newest_form
from engine.queries.matter_views import TriggerView
from engine.queries.views import Startable, StartUnit, StartView
from engine.tokens import variables_in_sight

_WAITED = re.compile(r"\d+\.")


@dataclass(frozen=True)
class ListStartable:
    """The procedures the actor may start by hand, by group and title."""

    def execute(self, context: Context) -> tuple[Startable, ...]:
        """Read the newest versions and keep those whose start roles the actor holds."""
        newest = select(func.max(ProcessDefinition.id)).group_by(ProcessDefinition.key)
        rows = context.session.execute(
            select(ProcessDefinition.key, ProcessDefinition.title, ProcessDefinition.procedure).where(
                ProcessDefinition.id.in_(newest), ProcessDefinition.executable
            )
        )
        found = [
            Startable(key, title, about.get("group", ""), about.get("summary", ""), about.get("code", ""))
            for key, title, about in rows
            if _may_start(context, about)
        ]
        return tuple(sorted(found, key=lambda one: (one.group, one.code, one.title)))


@dataclass(frozen=True)
class FindStartForm:
    """The form that starts a procedure; raises ProcessDefinitionNotFoundError, NotAllowedError."""

    key: str
    unit_code: str | None = None

    def execute(self, context: Context) -> StartView:
        """Find the newest version, check the right, and put the page together."""
        row = newest_definition(context, self.key)
        about: Mapping[str, Any] = row.procedure or {}
        if not _may_start(context, about):
            raise NotAllowedError(reason="您所在岗位不能发起这一流程。")
        node = start_node(context.catalog.process_of(row.id))
        units = _units(context, about)
        unit = next((one.code for one in units if one.code == self.unit_code), units[0].code)
        level = int(str(about.get("sensitivity", "S1"))[-1])
        matter = new_matter_context(unit, level, context.actor, context.directory, context.now)
        variables = {
            "matter": matter,
            "actor": actor_context(context.actor, context.directory),
            "starter": context.actor.person_id,
            "matter_unit": unit,
        }
        return StartView(
            key=row.key,
            title=row.title,
            summary=str(about.get("summary", "")),
            form=newest_form(context, form_key(row.key, node)) if node else None,
            variables=variables,
            units=units,
            draft=find_draft(context, f"start:{row.key}"),
            submit_label=(node.extensions.property("submitLabel") if node else None) or "提交",
            draft_key=f"start:{row.key}",
        )


@dataclass(frozen=True)
class FindTrigger:
    """The form of an act of a matter; raises MatterNotFoundError, NotAllowedError.

    `node_id` is the address of the act (`engine.execution.by_hand.Place`).
    """

    instance_id: int
    node_id: str

    def execute(self, context: Context) -> TriggerView:
        """Check that the matter offers the act to the actor."""
        require_visible(context.session, context.actor, context.directory, self.instance_id)
        matter = context.session.get_one(ProcessInstance, self.instance_id)
        found = find_act(context, matter, self.node_id)
        if found is None:
            # What waited where this act was, such as one of several called processes, has gone on since.
            raise (
                NotAllowedError(reason=NOT_NOW)
                if _WAITED.match(self.node_id)
                else MatterNotFoundError(instance_id=self.instance_id)
            )
        act, state, owner = found
        if not act.allowed:
            raise NotAllowedError(reason=act.reason)
        address = act.node_id or self.node_id
        key = f"act:{matter.id}:{address}"
        variables = {
            **variables_in_sight(dict(state), owner),
            "matter": matter_context(matter, context.directory),
            "actor": actor_context(context.actor, context.directory),
        }
        form = newest_form(context, act.form_key)
        draft = find_draft(context, key)
        return TriggerView(matter.id, address, act.label, matter.number or "", form, variables, draft, key)


def newest_definition(context: Context, key: str) -> Any:
    """Return id, key, title and procedure of the newest version; raises ProcessDefinitionNotFoundError."""
    row = context.session.execute(
        select(ProcessDefinition.id, ProcessDefinition.key, ProcessDefinition.title, ProcessDefinition.procedure)
        .where(ProcessDefinition.key == key, ProcessDefinition.executable)
        .order_by(ProcessDefinition.version.desc())
        .limit(1)
    ).first()
    if row is None:
        raise ProcessDefinitionNotFoundError(key=key[:80])
    return row


def _may_start(context: Context, about: Mapping[str, Any] | None) -> bool:
    roles = set((about or {}).get("start_roles", ()))
    return not (about or {}).get("callable_only") and not roles.isdisjoint(context.actor.roles)


def _units(context: Context, about: Mapping[str, Any]) -> tuple[StartUnit, ...]:
    """Return the units in which the actor holds a role that may start the procedure."""
    roles = set(about.get("start_roles", ()))
    codes = dict.fromkeys(held.unit_code for held in context.actor.positions if held.role in roles)
    return tuple(StartUnit(code, context.directory.unit_name(code)) for code in codes)
