"""What a process must be like to be executed; everything else is for the lint (checks.py)."""

from engine.bpmn.source import Source
from engine.tokens.definition import Node, Process

_AT_START = frozenset({"message", "timer", "signal", "conditional"})
_AT_EVENT_START = _AT_START | {"error", "escalation", "compensate"}
_CATCHING = frozenset({"message", "timer", "signal", "conditional"})
_AT_BOUNDARY = _AT_EVENT_START | {"cancel"}
_THROWING = frozenset({"message", "signal", "escalation", "compensate"})
_AT_END = _THROWING | {"error", "terminate", "cancel"}
_ALLOWED = {
    "start": _AT_EVENT_START, "catch": _CATCHING, "boundary": _AT_BOUNDARY, "throw": _THROWING, "end": _AT_END,
}  # fmt: skip
_WORDS = {
    "message": "消息", "timer": "定时", "signal": "信号", "conditional": "条件", "error": "错误", "escalation": "升级",
    "compensate": "补偿", "cancel": "取消", "terminate": "终止",
}  # fmt: skip


def check_process(source: Source, process: Process) -> None:
    """Note everything that keeps a process from being executed."""
    for flow in process.flows.values():
        for end in (flow.source, flow.target):
            if end not in process.nodes:
                source.problem("flow", source.ids.get(flow.id), f"顺序流的一端“{end}”不是本流程的元素")
        ends = [process.nodes.get(end) for end in (flow.source, flow.target)]
        if all(ends) and ends[0].scope != ends[1].scope:  # type: ignore[union-attr]
            source.problem("flow", source.ids.get(flow.id), "顺序流不能穿过子流程的边界")
    if not process.nodes:
        source.problem("empty", source.ids.get(process.id), "流程里没有元素")
    for node in process.nodes.values():
        for message in _problems(process, node):
            source.problem("node", source.ids.get(node.id), message)


def _problems(process: Process, node: Node) -> list[str]:
    found = _flow_problems(node)
    allowed = _ALLOWED.get(node.kind)
    if allowed is not None:
        found += [
            f"这里不能用{_WORDS.get(each.kind, each.kind)}事件" for each in node.events if each.kind not in allowed
        ]
    if node.kind == "start":
        found += _start_problems(process, node)
    elif node.kind == "boundary":
        found += _boundary_problems(process, node)
    elif node.kind == "event":
        found += _gateway_problems(process, node)
    elif node.kind == "end" and any(event.kind == "cancel" for event in node.events):
        around = process.nodes.get(node.scope)
        if around is None or around.task != "transaction":
            found.append("取消结束事件只能放在事务子流程里")
    if node.by_event:
        found += _event_sub_problems(process, node)
    return found


def _flow_problems(node: Node) -> list[str]:
    found = []
    if node.default is not None and node.default not in node.outgoing:
        found.append(f"默认流向“{node.default}”不是从这里出去的顺序流")
    if node.kind in {"start", "boundary"} and node.incoming:
        found.append("不能有进入的顺序流")
    if node.kind == "end" and node.outgoing:
        found.append("结束事件不能有出去的顺序流")
    if node.kind == "catch" and not node.events and not node.incoming:
        found.append("捕获事件没有写明等待什么")
    if node.kind == "boundary" and not node.events:
        found.append("边界事件没有写明捕获什么")
    if node.by_event and (node.incoming or node.outgoing):
        found.append("事件子流程不能有顺序流")
    if node.for_compensation and (node.incoming or node.outgoing):
        found.append("补偿活动不能有顺序流")
    return found


def _start_problems(process: Process, node: Node) -> list[str]:
    around = process.nodes.get(node.scope)
    if around is None:
        return [
            f"流程的开始事件不能是{_WORDS[event.kind]}事件"
            for event in node.events
            if event.kind in _AT_EVENT_START - _AT_START
        ]
    if not around.by_event and node.events:
        return ["子流程的开始事件不能带触发条件"]
    if around.by_event and not node.events:
        return ["事件子流程的开始事件须写明由什么触发"]
    return []


def _boundary_problems(process: Process, node: Node) -> list[str]:
    host = process.nodes.get(node.host or "")
    if host is None or host.kind != "activity" or host.scope != node.scope:
        return [f"边界事件所附的活动“{node.host}”不存在"]
    cancels = any(event.kind == "cancel" for event in node.events)
    return ["取消边界事件只能附在事务子流程上"] if cancels and host.task != "transaction" else []


def _gateway_problems(process: Process, node: Node) -> list[str]:
    found = ["启动流程的事件网关不能有进入的顺序流"] if node.instantiate and node.incoming else []
    for flow in node.outgoing:
        target = process.nodes.get(process.flows[flow].target)
        if target is not None and target.kind != "catch" and target.task != "receive":
            found.append("事件网关之后只能是捕获事件或接收任务")
        elif target is not None and len(target.incoming) > 1:
            found.append("事件网关之后的事件不能再有别的顺序流进入")
        elif target is not None and node.instantiate and _cannot_begin(target):
            found.append("启动流程的事件网关之后只能等待消息或信号")
    return found


def _cannot_begin(target: Node) -> bool:
    return any(event.kind not in {"message", "signal"} for event in target.events)


def _event_sub_problems(process: Process, node: Node) -> list[str]:
    starts = [each for each in process.graph.children.get(node.id, ()) if each.kind == "start"]
    return [] if len(starts) == 1 else [f"事件子流程应有一个开始事件，而有 {len(starts)} 个"]
