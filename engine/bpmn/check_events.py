"""Checks of events: what they refer to exists, and each kind stands where BPMN allows it (BPMN 2.0.2 §10.5)."""

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.check_tree import ACTIVITIES, SUB_PROCESSES, WORDS, Node, Tree, label
from engine.bpmn.xml import B, local, reference, text_in
from engine.errors import Problem

_REFERENCES = {
    "messageEventDefinition": ("messageRef", "message"),
    "signalEventDefinition": ("signalRef", "signal"),
    "errorEventDefinition": ("errorRef", "error"),
    "escalationEventDefinition": ("escalationRef", "escalation"),
}
_MUST_NAME = frozenset({"messageEventDefinition", "signalEventDefinition"})
_KINDS = {
    "messageEventDefinition": "消息", "signalEventDefinition": "信号", "errorEventDefinition": "错误",
    "escalationEventDefinition": "升级", "timerEventDefinition": "定时", "conditionalEventDefinition": "条件",
    "linkEventDefinition": "链接", "compensateEventDefinition": "补偿", "cancelEventDefinition": "取消",
    "terminateEventDefinition": "终止",
}  # fmt: skip
# Table 10.93: which definitions an event may have.
_ALLOWED = {
    "intermediateCatchEvent": frozenset({"message", "signal", "timer", "conditional", "link"}),
    "intermediateThrowEvent": frozenset({"message", "signal", "escalation", "link", "compensate"}),
    "boundaryEvent": frozenset(
        {"message", "signal", "error", "escalation", "timer", "conditional", "compensate", "cancel"}
    ),
    "endEvent": frozenset({"message", "signal", "error", "escalation", "compensate", "cancel", "terminate"}),
}
_PROCESS_START = frozenset({"message", "signal", "timer", "conditional"})
_EVENT_START = _PROCESS_START | {"error", "escalation", "compensate"}


def check_events(tree: Tree) -> Iterator[Problem]:
    """Yield what is wrong with the events of every executable process."""
    for process in tree.executable:
        for node in tree.inside(process):
            for definition in node.definitions:
                yield from _check_reference(tree, definition, node)
                yield from _check_place(tree, node, definition)
            if node.tag == "boundaryEvent":
                yield from _check_boundary(tree, node)
            if node.tag in {"intermediateCatchEvent", "boundaryEvent"} and not _has_definition(node):
                yield tree.problem("no-trigger", node.element, "没有说明等待什么；请选择消息、信号、定时等类型")
            if node.tag in SUB_PROCESSES:
                yield from _check_starts(tree, node)
            if node.tag == "adHocSubProcess":
                yield from _check_ad_hoc(tree, node)


def _has_definition(node: Node) -> bool:
    return bool(node.definitions) or node.element.find(f"{B}eventDefinitionRef") is not None


def _check_reference(tree: Tree, definition: etree._Element, node: Node) -> Iterator[Problem]:
    """Demand that an event names the message, signal, error or escalation that the file defines."""
    attribute, tag = _REFERENCES.get(local(definition), ("", ""))
    if not attribute:
        return
    named = reference(definition.get(attribute, ""))
    target = tree.ids.get(named)
    word = WORDS.get(tag, "升级")
    if not named:
        if local(definition) in _MUST_NAME and not _throws_by_job(definition, node) and not _by_operation(definition):
            yield tree.problem("no-reference", definition, f"没有选择{word}；请在属性面板里选择或新建一个")
    elif target is None or local(target) != tag:
        yield tree.problem("reference", definition, f"引用的{word}“{named}”不存在；请重新选择")
    elif tag in {"message", "signal"} and not (target.get("name") or "").strip():
        yield tree.problem("no-name", target, f"{word}没有名称，无法匹配；请填写名称")


def _by_operation(definition: etree._Element) -> bool:
    """Tell whether an operation names the message (BPMN 2.0.2 table 10.98)."""
    return bool(text_in(definition.find(f"{B}operationRef")))


def _throws_by_job(definition: etree._Element, node: Node) -> bool:
    """Tell whether a connector sends instead of a message (camunda:topic on the definition)."""
    return node.tag in {"endEvent", "intermediateThrowEvent"} and any(
        "topic" in str(name) for name in definition.attrib
    )


def _check_place(tree: Tree, node: Node, definition: etree._Element) -> Iterator[Problem]:
    kind = local(definition).removesuffix("EventDefinition")
    allowed = _ALLOWED.get(node.tag)
    if node.tag == "startEvent":
        around = tree.ids.get(node.scope)
        if around is not None and around.get("triggeredByEvent") == "true":
            allowed = _EVENT_START
        elif around is not None and local(around) == "process":
            allowed = _PROCESS_START
        else:
            reason = "子流程的开始事件不能有触发条件；请改为空开始事件，或把子流程设为事件子流程"
            yield tree.problem("event-place", node.element, reason)
            return
    if allowed is not None and kind not in allowed:
        word = _KINDS.get(local(definition), kind)
        yield tree.problem("event-place", node.element, f"{word}类型不能用在这里；请改用其他类型的事件")


def _check_boundary(tree: Tree, node: Node) -> Iterator[Problem]:
    """Demand that a boundary event hangs on an activity of its own level (BPMN 2.0.2 §10.5.4)."""
    host = tree.nodes.get(reference(node.element.get("attachedToRef", "")))
    if host is None or host.tag not in ACTIVITIES:
        yield tree.problem("boundary-host", node.element, "没有附着在活动上；请把边界事件拖到任务或子流程的边上")
    elif host.scope != node.scope:
        yield tree.problem("boundary-host", node.element, f"附着的{label(host.element)}不在同一层；请重新放置")


def _check_starts(tree: Tree, node: Node) -> Iterator[Problem]:
    starts = [child for child in tree.children(node.id) if child.tag == "startEvent"]
    if node.by_event:
        if len(starts) != 1 or not _has_definition(starts[0]):
            reason = "事件子流程应有且只有一个带触发条件（消息、信号、定时、错误等）的开始事件"
            yield tree.problem("event-sub-process", node.element, reason)
    elif len(starts) > 1:
        yield tree.problem("many-starts", node.element, "子流程只能有一个开始事件，请删除多余的")


def _check_ad_hoc(tree: Tree, node: Node) -> Iterator[Problem]:
    """Refuse start and end events in an ad-hoc sub-process, which begins with any of its activities (§10.2.5)."""
    for child in tree.children(node.id):
        if child.tag in {"startEvent", "endEvent"}:
            reason = "特设子流程里不能有开始事件和结束事件，其中的环节没有固定的先后；请删除，或改为普通子流程"
            yield tree.problem("ad-hoc-sub-process", child.element, reason)
