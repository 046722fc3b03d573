"""Checks of branches that run at the same time: where they meet without a join, and what ends them needlessly."""

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.check_tree import JOINS, Node, Tree, label, plain_flows
from engine.bpmn.xml import local
from engine.errors import Problem

# Beyond so many steps a level is too tangled for a warning to be worth its time.
_MOST_STEPS = 20_000


def check_parallel(tree: Tree, scope: etree._Element, nodes: list[Node]) -> Iterator[Problem]:
    """Yield warnings about one level."""
    yield from _check_meetings(tree, nodes)
    yield from _check_termination(tree, scope, nodes)


def _check_meetings(tree: Tree, nodes: list[Node]) -> Iterator[Problem]:
    """Yield where branches of one fork lead into an activity or event, which then is done once for each of them.

    Ways that meet after a choice, or in a loop, are no such thing and not told (bpmnlint's fake-join tells them too).
    """
    meeting = {node.id for node in nodes if len(node.incoming) > 1 and not _merges(node)}
    steps = 0
    told: set[str] = set()
    for fork in nodes if meeting else ():
        if not _forks_always(fork):
            continue
        branches = []
        for at in range(len(fork.outgoing)):
            arrived, taken = _arrivals(fork, at, meeting, _MOST_STEPS - steps)
            branches.append(arrived)
            steps += taken
            if steps >= _MOST_STEPS:
                return
        for key in sorted(_met(branches) - told):
            told.add(key)
            reason = (
                f"从{label(fork.element)}分出的分支不经汇合就到这里，每来一条就办一次；若只办一次，请先用并行网关汇合"
            )
            yield tree.problem("fake-join", tree.nodes[key].element, reason, warn=True)


def _merges(node: Node) -> bool:
    return node.tag.endswith("Gateway") or node.tag == "endEvent" or "linkEventDefinition" in node.kinds


def _forks_always(node: Node) -> bool:
    if node.tag == "parallelGateway" or not node.tag.endswith("Gateway"):
        return len(plain_flows(node)) == len(node.outgoing) > 1
    return False


def _arrivals(fork: Node, at: int, meeting: set[str], most: int) -> tuple[dict[str, set[int]], int]:
    """Walk one branch up to the joins: meeting node -> the flows by which it is reached; and the steps taken."""
    arrived: dict[str, set[int]] = {}
    todo, seen, steps = [(fork.outgoing[at], fork.following[at])], {fork.id}, 0
    while todo and steps < most:
        flow, node = todo.pop()
        steps += 1
        if node.id in meeting:
            arrived.setdefault(node.id, set()).add(id(flow))
        if node.id in seen or (node.tag in JOINS and len(node.incoming) > 1):
            continue
        seen.add(node.id)
        todo += zip(node.outgoing, node.following, strict=True)
    return arrived, steps


def _met(branches: list[dict[str, set[int]]]) -> set[str]:
    """Return where two branches arrive, each by a flow that the other does not take."""
    found: set[str] = set()
    ways: dict[str, list[set[int]]] = {}
    for branch in branches:
        for key, flows in branch.items():
            others = ways.setdefault(key, [])
            if any(flows - other and other - flows for other in others):
                found.add(key)
            if flows not in others:
                others.append(flows)
    return found


def _check_termination(tree: Tree, scope: etree._Element, nodes: list[Node]) -> Iterator[Problem]:
    """Yield terminate end events of a level on which nothing else can run, so that they only frighten the reader."""
    ends = [node for node in nodes if "terminateEventDefinition" in node.kinds]
    if not ends or local(scope) == "adHocSubProcess" or any(_may_fork(tree, node) for node in nodes):
        return
    begins = [node for node in nodes if not node.incoming and _is_plain_start(node)]
    if len(begins) > 1:
        return
    for node in ends:
        reason = "这一层没有同时进行的分支，终止与普通结束一样；请改为普通结束事件"
        yield tree.problem("superfluous-termination", node.element, reason, warn=True)


def _is_plain_start(node: Node) -> bool:
    return node.tag != "boundaryEvent" and not node.definitions and not node.by_event


def _may_fork(tree: Tree, node: Node) -> bool:
    """Tell whether more than one token may leave here, or something may run beside."""
    if node.tag == "eventBasedGateway":
        return node.element.get("eventGatewayType") == "Parallel"
    if len(node.outgoing) > 1 and node.tag != "exclusiveGateway":
        return True
    if node.by_event:
        return any(child.element.get("isInterrupting") == "false" for child in tree.children(node.id))
    return node.element.get("cancelActivity") == "false" or node.element.get("completionQuantity", "1") != "1"
