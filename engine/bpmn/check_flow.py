"""Checks of the graph: ways in, ways out, default flows, scopes, and loops that would never stop to wait."""

from collections.abc import Callable, Iterator

from engine.bpmn.check_tree import Flow, Node, Tree, label
from engine.bpmn.check_waits import Waits
from engine.bpmn.xml import B, local, text_in
from engine.errors import Problem

_CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway"})
_TAKING_ALL = frozenset({"parallelGateway", "eventBasedGateway"})
_CATCHING = frozenset({"intermediateCatchEvent", "receiveTask"})
_WITHOUT_WAY_IN = frozenset({"startEvent", "boundaryEvent"})


def check_flow(tree: Tree, waits: Waits) -> Iterator[Problem]:
    """Yield what is wrong with the graph of every executable process."""
    for flow in tree.flows:
        yield from _check_ends(tree, flow)
    for process in tree.executable:
        for scope in tree.scopes(process):
            nodes = tree.children(scope.get("id", ""))
            yield from _check_unreachable(tree, nodes, scope)
            yield from _check_loops(tree, nodes, waits)
        for node in tree.inside(process):
            yield from _check_gateway(tree, node)


def _check_ends(tree: Tree, flow: Flow) -> Iterator[Problem]:
    """Yield a problem unless the flow joins two nodes of one level (BPMN 2.0.2 §7.6.1)."""
    source, target = tree.nodes.get(flow.source), tree.nodes.get(flow.target)
    for end, name, word in ((source, flow.source, "起点"), (target, flow.target, "终点")):
        if end is None:
            yield tree.problem("flow-end", flow.element, f"{word}“{name}”不存在或不是流程节点，请重新连接")
    if source is None or target is None:
        return
    if source.scope != target.scope:
        ends = f"从{label(source.element)}连到{label(target.element)}"
        reason = f"{ends}，穿过了子流程边界；请改用边界事件，或把两端放在同一层"
        yield tree.problem("flow-scope", flow.element, reason)
    if target.tag in _WITHOUT_WAY_IN:
        yield tree.problem("flow-into-event", flow.element, f"不能连入{label(target.element)}，请删除这条顺序流")
    if source.tag == "endEvent":
        yield tree.problem("flow-out-of-end", flow.element, f"不能从{label(source.element)}连出，请删除这条顺序流")
    if source.by_event or target.by_event:
        yield tree.problem("flow-event-sub-process", flow.element, "事件子流程由事件触发，不能用顺序流连接")


def _check_unreachable(tree: Tree, nodes: list[Node], scope: object) -> Iterator[Problem]:
    """Every element is reached from a start; without a start event the nodes without a way in are the starts."""
    own = scope_tag(scope)
    starts = [node for node in nodes if node.tag == "startEvent" or _begins(node)]
    if own == "adHocSubProcess" or not nodes:
        return
    entered = starts or [node for node in nodes if not node.incoming and _may_begin(node)]
    reached = _reach([*entered, *(node for node in nodes if node.by_event or _for_compensation(node))])
    for node in nodes:
        if node.id not in reached:
            yield tree.problem("unreachable", node.element, "没有路径能到达这里，永远不会执行；请连上顺序流或删除")


def scope_tag(scope: object) -> str:
    """Return the tag of the element around a level."""
    return local(scope)  # type: ignore[arg-type]


def _may_begin(node: Node) -> bool:
    return node.tag != "boundaryEvent" and not _catches_link(node)


def _begins(node: Node) -> bool:
    """Tell whether a gateway or receive task begins the process when its event comes (BPMN 2.0.2 §10.6.6)."""
    return node.element.get("instantiate") == "true" and not node.incoming


def _catches_link(node: Node) -> bool:
    return node.tag == "intermediateCatchEvent" and "linkEventDefinition" in node.kinds


def _for_compensation(node: Node) -> bool:
    return node.element.get("isForCompensation") == "true"


def _reach(starts: list[Node]) -> set[str]:
    """Return the ids of the nodes that flows and boundary events lead to; the targets come from `Node.outgoing`."""
    seen: dict[str, Node] = {}
    todo = list(starts)
    while todo:
        node = todo.pop()
        if node.id in seen:
            continue
        seen[node.id] = node
        todo += node.boundary
        todo += node.following
    return set(seen)


def _check_gateway(tree: Tree, node: Node) -> Iterator[Problem]:
    if not node.tag.endswith("Gateway"):
        return
    if not node.outgoing:
        yield tree.problem(
            "gateway-no-way-out", node.element, "网关没有出口，到这里的事项无法继续；请连出至少一条顺序流"
        )
    elif node.tag in _CHOOSING and len(node.outgoing) > 1:
        yield from _check_choice(tree, node)
    elif node.tag == "eventBasedGateway":
        yield from _check_events(tree, node)
    if node.tag in _TAKING_ALL:
        for flow in node.outgoing:
            if text_in(flow.element.find(f"{B}conditionExpression")):
                reason = "并行网关和事件网关不看条件，这里的条件不会起作用；请删除条件，或改用排他网关、包容网关"
                yield tree.problem("condition-unused", flow.element, reason)


def _check_choice(tree: Tree, node: Node) -> Iterator[Problem]:
    """Demand a default flow, and a condition on every other one (BPMN 2.0.2 §10.6.2, §13.4.2)."""
    default = node.element.get("default")
    if default is None:
        reason = "没有默认分支：条件都不成立时事项会停住；请把其中一条顺序流设为默认流"
        yield tree.problem("no-default-flow", node.element, reason)
    elif default not in {flow.id for flow in node.outgoing}:
        yield tree.problem("default-flow", node.element, f"默认分支“{default}”不是从这里连出的顺序流，请重新设置默认流")
    for flow in node.outgoing:
        condition = text_in(flow.element.find(f"{B}conditionExpression"))
        if flow.id == default and condition:
            yield tree.problem("default-flow-condition", flow.element, "默认流上不应再写条件，请删除条件")
        if flow.id != default and not condition:
            yield tree.problem("flow-without-condition", flow.element, "既没有条件也不是默认流；请填写条件或设为默认流")


def _check_events(tree: Tree, node: Node) -> Iterator[Problem]:
    """Only catching events and receive tasks follow an event-based gateway (BPMN 2.0.2 §10.6.6)."""
    for flow in node.outgoing:
        target = tree.nodes[flow.target]
        if target.tag not in _CATCHING:
            reason = f"事件网关之后只能是中间捕获事件或接收任务，不能是{label(target.element)}"
            yield tree.problem("event-gateway-target", flow.element, reason)


def _check_loops(tree: Tree, nodes: list[Node], waits: Waits) -> Iterator[Problem]:
    """Yield each loop in which nothing waits: it would run without end within one step."""
    for component in strong_components(nodes, lambda node: _steps_on(node, waits)):
        first = min(component, key=lambda node: (node.element.sourceline or 0, node.id))
        path = "、".join(sorted(label(node.element) for node in component)[:6])
        called = any(waits.is_job(node) for node in component)
        reason = f"这些元素组成的循环里没有等待（{path}）；请在循环中加入用户任务、定时器或消息等待"
        yield tree.problem("loop-without-wait", first.element, reason, warn=called)


def _steps_on(node: Node, waits: Waits) -> list[Node]:
    """Return where a token goes on from here without waiting."""
    if waits.waits(node):
        return []
    errors = [event for event in node.boundary if waits.is_thrown(event)]
    return [*node.following, *errors]


def strong_components(nodes: list[Node], following: Callable[[Node], list[Node]]) -> Iterator[list[Node]]:
    """Yield the cycles (strongly connected sets) of a graph, by Tarjan's algorithm without recursion."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[Node] = []
    held: set[str] = set()
    for root in nodes:
        if root.id in index:
            continue
        work = [(root, iter(following(root)))]
        index[root.id] = low[root.id] = len(index)
        stack.append(root)
        held.add(root.id)
        while work:
            node, rest = work[-1]
            step = next(rest, None)
            if step is None:
                work.pop()
                if work:
                    low[work[-1][0].id] = min(low[work[-1][0].id], low[node.id])
                if low[node.id] == index[node.id]:
                    component = _pop_until(stack, held, node)
                    if len(component) > 1 or any(after.id == node.id for after in following(node)):
                        yield component
            elif step.id not in index:
                index[step.id] = low[step.id] = len(index)
                stack.append(step)
                held.add(step.id)
                work.append((step, iter(following(step))))
            elif step.id in held:
                low[node.id] = min(low[node.id], index[step.id])


def _pop_until(stack: list[Node], held: set[str], last: Node) -> list[Node]:
    component = []
    while True:
        node = stack.pop()
        held.discard(node.id)
        component.append(node)
        if node is last:
            return component
