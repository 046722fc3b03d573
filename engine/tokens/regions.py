"""Regions: what runs concurrently between a split and the node where its branches meet again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.tokens.definition import Node, Process

EXIT = ""


@dataclass(frozen=True)
class Region:
    """A split, the join that post-dominates it (or EXIT), and the nodes of each branch by its first flow."""

    split: str
    join: str
    branches: dict[str, frozenset[str]]

    def branches_of(self, node: str) -> list[str]:
        """Return the first flows of the branches a node belongs to; more than one where the drawing is no block."""
        return [flow for flow, nodes in self.branches.items() if node in nodes]

    def exits(self, process: "Process", flow: str) -> list[str]:
        """Return the incoming flows of the join to which a branch leads."""
        join = process.nodes.get(self.join)
        inside = self.branches[flow]
        return [each for each in join.incoming if each == flow or process.flows[each].source in inside] if join else []


def find_regions(process: "Process", nodes: "Sequence[Node]") -> Iterator[Region]:
    """Yield the regions of one scope."""
    after = {node.id: [process.flows[flow].target for flow in node.outgoing] or [EXIT] for node in nodes}
    meets = _post_dominators(after)
    for node in nodes:
        if len(node.outgoing) < 2 or node.kind in {"exclusive", "event"}:
            continue
        meet = meets.get(node.id, EXIT)
        stops = {meet, node.id, EXIT}
        yield Region(node.id, meet, {flow: _branch(process, after, flow, stops) for flow in node.outgoing})


def _branch(process: "Process", after: dict[str, list[str]], flow: str, stops: set[str]) -> frozenset[str]:
    seen: set[str] = set()
    todo = [process.flows[flow].target]
    while todo:
        node = todo.pop()
        if node not in seen and node not in stops:
            seen.add(node)
            todo += [*after[node], *process.nodes[node].boundary]
    return frozenset(seen)


def _post_dominators(after: dict[str, list[str]]) -> dict[str, str]:
    """Return for each node the nearest one that every way from it to the end passes.

    Cooper, Harvey, Kennedy: A Simple, Fast Dominance Algorithm, on the reversed graph.
    """
    order = _backwards(after)
    rank = {node: index for index, node in enumerate(order)}
    nearest = {EXIT: EXIT}
    changed = True
    while changed:
        changed = False
        for node in order[1:]:
            known = [each for each in after[node] if each in nearest]
            meet = known[0]
            for other in known[1:]:
                meet = _common(nearest, rank, meet, other)
            if nearest.get(node) != meet:
                nearest[node], changed = meet, True
    return nearest


def _common(nearest: dict[str, str], rank: dict[str, int], one: str, other: str) -> str:
    while one != other:
        if rank[one] > rank[other]:
            one = nearest[one]
        else:
            other = nearest[other]
    return one


def _backwards(after: dict[str, list[str]]) -> list[str]:
    """Return the nodes from which the end can be reached, in reverse postorder of the reversed graph."""
    before: dict[str, list[str]] = {}
    for node, targets in after.items():
        for target in targets:
            before.setdefault(target, []).append(node)
    finished: list[str] = []
    seen = {EXIT}
    todo = [(EXIT, iter(before.get(EXIT, ())))]
    while todo:
        node, sources = todo[-1]
        following = next((each for each in sources if each not in seen), None)
        if following is None:
            finished.append(node)
            todo.pop()
        else:
            seen.add(following)
            todo.append((following, iter(before.get(following, ()))))
    return finished[::-1]
