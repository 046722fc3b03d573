"""The parts of a BPMN diagram: nodes, flows, lanes and what messages and signals are called."""

from collections.abc import Iterator, Mapping

from lxml import etree

from engine.bpmn.check_tree import FLOW_NODES, WORDS
from engine.bpmn.xml import B, C, local, parse_xml, text_in
from engine.comparison.change import Part

_OTHERS = frozenset(
    {"process", "sequenceFlow", "lane", "message", "signal", "error", "escalation", "dataObjectReference",
     "dataStoreReference", "textAnnotation", "participant", "messageFlow", "group"}
)  # fmt: skip
_KINDS = {
    **WORDS, "escalation": "升级", "dataObjectReference": "数据对象", "dataStoreReference": "数据存储",
    "textAnnotation": "注释", "participant": "参与方", "messageFlow": "消息流", "group": "分组",
}  # fmt: skip
_NAMES = {
    "name": "名称", "sourceRef": "起点", "targetRef": "终点", "attachedToRef": "所附环节", "default": "默认出口",
    "cancelActivity": "中断", "isInterrupting": "中断", "triggeredByEvent": "由事件触发", "calledElement": "调用的流程",
    "assignee": "办理人", "candidateUsers": "候选人", "candidateGroups": "候选岗位", "dueDate": "到期时间",
    "followUpDate": "跟进时间", "priority": "优先级", "formRef": "表单", "formKey": "表单", "decisionRef": "决策",
    "topic": "主题", "resultVariable": "结果变量", "mapDecisionResult": "结果取法", "conditionExpression": "条件",
    "timeDuration": "时长", "timeDate": "时间", "timeCycle": "周期", "condition": "条件", "script": "脚本",
    "documentation": "说明", "loopCardinality": "次数", "completionCondition": "完成条件", "collection": "集合",
    "elementVariable": "每项变量", "isSequential": "依次进行", "loopCondition": "循环条件", "loopMaximum": "最多次数",
    "messageRef": "消息", "signalRef": "信号", "errorRef": "错误", "escalationRef": "升级", "text": "文字",
    "flowNodeRef": "环节",
    "multiInstanceLoopCharacteristics": "多人办理", "standardLoopCharacteristics": "循环", "isExecutable": "可执行",
    "timerEventDefinition": "计时事件", "messageEventDefinition": "消息事件", "signalEventDefinition": "信号事件",
    "errorEventDefinition": "错误事件", "escalationEventDefinition": "升级事件", "linkEventDefinition": "链接事件",
    "conditionalEventDefinition": "条件事件", "compensateEventDefinition": "补偿事件",
    "cancelEventDefinition": "取消事件", "terminateEventDefinition": "终止事件", "asyncBefore": "之前异步",
    "versionTag": "版本标签", "historyTimeToLive": "历史保留", "type": "方式", "errorCode": "错误码",
    "bihuan:deadline": "时限", "bihuan:deadlineVariant": "时限档次", "bihuan:notSameAs": "不得同一人",
    "bihuan:sameAs": "由同一人", "bihuan:unit": "办理单位", "bihuan:title": "标题", "bihuan:submitLabel": "按钮文字",
}  # fmt: skip
_REFERENCES = frozenset(
    {"sourceRef", "targetRef", "attachedToRef", "default", "messageRef", "signalRef", "errorRef", "escalationRef"}
)
_LEFT_OUT = frozenset({"incoming", "outgoing", "flowNodeRef"})
_WRAPPERS = frozenset({"extensionElements", "properties", "inputOutput", "laneSet"})


def diagram_parts(content: bytes, path: str) -> dict[str, Part]:
    """Return the parts of a BPMN file by id; raises InvalidBpmnError where it is no XML."""
    root = parse_xml(content, path)
    ids = {key: element for element in root.iter(etree.Element) if (key := element.get("id"))}
    places = _places(root)
    return {
        key: Part(_label(element), _facts(element), places.get(key, ""), links=_links(element, ids))
        for key, element in ids.items()
        if _is_part(element)
    }


def _is_part(element: etree._Element) -> bool:
    return str(element.tag).startswith(B) and local(element) in FLOW_NODES | _OTHERS


def _label(element: etree._Element | None) -> str:
    if element is None:
        return ""
    name = " ".join((element.get("name") or "").split())[:60]
    kind = _KINDS.get(local(element), local(element))
    return f"{kind}“{name}”" if name else f"{kind}（{element.get('id')}）"


def _facts(element: etree._Element) -> dict[str, str]:
    facts: dict[str, str] = {"类型": _KINDS.get(local(element), local(element))}
    for name, value in _said(element, ""):
        facts[name] = f"{facts[name]}、{value}" if name in facts else value
    return facts


def _links(element: etree._Element, ids: Mapping[str, etree._Element]) -> dict[str, dict[str, str]]:
    """Return what an element says of other elements: its ends, its message, the nodes of a lane."""
    found: dict[str, dict[str, str]] = {}
    for one in _own(element):
        named = [(name, one.get(name)) for name in _REFERENCES if one.get(name)]
        named += [("flowNodeRef", text_in(one))] if local(one) == "flowNodeRef" else []
        for name, key in named:
            other = str(key).rpartition(":")[2]
            found.setdefault(_NAMES[name], {})[other] = _label(ids.get(other)) or other
    return found


def _own(element: etree._Element) -> Iterator[etree._Element]:
    yield element
    for child in element.iterchildren(etree.Element):
        if not _is_part(child):
            yield from _own(child)


def _said(element: etree._Element, around: str) -> Iterator[tuple[str, str]]:
    """Yield (what, text) of everything an element says that is no part of its own."""
    for key, value in element.attrib.items():
        name = str(key).rpartition("}")[2]
        if name != "id" and name not in _REFERENCES:
            yield _name(around, name), {"true": "是", "false": "否"}.get(str(value), str(value))
    for child in element.iterchildren(etree.Element):
        if not _is_part(child) and local(child) not in _LEFT_OUT:
            yield from _child(child, around)


def _child(child: etree._Element, around: str) -> Iterator[tuple[str, str]]:
    tag = local(child)
    if child.tag == f"{C}property":
        yield _name(around, str(child.get("name", ""))), str(child.get("value", ""))
    elif child.tag in {f"{C}inputParameter", f"{C}outputParameter"}:
        yield f"{'输入' if tag == 'inputParameter' else '输出'}“{child.get('name', '')!s}”", text_in(child)
    elif child.tag in {f"{C}in", f"{C}out"}:
        given = child.get("source") or child.get("sourceExpression") or "全部"
        yield ("传入" if tag == "in" else "传出"), f"{given!s}→{child.get('target', '')!s}"
    elif len(child) or tag.endswith(("EventDefinition", "Characteristics")):
        inside = tag in _WRAPPERS
        if not inside:
            yield _name(around, tag), "有"
        yield from _said(child, around)
    else:
        yield _name(around, tag), text_in(child)


def _name(around: str, name: str) -> str:
    known = _NAMES.get(name, name.removeprefix("bihuan:"))
    return f"{around}·{known}" if around else known


def _places(root: etree._Element) -> dict[str, str]:
    """Return where each element is drawn, as one text."""
    found = {}
    for shape in root.iter("{*}BPMNShape", "{*}BPMNEdge"):
        key = str(shape.get("bpmnElement") or "")
        if key:
            marks = [*shape.iter("{*}Bounds", "{*}waypoint")]
            found[key] = ";".join(
                ",".join(f"{k}={v}" for k, v in sorted((str(a), str(b)) for a, b in mark.attrib.items()))
                for mark in marks
            )
    return found
