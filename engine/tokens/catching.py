"""Catching: a message, signal, timer, condition, error or escalation reaches what waits for it."""

from collections.abc import Mapping
from typing import Any

from engine.tokens.definition import EventDefinition, Node
from engine.tokens.graph import Listening
from engine.tokens.listening import listens, place, set_timer, take_timer, waiting_for
from engine.tokens.mappings import apply_outputs, keeps_results
from engine.tokens.run import Run
from engine.tokens.scopes import start_event_sub
from engine.tokens.state import Record, StaleEventError
from engine.tokens.timers import following

Variables = Mapping[str, Any]
NOTHING: Variables = {}


def reach(run: Run, owner: str, catcher: str, index: int, values: Variables) -> None:
    """Let an outside event reach a subscription. Raises StaleEventError where nothing waits there any more."""
    record = run.tokens.get(owner) or run.scopes.get(owner)
    at = place(catcher, index)
    if record is None or not any(at in record.get(field, ()) for field in ("due", "subs", "cond")):
        raise StaleEventError(owner=owner, catcher=catcher)
    scope = record["s"] if owner in run.tokens else owner
    node = run.process(scope).nodes[catcher]
    if at in record.get("due", ()):
        _reach_timer(run, owner, node, index)
    else:
        trigger(run, owner, node, index, values)


def _reach_timer(run: Run, owner: str, node: Node, index: int) -> None:
    """Fire a timer; a cycle is armed again where its event may come again (BPMN 2.0.2 table 10.101)."""
    reached = take_timer(run, owner, place(node.id, index))
    again = following(reached.due, reached.left, reached.every, run.now) if reached.every else None
    repeats = again is not None and (node.kind == "catch" or not node.interrupting)
    if repeats and again is not None:
        set_timer(run, owner, node, index, again)
    if repeats and node.kind == "catch" and owner in run.tokens and run.node(owner).id == node.id:
        run.spawn(node.id, run.tokens[owner]["s"], "leave")  # one token for each round
        return
    trigger(run, owner, node, index, NOTHING)


def trigger(run: Run, owner: str, catcher: Node, index: int, values: Variables) -> None:
    """Let an event have its effect on the token or scope that waits for it."""
    if not _all_came(run, owner, catcher, index):
        run.write(values, owner)
    elif owner in run.scopes:
        run.write(values, owner)
        start_event_sub(run, owner, catcher)
    elif catcher.kind == "boundary":
        _trigger_boundary(run, owner, catcher, values)
    else:
        _trigger_catch(run, owner, catcher, values)


def _trigger_boundary(run: Run, owner: str, catcher: Node, values: Variables) -> None:
    token = run.tokens[owner]
    own = _receive(run, token["s"], catcher, values)
    run.spawn(catcher.id, token["s"], "caught", v=own)
    if catcher.interrupting and owner != run.spared:
        if "for" in token:
            run.later("compensated", token["for"])
        run.remove(owner)


def _trigger_catch(run: Run, owner: str, catcher: Node, values: Variables) -> None:
    token = run.token(owner)
    own = _receive(run, token["s"], catcher, values)
    if own:
        token["v"] = {**token.get("v", {}), **own}
    if token["n"] != catcher.id:  # behind an event-based gateway: the others are not waited for any more
        run.disarm(owner)
        flow = next((flow for flow in run.node(owner).outgoing if flow in catcher.incoming), None)
        run.passed(token["s"], token["n"], flow)
        run.come_to(owner, catcher.id)
    else:
        run.disarm(owner, catcher.id)
    run.later("done" if catcher.kind == "activity" else "caught", owner)


def _receive(run: Run, scope: str, catcher: Node, values: Variables) -> dict[str, Any] | None:
    """Write what an event brought into the process, or keep it for the event's output mapping."""
    if keeps_results(catcher):
        return dict(values)
    run.write(values, scope)
    return None


def caught(run: Run, key: str) -> None:
    """Hand out what an event brought, then go on."""
    apply_outputs(run, key, run.node(key), key)
    run.later("leave", key)


def _all_came(run: Run, owner: str, catcher: Node, index: int) -> bool:
    """Tell whether every event of a parallel multiple event came; remembers those that did."""
    if not catcher.all_events or len(catcher.events) < 2:
        return True
    record = run.record(owner)
    seen = {*record.get("seen", {}).get(catcher.id, ()), index}
    record["seen"] = {**record.get("seen", {}), catcher.id: sorted(seen)}
    if len(seen) < len(catcher.events):
        return False
    del record["seen"][catcher.id]
    return True


def broadcast(run: Run, name: str, values: Variables) -> None:
    """Let a signal reach everything in this instance that waits for it now."""
    for owner, at in list(waiting_for(run, "signal", name)):
        record = run.tokens.get(owner) or run.scopes.get(owner)
        if record is not None and at in record.get("subs", ()):
            catcher, _, index = at.rpartition("/")
            reach(run, owner, catcher, int(index), values)


def check_conditions(run: Run) -> None:
    """Fire conditional events whose condition has become true (BPMN 2.0.2 §10.5.5: from false to true).

    One that names a variable (camunda:variableName) is looked at when it opens and when that one changes.
    """
    run.data_changed = False
    written, run.written = run.written, set()
    fresh, run.fresh = run.fresh, set()
    for owner in list(run.state.get("watch", ())):
        for at in list(_watched(run, owner)):
            record = run.tokens.get(owner) or run.scopes.get(owner)
            if record is None or at not in record.get("cond", ()):
                continue
            catcher, _, index = at.rpartition("/")
            node = run.process(record["s"] if owner in run.tokens else owner).nodes[catcher]
            if (owner, at) not in fresh and not _concerns(node.events[int(index)], written):
                continue
            condition = node.events[int(index)].condition
            is_true = condition is not None and run.test(condition, owner)
            if is_true != record["cond"][at]:
                run.record(owner)["cond"][at] = is_true
                if is_true:
                    trigger(run, owner, node, int(index), NOTHING)


def _concerns(event: EventDefinition, written: set[tuple[str, str]]) -> bool:
    """Tell whether what was written is what a conditional event looks at."""
    names, kinds = event.extensions.variable_name, event.extensions.variable_events
    return any(names in (None, name) and (not kinds or kind in kinds) for name, kind in written)


def _watched(run: Run, owner: str) -> Record:
    record = run.tokens.get(owner) or run.scopes.get(owner) or {}
    return dict(record.get("cond", {}))


def raise_up(run: Run, key: str, kind: str, code: str | None, values: Variables = NOTHING) -> bool:
    """Take an error or escalation to the nearest catcher outwards; one for this code goes before one for all.

    BPMN 2.0.2 §10.5.6 and §13.5.3. Returns whether there was one.
    """
    current: str | None = key
    while current is not None:
        token = run.tokens[current]
        scope: str = token["s"]
        found = None
        if not run.is_repetition(scope):
            found = _matching(current, run.graph(scope).edge(run.node(current)), kind, code)
            found = found or _matching(scope, listens(run, scope), kind, code)
        if found:
            owner, catcher, index, event = found
            trigger(run, owner, catcher, index, {**values, **_code_variables(event, code, values)})
            return True
        current = run.scopes[scope].get("up")
    return False


def _matching(
    owner: str, listening: Listening, kind: str, code: str | None
) -> tuple[str, Node, int, EventDefinition] | None:
    fit = [each for each in listening if each[2].kind == kind and each[2].code in (None, code)]
    best = max(fit, key=lambda each: each[2].code is not None, default=None)
    return (owner, *best) if best else None


def _code_variables(event: EventDefinition, code: str | None, values: Variables) -> dict[str, Any]:
    names = event.extensions
    found: dict[str, Any] = {}
    for name in (names.error_code_variable, names.escalation_code_variable):
        if name:
            found[name] = code
    if names.error_message_variable:
        found[names.error_message_variable] = values.get("message")
    return found
