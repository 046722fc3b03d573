"""Graph: questions about a process that are answered once and kept, so that a step never searches."""

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from engine.tokens.regions import Region, find_regions

if TYPE_CHECKING:
    from engine.tokens.definition import EventDefinition, Node, Process

JOINING = frozenset({"parallel", "inclusive", "complex"})
REACHING = frozenset({"inclusive", "complex"})

Listening: TypeAlias = "tuple[tuple[Node, int, EventDefinition], ...]"


class Graph:
    """The index over the nodes and flows of one process."""

    def __init__(self, process: "Process") -> None:
        """Keep the process; everything is worked out when it is first asked for."""
        self._process = process
        self._reach: dict[str, dict[str, frozenset[str]]] = {}
        self._own: dict[str, Listening] = {}
        self._edge: dict[str, Listening] = {}
        self._scope: dict[str, Listening] = {}
        self._regions: dict[str, tuple[Region, ...]] = {}

    @cached_property
    def children(self) -> dict[str, tuple["Node", ...]]:
        """Return the nodes that lie directly in each process or sub-process."""
        found: dict[str, list[Node]] = defaultdict(list)
        for node in self._process.nodes.values():
            found[node.scope].append(node)
        return {scope: tuple(nodes) for scope, nodes in found.items()}

    def starts(self, scope: str) -> tuple["Node", ...]:
        """Return where the tokens of a scope begin: its start events, or else the nodes that nothing leads to.

        BPMN 2.0.2 §13.2 and §10.5.2: without start event all nodes without incoming flow get a token.
        """
        nodes = self.children.get(scope, ())
        found = tuple(node for node in nodes if node.kind == "start")
        return found or tuple(
            node
            for node in nodes
            if not (node.incoming or node.by_event or node.for_compensation or node.instantiate)
            and node.kind != "boundary"
        )

    @cached_property
    def triggers(self) -> Listening:
        """Return what begins an instance from outside: (node, index, event definition).

        Start events with a definition, instantiating receive tasks, and what follows an instantiating event-based
        gateway (BPMN 2.0.2 §13.2, §10.6.6).
        """
        found: list[Node] = []
        for node in self.children.get(self._process.id, ()):
            if node.kind == "start" or (node.instantiate and node.task == "receive"):
                found.append(node)
            elif node.kind == "event" and node.instantiate:
                found += self._catchers(node)
        return _listening(found)

    @cached_property
    def rank(self) -> dict[str, int]:
        """Return the place of each node in the diagram's file."""
        return {node: place for place, node in enumerate(self._process.nodes)}

    def own(self, node: "Node") -> Listening:
        """Return the events that a token at the node waits for: (catching node, index, definition)."""
        found = self._own.get(node.id)
        if found is None:
            found = self._own[node.id] = _listening(self._catchers(node))
        return found

    def edge(self, node: "Node") -> Listening:
        """Return the boundary events of an activity."""
        found = self._edge.get(node.id)
        if found is None:
            found = self._edge[node.id] = _listening([self._process.nodes[key] for key in node.boundary])
        return found

    def event_starts(self, scope: str) -> Listening:
        """Return the start events of the event sub-processes that lie in a scope."""
        found = self._scope.get(scope)
        if found is None:
            inside = [node for node in self.children.get(scope, ()) if node.by_event]
            found = self._scope[scope] = _listening([start for node in inside for start in self.starts(node.id)])
        return found

    @cached_property
    def has_conditions(self) -> bool:
        """Tell whether any event waits for data to change."""
        return any(event.kind == "conditional" for node in self._process.nodes.values() for event in node.events)

    @cached_property
    def compensable(self) -> frozenset[str]:
        """Return the sub-processes that must be remembered after completion (BPMN 2.0.2 §13.5.5)."""
        found: set[str] = set()
        for node in self._process.nodes.values():
            starts = node.kind == "start" and any(event.kind == "compensate" for event in node.events)
            scope = node.scope if node.handler or starts else ""
            while scope in self._process.nodes:
                found.add(scope)
                scope = self._process.nodes[scope].scope
        return frozenset(found)

    def reach(self, join: str) -> dict[str, frozenset[str]]:
        """Return per incoming flow of a join the nodes from which it can be reached without passing the join."""
        found = self._reach.get(join)
        if found is None:
            node = self._process.nodes[join]
            found = self._reach[join] = {flow: self.before(flow, join) for flow in node.incoming}
        return found

    def regions(self, scope: str) -> "tuple[Region, ...]":
        """Return what runs concurrently in a scope (see regions.py)."""
        found = self._regions.get(scope)
        if found is None:
            found = self._regions[scope] = tuple(find_regions(self._process, self.children.get(scope, ())))
        return found

    def side(self, scope: str) -> frozenset[str]:
        """Return the nodes of a scope that only non-interrupting boundary events lead to: threads at its side."""
        nodes, flows = self._process.nodes, self._process.flows
        seen: set[str] = set()
        todo = [node.id for node in self.children.get(scope, ()) if not node.incoming and node.kind != "boundary"]
        while todo:
            key = todo.pop()
            if key not in seen:
                seen.add(key)
                todo += [flows[flow].target for flow in nodes[key].outgoing]
                todo += [each for each in nodes[key].boundary if nodes[each].interrupting]
        return frozenset(node.id for node in self.children.get(scope, ()) if node.id not in seen)

    def before(self, flow: str, stop: str) -> frozenset[str]:
        """Return the nodes that lead to a flow without passing `stop`."""
        nodes, flows = self._process.nodes, self._process.flows
        seen: set[str] = set()
        todo = [flows[flow].source]
        while todo:
            key = todo.pop()
            if key in seen or key == stop:
                continue
            seen.add(key)
            node = nodes[key]
            todo += [flows[each].source for each in node.incoming]
            if node.host:
                todo.append(node.host)
        return frozenset(seen)

    def _catchers(self, node: "Node") -> "list[Node]":
        if node.kind in {"catch", "start"} or node.task == "receive":
            return [node]
        if node.kind == "event":
            return [self._process.nodes[self._process.flows[flow].target] for flow in node.outgoing]
        return []


def _listening(catchers: "list[Node]") -> Listening:
    return tuple((node, index, event) for node in catchers for index, event in enumerate(node.events))
