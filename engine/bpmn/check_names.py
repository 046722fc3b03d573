"""Checks of names: what a reader of the diagram, of a worklist or of a file of a matter is to know something by."""

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.check_tree import TASKS, Node, Tree, label
from engine.bpmn.xml import B, local, reference, text_in
from engine.errors import Problem

_WAITING = frozenset({"intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
_CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway", "complexGateway"})
_GLOBAL = {
    "message": ("消息", "name"), "signal": ("信号", "name"), "error": ("错误", "errorCode"),
    "escalation": ("升级", "escalationCode"),
}  # fmt: skip


def check_names(tree: Tree) -> Iterator[Problem]:
    """Yield what has no name on the diagram, and messages, signals, errors and escalations that share one."""
    for process in tree.executable:
        for lane in process.iter(f"{B}lane"):
            if not _has_name(lane):
                yield tree.problem("label-required", lane, "没有名称；请写明是哪个岗位或单位", warn=True)
        for node in tree.inside(process):
            yield from _check_node(tree, node)
    yield from _check_global(tree)


def _check_node(tree: Tree, node: Node) -> Iterator[Problem]:
    reason = None if node.name else _missing(node)
    if reason is not None:
        yield tree.problem("label-required", node.element, reason, warn=True)
    for flow in node.outgoing if len(node.outgoing) > 1 else ():
        if not _has_name(flow.element) and text_in(flow.element.find(f"{B}conditionExpression")):
            reason = "有条件而没有名称，图上看不出何时走这里；请写上简短的名称，如“同意”"
            yield tree.problem("label-required", flow.element, reason, warn=True)


def _missing(node: Node) -> str | None:
    """Return what a node without a name keeps from its reader; None where it needs none."""
    if node.tag == "callActivity":
        return "没有名称，图上看不出调用的是什么；请填写名称"
    if node.tag in TASKS:
        return "没有名称，待办和办理记录里看不出是什么；请填写名称"
    if node.tag in _CHOOSING and len(node.outgoing) > 1:
        return "没有名称，图上看不出在判断什么；请填写名称"
    if node.tag in _WAITING and node.definitions and "linkEventDefinition" not in node.kinds:
        return "没有名称，图上看不出是什么事件；请填写名称"
    return None


def _has_name(element: etree._Element) -> bool:
    return bool((element.get("name") or "").strip())


def _check_global(tree: Tree) -> Iterator[Problem]:
    """Tell of two with one name, which are one to the engine; what nothing refers to (any more) does no harm."""
    alike: dict[tuple[str, str], list[etree._Element]] = {}
    for element in tree.root.iterchildren(*(f"{B}{tag}" for tag in _GLOBAL)):
        word, attribute = _GLOBAL[local(element)]
        name = (element.get(attribute) or element.get("name") or "").strip()
        if name:
            alike.setdefault((word, name), []).append(element)
    if all(len(elements) == 1 for elements in alike.values()):
        return
    used = {reference(value) for value in _references(tree.root)}
    for (word, name), elements in alike.items():
        first, *others = [element for element in elements if element.get("id") in used] or elements[:1]
        for element in others:
            reason = f"与{label(first)}同名（“{name[:60]}”），会被当成同一个；请在各处选用同一个{word}，或改名"
            yield tree.problem("global", element, reason, warn=True)


def _references(root: etree._Element) -> Iterator[str]:
    for element in root.iter(etree.Element):
        for name, value in element.attrib.items():
            if str(name).endswith("Ref"):
                yield str(value)
        if str(element.tag).endswith("Ref"):
            yield text_in(element)
