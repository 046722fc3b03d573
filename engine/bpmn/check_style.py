"""Checks of how a diagram is drawn: it runs as it stands, but perhaps not as its reader takes it.

The rules and their ids are bpmnlint's, written anew; docs/conformance.md lists all of them, those left out too.
"""

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from engine.bpmn.check_names import check_names
from engine.bpmn.check_parallel import check_parallel
from engine.bpmn.check_shapes import check_shapes
from engine.bpmn.check_tree import JOINS, Flow, Node, Tree, label, plain_flows
from engine.bpmn.xml import B, local, text_in
from engine.errors import Problem


def check_style(tree: Tree) -> Iterator[Problem]:
    """Yield warnings about every executable process."""
    for process in tree.executable:
        for scope in tree.scopes(process):
            nodes = tree.children(scope.get("id", ""))
            if local(scope) == "adHocSubProcess":
                yield from _check_ad_hoc(tree, nodes)
            else:
                yield from _check_starts(tree, scope, nodes)
                yield from _check_ends(tree, scope, nodes)
            yield from check_parallel(tree, scope, nodes)
            for node in nodes:
                yield from _check_flows(tree, node)
                if node.tag.endswith("Gateway"):
                    yield from _check_gateway(tree, node)
    yield from check_names(tree)
    yield from check_shapes(tree)


def _check_ad_hoc(tree: Tree, nodes: list[Node]) -> Iterator[Problem]:
    for node in nodes:
        if node.tag == "intermediateCatchEvent" and not node.outgoing:
            reason = "在特设子流程里等到之后没有下一步，等了也没有作用；请连出顺序流，或删除它"
            yield tree.problem("ad-hoc-sub-process", node.element, reason, warn=True)


def _check_starts(tree: Tree, scope: etree._Element, nodes: list[Node]) -> Iterator[Problem]:
    """Demand that a level says where it begins, and once (sub-processes: see many-starts, event-sub-process)."""
    starts = [node for node in nodes if node.tag == "startEvent"]
    begins = starts or [node for node in nodes if node.element.get("instantiate") == "true" and not node.incoming]
    if nodes and not begins and scope.get("triggeredByEvent") != "true":
        reason = "没有开始事件，从哪里开始要靠猜；请画一个开始事件，连到第一个环节"
        yield tree.problem("start-event-required", scope, reason, warn=True)
    blank = [node for node in starts if not node.definitions]
    for node in blank[1:] if local(scope) == "process" else ():
        reason = f"除{label(blank[0].element)}外又有一个空开始事件，发起时会同时从两处开始；请只留一个"
        yield tree.problem("single-blank-start-event", node.element, reason, warn=True)


def _check_ends(tree: Tree, scope: etree._Element, nodes: list[Node]) -> Iterator[Problem]:
    """Demand that each way ends in an end event (BPMN 2.0.2 §10.5.3); an endless level has none to end in."""
    loose = [node for node in nodes if _ends_silently(node)]
    if loose and not any(node.tag == "endEvent" for node in nodes):
        names = "、".join(label(node.element) for node in loose[:3])
        reason = f"没有结束事件，到{names}就没有下文；请画一个结束事件并连上"
        yield tree.problem("end-event-required", scope, reason, warn=True)
        return
    for node in loose:
        reason = "之后没有下一步，看不出是到此结束还是漏连了；请连到结束事件或下一个环节"
        yield tree.problem("no-implicit-end", node.element, reason, warn=True)


def _ends_silently(node: Node) -> bool:
    """Tell whether tokens end here unsaid; gateways without a way out are errors of their own."""
    if node.outgoing or node.tag == "endEvent" or node.tag.endswith("Gateway") or "linkEventDefinition" in node.kinds:
        return False
    if node.tag == "boundaryEvent" and "compensateEventDefinition" in node.kinds:
        return False
    return not node.by_event and node.element.get("isForCompensation") != "true"


def _check_flows(tree: Tree, node: Node) -> Iterator[Problem]:
    """Yield what a reader may miss of the ways out of one node."""
    if len(node.outgoing) < 2:
        return
    alike = Counter(_way(flow) for flow in node.outgoing)
    for way in (way for way, count in alike.items() if count > 1):
        doubled = [flow for flow in node.outgoing if _way(flow) == way][-1]
        reason = f"从{label(node.element)}到同一处已有一条同样的顺序流，后面的环节会重复办理；请删除一条"
        yield tree.problem("no-duplicate-sequence-flows", doubled.element, reason, warn=True)
    if node.tag.endswith("Gateway"):
        return
    plain = plain_flows(node)
    if len(plain) == len(node.outgoing) and len(alike) > 1:
        reason = f"同时连出 {len(plain)} 条顺序流，会并行走所有分支；若是并行请画并行网关，若是选择请画排他网关"
        yield tree.problem("no-implicit-split", node.element, reason, warn=True)
    elif len(plain) < len(node.outgoing):
        for flow in plain:
            reason = "与它并列的顺序流有条件，而它没有，所以总会走；请填写条件、设为默认流，或改用网关"
            yield tree.problem("conditional-flows", flow.element, reason, warn=True)


def _way(flow: Flow) -> tuple[str, str]:
    return flow.target, text_in(flow.element.find(f"{B}conditionExpression"))


def _check_gateway(tree: Tree, node: Node) -> Iterator[Problem]:
    ins, outs = len(node.incoming), len(node.outgoing)
    if node.tag == "eventBasedGateway":
        if outs == 1:
            reason = "只等一个事件，不成选择；请再连出一个中间捕获事件或接收任务，或删除网关"
            yield tree.problem("event-based-gateway", node.element, reason, warn=True)
    elif ins == outs == 1:
        reason = "一进一出，不起作用；请删除网关，或连上漏掉的分支"
        yield tree.problem("superfluous-gateway", node.element, reason, warn=True)
    elif node.tag in JOINS and ins > 1 and outs > 1:
        reason = "既汇合又分开，容易看错；请拆成两个网关，先汇合，再分开"
        yield tree.problem("no-gateway-join-fork", node.element, reason, warn=True)
