"""The kernel: a pure, deterministic function from a state and an event to a new state and effects."""

from engine.tokens.advance import advance
from engine.tokens.definition import (
    Assignment,
    CallMapping,
    Definitions,
    EventDefinition,
    Extensions,
    Flow,
    Loop,
    Node,
    Parameter,
    Process,
)
from engine.tokens.run import Step
from engine.tokens.state import StaleEventError, StuckError, new_state, variables_in_sight
from engine.tokens.values import Value

__all__ = [
    "Assignment",
    "CallMapping",
    "Definitions",
    "EventDefinition",
    "Extensions",
    "Flow",
    "Loop",
    "Node",
    "Parameter",
    "Process",
    "StaleEventError",
    "Step",
    "StuckError",
    "Value",
    "advance",
    "new_state",
    "variables_in_sight",
]
