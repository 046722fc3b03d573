"""Processes: nodes, flows, lanes, links, boundary events and compensation handlers put together."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lxml import etree

from engine.bpmn.extensions import read_extensions
from engine.bpmn.links import definitions_of, find_links
from engine.bpmn.reader_data import declared
from engine.bpmn.reader_nodes import FLOW_NODES, GLOBALS, SCOPES, read_node
from engine.bpmn.source import Source, line_of
from engine.bpmn.xml import B, local, reference, text_in
from engine.tokens.definition import Flow, Node, Process

_BESIDE = frozenset(
    {
        "documentation", "extensionElements", "laneSet", "sequenceFlow", "dataObject", "dataObjectReference",
        "dataStoreReference", "textAnnotation", "association", "group", "property", "ioSpecification", "ioBinding",
        "correlationSubscription", "auditing", "monitoring", "incoming", "outgoing", "standardLoopCharacteristics",
        "multiInstanceLoopCharacteristics", "completionCondition", "dataInputAssociation", "dataOutputAssociation",
        "categoryValueRef", "supports", "supportedInterfaceRef", "resourceRole", "performer", "humanPerformer",
        "potentialOwner",
    }
)  # fmt: skip


@dataclass
class Parts:
    """The parts of a process while it is read."""

    nodes: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)


def read_process(source: Source, element: etree._Element) -> Process:
    """Read a process with everything inside it; walks without recursion, whatever the depth."""
    parts = Parts()
    lanes = _lanes(source, element)
    handlers: dict[str, str] = {}
    todo = [element]
    while todo:
        scope = todo.pop()
        inner = list(_read_scope(source, scope, parts))
        todo += inner
        _read_links(source, scope, parts)
        handlers.update(_handlers(source, scope))
    return Process(
        id=str(element.get("id")),
        nodes=_join(parts, lanes, handlers),
        flows=parts.flows,
        name=" ".join((element.get("name") or "").split()),
        line=line_of(element),
        documentation=text_in(element.find(f"{B}documentation")),
        lanes=tuple(dict.fromkeys(lanes.values())),
        data=declared(source, element),
        extensions=read_extensions(source, element),
    )


def read_global_task(source: Source, element: etree._Element) -> Process:
    """Read a global task as a process of one activity (BPMN 2.0.2 §10.2.5)."""
    key = str(element.get("id"))
    tag = local(element).removeprefix("global")
    copy = etree.Element(f"{B}{tag[0].lower()}{tag[1:]}")
    for name, text in element.attrib.items():
        copy.set(name, text)
    for child in element:
        copy.append(_copied(child))
    node = replace(read_node(source, copy, key), id=f"{key}.task", line=line_of(element))
    return Process(key, {node.id: node}, {}, name=element.get("name") or "", line=line_of(element))


def _copied(element: etree._Element) -> etree._Element:
    return etree.fromstring(etree.tostring(element))


def _read_scope(source: Source, scope: etree._Element, parts: Parts) -> Iterator[etree._Element]:
    """Read the nodes and flows directly in a scope; yield the scopes inside it."""
    for element in scope.iterchildren(etree.Element):
        tag, key = local(element), element.get("id")
        if not str(element.tag).startswith(B) or tag in _BESIDE - {"sequenceFlow"}:
            continue
        if tag not in FLOW_NODES and tag != "sequenceFlow":
            source.problem("element", element, f"“{tag}”不能执行")
        elif not key:
            source.problem("no-id", element, "没有标识（id）")
        elif tag == "sequenceFlow":
            parts.flows[key] = _read_flow(source, element, key)
        else:
            parts.nodes[key] = read_node(source, element, str(scope.get("id") or ""))
            if tag in SCOPES:
                yield element


def _read_flow(source: Source, element: etree._Element, key: str) -> Flow:
    return Flow(
        key,
        reference(element.get("sourceRef") or ""),
        reference(element.get("targetRef") or ""),
        source.expression_in(element, "conditionExpression"),
        " ".join((element.get("name") or "").split()) or None,
    )


def _read_links(source: Source, scope: etree._Element, parts: Parts) -> None:
    """Make a flow of each throwing link to the catching one in the same scope (BPMN 2.0.2 §10.5.1, table 10.97)."""
    links = find_links(scope, source.ids)
    for event, name in links.doubled:
        source.problem("link", event, f"链接“{name}”有几个捕获事件")
    for event, target, name in links.pairs:
        if target is None:
            source.problem("link", event, f"链接“{name}”在本层没有捕获事件")
        else:
            start, end = event.get("id", ""), target.get("id", "")
            flow = Flow(f"{start}..{end}", start, end, link=True)
            parts.flows[flow.id] = flow


def _handlers(source: Source, scope: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield (activity, compensation handler) as associations from compensation boundary events say (§10.7.1)."""
    links: dict[str, list[str]] = defaultdict(list)
    for association in scope.iterchildren(f"{B}association"):
        links[reference(association.get("sourceRef") or "")].append(reference(association.get("targetRef") or ""))
    for event in scope.iterchildren(f"{B}boundaryEvent"):
        if not _compensates(source, event):
            continue
        targets = links.get(event.get("id") or "", [])
        if len(targets) == 1:
            yield reference(event.get("attachedToRef") or ""), targets[0]
        else:
            source.problem("compensation", event, f"补偿事件应连到一个补偿活动，而连到 {len(targets)} 个")


def _compensates(source: Source, event: etree._Element) -> bool:
    return "compensateEventDefinition" in map(local, definitions_of(event, source.ids))


def _lanes(source: Source, process: etree._Element) -> dict[str, str]:
    """Return the innermost lane of each node that is in one."""
    found: dict[str, str] = {}
    for lane in process.iter(f"{B}lane"):
        name = " ".join((lane.get("name") or lane.get("id") or "").split())
        for ref in lane.iterchildren(f"{B}flowNodeRef"):
            if source.find(ref.text, lane, "泳道内的元素") is not None:
                found[reference(ref.text or "")] = name
    return found


def _join(parts: Parts, lanes: dict[str, str], handlers: dict[str, str]) -> dict[str, Node]:
    """Tell each node its flows, boundary events, lane and handler."""
    incoming, outgoing, boundary = defaultdict(list), defaultdict(list), defaultdict(list)
    for flow in parts.flows.values():
        outgoing[flow.source].append(flow.id)
        incoming[flow.target].append(flow.id)
    for node in parts.nodes.values():
        if node.kind == "boundary" and node.host and not any(event.kind == "compensate" for event in node.events):
            boundary[node.host].append(node.id)
    found: dict[str, Node] = {}
    for key, node in parts.nodes.items():
        around = lanes.get(node.scope) if node.scope in parts.nodes else None
        found[key] = replace(
            node,
            incoming=tuple(incoming[key]),
            outgoing=tuple(outgoing[key]),
            boundary=tuple(boundary[key]),
            lane=lanes.get(key) or around,
            handler=handlers.get(key),
        )
    return found


__all__ = ["GLOBALS", "read_global_task", "read_process"]
