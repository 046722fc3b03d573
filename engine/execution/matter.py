"""A matter during a command: loaded and locked once, stepped any number of times, saved once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select, type_coerce

from engine.command import Chain, Context, Deployed, with_variables
from engine.errors import MatterNotFoundError
from engine.model import EveryVariable, ProcessInstance, Variable
from engine.model.states import LazyState
from engine.prepared import Prepared
from engine.tokens import advance
from engine.tokens.effects import Effect
from engine.tokens.events import Event

COLUMNS = (
    "id", "definition_id", "key", "number", "title", "status", "row_version", "state", "unit_code", "sensitivity",
    "priority", "started_by", "started_at", "parent_id", "chain_head", "chain_seq", "overdue",
)  # fmt: skip
MATTER_COLUMNS = tuple(
    type_coerce(ProcessInstance.state, LazyState()).label("state")
    if name == "state"
    else getattr(ProcessInstance, name)
    for name in COLUMNS
)
_LOCKED = Prepared(select(*MATTER_COLUMNS).where(ProcessInstance.id == bindparam("id")).with_for_update())
_VARIABLES = Prepared(
    select(Variable.scope, Variable.name, Variable.value).where(Variable.instance_id == bindparam("id"))
)
# Of matters that have ended: they may be in the archive.
_KEPT_VARIABLES = Prepared(
    select(EveryVariable.scope, EveryVariable.name, EveryVariable.value).where(
        EveryVariable.instance_id == bindparam("id")
    )
)
ENDED = frozenset({"completed", "terminated"})
RUNNING = ("active", "suspended", "incident")


@dataclass
class Matter:
    """The row of a matter, its state with variables, and what has to be written at the end of the command."""

    id: int
    definition_id: int
    key: str
    number: str
    title: str
    status: str
    row_version: int
    state: dict[str, Any]
    unit_code: str
    sensitivity: int
    priority: str
    started_by: str
    started_at: Any
    parent_id: int | None
    chain_head: str
    chain_seq: int
    overdue: bool
    deployed: Deployed
    ended_at: Any = None
    stepped: bool = False
    changed: set[tuple[str, str]] = field(default_factory=set)
    stored_scopes: frozenset[str] = frozenset()

    @property
    def root(self) -> dict[str, Any]:
        """Return the variables of the matter's own process; they stay when it has ended."""
        for scope in self.state["scopes"].values():
            if scope.get("up") is None:
                return dict(scope["vars"])
        return {}


def load(context: Context, instance_id: int) -> Matter:
    """Return a matter, locked; raises MatterNotFoundError. A second call returns the same one."""
    known = context.matters.get(instance_id)
    if known is not None:
        return known  # type: ignore[no-any-return]
    found = _LOCKED.rows(context.session.connection(), {"id": instance_id})
    if not found:
        raise MatterNotFoundError(instance_id=instance_id)
    return adopt(context, found[0])


def adopt(context: Context, row: Sequence[Any], variables: Sequence[Sequence[Any]] | None = None) -> Matter:
    """Make a locked row of table process_instance (MATTER_COLUMNS) the working copy, with its variables.

    Those of a running matter may be given, as (scope, name, value).
    """
    values: dict[str, Any] = dict(zip(COLUMNS, row, strict=True))
    if variables is None or values["status"] in ENDED:
        asked = _KEPT_VARIABLES if values["status"] in ENDED else _VARIABLES
        variables = asked.rows(context.session.connection(), {"id": values["id"]})
    values["state"] = with_variables(values["state"], variables)
    matter = Matter(**values, deployed=context.catalog.deployed(values["definition_id"]))
    matter.stored_scopes = frozenset(scope for scope, _, _ in variables)
    context.matters[matter.id] = matter
    context.locked[matter.id] = Chain(matter.chain_head, matter.chain_seq)
    return matter


def step(context: Context, matter: Matter, event: Event) -> tuple[Effect, ...]:
    """Advance a matter by one event; the effects still have to be written."""
    done = advance(context.catalog, matter.state, event, context.now)
    matter.state = done.state
    matter.changed |= done.changed
    matter.stepped = True
    return done.effects
