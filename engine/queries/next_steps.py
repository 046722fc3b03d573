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
    """Where a task stands: its process, its matter's unit, what it sees, and the calls around it, innermost first.

    A call is the calling process with the node of its call activity.
    """

    process: Process
    unit_code: str
    variables: Mapping[str, Any]
    calls: tuple[tuple[Process, str], ...] = ()


@dataclass(frozen=True)
class _Way:
    """A flow still to be walked: in which process, by which branch, with which calls around."""

    process: Process
    flow: str
    branch: str
    calls: tuple[tuple[Process, str], ...]


def next_steps(context: Context, place: Place, node_id: str) -> tuple[NextStep, ...]:
    """Return the people's steps that may follow a node, at most MOST_STEPS, in the order of the diagram.

    Branches carry the name of the last flow that has one; a path without a further step ends in 办结.
    """
    found: dict[str, tuple[Node, list[str]]] = {}
    for node, branch in _following(place, node_id):
        branches = found.setdefault(_ENDS if node.kind == "end" else node.id, (node, []))[1]
        branches.append(branch)
        if len(found) == MOST_STEPS:
            break
    return tuple(_step(context, place, node, branches) for node, branches in found.values())


def _step(context: Context, place: Place, node: Node, branches: list[str]) -> NextStep:
    """Return a step with the branches that lead to it; none are told where one has no name."""
    told = "" if "" in branches else "、".join(dict.fromkeys(branches))
    if node.kind == "end":
        return NextStep(_ENDS, "", told)
    return NextStep(node.name or node.id, who(context, place, node), told)


def calls_around(context: Context, state: Mapping[str, Any], token: str) -> tuple[tuple[Process, str], ...]:
    """Return the call activities a token is inside of, innermost first."""
    tokens, scopes = state.get("tokens", {}), state.get("scopes", {})
    found: list[tuple[Process, str]] = []
    scope = tokens[token]["s"] if token in tokens else None
    while scope is not None and "up" in scopes[scope]:
        host = tokens[scopes[scope]["up"]]
        if "of" not in scopes[scope]:
            found.append((context.catalog.process(scopes[host["s"]]["p"]), host["n"]))
        scope = host["s"]
    return tuple(found)


def who(context: Context, place: Place, node: Node) -> str:
    """Return in Chinese to whom a step would go as things stand; of a call, to whom its first steps would."""
    if node.task == "call":
        return _who_in_call(context, place, node)
    extensions = node.extensions
    unit = texts(extensions.properties.get("bihuan:unit"), place.variables, context)
    groups = texts(extensions.candidate_groups, place.variables, context)
    users = [*texts(extensions.assignee, place.variables, context),
             *texts(extensions.candidate_users, place.variables, context)]  # fmt: skip
    principals = context.directory.candidates(groups, users, unit[0] if unit else place.unit_code)
    return in_words(principals, context, names_of(context, users)) or _OPEN_WHO


def _who_in_call(context: Context, place: Place, node: Node) -> str:
    """Look at the first steps of the process a call activity would start now."""
    called = texts(node.called, place.variables, context)
    try:
        process = context.catalog.process(context.catalog.latest(called[0]))
    except (IndexError, KeyError):
        return _OPEN_WHO
    starts = [one for one in process.nodes.values() if one.kind == "start" and one.scope == process.id]
    inner = Place(process, place.unit_code, place.variables)
    first = [one for start in starts if not start.events for one, _ in _following(inner, start.id)]
    told = [who(context, inner, one) for one in first if one.task in {"user", "manual"}]
    return "、".join(dict.fromkeys(told)) or _OPEN_WHO


def _following(place: Place, node_id: str) -> Iterator[tuple[Node, str]]:
    """Walk the flows from a node to the next steps of people and to ends, breadth first, out of calls that end."""
    todo = [_Way(place.process, flow, "", place.calls) for flow in place.process.nodes[node_id].outgoing]
    seen: set[tuple[str, str]] = set()
    while todo and len(seen) < _MOST_VISITS:
        way = todo.pop(0)
        if (way.process.id, way.flow) in seen:
            continue
        seen.add((way.process.id, way.flow))
        flow = way.process.flows[way.flow]
        node, branch = way.process.nodes[flow.target], flow.name or way.branch
        onward = None if _is_step(node) else _onward(way, node, branch)
        if onward is None:
            yield node, branch
        else:
            todo.extend(onward)


def _is_step(node: Node) -> bool:
    return node.kind == "activity" and node.task in {"user", "manual", "call"}


def _onward(way: _Way, node: Node, branch: str) -> list[_Way] | None:
    """Return the ways on from a node that nobody works at; None at the end of everything."""
    if node.is_sub_process:
        starts = [one for one in way.process.nodes.values() if one.scope == node.id and one.kind == "start"]
        flows = [flow for start in starts for flow in start.outgoing] or list(node.outgoing)
        return [_Way(way.process, flow, branch, way.calls) for flow in flows]
    if node.kind != "end":
        return [_Way(way.process, flow, branch, way.calls) for flow in node.outgoing]
    around = way.process.nodes.get(node.scope)
    if around is not None:
        return [_Way(way.process, flow, branch, way.calls) for flow in around.outgoing]
    if not way.calls:
        return None
    (process, call), *outer = way.calls
    return [_Way(process, flow, branch, tuple(outer)) for flow in process.nodes[call].outgoing]
