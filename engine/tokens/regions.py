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
    dominators = _post_dominators(after)
    for node in nodes:
        if len(node.outgoing) < 2 or node.kind in {"exclusive", "event"}:
            continue
        meet = max(dominators[node.id] - {node.id}, key=lambda each: len(dominators[each]), default=EXIT)
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


def _post_dominators(after: dict[str, list[str]]) -> dict[str, frozenset[str]]:
    """Return for each node those that every way from it to the end passes, itself included."""
    everything = frozenset({*after, EXIT})
    found = dict.fromkeys(after, everything) | {EXIT: frozenset({EXIT})}
    changed = True
    while changed:
        changed = False
        for node in reversed(list(after)):
            new = frozenset.intersection(*(found[each] for each in after[node])) | {node}
            if new != found[node]:
                found[node], changed = new, True
    return found
