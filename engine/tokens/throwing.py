"""Throwing: what a throwing or end event sets off."""

from collections.abc import Mapping
from typing import Any

from engine.tokens.catching import broadcast, raise_up
from engine.tokens.compensation import cancel_transaction, compensate
from engine.tokens.definition import EventDefinition, Node
from engine.tokens.effects import EscalationThrown, Failed, MessageThrown, SignalThrown
from engine.tokens.listening import event_name, label, text_of
from engine.tokens.mappings import apply_inputs
from engine.tokens.run import Run
from engine.tokens.scopes import finish_instance
from engine.tokens.state import StuckError

NOTHING: Mapping[str, Any] = {}


def throw(run: Run, key: str) -> None:
    """Throw the next event of a node, or leave after the last; a retry throws none twice."""
    node, index = run.node(key), run.tokens[key].get("x", 0)
    if index == 0:
        apply_inputs(run, key, node)
    if index == len(node.events):
        run.later("leave", key)
    elif node.events[index].kind == "signal":
        run.deferred.append(("throw_now", key))
    else:
        throw_now(run, key)


def throw_now(run: Run, key: str) -> None:
    """Throw the event that is next.

    Signals come here only when nothing else moves, so that whoever is about to listen within the same step is reached
    in any order of the branches.
    """
    node, index = run.node(key), run.tokens[key].get("x", 0)
    run.token(key)["x"] = index + 1
    try:
        throw_event(run, key, node, node.events[index])
    except StuckError:
        run.token(key)["x"] = index
        raise
    if key in run.tokens and run.tokens[key].get("w") is None:
        run.later("throw", key)


def throw_event(run: Run, key: str, node: Node, event: EventDefinition) -> None:
    """Throw one event from a token. Raises StuckError."""
    if event.kind == "message":
        throw_message(run, key, node, event)
    elif event.kind == "signal":
        _throw_signal(run, key, node, event)
    elif event.kind == "error":
        values = _payload(run, key, node, event, everything=False)
        run.passed(run.tokens[key]["s"], node.id, None)
        throw_error(run, key, event.code, values)
    elif event.kind == "escalation":
        throw_escalation(run, key, event.code, _payload(run, key, node, event, everything=False))
    elif event.kind == "terminate":
        _terminate(run, key)
    elif event.kind == "compensate":
        compensate(run, key, event.activity, wait=event.wait)
    elif event.kind == "cancel":
        cancel_transaction(run, key)


def throw_message(run: Run, key: str, node: Node, event: EventDefinition) -> None:
    """Send a message with the variables its mapping names, else with all in sight."""
    name = event_name(run, event, key, node)
    correlation = text_of(run, event.correlation, key)
    run.effects.append(MessageThrown(key, name, correlation, _payload(run, key, node, event, everything=True)))


def _throw_signal(run: Run, key: str, node: Node, event: EventDefinition) -> None:
    name = event_name(run, event, key, node)
    values = _payload(run, key, node, event, everything=False)
    run.effects.append(SignalThrown(key, name, values))
    broadcast(run, name, values)


def _payload(run: Run, key: str, node: Node, event: EventDefinition, *, everything: bool) -> dict[str, Any]:
    """Return what an event carries: what camunda:in or its data inputs name, else all in sight or nothing."""
    variables = run.variables(key)
    mappings = event.extensions.in_ or (node.extensions.in_ if event.kind == "message" else ())
    if not mappings:
        inputs = [each.target for each in node.inputs] if node.kind in {"throw", "end"} else []
        return {name: variables[name] for name in inputs} if inputs else variables if everything else {}
    found: dict[str, Any] = {}
    for mapping in mappings:
        if mapping.all:
            found.update(variables)
        elif mapping.target is not None and mapping.source is not None:
            found[mapping.target] = run.compute(mapping.source, variables)
    return found


def throw_error(run: Run, key: str, code: str | None, values: Mapping[str, Any] = NOTHING) -> None:
    """Throw an error from an end event; where nothing catches it the whole instance fails."""
    if not raise_up(run, key, "error", code, values):
        finish_instance(run, "failed")
        run.effects.append(Failed(code))


def throw_outside_error(run: Run, key: str, code: str, values: Mapping[str, Any]) -> None:
    """Throw an error that work reported; where nothing catches it an operator decides. Raises StuckError."""
    if not raise_up(run, key, "error", code, values):
        raise StuckError(f"{label(run.node(key))}报告了错误“{code}”，而没有事件捕获它")


def throw_escalation(run: Run, key: str, code: str | None, values: Mapping[str, Any] = NOTHING) -> None:
    """Throw an escalation; where nothing catches it the flow goes on (BPMN 2.0.2 §10.5.7)."""
    if not raise_up(run, key, "escalation", code, values):
        run.effects.append(EscalationThrown(key, code))


def _terminate(run: Run, key: str) -> None:
    """End the scope around at once: nothing in it goes on, no compensation (BPMN 2.0.2 §13.5.6)."""
    scope = run.tokens[key]["s"]
    run.passed(scope, run.tokens[key]["n"], None)
    record = run.scope(scope)
    record.pop("todo", None)
    record.pop("manual", None)
    run.clear(scope)
