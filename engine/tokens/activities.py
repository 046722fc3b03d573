"""Activities: how a task, sub-process or call begins, works and is done (BPMN 2.0.2 §13.3)."""

from collections.abc import Mapping
from typing import Any

from engine.errors import EngineError
from engine.feel import to_json
from engine.tokens.definition import Node
from engine.tokens.effects import TaskClosed, TaskOpened
from engine.tokens.listening import arm, label, text_of
from engine.tokens.mappings import apply_inputs, apply_outputs, binding_of, decide, hand_in, keeps_results, run_script
from engine.tokens.repetition import begin_loop, instance_over
from engine.tokens.run import Run
from engine.tokens.scopes import remember
from engine.tokens.state import StaleEventError, StuckError
from engine.tokens.throwing import throw_message

OPENED = frozenset({"user", "manual", "service"})


def enter_activity(run: Run, key: str) -> None:
    """Begin an activity once enough tokens have come: listen at its boundary, then work or repeat."""
    node = run.node(key)
    if node.start_quantity > 1 and not _enough(run, key, node):
        return
    if node.boundary:
        arm(run, key, run.graph(run.tokens[key]["s"]).edge(node))
    if node.loop is not None:
        begin_loop(run, key, node)
    else:
        run.later("work", key)


def _enough(run: Run, key: str, node: Node) -> bool:
    """Gather as many tokens as the activity needs; one of them goes on (§13.3.2)."""
    if "gathered" in run.tokens[key]:
        return True
    run.wait(key, "quantity")
    tokens = run.tokens
    here = [
        each
        for each in run.inside(tokens[key]["s"])
        if tokens[each]["n"] == node.id and tokens[each].get("w") == "quantity"
    ]
    if len(here) < node.start_quantity:
        return False
    taken = [key, *[each for each in here if each != key]][: node.start_quantity]
    for each in taken[1:]:
        run.remove(each)
    record = run.token(key)
    record["gathered"] = True
    record.pop("w", None)
    return True


def work(run: Run, key: str) -> None:
    """Do one performance of an activity, or open it for whoever does."""
    node = run.node(key)
    if node.task == "call":
        _call(run, key, node)
        return
    apply_inputs(run, key, node)
    if node.is_sub_process:
        inner = run.open(run.scopes[run.tokens[key]["s"]]["p"], node.id, key)
        run.queue.append(("begin", inner))
    elif node.task in OPENED or (node.task in {"send", "rule"} and node.extensions.topic is not None):
        _open_task(run, key, node)
    elif node.task == "receive":
        arm(run, key, run.graph(run.tokens[key]["s"]).own(node))
        run.wait(key, "event")
    else:
        _run_at_once(run, key, node)


def _run_at_once(run: Run, key: str, node: Node) -> None:
    if node.task == "script":
        run_script(run, key, node)
    elif node.task == "rule":
        decide(run, key, node)
    elif node.task == "send":
        for event in node.events:
            throw_message(run, key, node, event)
    run.later("done", key)


def _open_task(run: Run, key: str, node: Node) -> None:
    token = run.tokens[key]
    scope = token["s"]
    run.wait(key, "task")
    run.effects.append(TaskOpened(key, scope, run.scopes[scope]["p"], node.id, str(node.task), token.get("i")))


def _call(run: Run, key: str, node: Node) -> None:
    """Begin a called process with the variables handed in; it sees no others (§13.3.3)."""
    called = text_of(run, node.called, key)
    if not called:
        raise StuckError(f"调用活动{label(node)}没有写明要调用的流程")
    try:
        binding = binding_of(run, key, node)
        ref = run.definitions.latest(called) if binding is None else run.definitions.bound(called, binding)
    except (KeyError, EngineError):
        raise StuckError(f"调用活动{label(node)}要调用的流程“{called}”没有部署") from None
    run.look_up(ref)
    apply_inputs(run, key, node)
    values = {name: to_json(value) for name, value in hand_in(run, key, node).items()}
    inner = run.open(ref, None, key, vars=values, dirty=[])
    run.queue.append(("begin", inner))


def done(run: Run, key: str) -> None:
    """Hand out what a performance gave."""
    apply_outputs(run, key, run.node(key), key)
    run.later("performed", key)


def performed(run: Run, key: str) -> None:
    """One performance is over: remember how to undo it, then repeat or leave."""
    token, node = run.tokens[key], run.node(key)
    if node.handler and "for" not in token:
        remember(run, token["s"], {"n": node.id, **({"v": token["v"]} if "v" in token else {})})
    if run.is_repetition(token["s"]):
        instance_over(run, key, node)
    else:
        run.later("finish", key)


def finish(run: Run, key: str) -> None:
    """Leave an activity that is over as a whole, or go on compensating."""
    token, node = run.tokens[key], run.node(key)
    if "for" in token:
        run.later("compensated", token["for"])
        run.remove(key)
        return
    around = run.process(token["s"]).nodes.get(run.around(token["s"]))
    run.later("leave", key)
    if around is not None and around.task == "adhoc" and not node.by_event:
        run.queue.append(("complete_ad_hoc", token["s"]))


def complete(run: Run, key: str, variables: Mapping[str, Any]) -> None:
    """Take in what was filed for an open task. Raises StaleEventError."""
    expect_open(run, key)
    run.origin = key
    node = run.node(key)
    if keeps_results(node):
        for name, value in variables.items():
            run.put(key, name, value)
    else:
        run.write(variables, key)
    run.effects.append(TaskClosed(key, node.id, "completed"))
    run.later("done", key)


def expect_open(run: Run, key: str) -> None:
    """Raise StaleEventError unless the token is an open task."""
    if run.tokens.get(key, {}).get("w") != "task":
        raise StaleEventError(token=key)


def start_by_hand(run: Run, key: str, node_id: str) -> None:
    """Start an activity of an ad-hoc sub-process. Raises StaleEventError."""
    token = run.tokens.get(key)
    if token is None or "sub" not in token or run.node(key).task != "adhoc":
        raise StaleEventError(token=key)
    scope = token["sub"]
    starts = run.graph(scope).starts(run.around(scope)) if scope in run.scopes else ()
    if node_id not in {start.id for start in starts}:
        raise StaleEventError(token=key, node=node_id)
    if run.node(key).sequential and run.scopes[scope]["c"] > 0:
        run.scope(scope).setdefault("todo", []).append(node_id)
    else:
        run.spawn(node_id, scope)
