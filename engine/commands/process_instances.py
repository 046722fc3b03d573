"""Starting matters, and what people do to a matter as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, insert, select, update

from engine.access import require_visible
from engine.attachments import bind_files
from engine.command import Context, Deployed
from engine.database import upsert
from engine.errors import ConflictError, InvalidError, MatterSuspendedError, NotAllowedError
from engine.execution.answers import Started, as_json, next_tasks, read_tasks
from engine.execution.applying import run_event
from engine.execution.by_hand import Place, find_place, is_wanted, places_of, wanted_at
from engine.execution.filing import NOTHING_FILED, Filed, checked, keep_apart
from engine.execution.matter import ENDED, Matter, load
from engine.execution.nodes import form_key, start_node
from engine.execution.rows import LEVELS
from engine.execution.starting import Beginning, begin_matter
from engine.form_context import actor_context, matter_context, new_matter_context
from engine.model import tables
from engine.text import check_text
from engine.tokens import variables_in_sight
from engine.tokens.definition import Node
from engine.tokens.events import StartActivity, Trigger


class NotAStarterError(NotAllowedError):
    """The actor holds no position that may start this procedure."""

    words = "您所在的岗位不能发起“{title}”。"


class NotStartableError(InvalidError):
    """The procedure cannot be started by hand."""

    words = "“{title}”不能手工发起，它由其他流程调用。"


class ActNotOfferedError(ConflictError):
    """The matter does not offer this act now."""

    words = "事项现在不能办理这一操作。"


@dataclass(frozen=True)
class StartProcess:
    """Start a procedure by hand with its start form.

    The matter belongs to `unit_code`, a unit in which the actor holds a position that may start it. Raises
    ProcessDefinitionNotFoundError, NotAStarterError, NotStartableError, InvalidSubmissionError.
    """

    key: str
    values: Mapping[str, Any]
    unit_code: str | None = None
    idempotency_key: str | None = None

    def execute(self, context: Context) -> Started:
        """Check the form, give the number, take the first step."""
        check_text(self.values, "表单")
        kept = _kept(context, self.idempotency_key)
        if kept:
            return Started(kept["instance_id"], kept["number"], read_tasks(kept))
        deployed = context.catalog.latest_of(self.key)
        unit = starting_unit(context, deployed, self.unit_code)
        form = start_form(context, deployed)
        filed = self._check(context, deployed, unit, form)
        matter, outcome = begin_matter(context, Beginning(deployed, unit, filed.variables))
        keep_apart(context, matter.id, filed.vault)
        bind_files(context, filed.values, matter.id)
        _file_start(context, matter, form, filed.values)
        _forget_draft(context, f"start:{self.key}")
        answer = Started(matter.id, matter.number, next_tasks(context, outcome.opened))
        _keep(context, self.idempotency_key, answer)
        return answer

    def _check(self, context: Context, deployed: Deployed, unit: str, form: Any) -> Filed:
        if form is None:
            return NOTHING_FILED
        level = LEVELS.get(str(deployed.procedure.get("sensitivity", "S1")), 1)
        variables = {
            "matter": new_matter_context(unit, level, context.actor, context.directory, context.now),
            "actor": actor_context(context.actor, context.directory),
        }
        return checked(context, form.form, self.values, variables, None)


@dataclass(frozen=True)
class TriggerEvent:
    """Do an act that the matter offers beside its tasks (更多操作).

    That is an event or receive task that a message reaches, with its form, or an activity of an ad-hoc sub-process; in
    the matter's own process or one that it calls. `node_id` is its address (`engine.execution.by_hand.Place`).
    Raises MatterNotFoundError, ActNotOfferedError, NotAllowedError, InvalidSubmissionError.
    """

    instance_id: int
    node_id: str
    values: Mapping[str, Any]

    def execute(self, context: Context) -> Started:
        """Check that the matter waits for it and that the actor may, then let it happen."""
        check_text(self.values, "表单")
        require_visible(context.session, context.actor, context.directory, self.instance_id)
        matter = load(context, self.instance_id)
        place, event = _offered(context, matter, self.node_id)
        if not is_wanted(context, matter, wanted_at(context, place, matter.state)):
            raise NotAllowedError(reason=f"您的岗位不能办理“{place.label}”。")
        if isinstance(event, Trigger):
            event = replace(event, variables=self._filed(context, matter, place))
        context.record("act triggered", matter.id, subject=place.node.id, label=place.label)
        outcome = run_event(context, matter, event)
        _forget_draft(context, f"act:{matter.id}:{place.address}")
        return Started(matter.id, matter.number, next_tasks(context, outcome.opened))

    def _filed(self, context: Context, matter: Matter, place: Place) -> dict[str, Any]:
        """Return what the form of the act brings, after it was checked; nothing where there is no form."""
        form = form_of(context, place.deployed, place.node)
        if form is None:
            return {}
        variables = {
            **variables_in_sight(matter.state, place.owner),
            "matter": matter_context(matter, context.directory),
            "actor": actor_context(context.actor, context.directory),
        }
        filed = checked(context, form.form, self.values, variables, matter.id)
        keep_apart(context, matter.id, filed.vault)
        bind_files(context, filed.values, matter.id)
        return filed.variables


def starting_unit(context: Context, deployed: Deployed, wanted: str | None) -> str:
    """Return the unit the new matter belongs to; raises NotStartableError or NotAStarterError."""
    procedure = deployed.procedure
    if procedure.get("callable_only") or not procedure.get("start_roles"):
        raise NotStartableError(title=deployed.title)
    roles = set(procedure["start_roles"])
    units = [held.unit_code for held in context.actor.positions if held.role in roles]
    if not units or (wanted and wanted not in units):
        raise NotAStarterError(title=deployed.title)
    return wanted or units[0]


def start_form(context: Context, deployed: Deployed) -> Any:
    """Return the form of the start event by which people start, or None."""
    node = start_node(deployed.process)
    return None if node is None else form_of(context, deployed, node)


def form_of(context: Context, deployed: Deployed, node: Node) -> Any:
    """Return the latest version of a node's form, or None."""
    key = form_key(deployed.key, node)
    return context.catalog.latest_form(key) if key else None


def _offered(context: Context, matter: Matter, address: str) -> tuple[Place, Trigger | StartActivity]:
    """Return where an act waits and the event that does it; raises ActNotOfferedError and MatterSuspendedError."""
    if matter.ended_at or matter.status in ENDED:
        raise ActNotOfferedError(instance_id=matter.id)
    place = find_place(places_of(context.catalog, matter.state, matter.deployed), address)
    if place is None:
        raise ActNotOfferedError(instance_id=matter.id)
    if matter.status == "suspended" and place.node.extensions.property("whileSuspended") != "true":
        raise MatterSuspendedError(instance_id=matter.id)
    if place.event is None:
        raise ActNotOfferedError(instance_id=matter.id)
    return place, place.event


def _file_start(context: Context, matter: Matter, form: Any, values: dict[str, Any]) -> None:
    """Keep the start form in the file as it was filed, as the completed task of registration."""
    if form is None:
        return
    node = start_node(matter.deployed.process)
    row = {
        "instance_id": matter.id, "token": "", "node_id": node.id if node else "",
        "definition_id": matter.definition_id, "process_key": matter.key, "process_title": matter.deployed.title,
        "name": (node.name if node else "") or "登记", "number": matter.number, "title": matter.title,
        "unit_code": matter.unit_code, "sensitivity": matter.sensitivity, "priority": matter.priority,
        "assignee": context.actor.person_id, "candidates": [], "form_key": form.key,
        "form_id": form.id, "status": "completed", "row_version": 1, "created_at": context.now, "light": 0,
        "claimed_at": context.now, "completed_at": context.now, "completed_by": context.actor.person_id,
        "submission": values, "extensions_used": 0,
    }  # fmt: skip
    context.session.connection().execute(insert(tables.user_task), row)


def _forget_draft(context: Context, key: str) -> None:
    table = tables.task_draft
    context.session.connection().execute(
        delete(table).where(table.c.person_id == context.actor.person_id, table.c.key == key)
    )


def _kept(context: Context, key: str | None) -> dict[str, Any] | None:
    """Return the answer of an earlier request with this key; it is taken first, so that of two at once one waits."""
    if not key:
        return None
    table, connection = tables.idempotency, context.session.connection()
    row = {"person_id": context.actor.person_id, "key": key, "result": {}, "at": context.now}
    first = upsert(connection, table, ("person_id", "key")).returning(table.c.key)
    if connection.execute(first, row).first() is not None:
        return None
    asked = select(table.c.result).where(table.c.person_id == context.actor.person_id, table.c.key == key)
    found: dict[str, Any] | None = connection.execute(asked).scalar()
    return found


def _keep(context: Context, key: str | None, answer: Started) -> None:
    if key:
        table = tables.idempotency
        mine = update(table).where(table.c.person_id == context.actor.person_id, table.c.key == key)
        context.session.connection().execute(mine.values(result=as_json(answer)))
