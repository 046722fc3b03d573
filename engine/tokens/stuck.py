"""Stuck joins: gateways that wait for a token that can never come, and tokens left over at them."""

from engine.tokens.definition import Node
from engine.tokens.effects import IncidentRaised
from engine.tokens.gateways import GATHERING, held
from engine.tokens.listening import label
from engine.tokens.run import Run

WORDS = {"parallel": "并行网关", "inclusive": "包容网关", "complex": "复杂网关", "activity": "活动"}


def report_stuck(run: Run) -> None:
    """Raise an incident for each join in the touched scopes that can never fire again, once."""
    for scope in list(run.touched):
        if scope not in run.scopes or run.is_repetition(scope):
            continue
        waiting = {node.id: (node, keys) for node, keys in held(run, scope)}
        if waiting:
            _report(run, scope, waiting)


def _report(run: Run, scope: str, waiting: dict[str, tuple[Node, list[str]]]) -> None:
    alive = {run.tokens[key]["n"] for key in run.inside(scope) if run.tokens[key].get("w") not in GATHERING}
    hopeless = dict(waiting)
    while saved := [key for key, (node, keys) in hopeless.items() if _may_fire(run, scope, node, keys, alive)]:
        for key in saved:
            del hopeless[key]
            alive.add(key)
    for node, keys in waiting.values():
        for key in keys:
            if node.id in hopeless and "incident" not in run.tokens[key]:
                _raise(run, key, node, keys)
            elif node.id not in hopeless and "incident" in run.tokens[key]:
                del run.token(key)["incident"]


def _may_fire(run: Run, scope: str, node: Node, keys: list[str], alive: set[str]) -> bool:
    """Tell whether every flow that the join still needs can be reached from something alive."""
    filled = {run.tokens[key].get("f") for key in keys}
    reach = run.graph(scope).reach(node.id)
    empty = [flow for flow in node.incoming if flow not in filled]
    if node.kind == "parallel":
        return all(not reach[flow].isdisjoint(alive) for flow in empty)
    return any(not reach[flow].isdisjoint(alive) for flow in node.incoming)  # one more token lets it look again


def _raise(run: Run, key: str, node: Node, keys: list[str]) -> None:
    flows = run.process(run.tokens[key]["s"]).flows
    filled = {run.tokens[each].get("f") for each in keys}
    missing = [flow for flow in node.incoming if flow not in filled]
    sources = "、".join(label(run.process(run.tokens[key]["s"]).nodes[flows[flow].source]) for flow in missing)
    reason = f"还等待来自{sources}的分支，而它不会再到达" if missing else "等待的令牌不会再到达"
    message = f"{WORDS[node.kind]}{label(node)}{reason}（多余的令牌停在这里）"
    run.token(key)["incident"] = message
    run.effects.append(IncidentRaised(key, node.id, message))
