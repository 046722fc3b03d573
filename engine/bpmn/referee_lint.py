"""Where SpiffWorkflow's semantics are sound, so that its opinion counts; each reason is told in Chinese.

Measured on 3.2.0: joins that lie on a cycle skip tasks or crash (tests/engine/bpmn/test_referee_limits.py keeps the
smallest cases); what its parser drops or refuses is left out here as well.
"""

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.check_flow import strong_components
from engine.bpmn.check_tree import ACTIVITIES, SUB_PROCESSES, Node, Tree, label
from engine.bpmn.check_waits import called_key
from engine.bpmn.xml import B, C

_NOT_SUPPORTED = frozenset({"complexGateway", "transaction", "adHocSubProcess"})
_JOINS = frozenset({"parallelGateway", "inclusiveGateway"})
_SOUND_ENDS = frozenset({"errorEventDefinition", "terminateEventDefinition", "messageEventDefinition"})


def unsound(trees: dict[str, Tree], key: str) -> list[str]:
    """Return why SpiffWorkflow cannot judge the process `key` and those it calls; empty where it can."""
    reasons: list[str] = []
    for called in reachable(trees, key):
        tree = trees.get(called)
        if tree is None:
            reasons.append(f"被调用的流程“{called}”不在这些文件里")
            continue
        process = next(process for process in tree.executable if process.get("id") == called)
        for scope in tree.scopes(process):
            reasons += _scope_reasons(tree, scope)
        for node in tree.inside(process):
            reasons += _node_reasons(tree, node)
    return list(dict.fromkeys(reasons))


def reachable(trees: dict[str, Tree], key: str) -> list[str]:
    """Return the process and every process that it calls, directly or through others."""
    found = [key]
    for called in found:
        tree = trees.get(called)
        process = next((process for process in tree.executable if process.get("id") == called), None) if tree else None
        if tree is None or process is None:
            continue
        for node in tree.inside(process):
            target = called_key(node) if node.tag == "callActivity" else None
            if target and target not in found:
                found.append(target)
    return found


def _scope_reasons(tree: Tree, scope: etree._Element) -> Iterator[str]:
    if scope.get("triggeredByEvent") == "true" or any(
        around.get("triggeredByEvent") == "true" for around in scope.iterancestors(f"{B}subProcess")
    ):
        return
    nodes = tree.children(scope.get("id", ""))
    starts = [node for node in nodes if node.tag == "startEvent" and not node.definitions]
    if len(starts) != 1:
        yield f"{label(scope)}应有且只有一个空开始事件，现有 {len(starts)} 个"
    if not any(node.tag == "endEvent" for node in nodes):
        yield f"{label(scope)}没有结束事件"
    for component in strong_components(nodes, lambda node: [*node.following, *node.boundary]):
        by_event = any(node.tag == "boundaryEvent" for node in component)
        for node in component:
            if node.tag in _JOINS and len(node.incoming) > 1:
                yield f"{label(node.element)}是循环上的汇聚，SpiffWorkflow 3.2 在此会漏掉任务"
            if by_event and node.element.find(f"{B}multiInstanceLoopCharacteristics") is not None:
                yield f"{label(node.element)}是多实例，边界事件可回到它之前，SpiffWorkflow 3.2 在此会出错"


def _node_reasons(tree: Tree, node: Node) -> Iterator[str]:
    words = label(node.element)
    if node.tag in _NOT_SUPPORTED:
        yield f"{words}：SpiffWorkflow 不支持或语义不同"
    if node.tag in ACTIVITIES and any(
        flow.element.find(f"{B}conditionExpression") is not None for flow in node.outgoing
    ):
        yield f"{words}：活动后的条件顺序流，SpiffWorkflow 不支持"
    if node.tag == "callActivity" and called_key(node) is None:
        yield f"{words}：被调用的流程由表达式决定"
    if node.element.get("isForCompensation") == "true" or "compensateEventDefinition" in node.kinds:
        yield f"{words}：补偿"
    if node.element.find(f"{B}standardLoopCharacteristics") is not None:
        yield f"{words}：标准循环"
    if node.element.get("startQuantity", "1") != "1" or node.element.get("completionQuantity", "1") != "1":
        yield f"{words}：令牌数量不为 1"
    yield from _many_reasons(node, words)
    yield from _event_reasons(tree, node, words)


def _many_reasons(node: Node, words: str) -> Iterator[str]:
    loop = node.element.find(f"{B}multiInstanceLoopCharacteristics")
    if loop is None:
        return
    if loop.find(f"{B}completionCondition") is not None:
        yield f"{words}：多实例的提前结束条件"
    if node.tag in SUB_PROCESSES or node.tag == "callActivity":
        yield f"{words}：多实例子流程的变量范围不同"
    if loop.find(f"{B}loopCardinality") is None and not loop.get(f"{C}collection"):
        yield f"{words}：多实例没有次数或集合"


def _event_reasons(tree: Tree, node: Node, words: str) -> Iterator[str]:
    kinds = node.kinds
    if node.tag == "endEvent" and kinds - _SOUND_ENDS:
        yield f"{words}：结束事件的种类"
    if node.tag == "intermediateThrowEvent" and kinds & {"escalationEventDefinition"}:
        yield f"{words}：升级事件"
    if node.tag in {"intermediateCatchEvent", "boundaryEvent"} and kinds & {"conditionalEventDefinition"}:
        yield f"{words}：条件事件"
    if node.tag == "intermediateThrowEvent" and "signalEventDefinition" in kinds and _catches_signal(tree):
        yield f"{words}：同一流程内既抛出又捕获信号"


def _catches_signal(tree: Tree) -> bool:
    return any(
        node.tag not in {"intermediateThrowEvent", "endEvent"} and "signalEventDefinition" in node.kinds
        for node in tree.nodes.values()
    )
