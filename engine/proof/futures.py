"""Futures: which variables a token may still use.

What nobody will read is forgotten, and what nobody else uses need not be tried in every order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.feel import Expression
from engine.proof.abstraction import Abstract
from engine.proof.moves import written_by
from engine.proof.watching import Watch
from engine.tokens.definition import Node, Process
from engine.tokens.graph import JOINING
from engine.tokens.state import State
from engine.tokens.values import Value

Names = frozenset[str]
NONE: Names = frozenset()
Chain = tuple[tuple[str, str, bool], ...]
"""The activities a scope runs in, innermost first: (ref, node, whether it is a call)."""
At = tuple[str, str, Chain]


@dataclass(frozen=True)
class Uses:
    """Variables that are read, those that are read or written, the nodes that rules look at, and whether any waits."""

    read: Names = NONE
    all: Names = NONE
    nodes: Names = NONE
    joins: bool = False

    def __or__(self, other: "Uses") -> "Uses":
        """Return the uses of both."""
        return Uses(
            self.read | other.read, self.all | other.all, self.nodes | other.nodes, joins=self.joins or other.joins
        )


@dataclass(frozen=True)
class Ahead:
    """What may still be used in a state.

    `uses` tells it by owner: a token, which for one that hosts a scope is what the events at its edge may use, or a
    scope, for the event sub-processes it waits for. `live`
    are by scope of a process the variables that may be read before they are written again. `around` names by owner,
    innermost first, the scope of the process around each scope it is in.
    """

    uses: dict[str, Uses]
    live: dict[str, Names]
    around: dict[str, tuple[str, ...]]

    def add(self, scope: str, names: Names) -> None:
        """Let variables of a scope be live."""
        self.live[scope] = self.live.get(scope, NONE) | names


class Futures:
    """Answers what may still be used from a node on; worked out once per node."""

    def __init__(self, abstract: Abstract, watch: Watch) -> None:
        """Keep the definitions and what the rules look at."""
        self._abstract = abstract
        self._watch = watch
        self._own: dict[tuple[str, str], Uses] = {}
        self._from: dict[tuple[str, str, bool], Uses] = {}
        self._live: dict[str, dict[str, Names]] = {}
        self._tokens: dict[At, tuple[Uses, tuple[Names, ...]]] = {}
        self._edges: dict[tuple[At, tuple[str, ...], tuple[str, ...]], Uses] = {}
        self._waits: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Uses] = {}
        self._whole: dict[str, Uses] = {}
        self._handlers: dict[str, Uses] = {}

    def of(self, state: State) -> Ahead:
        """Return what may still be used in a state; records of tokens and scopes that look alike are asked about once.

        A scope stands in a state behind the one it was opened in, since both keep the order they came in.
        """
        ahead = Ahead({}, {}, {})
        tokens, scopes = state["tokens"], state["scopes"]
        chains: dict[str, Chain] = {}
        for key, scope in scopes.items():
            chain: Chain = ()
            around: tuple[str, ...] = (key,)
            if "up" in scope:
                host = tokens[scope["up"]]
                chain = ((scopes[host["s"]]["p"], host["n"], "of" not in scope), *chains[host["s"]])
                outer = ahead.around[host["s"]]
                around = (outer[0] if "of" in scope else key, *outer)
            chains[key], ahead.around[key] = chain, around
            waits = (scope["p"], tuple(scope.get("subs", ())), tuple(scope.get("once", ())))
            uses = ahead.uses[key] = self._waits.get(waits) or self._waiting(*waits)
            ahead.add(around[0], uses.read)
        for key, token in tokens.items():
            scope = token["s"]
            at = (scopes[scope]["p"], token["n"], chains[scope])
            held = scopes.get(token.get("sub", ""))
            if held is None or held["c"] == 0:
                uses, live = self._tokens.get(at) or self._of_token(*at)
                ahead.uses[key], ahead.around[key] = uses, ahead.around[scope]
                for place, names in zip(ahead.around[scope], live, strict=True):
                    ahead.add(place, names)
            elif "subs" in token:
                edge = (at, tuple(token["subs"]), tuple(token.get("once", ())))
                ahead.uses[key] = self._edges.get(edge) or self._of_edge(*edge)
                ahead.around[key] = ahead.around[scope]
        return ahead

    def _of_token(self, ref: str, node_id: str, chain: Chain) -> tuple[Uses, tuple[Names, ...]]:
        """Return what a token uses from a node on, and what is live then for each scope around it, innermost first."""
        at = (ref, node_id, chain)
        uses, live = self.from_node(ref, node_id), [self._live_in(ref)[node_id]]
        for host_ref, host, is_call in chain:
            process = self._abstract.process(host_ref)
            node = process.nodes[host]
            uses |= self._own_uses(host_ref, node)
            for following in self._following(process, node):
                uses |= self.from_node(host_ref, following)
            again = NONE
            if node.loop is not None or node.task == "adhoc":
                uses |= self.from_node(host_ref, host)
                again = self._live_in(host_ref)[host]
            if is_call:
                live[-1] |= self._handed_out(ref, node)
            live.append(self._live_beyond(host_ref, node) | again)
            ref = host_ref
        self._tokens[at] = found = (uses, tuple(live))
        return found

    def _of_edge(self, at: At, waits: tuple[str, ...], came: tuple[str, ...]) -> Uses:
        """Return what the events at the edge of what is at work inside may use."""
        ref, _, chain = at
        found = Uses()
        for place in waits:
            if place not in came:
                found |= self._of_token(ref, place.rpartition("/")[0], chain)[0]
        self._edges[at, waits, came] = found
        return found

    def _waiting(self, ref: str, waits: tuple[str, ...], came: tuple[str, ...]) -> Uses:
        """Return what the event sub-processes a scope waits for may use, and compensation, which may always come."""
        found = self._handling(ref)
        nodes = self._abstract.process(ref).nodes
        for at in waits:
            if at not in came:
                found |= self.from_node(ref, nodes[at.rpartition("/")[0]].scope)
        self._waits[ref, waits, came] = found
        return found

    def _handed_out(self, ref: str, node: Node) -> Names:
        """Return what of the variables of a called process its call hands out."""
        if any(one.all for one in node.extensions.out):
            return self._of_process(ref).all
        sources = (*(one.source for one in node.extensions.out), *(one.source for one in node.outputs))
        return frozenset(name for source in sources for name in _names(source))

    def _live_in(self, ref: str) -> dict[str, Names]:
        return self._live[ref] if ref in self._live else self._settle_live(ref)

    def _settle_live(self, ref: str) -> dict[str, Names]:
        """Work out for each node what is live when a token comes to it, backwards until nothing changes."""
        process = self._abstract.process(ref)
        live = self._live[ref] = dict.fromkeys(process.nodes, NONE)
        before: dict[str, set[str]] = {key: set() for key in process.nodes}
        for node in process.nodes.values():
            for key in self._following(process, node):
                before[key].add(node.id)
        todo: dict[str, None] = dict.fromkeys(reversed(tuple(process.nodes)))
        while todo:
            key = next(iter(todo))
            del todo[key]
            found = self._live_before(ref, process.nodes[key])
            if found != live[key]:
                live[key] = found
                todo.update(dict.fromkeys(before[key]))
        return live

    def _live_before(self, ref: str, node: Node) -> Names:
        tracked = self._abstract.domains.tracked
        found = self._live_beyond(ref, node) | (frozenset(self._read_first(node)) & tracked)
        found |= self._watch.bits_asked(node.id)
        if node.is_sub_process:
            found |= self.from_node(ref, node.id, inside=True).read
        return found | self._called(node).read

    def _live_beyond(self, ref: str, node: Node) -> Names:
        """Return what is live behind a node, as seen before its work writes."""
        process = self._abstract.process(ref)
        live = self._live_in(ref)
        found = frozenset(self._read_last(ref, node)) & self._abstract.domains.tracked
        for flow in node.outgoing:
            found |= live[process.flows[flow].target]
        if node.loop is None:
            found -= frozenset(written_by(self._abstract, node, ref)) | self._watch.bits_set(node.id)
        for key in node.boundary:
            found |= live[key]
        return found

    def from_node(self, ref: str, start: str, *, inside: bool = False) -> Uses:
        """Return what a token may use from a node on, or of all within a node."""
        found = self._from.get((ref, start, inside))
        if found is None:
            process, found, seen = self._abstract.process(ref), Uses(), set[str]()
            todo = [child.id for child in process.graph.children.get(start, ())] if inside else [start]
            while todo:
                key = todo.pop()
                if key in seen:
                    continue
                seen.add(key)
                node = process.nodes[key]
                found |= self._own_uses(ref, node)
                todo += self._following(process, node)
                todo += [child.id for child in process.graph.children.get(key, ())]
            self._from[ref, start, inside] = found
        return found

    def _following(self, process: Process, node: Node) -> list[str]:
        return [process.flows[flow].target for flow in node.outgoing] + list(node.boundary)

    def _handling(self, ref: str) -> Uses:
        """Return what compensation may use, whenever it comes."""
        if ref not in self._handlers:
            found = Uses()
            process = self._abstract.process(ref)
            for node in process.nodes.values():
                if node.for_compensation or any(event.kind == "compensate" for event in node.events):
                    found |= self.from_node(ref, node.id)
            self._handlers[ref] = found
        return self._handlers[ref]

    def _own_uses(self, ref: str, node: Node) -> Uses:
        found = self._own.get((ref, node.id))
        if found is None:
            self._own[ref, node.id] = Uses()  # a process that calls itself
            tracked = self._abstract.domains.tracked
            read = frozenset((*self._read_first(node), *self._read_last(ref, node))) & tracked
            written = frozenset(written_by(self._abstract, node, ref)) & tracked
            joins = node.start_quantity > 1 or (node.kind in JOINING and len(node.incoming) > 1)
            read |= self._watch.bits_asked(node.id)
            found = Uses(read, read | written, frozenset({node.id}) & self._watch.nodes, joins) | self._called(node)
            self._own[ref, node.id] = found
        return found

    def _read_first(self, node: Node) -> Iterator[str]:
        """Yield what the work of a node reads before it writes."""
        for _, expression in node.script:
            yield from _names(expression)
        for assignment in node.inputs:
            yield from _names(assignment.source)
        for parameter in node.extensions.inputs:
            yield from _names(parameter.value)
        for mapping in node.extensions.in_:
            yield from _names(mapping.source)
        yield from _names(node.extensions.properties.get("bihuan:notSameAs"))
        yield from _names(node.condition)

    def _read_last(self, ref: str, node: Node) -> Iterator[str]:
        """Yield what a node reads when its work is done."""
        process = self._abstract.process(ref)
        for flow in node.outgoing:
            yield from _names(process.flows[flow].condition)
        for assignment in node.outputs:
            yield from _names(assignment.source)
        for parameter in node.extensions.outputs:
            yield from _names(parameter.value)
        for mapping in node.extensions.out:
            yield from _names(mapping.source)
        for _, outcome in self._watch.left(node.id):
            yield from self._watch.names_of(outcome)

    def _called(self, node: Node) -> Uses:
        """Return what a call hands in and out as a whole: what the called process uses."""
        if node.task != "call" or node.called is None:
            return Uses()
        whole = self._of_process(f"{node.called.text}:0")
        all_in = any(one.all for one in node.extensions.in_)
        all_out = any(one.all for one in node.extensions.out)
        read = whole.read if all_in else frozenset(name for name in whole.read if self._watch.is_bit(name))
        return Uses(read, read | (whole.all if all_out else NONE), whole.nodes)

    def _of_process(self, ref: str) -> Uses:
        if ref not in self._whole:
            self._whole[ref] = found = Uses()
            for node in self._abstract.process(ref).nodes.values():
                found |= self._own_uses(ref, node)
            self._whole[ref] = found
        return self._whole[ref]


def _names(value: Any) -> frozenset[str]:
    if isinstance(value, Expression | Value):
        return frozenset(name.partition(".")[0] for name in value.names)
    return NONE
