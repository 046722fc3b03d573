"""Events: what comes to an instance from outside; the kernel's only inputs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Variables = Mapping[str, Any]


@dataclass(frozen=True)
class Start:
    """Begin: at the none start events, or at the node named, whose event `index` came (see Graph.triggers)."""

    variables: Variables = field(default_factory=dict)
    node: str | None = None
    index: int = 0


@dataclass(frozen=True)
class Complete:
    """The work of a token is done; the variables are what was filed or came back."""

    token: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True)
class ThrowError:
    """The work of a token ended in a BPMN error."""

    token: str
    code: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True)
class ThrowEscalation:
    """The work of a token escalates; it goes on unless the catching event interrupts it."""

    token: str
    code: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True)
class Fail:
    """The work of a token failed for good: an incident until it is retried."""

    token: str
    message: str


@dataclass(frozen=True)
class Retry:
    """Take up a token that has an incident where it stopped."""

    token: str


@dataclass(frozen=True)
class Trigger:
    """A message, signal or timer reached this subscription (`owner` is a token or a scope)."""

    owner: str
    catcher: str
    index: int = 0
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True)
class Signal:
    """A signal reaches everything in this instance that waits for it."""

    name: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True)
class SetVariables:
    """Data changes from outside; in the outermost scope unless one is named."""

    variables: Variables
    scope: str | None = None


@dataclass(frozen=True)
class Terminate:
    """End everything at once."""

    reason: str = ""


@dataclass(frozen=True)
class StartActivity:
    """Somebody starts an activity of an ad-hoc sub-process by hand; `token` is that of the sub-process."""

    token: str
    node: str


Event = (
    Start
    | Complete
    | ThrowError
    | ThrowEscalation
    | Fail
    | Retry
    | Trigger
    | Signal
    | SetVariables
    | Terminate
    | StartActivity
)
