"""The compiled definition: immutable records of what the diagram says, nothing interpreted (BPMN 2.0.2 §8 and §10)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from engine.feel import Expression
from engine.tokens.graph import Graph
from engine.tokens.values import Value

NOTHING: Mapping[str, Any] = {}
SUB_PROCESSES = frozenset({"sub", "transaction", "adhoc"})


@dataclass(frozen=True)
class Parameter:
    """camunda:inputParameter or outputParameter: a name and what it gets; lists and maps hold parameters again."""

    name: str
    value: "Value | tuple[Parameter, ...] | Mapping[str, Any]"


@dataclass(frozen=True)
class CallMapping:
    """camunda:in or camunda:out: one variable, everything, or the business key."""

    target: str | None = None
    source: Value | None = None
    all: bool = False
    business_key: Value | None = None
    local: bool = False


@dataclass(frozen=True)
class Extensions:
    """What Camunda's attributes and elements say; `properties` keeps camunda:properties, ours begin with `bihuan:`."""

    assignee: Value | None = None
    candidate_users: Value | None = None
    candidate_groups: Value | None = None
    due_date: Value | None = None
    follow_up_date: Value | None = None
    priority: Value | None = None
    form_ref: str | None = None
    form_ref_binding: str = "latest"
    form_ref_version: Value | None = None
    form_key: Value | None = None
    topic: Value | None = None
    type: str | None = None
    decision_ref: Value | None = None
    decision_binding: str = "latest"
    decision_version: Value | None = None
    decision_tag: Value | None = None
    map_decision_result: str = "resultList"
    result_variable: str | None = None
    called_binding: str = "latest"
    called_version: Value | None = None
    called_tag: Value | None = None
    collection: Value | None = None
    element_variable: str | None = None
    initiator: str | None = None
    error_code_variable: str | None = None
    error_message_variable: str | None = None
    escalation_code_variable: str | None = None
    variable_name: str | None = None
    variable_events: tuple[str, ...] = ()
    retries: str | None = None
    inputs: tuple[Parameter, ...] = ()
    outputs: tuple[Parameter, ...] = ()
    in_: tuple[CallMapping, ...] = ()
    out: tuple[CallMapping, ...] = ()
    properties: Mapping[str, Value] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)

    def property(self, name: str) -> str | None:
        """Return the text of one of our properties, named without its prefix, or None."""
        found = self.properties.get(f"bihuan:{name}")
        return found.text if found else None


@dataclass(frozen=True)
class EventDefinition:
    """One event definition of an event.

    `kind`: timer message signal error escalation conditional link compensate cancel terminate. `name` is the name of
    the message or signal, `code` of the error or escalation (None catches all), `timer` the text of a timer of `form`
    date, duration or cycle, `condition` that of a conditional event, `activity` what is to be compensated.
    """

    kind: str
    id: str | None = None
    ref: str | None = None
    name: Value | None = None
    code: str | None = None
    form: str | None = None
    timer: Value | None = None
    condition: Expression | None = None
    activity: str | None = None
    wait: bool = True
    correlation: Value | None = None
    extensions: Extensions = field(default_factory=Extensions)


@dataclass(frozen=True)
class Flow:
    """A sequence flow; the one from a throwing link to its catching event has an id made of both."""

    id: str
    source: str
    target: str
    condition: Expression | None = None
    name: str | None = None
    link: bool = False


@dataclass(frozen=True)
class Loop:
    """Repetition: `kind` standard, parallel or sequential (BPMN 2.0.2 §13.3.6 and §13.3.7).

    `condition` is the loop condition or the completion condition, `count` the cardinality or the most rounds.
    `behavior` none, one, all or complex says when an event is thrown at the end of an instance.
    """

    kind: str
    condition: Expression | None = None
    count: Value | None = None
    test_before: bool = False
    items: Value | None = None
    item: str | None = None
    output: str | None = None
    output_item: str | None = None
    behavior: str = "all"
    event: EventDefinition | None = None
    complex: tuple[tuple[Expression, EventDefinition | None], ...] = ()


@dataclass(frozen=True)
class Assignment:
    """A data association: `target` gets the value of `source` (an expression) or of a variable.

    `reads` names the data stores that the source looks into; `stores`: the target is one.
    """

    target: str
    source: Expression
    reads: tuple[str, ...] = ()
    stores: bool = False


@dataclass(frozen=True)
class Node:
    """A flow node.

    `kind`: activity start end catch throw boundary exclusive inclusive parallel complex event. `task` of an activity:
    none user manual script service rule send receive sub transaction adhoc call. `scope` is the process or sub-process
    around it; `host` and `interrupting` belong to boundary events (`interrupting` to start events, too).
    """

    id: str
    kind: str
    scope: str
    task: str | None = None
    name: str = ""
    line: int | None = None
    documentation: str = ""
    lane: str | None = None
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    default: str | None = None
    events: tuple[EventDefinition, ...] = ()
    all_events: bool = False
    loop: Loop | None = None
    script: tuple[tuple[str, Expression], ...] = ()
    condition: Expression | None = None
    called: Value | None = None
    host: str | None = None
    interrupting: bool = True
    boundary: tuple[str, ...] = ()
    handler: str | None = None
    start_quantity: int = 1
    completion_quantity: int = 1
    by_event: bool = False
    for_compensation: bool = False
    instantiate: bool = False
    sequential: bool = False
    cancel_remaining: bool = True
    data: tuple[tuple[str, Any], ...] = ()
    inputs: tuple[Assignment, ...] = ()
    outputs: tuple[Assignment, ...] = ()
    extensions: Extensions = field(default_factory=Extensions)

    @property
    def is_sub_process(self) -> bool:
        """Tell whether it holds nodes of its own."""
        return self.task in SUB_PROCESSES

    @property
    def needs_form(self) -> bool:
        """Tell whether a form belongs to it."""
        return self.extensions.form_ref is not None or self.extensions.form_key is not None


@dataclass(frozen=True)
class Process:
    """A process: its nodes and flows by id, in the order of the file; `graph` answers questions about them."""

    id: str
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    name: str = ""
    line: int | None = None
    documentation: str = ""
    lanes: tuple[str, ...] = ()
    data: tuple[tuple[str, Any], ...] = ()
    extensions: Extensions = field(default_factory=Extensions)

    @cached_property
    def graph(self) -> Graph:
        """Return the index over nodes and flows."""
        return Graph(self)


@dataclass(frozen=True)
class Binding:
    """Which version of a called process or decision is meant, where it is not the latest.

    `kind`: version (its number is `wanted`), versionTag (the newest of this tag), or deployment (the newest there was
    when `caller`, the `key:version` of the calling process, was deployed).
    """

    kind: str
    wanted: str
    caller: str


class Decision(Protocol):
    """What a decision gave: its value, how it came about (JSON), and how many steps it took."""

    value: Any
    explanation: dict[str, Any]
    steps: int


class Definitions(Protocol):
    """The deployed definitions an instance may refer to."""

    def process(self, ref: str) -> Process:
        """Return the process of `key:version`. Raises KeyError."""
        ...

    def latest(self, key: str) -> str:
        """Return `key:version` of the version a call starts now. Raises KeyError where there is none."""
        ...

    def bound(self, key: str, binding: Binding) -> str:
        """Return `key:version` of the version that is meant. Raises KeyError where there is none."""
        ...

    def stored(self, name: str) -> Any:
        """Return what a data store holds (JSON), null where it holds nothing."""
        ...

    def decide(
        self, decision_key: str, variables: Mapping[str, Any], now: datetime, binding: Binding | None = None
    ) -> Decision:
        """Evaluate a decision, the latest version unless one is meant. Raises KeyError where there is none."""
        ...
