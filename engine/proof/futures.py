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


class Futures:
    """Answers what may still be used from a node on; worked out once per node."""

    def __init__(self, abstract: Abstract, watch: Watch) -> None:
        """Keep the definitions and what the rules look at."""
        self._abstract = abstract
        self._watch = watch
        self._own: dict[tuple[str, str], Uses] = {}
        self._from: dict[tuple[str, str, bool], Uses] = {}
        self._live: dict[str, dict[str, Names]] = {}
        self._whole: dict[str, Uses] = {}
        self._handlers: dict[str, Uses] = {}

    def live(self, state: State) -> dict[str, Names]:
        """Return by scope of a process the variables that may be read before they are written again."""
        found: dict[str, Names] = {}
        seen: set[str] = set()
        for key, token in state["tokens"].items():
            if "sub" not in token:
                _add(found, process_scope(state, token["s"]), self._live_at(self._ref(state, key), token["n"]))
                self._live_after_hosts(state, token["s"], found, seen)
        for key, scope in state["scopes"].items():
            _add(
                found,
                process_scope(state, key),
                self._waiting(state, key).read | self._handling(scope["p"]).read,
            )
        return found

    def of_tokens(self, state: State) -> dict[str, Uses]:
        """Return by owner what each token, and each event sub-process that is waited for, may still use."""
        found: dict[str, Uses] = {}
        after: dict[str, Uses] = {}
        for key, token in state["tokens"].items():
            if "sub" not in token:
                found[key] = self.from_node(self._ref(state, key), token["n"]) | self._after_host(state, key, after)
        for key, scope in state["scopes"].items():
            found[key] = self._waiting(state, key) | self._handling(scope["p"])
        return found

    def _live_after_hosts(self, state: State, scope: str, found: dict[str, Names], seen: set[str]) -> None:
        """Add what is live behind the activities that a scope runs in."""
        while scope not in seen and "up" in state["scopes"][scope]:
            seen.add(scope)
            host = state["scopes"][scope]["up"]
            ref = self._ref(state, host)
            node = self._abstract.process(ref).nodes[state["tokens"][host]["n"]]
            if "of" not in state["scopes"][scope]:
                _add(found, scope, self._handed_out(state["scopes"][scope]["p"], node))
            scope = state["tokens"][host]["s"]
            again = self._live_at(ref, node.id) if node.loop is not None else NONE
            _add(found, process_scope(state, scope), self._live_beyond(ref, node) | again)

    def _handed_out(self, ref: str, node: Node) -> Names:
        """Return what of the variables of a called process its call hands out."""
        if any(one.all for one in node.extensions.out):
            return self._of_process(ref).all
        sources = (*(one.source for one in node.extensions.out), *(one.source for one in node.outputs))
        return frozenset(name for source in sources for name in _names(source))

    def _live_at(self, ref: str, node: str) -> Names:
        return self._live_in(ref)[node]

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
            found -= frozenset(written_by(self._abstract, node, ref))
        for key in node.boundary:
            found |= live[key]
        return found

    def _waiting(self, state: State, key: str) -> Uses:
        """Return what the event sub-processes that a scope waits for may use."""
        record, found = state["scopes"][key], Uses()
        nodes = self._abstract.process(record["p"]).nodes
        for at in record.get("subs", ()):
            if at not in record.get("once", ()):
                found |= self.from_node(record["p"], nodes[at.rpartition("/")[0]].scope)
        return found

    def _after_host(self, state: State, key: str, known: dict[str, Uses]) -> Uses:
        scope = state["tokens"][key]["s"]
        if scope not in known:
            host = state["scopes"][scope].get("up")
            found = Uses()
            if host is not None:
                token = state["tokens"][host]
                ref = self._ref(state, host)
                node = self._abstract.process(ref).nodes[token["n"]]
                found = self._own_uses(ref, node) | self._after_host(state, host, known)
                for following in self._following(self._abstract.process(ref), node):
                    found |= self.from_node(ref, following)
                if node.loop is not None:
                    found |= self.from_node(ref, node.id)
            known[scope] = found
        return known[scope]

    def _ref(self, state: State, key: str) -> str:
        ref: str = state["scopes"][state["tokens"][key]["s"]]["p"]
        return ref

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
        read = whole.read if all_in else NONE
        return Uses(read, read | (whole.all if all_out else NONE), whole.nodes)

    def _of_process(self, ref: str) -> Uses:
        if ref not in self._whole:
            self._whole[ref] = found = Uses()
            for node in self._abstract.process(ref).nodes.values():
                found |= self._own_uses(ref, node)
            self._whole[ref] = found
        return self._whole[ref]


def process_scope(state: State, scope: str) -> str:
    """Return the scope of the process around a scope."""
    while "of" in state["scopes"][scope]:
        scope = state["tokens"][state["scopes"][scope]["up"]]["s"]
    return scope


def _add(found: dict[str, Names], scope: str, names: Names) -> None:
    found[scope] = found.get(scope, NONE) | names


def _names(value: Any) -> frozenset[str]:
    if isinstance(value, Expression | Value):
        return frozenset(name.partition(".")[0] for name in value.names)
    return NONE
