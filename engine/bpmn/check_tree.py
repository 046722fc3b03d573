"""A BPMN file as the checks see it: elements with their names, lines and scopes, nothing interpreted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from engine.bpmn.links import definitions_of, find_links
from engine.bpmn.xml import B, C, local, text_in
from engine.errors import Problem

JOINS = frozenset({"parallelGateway", "inclusiveGateway", "complexGateway"})
SUB_PROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
TASKS = frozenset(
    {"task", "userTask", "manualTask", "scriptTask", "serviceTask", "businessRuleTask", "sendTask", "receiveTask"}
)
GLOBAL_TASKS = ("globalTask", "globalUserTask", "globalManualTask", "globalScriptTask", "globalBusinessRuleTask")
ACTIVITIES = TASKS | SUB_PROCESSES | {"callActivity"}
GATEWAYS = frozenset({"exclusiveGateway", "inclusiveGateway", "parallelGateway", "complexGateway", "eventBasedGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
FLOW_NODES = ACTIVITIES | GATEWAYS | EVENTS
WORDS = {
    "task": "任务", "userTask": "用户任务", "manualTask": "人工任务", "scriptTask": "脚本任务",
    "serviceTask": "服务任务",
    "businessRuleTask": "业务规则任务", "sendTask": "发送任务", "receiveTask": "接收任务", "subProcess": "子流程",
    "transaction": "事务子流程", "adHocSubProcess": "特设子流程", "callActivity": "调用活动",
    "exclusiveGateway": "排他网关", "inclusiveGateway": "包容网关", "parallelGateway": "并行网关",
    "complexGateway": "复杂网关", "eventBasedGateway": "事件网关", "startEvent": "开始事件", "endEvent": "结束事件",
    "intermediateCatchEvent": "中间捕获事件", "intermediateThrowEvent": "中间抛出事件", "boundaryEvent": "边界事件",
    "sequenceFlow": "顺序流", "process": "流程", "globalUserTask": "全局用户任务", "globalManualTask": "全局人工任务",
    "message": "消息", "signal": "信号", "error": "错误", "escalation": "升级", "lane": "泳道",
}  # fmt: skip


@dataclass(frozen=True)
class Flow:
    """A sequence flow, or the invisible one from a throwing link to its catching counterpart."""

    element: etree._Element
    id: str
    source: str
    target: str


@dataclass
class Node:
    """A flow node with its event definitions and the flows that meet it."""

    element: etree._Element
    id: str
    tag: str
    scope: str
    definitions: list[etree._Element] = field(default_factory=list)
    incoming: list[Flow] = field(default_factory=list)
    outgoing: list[Flow] = field(default_factory=list)
    following: list["Node"] = field(default_factory=list)
    boundary: list["Node"] = field(default_factory=list)

    @property
    def kinds(self) -> frozenset[str]:
        """Return the tags of its event definitions."""
        return frozenset(map(local, self.definitions))

    @property
    def by_event(self) -> bool:
        """Tell whether it is an event sub-process."""
        return self.tag in SUB_PROCESSES and self.element.get("triggeredByEvent") == "true"

    @property
    def name(self) -> str:
        """Return the name on the diagram, or nothing."""
        return " ".join((self.element.get("name") or "").split())


class Tree:
    """One parsed BPMN file."""

    def __init__(self, root: etree._Element, file: str) -> None:
        """Index the elements of `root`."""
        self.root = root
        self.file = file
        self.ids: dict[str, etree._Element] = {}
        for element in root.iter(etree.Element):
            if (key := element.get("id")) and str(element.tag).startswith(B):
                self.ids.setdefault(key, element)
        self.nodes: dict[str, Node] = {}
        self.flows: list[Flow] = []
        for process in self.processes:
            self._collect(process)
        self._connect()

    @cached_property
    def processes(self) -> tuple[etree._Element, ...]:
        """Return every process of the file."""
        return tuple(self.root.findall(f"{B}process"))

    @property
    def executable(self) -> tuple[etree._Element, ...]:
        """Return the processes that are meant to run; a file of drawings has none."""
        return tuple(process for process in self.processes if process.get("isExecutable") != "false")

    @property
    def global_tasks(self) -> tuple[etree._Element, ...]:
        """Return the tasks that stand beside the processes and can be called (BPMN 2.0.2 §10.2.5)."""
        return tuple(self.root.iterchildren(*(f"{B}{tag}" for tag in GLOBAL_TASKS)))

    def scopes(self, process: etree._Element) -> Iterator[etree._Element]:
        """Yield the process and every sub-process inside it."""
        yield process
        yield from process.iter(*(f"{B}{tag}" for tag in SUB_PROCESSES))

    def children(self, scope: str) -> list[Node]:
        """Return the flow nodes that lie directly in a process or sub-process."""
        return self._by_scope.get(scope, [])

    def inside(self, process: etree._Element) -> list[Node]:
        """Return every flow node of a process, those of its sub-processes too."""
        return [node for scope in self.scopes(process) for node in self.children(scope.get("id", ""))]

    def process_of(self, element: etree._Element) -> etree._Element | None:
        """Return the process around an element."""
        for around in (element, *element.iterancestors()):
            if around.tag == f"{B}process":
                return around
        return None

    def problem(self, rule: str, element: etree._Element | None, message: str, *, warn: bool = False) -> Problem:
        """Make a problem that names file, element and line; `message` says what is wrong and what to do."""
        place = named(element)
        text = f"{label(place)}：{message}" if place is not None else message
        line = element.sourceline if element is not None else None
        return Problem(
            file=self.file,
            rule=rule,
            message=text,
            element=place.get("id") if place is not None else None,
            line=int(line) if isinstance(line, int) else None,
            severity="warning" if warn else "error",
        )

    @cached_property
    def _by_scope(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            found.setdefault(node.scope, []).append(node)
        return found

    def _collect(self, process: etree._Element) -> None:
        """Index nodes and flows of every scope; walks without recursion, whatever the depth."""
        for scope in self.scopes(process):
            for element in scope.iterchildren(etree.Element):
                tag, key = local(element), element.get("id", "")
                if tag in FLOW_NODES and key:
                    definitions = definitions_of(element, self.ids)
                    self.nodes.setdefault(key, Node(element, key, tag, scope.get("id", ""), definitions))
                elif tag == "sequenceFlow":
                    ends = element.get("sourceRef", ""), element.get("targetRef", "")
                    self.flows.append(Flow(element, key, *ends))

    def _connect(self) -> None:
        """Hang flows, links and boundary events onto their nodes."""
        for flow in [*self.flows, *self._links()]:
            if flow.source in self.nodes and flow.target in self.nodes:
                self.nodes[flow.source].outgoing.append(flow)
                self.nodes[flow.source].following.append(self.nodes[flow.target])
                self.nodes[flow.target].incoming.append(flow)
        for node in self.nodes.values():
            host = self.nodes.get(node.element.get("attachedToRef", "")) if node.tag == "boundaryEvent" else None
            if host is not None:
                host.boundary.append(node)

    def _links(self) -> Iterator[Flow]:
        """Yield the flow of each throwing link event (BPMN 2.0.2 §10.5.1: links stay within one level)."""
        for process in self.processes:
            for scope in self.scopes(process):
                for event, target, _ in find_links(scope, self.ids).pairs:
                    if target is not None:
                        yield Flow(event, "", event.get("id", ""), target.get("id", ""))


def named(element: etree._Element | None) -> etree._Element | None:
    """Return the element itself, or the nearest one around it, that has an id and so can be found on the diagram."""
    while element is not None and (not element.get("id") or local(element) not in WORDS):
        parent = element.getparent()
        if parent is None or parent.tag == f"{B}definitions":
            return element if element.get("id") and element.tag != f"{B}definitions" else None
        element = parent
    return element


def label(element: etree._Element | None) -> str:
    """Return the words by which people know an element: kind, name and id."""
    if element is None:
        return ""
    name = " ".join((element.get("name") or "").split())[:60]
    kind = WORDS.get(local(element), local(element))
    return f"{kind}“{name}”（{element.get('id')}）" if name else f"{kind}（{element.get('id')}）"


def plain_flows(node: Node) -> list[Flow]:
    """Return the ways out that are always taken: without a condition and not the default."""
    default = node.element.get("default")
    return [
        flow
        for flow in node.outgoing
        if flow.id != default and not text_in(flow.element.find(f"{B}conditionExpression"))
    ]


def properties(element: etree._Element) -> dict[str, tuple[str, etree._Element]]:
    """Return the camunda:property entries of an element: name -> (value, entry)."""
    path = f"{B}extensionElements/{C}properties/{C}property"
    return {entry.get("name", ""): (entry.get("value", ""), entry) for entry in element.findall(path)}
