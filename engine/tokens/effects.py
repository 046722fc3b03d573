"""Effects: what an advance wants done; the command that called writes them in its transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class TaskOpened:
    """Work begins. `kind`: user manual service send rule; `process` is the ref, `node` an id in it."""

    token: str
    scope: str
    process: str
    node: str
    kind: str
    multi_index: int | None = None


@dataclass(frozen=True)
class TaskClosed:
    """Work is over; `reason` is completed or cancelled."""

    token: str
    node: str
    reason: str


@dataclass(frozen=True)
class TimerArmed:
    """A Trigger is wanted at `due` (UTC). The kernel arms again by itself when a cycle goes on.

    `repeat` only informs: {"left": int or None for endless, "every": ISO duration}.
    """

    owner: str
    catcher: str
    index: int
    due: datetime
    repeat: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class TimerDisarmed:
    """The timer is not waited for any more."""

    owner: str
    catcher: str
    index: int


@dataclass(frozen=True)
class Subscribed:
    """A Trigger is wanted when this message (of this correlation) or signal comes."""

    owner: str
    catcher: str
    index: int
    kind: str
    name: str
    correlation: str | None = None
    process: str = ""


@dataclass(frozen=True)
class Unsubscribed:
    """The message or signal is not waited for any more."""

    owner: str
    catcher: str
    index: int


@dataclass(frozen=True)
class MessageThrown:
    """A message leaves for whoever waits for it, perhaps this very instance, or for a message start event."""

    token: str
    name: str
    correlation: str | None
    variables: Mapping[str, Any]


@dataclass(frozen=True)
class SignalThrown:
    """A signal leaves. This instance has it already; all others that wait, and signal start events, are to get it."""

    token: str
    name: str
    variables: Mapping[str, Any]


@dataclass(frozen=True)
class EscalationThrown:
    """An escalation that nothing caught; the flow went on (BPMN 2.0.2 §10.5.7)."""

    token: str
    code: str | None


@dataclass(frozen=True)
class Stored:
    """A data store gets a value (JSON), which outlives the instance (BPMN 2.0.2 §10.4.1)."""

    token: str
    name: str
    value: Any


@dataclass(frozen=True)
class DecisionMade:
    """A decision was evaluated; `explanation` is JSON for the file."""

    token: str
    node: str
    decision: str
    explanation: Mapping[str, Any]


@dataclass(frozen=True)
class Passed:
    """A token left a node over a flow (None: it ended there)."""

    node: str
    flow: str | None
    process: str


@dataclass(frozen=True)
class Finished:
    """The instance is done; the variables of its outermost scope."""

    variables: Mapping[str, Any]


@dataclass(frozen=True)
class Failed:
    """An error that nothing caught ended the instance."""

    code: str | None


@dataclass(frozen=True)
class Terminated:
    """The instance was ended from outside."""

    reason: str


@dataclass(frozen=True)
class IncidentRaised:
    """A token cannot go on; an operator decides. The message is Chinese."""

    token: str
    node: str
    message: str


Effect = (
    TaskOpened
    | TaskClosed
    | TimerArmed
    | TimerDisarmed
    | Subscribed
    | Unsubscribed
    | MessageThrown
    | SignalThrown
    | EscalationThrown
    | Stored
    | DecisionMade
    | Passed
    | Finished
    | Failed
    | Terminated
    | IncidentRaised
)
