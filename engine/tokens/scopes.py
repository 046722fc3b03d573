"""Scopes: how the process, a sub-process, a called process and an event sub-process begin and end."""

from collections.abc import Mapping
from typing import Any

from engine.tokens.definition import Node
from engine.tokens.effects import Finished
from engine.tokens.listening import arm, listens
from engine.tokens.mappings import apply_outputs, hand_out
from engine.tokens.run import Run
from engine.tokens.state import StuckError


def begin(run: Run, scope: str) -> None:
    """Put tokens where a scope begins (BPMN 2.0.2 §13.3.4 and §13.3.5 for ad-hoc sub-processes)."""
    prepare(run, scope)
    if "at" in run.scopes[scope]:
        run.spawn(run.scope(scope).pop("at"), scope, "leave")
        return
    graph, around = run.graph(scope), run.around(scope)
    node = run.process(scope).nodes.get(around)
    starts = [start for start in graph.starts(around) if start.kind != "start" or not start.events]
    if node is not None and node.task == "adhoc":
        if node.extensions.property("manualStart") == "true":
            run.scope(scope)["manual"] = True
            return
        if node.sequential:
            run.scope(scope)["todo"] = [start.id for start in starts[1:]]
            starts = starts[:1]
    if node is None and not starts:
        starts = [start for start in graph.starts(around) if _is_true(run, scope, start)]
    if node is None and not starts:
        raise StuckError("流程没有可以直接开始的开始事件")
    for start in starts:
        run.spawn(start.id, scope)
    if not starts:
        run.queue.append(("ended", scope))


def _is_true(run: Run, scope: str, start: Node) -> bool:
    """Tell whether a conditional start event of a process holds with the data it begins with (BPMN 2.0.2 §10.5.2)."""
    return any(event.condition is not None and run.test(event.condition, scope) for event in start.events)


def prepare(run: Run, scope: str) -> None:
    """Declare the data of a scope and let its event sub-processes listen."""
    process, record = run.process(scope), run.scopes[scope]
    node = process.nodes.get(record.get("of", ""))
    for name, value in node.data if node is not None else process.data:
        if name not in record["vars"] and (node is not None or value is not None):
            run.put(scope, name, value)
    arm(run, scope, listens(run, scope))


def start_at(run: Run, scope: str, node: Node, index: int) -> None:
    """Begin at a node that an outside event reached: a start event, a receive task or behind an event gateway."""
    prepare(run, scope)
    if node.kind == "start" and node.all_events and len(node.events) > 1:
        _await_others(run, scope, node, index)
    else:
        run.spawn(node.id, scope, "done" if node.kind == "activity" else "caught")
    for gateway in run.graph(scope).children.get(run.around(scope), ()):
        if gateway.kind != "event" or not gateway.instantiate or not gateway.all_events:
            continue
        targets = [run.process(scope).flows[flow].target for flow in gateway.outgoing]
        if node.id in targets:  # a parallel one: the process also waits for the others (BPMN 2.0.2 §10.6.6)
            for target in targets:
                if target != node.id:
                    run.spawn(target, scope)


def _await_others(run: Run, scope: str, node: Node, index: int) -> None:
    """Hold a parallel multiple start until the rest of its events came, too (BPMN 2.0.2 §10.5.2)."""
    key = run.spawn(node.id, scope, None, seen={node.id: [index]})
    arm(run, key, tuple(each for each in run.graph(scope).own(node) if each[1] != index))
    run.wait(key, "event")


def start_event_sub(run: Run, scope: str, start: Node, **more: Any) -> str:
    """Run an event sub-process from one of its start events. Returns its host token."""
    if start.interrupting and not more:
        run.clear(scope)
        run.disarm(scope)
        record = run.scope(scope)
        record["off"] = True
        record.pop("todo", None)
        record.pop("manual", None)
    host = run.spawn(start.scope, scope, None, **more)
    run.queue.append(("begin", run.open(run.scopes[scope]["p"], start.scope, host, at=start.id)))
    return host


def ended(run: Run, scope: str) -> None:
    """See what follows when the last token of a scope is gone."""
    record = run.scopes.get(scope)
    if record is None or record["c"] > 0 or record.get("manual"):
        return
    if "multi" in record:
        run.later("loop_done", record["up"])
    elif record.get("todo"):
        run.spawn(run.scope(scope)["todo"].pop(0), scope)
    elif "up" in record:
        run.later("scope_done", record["up"])
    elif run.state["status"] == "active":
        finish_instance(run, "completed")
        run.effects.append(Finished(dict(record["vars"])))


def finish_instance(run: Run, status: str) -> None:
    """Take everything away but the outermost scope, whose variables stay."""
    root = run.state["root"]
    run.clear(root)
    run.disarm(root)
    run.queue.clear()
    run.deferred.clear()
    run.state.pop("queue", None)
    run.state["status"] = status
    for name in ("fired", "done", "todo", "off"):
        if name in run.scopes[root]:
            del run.scope(root)[name]


def scope_done(run: Run, key: str) -> None:
    """Go on after the scope that a token hosts: hand data out, remember what can be compensated, close it."""
    token, node = run.tokens[key], run.node(key)
    scope = token.get("sub")
    if scope is None:
        run.later("performed", key)
        return
    if node.by_event:
        run.close(scope)
        if "for" in token:
            run.later("compensated", token["for"])
        run.remove(key)
        return
    record = run.scopes[scope]
    if "of" not in record:
        hand_out(run, key, node, scope)
    apply_outputs(run, key, node, scope if "of" in record else key)
    if "for" not in token and node.id in run.graph(token["s"]).compensable:
        remember(run, token["s"], {"n": node.id, "done": record.get("done", []), "vars": record["vars"]})
    run.close(scope)
    run.later("performed", key)


def remember(run: Run, scope: str, done: Mapping[str, Any]) -> None:
    """Remember that an activity was completed and how to undo it (BPMN 2.0.2 §13.5.5.2)."""
    while "multi" in run.scopes[scope]:
        scope = run.tokens[run.scopes[scope]["up"]]["s"]
    run.scope(scope).setdefault("done", []).append(dict(done))


def complete_ad_hoc(run: Run, scope: str) -> None:
    """End an ad-hoc sub-process whose completion condition is true after one of its activities."""
    if scope not in run.scopes:
        return
    node = run.process(scope).nodes[run.around(scope)]
    if node.condition is None or not run.test(node.condition, scope):
        return
    record = run.scope(scope)
    record.pop("todo", None)
    record.pop("manual", None)
    if node.cancel_remaining:
        run.clear(scope)
    run.queue.append(("ended", scope))
