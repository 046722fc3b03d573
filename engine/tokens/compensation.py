"""Compensation: what was completed is undone, the latest first (BPMN 2.0.2 §10.7 and §13.5.5)."""

from typing import Any

from engine.tokens.catching import trigger
from engine.tokens.definition import Node
from engine.tokens.run import Run
from engine.tokens.scopes import start_event_sub
from engine.tokens.state import Record


def compensate(run: Run, key: str, activity: str | None, *, wait: bool) -> None:
    """Undo one activity or all of the scope from a throwing token, which waits for it unless it must not."""
    scope = _scope_to_undo(run, key, activity)
    if not wait:
        key = run.spawn(run.tokens[key]["n"], run.tokens[key]["s"], None, carrier=True)
    _undo(run, key, scope, activity)


def cancel_transaction(run: Run, key: str) -> None:
    """End a transaction: nothing else in it goes on, all is undone, then its cancel event goes on."""
    scope = run.tokens[key]["s"]
    run.clear(scope, but=key)
    record = run.scope(scope)
    record.pop("todo", None)
    run.disarm(scope)
    run.token(key)["cancel"] = True
    _undo(run, key, scope, None)


def compensated(run: Run, key: str) -> None:
    """Undo the next activity, or go on once all are undone."""
    if key not in run.tokens:
        return
    token = run.token(key)
    if token.get("comp"):
        run.wait(key, "comp")
        _undo_one(run, key, token["cs"], token["comp"].pop())
        return
    token.pop("comp", None)
    token.pop("cs", None)
    if token.get("carrier"):
        run.remove(key)
    elif token.pop("cancel", False):
        _cancelled(run, key)
    elif "for" in token and "sub" in token:
        run.later("compensated", token["for"])
        run.remove(key)
    else:
        run.later("throw", key)


def _scope_to_undo(run: Run, key: str, activity: str | None) -> str:
    """Return the scope whose activities are undone: from an event sub-process it is the one around it."""
    scope: str = run.tokens[key]["s"]
    while True:
        record = run.scopes[scope]
        node = run.process(scope).nodes.get(record.get("of", ""))
        if node is None:
            return scope
        known = activity is None or any(done["n"] == activity for done in record.get("done", ()))
        if known and not node.by_event:
            return scope
        scope = run.tokens[record["up"]]["s"]


def _undo(run: Run, key: str, scope: str, activity: str | None) -> None:
    done: list[Record] = run.scopes[scope].get("done", [])
    chosen = [each for each in done if activity in (None, each["n"])]
    if chosen:
        run.scope(scope)["done"] = [each for each in done if each not in chosen]
    run.token(key).update(comp=chosen, cs=scope)
    run.later("compensated", key)
    run.wait(key, "comp")


def _undo_one(run: Run, key: str, scope: str, done: Record) -> None:
    process = run.process(scope)
    node = process.nodes[done["n"]]
    if node.handler:
        run.spawn(node.handler, scope, v=done.get("v"), **{"for": key})
        return
    host = run.spawn(node.id, scope, None, **{"for": key})
    inner = run.open(run.scopes[scope]["p"], node.id, host, vars=dict(done["vars"]), done=done["done"], off=True)
    start = _compensation_start(run, inner, node)
    if start is None:
        _undo(run, host, inner, None)
    else:
        run.token(host).update(comp=[], cs=inner, w="comp")
        start_event_sub(run, inner, start, **{"for": host})


def _compensation_start(run: Run, inner: str, node: Node) -> Node | None:
    for start, _, event in run.graph(inner).event_starts(node.id):
        if event.kind == "compensate":
            return start
    return None


def _cancelled(run: Run, key: str) -> None:
    """Go on at the cancel event on the transaction's boundary."""
    host: str = run.scopes[run.tokens[key]["s"]]["up"]
    while run.is_repetition(run.tokens[host]["s"]):
        host = run.scopes[run.tokens[host]["s"]]["up"]
    for catcher, index, event in run.graph(run.tokens[host]["s"]).edge(run.node(host)):
        if event.kind == "cancel":
            nothing: dict[str, Any] = {}
            trigger(run, host, catcher, index, nothing)
            return
    run.remove(key)
