"""Repetition: standard loop and multi-instance, in parallel or in sequence (BPMN 2.0.2 §13.3.6 and §13.3.7)."""

from typing import Any

from engine.tokens.definition import Loop, Node
from engine.tokens.listening import label
from engine.tokens.mappings import hand_out_collected, is_collection
from engine.tokens.run import Run
from engine.tokens.state import Record, StuckError
from engine.tokens.throwing import throw_event

MOST_INSTANCES = 10_000


def begin_loop(run: Run, key: str, node: Node) -> None:
    """Open the scope of the instances and begin as many as the kind of repetition says."""
    loop, items = _loop(node), None
    if loop.kind == "standard":
        count = _count(run, key, node) if loop.count is not None else None
        before = loop.condition if loop.test_before else None
        if count == 0 or (before is not None and not run.test(before, key, loopCounter=0)):
            run.later("finish", key)
            return
    elif loop.items is not None:
        items = _items(run, key, node)
        count = len(items)
    else:
        count = _count(run, key, node)
    if count == 0:
        hand_out_collected(run, key, node, [])
        run.later("finish", key)
        return
    multi: Record = {"n": count, "next": 0, "done": 0}
    if items is not None and loop.kind == "sequential":
        multi["items"] = items
    more: Record = {"out": {}} if loop.output else {}
    scope = run.open(run.scopes[run.tokens[key]["s"]]["p"], node.id, key, multi=multi, **more)
    for index in range(count or 1) if loop.kind == "parallel" else range(1):
        add_instance(run, scope, node, items[index] if items is not None else None)


def add_instance(run: Run, scope: str, node: Node, item: Any = None) -> str:
    """Begin one more instance; returns its token."""
    loop = _loop(node)
    multi = run.scope(scope)["multi"]
    index = multi["next"]
    multi["next"] = index + 1
    own: dict[str, Any] = {"loopCounter": index}
    if loop.item:
        own[loop.item] = item
    if loop.output_item:
        own.setdefault(loop.output_item, None)
    return run.spawn(node.id, scope, "work", v=own, i=index)


def instance_over(run: Run, key: str, node: Node) -> None:
    """Count an instance that is done; begin the next, or end the repetition when enough are done."""
    loop, scope = _loop(node), run.tokens[key]["s"]
    record = run.scope(scope)
    multi = record["multi"]
    multi["done"] += 1
    if loop.output and loop.output_item:
        record["out"][str(run.tokens[key].get("i", 0))] = run.variables(key).get(loop.output_item)
    counts = _counts(multi, record["c"] - 1)
    met = loop.condition is not None and run.test(loop.condition, key, **counts)
    met = _throw_behavior(run, key, node, counts) or met
    if key not in run.tokens:
        return
    more = _goes_on(loop, multi, met=met)
    if more and loop.kind != "parallel":
        _add_next(run, scope, node)
    run.remove(key)
    if not more:
        run.clear(scope)


def drop_instance(run: Run, key: str, node: Node) -> None:
    """Take one instance away that is not done; the repetition may be over by that."""
    loop, scope = _loop(node), run.tokens[key]["s"]
    host = run.scopes[scope]["up"]
    multi = run.scope(scope)["multi"]
    multi["n"] -= 1
    met = loop.condition is not None and run.test(loop.condition, host, **_counts(multi, run.scopes[scope]["c"] - 1))
    if _goes_on(loop, multi, met=met) and loop.kind == "sequential":
        _drop_item(multi, run.tokens[key].get("i", 0))
        _add_next(run, scope, node)
    run.remove(key)
    if met:
        run.clear(scope)


def _drop_item(multi: Record, index: int) -> None:
    """Forget the item of a dropped instance of a sequence, so that the next one has its number."""
    multi["next"] = index
    if "items" in multi:
        multi["items"] = [item for at, item in enumerate(multi["items"]) if at != index]


def _add_next(run: Run, scope: str, node: Node) -> None:
    multi = run.scopes[scope]["multi"]
    index, items = multi["next"], multi.get("items")
    add_instance(run, scope, node, items[index] if items is not None and index < len(items) else None)


def _goes_on(loop: Loop, multi: Record, *, met: bool) -> bool:
    below = multi["n"] is None or multi["done"] < multi["n"]
    if loop.kind == "standard":
        return below and (met or loop.condition is None)
    return below and not met


def loop_done(run: Run, key: str) -> None:
    """Close the scope of a repetition that is over and write the collected results."""
    node, scope = run.node(key), run.tokens[key].get("sub")
    if scope is not None:
        out = run.scopes[scope].get("out", {})
        hand_out_collected(run, key, node, [out[index] for index in sorted(out, key=int)])
        run.close(scope)
    run.later("finish", key)


def _counts(multi: Record, active: int) -> dict[str, int]:
    """Return the variables of a completion condition, in Camunda's and in BPMN's words (table 10.31)."""
    total = multi["n"] if multi["n"] is not None else multi["next"]
    found = {"Instances": total, "CompletedInstances": multi["done"], "ActiveInstances": active}
    terminated = {"numberOfTerminatedInstances": 0, "loopCounter": multi["done"]}
    return {f"{prefix}{name}": value for prefix in ("nrOf", "numberOf") for name, value in found.items()} | terminated


def _throw_behavior(run: Run, key: str, node: Node, counts: dict[str, int]) -> bool:
    """Throw the events that the behaviour of a multi-instance activity asks for (BPMN 2.0.2 table 10.30).

    They tell of instances that are done, so the activity's own boundary catches them without interrupting it. A complex
    behaviour that comes true also ends the repetition; returns whether it did.
    """
    loop = _loop(node)
    if loop.behavior == "complex":
        chosen = [event for condition, event in loop.complex if run.test(condition, key, **counts)]
    else:
        wanted = loop.behavior == "none" or (loop.behavior == "one" and counts["nrOfCompletedInstances"] == 1)
        chosen = [loop.event] if wanted else []
    run.spared = run.scopes[run.tokens[key]["s"]]["up"]
    for event in chosen:
        if event is not None and key in run.tokens:
            throw_event(run, key, node, event)
    run.spared = None
    return bool(chosen) and loop.behavior == "complex"


def _count(run: Run, key: str, node: Node) -> int:
    value = _loop(node).count
    found = run.compute(value, run.variables(key)) if value is not None else None
    if isinstance(found, str) and found.isdigit():
        found = int(found)
    if isinstance(found, float) and found.is_integer():
        found = int(found)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= MOST_INSTANCES:
        raise StuckError(f"{label(node)}的重复次数应是 0 到 {MOST_INSTANCES} 的整数，而得到 {found!r}")
    return found


def _items(run: Run, key: str, node: Node) -> list[Any]:
    value = _loop(node).items
    variables = run.variables(key)
    for assignment in node.inputs:
        if is_collection(node, assignment.target):
            variables[assignment.target] = run.assigned(assignment, variables)
    found = run.compute(value, variables) if value is not None else None
    if found is None or not isinstance(found, list) or len(found) > MOST_INSTANCES:
        raise StuckError(
            f"{label(node)}要逐项办理的“{value.text if value else ''}”不是不超过 {MOST_INSTANCES} 项的列表"
        )
    return found


def _loop(node: Node) -> Loop:
    if node.loop is None:
        raise StuckError(f"{label(node)}不再是重复的活动")
    return node.loop
