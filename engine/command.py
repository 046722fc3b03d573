"""Commands and queries, and the context they run in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import bindparam, select, type_coerce
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.calendar import Calendar
from engine.deadlines import DeadlineRegister, Ladder
from engine.directory import Directory
from engine.files import FileStore
from engine.forms import Form
from engine.model import EveryVariable, ProcessInstance, Variable
from engine.model.states import LazyState
from engine.passwords import AccountRules
from engine.prepared import Prepared
from engine.tokens import variables_in_sight
from engine.tokens.definition import Binding, Process
from engine.vault import Vault

Result_co = TypeVar("Result_co", covariant=True)


@dataclass(frozen=True)
class Deployed:
    """A process definition as the engine uses it: compiled, with its procedure.toml."""

    id: int
    key: str
    version: int
    title: str
    procedure: Mapping[str, Any]
    process: Process

    @property
    def ref(self) -> str:
        """Return `key:version`, as states and the kernel name it."""
        return f"{self.key}:{self.version}"


@dataclass(frozen=True)
class DeployedForm:
    """A form definition as the engine uses it."""

    id: int
    key: str
    version: int
    form: Form
    schema: Mapping[str, Any]


class Catalog(Protocol):
    """The deployed definitions, compiled once; what was deployed never changes, so it is kept by id."""

    def process_of(self, definition_id: int) -> Process:
        """Return the compiled process of a definition."""
        ...

    def deployed(self, definition_id: int) -> Deployed:
        """Return a definition by id."""
        ...

    def latest(self, key: str) -> str:
        """Return `key:version` of the latest executable version, for the kernel; raises KeyError."""
        ...

    def latest_of(self, key: str) -> Deployed:
        """Return the latest executable version of a procedure; raises ProcessDefinitionNotFoundError."""
        ...

    def all_latest(self) -> list[Deployed]:
        """Return the latest executable version of every procedure."""
        ...

    def process(self, ref: str) -> Process:
        """Return the compiled process of `key:version`."""
        ...

    def by_ref(self, ref: str) -> Deployed:
        """Return the definition of `key:version`."""
        ...

    def form(self, form_id: int) -> DeployedForm:
        """Return a form by id."""
        ...

    def latest_form(self, key: str) -> DeployedForm | None:
        """Return the latest version of a form, or None."""
        ...

    def bound(self, key: str, binding: Binding) -> str:
        """Return `key:version` of the version that a call means, for the kernel; raises KeyError."""
        ...

    def stored(self, name: str) -> Any:
        """Return what a data store holds, for the kernel; null where it holds nothing."""
        ...

    def decide(
        self, decision_key: str, variables: Mapping[str, Any], now: datetime, binding: Binding | None = None
    ) -> Any:
        """Evaluate the latest version of a decision."""
        ...


@dataclass(frozen=True)
class Entry:
    """A history event still to be written: of a matter, or (without one) of the system."""

    action: str
    instance_id: int | None
    task_id: int | None
    object: str
    details: Mapping[str, Any]


@dataclass
class Context:
    """What a command or query is given: one transaction, one instant, who asks, and what is configured."""

    session: Session
    now: datetime
    actor: Actor
    catalog: Catalog
    directory: Directory
    calendar: Calendar
    deadlines: DeadlineRegister
    ladder: Ladder
    files: FileStore
    accounts: AccountRules
    vault: Vault
    config: Mapping[str, Any]
    example: bool = False
    entries: list[Entry] = field(default_factory=list)
    locked: dict[int, "Chain"] = field(default_factory=dict)
    matters: dict[int, Any] = field(default_factory=dict)
    wakes: bool = False

    def record(
        self, action: str, instance_id: int | None = None, task_id: int | None = None, subject: str = "", **details: Any
    ) -> None:
        """Note a history event; it is written, chained, with the same transaction."""
        self.entries.append(Entry(action, instance_id, task_id, subject, details))

    def wake_worker(self) -> None:
        """Let the worker of this process look for due jobs once this transaction is committed."""
        self.wakes = True

    def variables_of(self, task: Any) -> dict[str, Any]:
        """Return the variables the token of a task (a row or mapped object) sees."""
        connection, wanted = self.session.connection(), {"instance": task.instance_id}
        found = _STATE_AND_VARIABLES.rows(connection, wanted)
        if not found:
            return {}
        stored, archive_year = found[0][:2]
        rows = [row[2:] for row in found if row[2]] if archive_year is None else _ARCHIVED.rows(connection, wanted)
        state = with_variables(stored, rows)
        owner = task.token if task.token in state["tokens"] else next(iter(state["scopes"]), "")
        return variables_in_sight(state, owner) if owner else {}


@dataclass
class Chain:
    """The head of a matter's hash chain while its row is locked."""

    head: str
    seq: int


_STATE_AND_VARIABLES = Prepared(
    select(
        type_coerce(ProcessInstance.state, LazyState()).label("state"),
        ProcessInstance.archive_year,
        Variable.scope,
        Variable.name,
        Variable.value,
    )
    .outerjoin(Variable, Variable.instance_id == ProcessInstance.id)
    .where(ProcessInstance.id == bindparam("instance"))
)

_ARCHIVED = Prepared(
    select(EveryVariable.scope, EveryVariable.name, EveryVariable.value).where(
        EveryVariable.instance_id == bindparam("instance")
    )
)


def with_variables(state: Mapping[str, Any], rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
    """Return a stored state with the variables put back into its scopes."""
    scopes = {key: {**scope, "vars": {}} for key, scope in state["scopes"].items()}
    for scope, name, value in rows:
        if scope in scopes:
            scopes[scope]["vars"][name] = value
    return {**state, "scopes": scopes}


class Command(Protocol[Result_co]):
    """A verb: runs in a transaction and returns an id, a frozen record or nothing."""

    def execute(self, context: Context) -> Result_co:
        """Do it; whatever is raised rolls everything back."""
        ...


class Query(Protocol[Result_co]):
    """A question: reads, and changes nothing."""

    def execute(self, context: Context) -> Result_co:
        """Answer it."""
        ...
