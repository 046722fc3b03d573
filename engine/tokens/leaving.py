"""Leaving: a token goes over the flows out of its node."""

from collections.abc import Sequence

from engine.tokens.definition import Node
from engine.tokens.listening import label
from engine.tokens.run import Run
from engine.tokens.state import StuckError


def leave(run: Run, key: str) -> None:
    """Leave an activity or event: over each unconditional flow, each whose condition is true, or else the default.

    BPMN 2.0.2 §13.2.1. Raises StuckError where no flow may be taken.
    """
    node = run.node(key)
    flows = choose(run, key, node)
    if node.outgoing and not flows:
        raise StuckError(f"{label(node)}之后没有一个条件成立，也没有默认流向")
    go(run, key, flows)


def choose(run: Run, key: str, node: Node) -> Sequence[str]:
    """Return the flows whose conditions are true, else the default flow, beside all unconditional ones."""
    flows = run.process(run.tokens[key]["s"]).flows
    if all(flows[flow].condition is None for flow in node.outgoing) and node.default is None:
        return node.outgoing
    always, chosen = [], []
    for flow in node.outgoing:
        condition = flows[flow].condition
        if flow == node.default:
            continue
        if condition is None:
            always.append(flow)
        elif run.test(condition, key):
            chosen.append(flow)
    default = [node.default] if node.default in node.outgoing and node.default is not None else []
    return always + (chosen or default)


def go(run: Run, key: str, flows: Sequence[str]) -> None:
    """Consume a token and put one on each flow, as often as the node's completion quantity says."""
    token, node = run.tokens[key], run.node(key)
    scope, process = token["s"], run.process(token["s"])
    for flow in flows:
        run.passed(scope, node.id, flow)
        for _ in range(node.completion_quantity):
            run.spawn(process.flows[flow].target, scope, f=flow)
    if not flows:
        run.passed(scope, node.id, None)
    run.remove(key)
