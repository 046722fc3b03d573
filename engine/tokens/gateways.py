"""Gateways: splitting, choosing and joining (BPMN 2.0.2 §13.4)."""

from collections.abc import Callable

from engine.tokens.definition import Node
from engine.tokens.graph import REACHING
from engine.tokens.leaving import choose, go
from engine.tokens.listening import arm, label
from engine.tokens.run import Run
from engine.tokens.state import StuckError

GATHERING = frozenset({"join", "quantity"})


def enter_exclusive(run: Run, key: str) -> None:
    """Take the first flow whose condition is true, else the default (§13.4.2)."""
    node = run.node(key)
    flows = run.process(run.tokens[key]["s"]).flows
    for flow in node.outgoing:
        condition = flows[flow].condition
        if flow != node.default and (condition is None or run.test(condition, key)):
            go(run, key, [flow])
            return
    if node.outgoing and node.default is None:
        raise StuckError(f"排他网关{label(node)}没有一个条件成立，也没有默认流向")
    go(run, key, [node.default] if node.default is not None else [])


def enter_parallel(run: Run, key: str) -> None:
    """Join when each incoming flow has a token: one of each is taken, further ones stay (§13.4.1)."""
    node = run.node(key)
    if len(node.incoming) < 2:
        go(run, key, node.outgoing)
        return
    run.wait(key, "join")
    here = waiting(run, node, run.tokens[key]["s"])
    first = _oldest_per_flow(run, here)
    if all(flow in first for flow in node.incoming):
        keys = [first[flow] for flow in node.incoming]
        _merge(run, keys)
        go(run, keys[0], node.outgoing)
        rest = [each for each in here if each not in keys]
        if rest:
            run.later("enter", rest[0])


def enter_inclusive(run: Run, key: str) -> None:
    """Split at once, or wait at a join, which fires when the queue is empty."""
    node = run.node(key)
    if len(node.incoming) < 2:
        split(run, key)
    else:
        run.wait(key, "join")


def split(run: Run, key: str) -> None:
    """Take every flow whose condition is true, else the default (§13.4.3)."""
    node = run.node(key)
    flows = choose(run, key, node)
    if node.outgoing and not flows:
        raise StuckError(f"网关{label(node)}没有一个条件成立，也没有默认流向")
    go(run, key, flows)


def enter_complex(run: Run, key: str) -> None:
    """Join when the activation condition is true; then wait for reset (§13.4.5)."""
    node = run.node(key)
    if len(node.incoming) < 2:
        split(run, key)
        return
    run.wait(key, "join")
    scope = run.tokens[key]["s"]
    if node.id in run.scopes[scope].get("fired", {}):
        return
    first = _oldest_per_flow(run, waiting(run, node, scope))
    more = {"activationCount": len(first), "waitingForStart": True}
    if node.condition is not None and run.test(node.condition, key, **more):
        _fire_complex(run, node, scope, first)


def _fire_complex(run: Run, node: Node, scope: str, first: dict[str, str]) -> None:
    if len(first) < len(node.incoming):
        run.scope(scope).setdefault("fired", {})[node.id] = list(first)
    keys = list(first.values())
    _merge(run, keys)
    run.later("split", keys[0])


def enter_event(run: Run, key: str) -> None:
    """Wait for the first of several events (§13.4.4)."""
    node = run.node(key)
    arm(run, key, run.graph(run.tokens[key]["s"]).own(node))
    run.wait(key, "event")


def waiting(run: Run, node: Node, scope: str) -> list[str]:
    """Return the tokens that wait at a join, the oldest first."""
    tokens = run.tokens
    return [key for key in run.inside(scope) if tokens[key]["n"] == node.id and tokens[key].get("w") in GATHERING]


def held(run: Run, scope: str) -> list[tuple[Node, list[str]]]:
    """Return the joins of a scope at which tokens wait, in the order of the diagram, each with its tokens."""
    tokens, found = run.tokens, dict[str, list[str]]()
    for key in run.inside(scope):
        if tokens[key].get("w") in GATHERING:
            found.setdefault(tokens[key]["n"], []).append(key)
    if not found:
        return []
    graph, nodes = run.graph(scope), run.process(scope).nodes
    order = sorted(found, key=lambda node: graph.rank[node]) if len(found) > 1 else found
    return [(nodes[node], found[node]) for node in order]


def _oldest_per_flow(run: Run, keys: list[str]) -> dict[str, str]:
    first: dict[str, str] = {}
    for key in keys:
        first.setdefault(run.tokens[key].get("f", ""), key)
    return first


def _merge(run: Run, keys: list[str]) -> None:
    """Let one token stand for several that arrived."""
    for key in keys[1:]:
        run.remove(key)
    record = run.token(keys[0])
    record.pop("f", None)
    record.pop("w", None)
    record.pop("incident", None)


def fire_joins(run: Run) -> bool:
    """Fire one inclusive or complex join that no further token can reach; tell whether there was one."""
    for scope in list(run.touched):
        if scope not in run.scopes or run.is_repetition(scope):
            continue
        for node, here in held(run, scope):
            fire = _ready(run, node, scope, here) if node.kind in REACHING else None
            if fire is not None:
                fire()
                return True
    return False


def _ready(run: Run, node: Node, scope: str, here: list[str]) -> Callable[[], None] | None:
    first = _oldest_per_flow(run, here)
    used = run.scopes[scope].get("fired", {}).get(node.id)
    if used is not None:
        late = {flow: key for flow, key in first.items() if flow not in used}
        filled = {*late, *used}
        if may_fill(run, node, scope, filled):
            return None
        return lambda: _reset(run, node, scope, late)
    if node.kind == "complex" and node.condition is not None and len(first) < len(node.incoming):
        return None
    if may_fill(run, node, scope, set(first)):
        return None
    if node.kind == "complex" and node.condition is not None:
        return None
    return lambda: _fire(run, list(first.values()))


def _fire(run: Run, keys: list[str]) -> None:
    _merge(run, keys)
    run.later("split", keys[0])


def _reset(run: Run, node: Node, scope: str, late: dict[str, str]) -> None:
    """Take in the tokens that came late; a flow gets one only if its condition asks for waitingForStart."""
    fired = dict(run.scopes[scope]["fired"])
    del fired[node.id]
    run.scope(scope)["fired"] = fired
    flows = run.process(scope).flows
    chosen: list[str] = []
    for flow in node.outgoing:
        condition = flows[flow].condition
        if condition is not None and "waitingForStart" in condition.names:
            more = {"waitingForStart": False, "activationCount": len(late)}
            chosen += [flow] if run.test(condition, scope, **more) else []
    for flow in chosen:
        run.passed(scope, node.id, flow)
        run.spawn(flows[flow].target, scope, f=flow)
    for key in late.values():
        run.remove(key)
    rest = waiting(run, node, scope)
    if rest:
        run.later("enter", rest[0])


def may_fill(run: Run, node: Node, scope: str, filled: set[str]) -> bool:
    """Tell whether a token elsewhere can still reach an empty incoming flow, and none that has a token already."""
    reach = run.graph(scope).reach(node.id)
    filled = filled & reach.keys()
    empty = [flow for flow in node.incoming if flow not in filled]
    if not empty:
        return False
    for key in run.inside(scope):
        at = run.tokens[key]["n"]
        if at == node.id:
            continue
        if any(at in reach[flow] for flow in empty) and not any(at in reach[flow] for flow in filled):
            return True
    return False
