"""Nodes: activities, gateways and events become records; what cannot be executed is a problem."""

from typing import Any

from lxml import etree

from engine.bpmn.extensions import read_extensions
from engine.bpmn.reader_data import declared, read_associations, variable_name
from engine.bpmn.reader_events import event_elements, message_event, read_event, read_events
from engine.bpmn.source import Source, is_true, line_of
from engine.bpmn.xml import B, local, reference, text_in
from engine.feel import Expression
from engine.tokens.definition import EventDefinition, Extensions, Loop, Node
from engine.tokens.values import Value

TASKS = {
    "task": "none",
    "userTask": "user",
    "manualTask": "manual",
    "scriptTask": "script",
    "serviceTask": "service",
    "businessRuleTask": "rule",
    "sendTask": "send",
    "receiveTask": "receive",
    "subProcess": "sub",
    "transaction": "transaction",
    "adHocSubProcess": "adhoc",
    "callActivity": "call",
}
GATEWAYS = {
    "exclusiveGateway": "exclusive",
    "inclusiveGateway": "inclusive",
    "parallelGateway": "parallel",
    "complexGateway": "complex",
    "eventBasedGateway": "event",
}
EVENTS = {
    "startEvent": "start",
    "endEvent": "end",
    "intermediateCatchEvent": "catch",
    "intermediateThrowEvent": "throw",
    "boundaryEvent": "boundary",
}
GLOBALS = {
    "globalTask": "none",
    "globalUserTask": "user",
    "globalManualTask": "manual",
    "globalScriptTask": "script",
    "globalBusinessRuleTask": "rule",
}
FLOW_NODES = {**TASKS, **GATEWAYS, **EVENTS}
SCOPES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
_LONGEST_NUMBER = 9
MOST_TOKENS = 1000


def read_node(source: Source, element: etree._Element, scope: str) -> Node:
    """Read one flow node; its flows are joined to it later."""
    tag = local(element)
    extensions = read_extensions(source, element)
    common: dict[str, Any] = {
        "id": element.get("id") or "",
        "scope": scope,
        "name": " ".join((element.get("name") or "").split()),
        "line": line_of(element),
        "documentation": text_in(element.find(f"{B}documentation")),
        "default": element.get("default"),
        "extensions": extensions,
        "inputs": _associations(source, element, "dataInputAssociation"),
        "outputs": _associations(source, element, "dataOutputAssociation"),
    }
    if tag in TASKS:
        return Node(kind="activity", task=TASKS[tag], **common, **_activity(source, element, TASKS[tag], extensions))
    if tag in GATEWAYS:
        return Node(kind=GATEWAYS[tag], **common, **_gateway(source, element))
    return Node(kind=EVENTS[tag], **common, **_event(source, element))


def _associations(source: Source, element: etree._Element, tag: str) -> Any:
    return read_associations(source, element, tag)


def _event(source: Source, element: etree._Element) -> dict[str, Any]:
    tag = local(element)
    events = read_events(source, element)
    interrupts = is_true(element, "cancelActivity" if tag == "boundaryEvent" else "isInterrupting", default=True)
    always = any(event.kind in {"error", "cancel"} for event in events)  # BPMN 2.0.2 table 10.91: they always interrupt
    return {
        "events": events,
        "host": reference(element.get("attachedToRef") or "") or None,
        "interrupting": interrupts or always,
        "all_events": is_true(element, "parallelMultiple", default=False),
    }


def _gateway(source: Source, element: etree._Element) -> dict[str, Any]:
    return {
        "condition": source.expression_in(element, "activationCondition"),
        "instantiate": is_true(element, "instantiate", default=False),
        "all_events": element.get("eventGatewayType") == "Parallel",
    }


def _activity(source: Source, element: etree._Element, task: str, extensions: Extensions) -> dict[str, Any]:
    found: dict[str, Any] = {
        "loop": _loop(source, element),
        "start_quantity": _quantity(source, element, "startQuantity"),
        "completion_quantity": _quantity(source, element, "completionQuantity"),
        "for_compensation": is_true(element, "isForCompensation", default=False),
        "by_event": is_true(element, "triggeredByEvent", default=False),
        "instantiate": is_true(element, "instantiate", default=False),
    }
    if task in {"send", "receive"}:
        event = message_event(source, element)
        found["events"] = (event,) if event is not None else ()
    if task == "script":
        found["script"] = source.script(element)
    if task == "call":
        found["called"] = _called(source, element)
    if local(element) in SCOPES:
        found["data"] = declared(source, element)
    if task == "adhoc":
        found["sequential"] = element.get("ordering") == "Sequential"
        found["cancel_remaining"] = is_true(element, "cancelRemainingInstances", default=True)
        found["condition"] = source.expression_in(element, "completionCondition")
    _check_work(source, element, task, extensions, found)
    return found


def _check_work(
    source: Source, element: etree._Element, task: str, extensions: Extensions, found: dict[str, Any]
) -> None:
    """Refuse tasks that name nothing to do."""
    if task == "service" and extensions.topic is None:
        source.problem("work", element, "服务任务没有写明主题（camunda:topic），不知道该做什么")
    elif task == "rule" and extensions.topic is None and extensions.decision_ref is None:
        source.problem("work", element, "业务规则任务没有写明决策（camunda:decisionRef）")
    elif task == "send" and extensions.topic is None and not found["events"]:
        source.problem("work", element, "发送任务没有写明消息（messageRef）或主题（camunda:topic）")
    elif task == "receive" and not found["events"]:
        source.problem("work", element, "接收任务没有写明消息（messageRef）")
    elif task == "call" and found["called"] is None:
        source.problem("work", element, "调用活动没有写明要调用的流程（calledElement）")
    if task == "call":
        own = extensions
        _check_binding(
            source, element, own.called_binding, {"version": own.called_version, "versionTag": own.called_tag}
        )
    elif task == "rule":
        own = extensions
        given = {"version": own.decision_version, "versionTag": own.decision_tag}
        _check_binding(source, element, own.decision_binding, given)
    for tag in ("performer", "humanPerformer", "potentialOwner"):
        if element.find(f"{B}{tag}") is not None:
            source.problem("work", element, f"办理人（{tag}）不会起作用；请改用 camunda:assignee 或 candidateGroups")


def _check_binding(source: Source, element: etree._Element, kind: str, given: dict[str, Value | None]) -> None:
    """Refuse a way of choosing the version that is none, or that lacks what it needs."""
    if kind not in {"latest", "deployment", *given}:
        source.problem(
            "work", element, f"版本的引用方式“{kind[:20]}”不支持；请改用 latest、deployment、version 或 versionTag"
        )
    elif kind in given and given[kind] is None:
        source.problem("work", element, f"版本的引用方式为 {kind}，而没有写明是哪一个")


def _called(source: Source, element: etree._Element) -> Value | None:
    text = (element.get("calledElement") or "").strip()
    return source.value(text if "${" in text else reference(text), element)


def _quantity(source: Source, element: etree._Element, attribute: str) -> int:
    text = element.get(attribute)
    if text is None:
        return 1
    if not text.strip().isdecimal() or len(text) > _LONGEST_NUMBER or not 1 <= int(text) <= MOST_TOKENS:
        source.problem("quantity", element, f"{attribute}“{text[:20]}”应是 1 到 {MOST_TOKENS} 的整数")
        return 1
    return int(text)


def _loop(source: Source, element: etree._Element) -> Loop | None:
    standard = element.find(f"{B}standardLoopCharacteristics")
    if standard is not None:
        return Loop(
            "standard",
            source.expression_in(standard, "loopCondition"),
            _whole(source, element, standard.get("loopMaximum")),
            test_before=is_true(standard, "testBefore", default=False),
        )
    multi = element.find(f"{B}multiInstanceLoopCharacteristics")
    return _multi_instance(source, element, multi) if multi is not None else None


def _whole(source: Source, element: etree._Element, text: str | None) -> Value | None:
    if text is None:
        return None
    if not text.strip().isdigit():
        source.problem("loop", element, f"循环的最多次数“{text[:20]}”应是不小于 0 的整数")
        return None
    return Value(text.strip(), (text.strip(),))


def _multi_instance(source: Source, element: etree._Element, multi: etree._Element) -> Loop:
    own = read_extensions(source, multi)
    count = source.formula_in(multi, "loopCardinality")
    text = text_in(multi.find(f"{B}loopCardinality"))
    if text.startswith("-") and text[1:].isdecimal() and text.strip("-0"):
        source.problem("loop", element, f"重复次数 {text} 为负")
    items = _items(source, multi, own)
    if count is None and items is None:
        source.problem("loop", element, "多实例没有写明次数（loopCardinality）或集合（camunda:collection）")
    output = variable_name(source, text_in(multi.find(f"{B}loopDataOutputRef")))
    behavior = (multi.get("behavior") or "All").lower()
    return Loop(
        "sequential" if is_true(multi, "isSequential", default=False) else "parallel",
        source.expression_in(multi, "completionCondition"),
        count,
        items=items,
        item=own.element_variable or _item(multi, "inputDataItem"),
        output=output,
        output_item=_item(multi, "outputDataItem"),
        behavior=behavior,
        event=_behavior_event(source, element, multi, behavior),
        complex=_complex_behavior(source, element, multi),
    )


def _items(source: Source, multi: etree._Element, own: Extensions) -> Value | None:
    name = variable_name(source, text_in(multi.find(f"{B}loopDataInputRef")))
    if own.collection is not None:
        if not own.collection.is_literal:
            return own.collection
        name = own.collection.text
    return Value(name, (source.variable(name),)) if name else None


def _item(multi: etree._Element, tag: str) -> str | None:
    found = multi.find(f"{B}{tag}")
    return (found.get("name") or found.get("id")) if found is not None else None


def _behavior_event(
    source: Source, element: etree._Element, multi: etree._Element, behavior: str
) -> EventDefinition | None:
    if behavior not in {"none", "one"}:
        return None
    found = source.find(multi.get(f"{behavior}BehaviorEventRef"), element, "事件定义")
    return read_event(source, found, element) if found is not None else None


def _complex_behavior(
    source: Source, element: etree._Element, multi: etree._Element
) -> tuple[tuple[Expression, EventDefinition | None], ...]:
    found = []
    for definition in multi.iterfind(f"{B}complexBehaviorDefinition"):
        condition = source.expression_in(definition, "condition")
        event = definition.find(f"{B}event")
        inner = next(event_elements(source, event), None) if event is not None else None
        if condition is not None:
            found.append((condition, read_event(source, inner, element) if inner is not None else None))
    return tuple(found)
