"""By hand: the activities of an open ad-hoc sub-process that somebody may start now (BPMN 2.0.2 §10.3.5)."""

from collections.abc import Mapping
from typing import Any

from engine.tokens.definition import Node, Process


def is_by_hand(process: Process, node: Node) -> bool:
    """Tell whether people start an activity when they see fit: it lies in an ad-hoc sub-process and says who may."""
    around = process.nodes.get(node.scope)
    if around is None or around.task != "adhoc" or node.extensions.property("startableBy") is None:
        return False
    return node.kind == "activity" and node in process.graph.starts(around.id)


def open_around(state: Mapping[str, Any], node: Node) -> str | None:
    """Return the token of the ad-hoc sub-process that is open around an activity, or None."""
    for key, token in state["tokens"].items():
        own = state["scopes"][token["s"]]["p"] == state["p"]
        if own and token["n"] == node.scope and "sub" in token and "incident" not in token:
            return str(key)
    return None
