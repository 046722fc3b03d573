"""Who is next: the steps that may follow a task, read from the diagram, with whom they would go to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.command import Context
from engine.queries.rows import in_words, names_of
from engine.queries.views import NextStep
from engine.task_rules import texts
from engine.tokens.definition import Node, Process

MOST_STEPS = 12
_MOST_VISITS = 200
_ENDS = "办结"
_OPEN_WHO = "按办理结果确定"


@dataclass(frozen=True)
class Place:
    """Where a task stands: its process, its matter's unit, and what it sees."""

    process: Process
    unit_code: str
    variables: Mapping[str, Any]


def next_steps(context: Context, place: Place, node_id: str) -> tuple[NextStep, ...]:
    """Return the people's steps that may follow a node, at most MOST_STEPS, in the order of the diagram.

    Branches carry the name of the last flow that has one; a path without a further step ends in 办结.
    """
    found: dict[str, NextStep] = {}
    for node, branch in _following(place.process, node_id):
        name = node.name or (_ENDS if node.kind == "end" else node.id)
        if node.kind == "end" and any(step.name == _ENDS for step in found.values()):
            continue
        if node.id not in found:
            label = _ENDS if node.kind == "end" else name
            found[node.id] = NextStep(label, "" if node.kind == "end" else who(context, place, node), branch)
        if len(found) == MOST_STEPS:
            break
    return tuple(found.values())


def who(context: Context, place: Place, node: Node) -> str:
    """Return in Chinese to whom a step would go as things stand."""
    extensions = node.extensions
    if node.task == "call":
        return "进入子流程"
    unit = texts(extensions.properties.get("bihuan:unit"), place.variables, context)
    groups = texts(extensions.candidate_groups, place.variables, context)
    users = [*texts(extensions.assignee, place.variables, context),
             *texts(extensions.candidate_users, place.variables, context)]  # fmt: skip
    principals = context.directory.candidates(groups, users, unit[0] if unit else place.unit_code)
    return in_words(principals, context, names_of(context, users)) or _OPEN_WHO


def _following(process: Process, node_id: str) -> Iterator[tuple[Node, str]]:
    """Walk the flows from a node to the next steps of people and to ends, breadth first."""
    todo = [(flow, "") for flow in process.nodes[node_id].outgoing]
    seen: set[str] = set()
    while todo and len(seen) < _MOST_VISITS:
        flow_id, branch = todo.pop(0)
        if flow_id in seen:
            continue
        seen.add(flow_id)
        flow = process.flows[flow_id]
        label = flow.name or branch
        node = process.nodes[flow.target]
        if _is_step(node):
            yield node, label
            continue
        onward = _onward(process, node)
        if onward is None:
            yield node, label
        else:
            todo.extend((one, label) for one in onward)


def _is_step(node: Node) -> bool:
    return node.kind == "activity" and node.task in {"user", "manual", "call"}


def _onward(process: Process, node: Node) -> tuple[str, ...] | None:
    """Return the flows on from a node that nobody works at; None at the end of the process."""
    if node.is_sub_process:
        starts = [one for one in process.nodes.values() if one.scope == node.id and one.kind == "start"]
        return tuple(flow for start in starts for flow in start.outgoing) or node.outgoing
    if node.kind == "end":
        around = process.nodes.get(node.scope)
        return None if around is None else around.outgoing
    return node.outgoing
