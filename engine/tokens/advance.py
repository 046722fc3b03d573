"""Advance: the kernel's one function; an event comes in, the state moves on until everything waits."""

from collections.abc import Callable
from datetime import datetime
from functools import singledispatch

from engine.feel import FeelBudgetError
from engine.tokens import activities, catching, compensation, events, gateways, leaving, repetition, scopes, throwing
from engine.tokens.definition import Definitions
from engine.tokens.effects import IncidentRaised, TaskClosed, Terminated
from engine.tokens.listening import label
from engine.tokens.mappings import apply_inputs
from engine.tokens.run import Run, Step
from engine.tokens.state import ENDED, Record, StaleEventError, State, StuckError
from engine.tokens.stuck import report_stuck

MOST_REPEATED = 1000
MOST_ENTERED = 5_000
MOST_WORK = 4_000_000

Action = Callable[[Run, str], None]


def advance(definitions: Definitions, state: State, event: events.Event, now: datetime) -> Step:
    """Let an event move an instance on, as far as it goes by itself.

    `state` is a JSON value and stays as it is; `now` is aware. Deterministic. Raises StaleEventError where the event
    is for something that is not there any more.
    """
    run = Run(definitions, state, now)
    if state["status"] in ENDED or (state["status"] == "new") != isinstance(event, events.Start):
        raise StaleEventError(status=state["status"])
    receive(event, run)
    settle(run)
    return run.finish()


@singledispatch
def receive(event: events.Event, run: Run) -> None:
    """Take an event in."""
    raise TypeError(event, run)


@receive.register
def _(event: events.Start, run: Run) -> None:
    process = run.look_up(run.state["p"])
    root = run.open(run.state["p"], None, None)
    run.state.update(status="active", root=root)
    for name, value in event.variables.items():
        run.put(root, name, value)
    if event.node is None:
        scopes.begin(run, root)
    elif event.node in process.nodes and process.nodes[event.node].scope == process.id:
        scopes.start_at(run, root, process.nodes[event.node], event.index)
    else:
        raise StaleEventError(node=event.node)


@receive.register
def _(event: events.Complete, run: Run) -> None:
    activities.complete(run, event.token, event.variables)


@receive.register
def _(event: events.ThrowError, run: Run) -> None:
    activities.expect_open(run, event.token)
    try:
        throwing.throw_outside_error(run, event.token, event.code, event.variables)
    except StuckError as refusal:
        _close_failed(run, event.token, str(refusal))


@receive.register
def _(event: events.ThrowEscalation, run: Run) -> None:
    activities.expect_open(run, event.token)
    throwing.throw_escalation(run, event.token, event.code, event.variables)


@receive.register
def _(event: events.Fail, run: Run) -> None:
    activities.expect_open(run, event.token)
    _close_failed(run, event.token, event.message)


@receive.register
def _(event: events.Retry, run: Run) -> None:
    token = run.tokens.get(event.token)
    if token is None or "incident" not in token:
        raise StaleEventError(token=event.token)
    record = run.token(event.token)
    del record["incident"]
    action, _, of_scope = record.pop("ph", "enter").partition(":")
    if of_scope:
        record["w"] = "sub"
        run.queue.append((action, record["sub"]))
    else:
        run.later(action, event.token)
    run.queue.extend((name, key) for name, key in run.state.pop("queue", ()))


@receive.register
def _(event: events.Trigger, run: Run) -> None:
    catching.reach(run, event.owner, event.catcher, event.index, event.variables)


@receive.register
def _(event: events.Signal, run: Run) -> None:
    catching.broadcast(run, event.name, event.variables)


@receive.register
def _(event: events.SetVariables, run: Run) -> None:
    scope = event.scope or run.state["root"]
    if scope not in run.scopes:
        raise StaleEventError(scope=scope)
    for name, value in event.variables.items():
        run.put(scope, name, value)


@receive.register
def _(event: events.Terminate, run: Run) -> None:
    scopes.finish_instance(run, "terminated")
    run.effects.append(Terminated(event.reason))


@receive.register
def _(event: events.StartActivity, run: Run) -> None:
    activities.start_by_hand(run, event.token, event.node)


def _enter_catch(run: Run, key: str) -> None:
    node = run.node(key)
    if not node.events:
        run.later("leave", key)
        return
    apply_inputs(run, key, node)
    gateways.enter_event(run, key)


ENTER: dict[str, Action] = {
    "activity": activities.enter_activity,
    "start": leaving.leave,
    "catch": _enter_catch,
    "throw": throwing.throw,
    "end": throwing.throw,
    "exclusive": gateways.enter_exclusive,
    "parallel": gateways.enter_parallel,
    "inclusive": gateways.enter_inclusive,
    "complex": gateways.enter_complex,
    "event": gateways.enter_event,
}


def _enter(run: Run, key: str) -> None:
    ENTER[run.node(key).kind](run, key)


ON_TOKENS: dict[str, Action] = {
    "enter": _enter,
    "work": activities.work,
    "done": activities.done,
    "performed": activities.performed,
    "finish": activities.finish,
    "leave": leaving.leave,
    "split": gateways.split,
    "caught": catching.caught,
    "throw": throwing.throw,
    "throw_now": throwing.throw_now,
    "scope_done": scopes.scope_done,
    "loop_done": repetition.loop_done,
    "compensated": compensation.compensated,
}
ON_SCOPES: dict[str, Action] = {
    "begin": scopes.begin,
    "ended": scopes.ended,
    "complete_ad_hoc": scopes.complete_ad_hoc,
}


class _Budget:
    """Counts the automatic steps of one advance."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, str, str | None]] = set()
        self.entered = 0
        self.repeated = 0

    def excess(self, run: Run, action: str, token: Record) -> str | None:
        """Count a node that is entered, or another round of a standard loop; tell what is too much, if anything."""
        if action == "work":
            endless = run.scopes[token["s"]].get("multi", {"n": 0})["n"] is None
            self.repeated += endless
        else:
            at = (token["s"], token["n"], token.get("f"))  # a join is entered by each of its flows
            self.entered += 1
            self.repeated += at in self.seen
            self.seen.add(at)
        if self.repeated > MOST_REPEATED:
            return f"一次自动执行的步骤超过 {MOST_REPEATED} 步，可能是没有等待的循环"
        if self.entered > MOST_ENTERED:
            return f"一次自动经过的环节超过 {MOST_ENTERED} 个"
        return "一次自动执行的计算过多" if run.spent > MOST_WORK else None


def settle(run: Run) -> None:
    """Work the queue off; joins that wait for others look again whenever it is empty.

    A budget stops it: nodes that were entered before in this step count as repeated, so that a long row of automatic
    nodes works and a loop without a wait ends in an incident (security.md S5). Expressions and decisions count their
    own steps, of which there are more than a million in a second.
    """
    budget = _Budget()
    while True:
        if run.data_changed:
            catching.check_conditions(run)
        elif run.queue:
            action, key = run.queue.popleft()
            counts = action in {"enter", "work"} and key in run.tokens
            words = budget.excess(run, action, run.tokens[key]) if counts else None
            if words is not None:
                _stop(run, action, key, words)
                return
            _act(run, action, key)
        elif not gateways.fire_joins(run):
            if not run.deferred:
                break
            run.queue.append(run.deferred.popleft())
    if run.state["status"] == "active":
        report_stuck(run)


def _act(run: Run, action: str, key: str) -> None:
    """Do what was queued; what the definition cannot do is an incident: the token stays, an operator decides."""
    of_scope = ON_SCOPES.get(action)
    if key not in (run.tokens if of_scope is None else run.scopes):
        return
    try:
        (of_scope or ON_TOKENS[action])(run, key)
    except (StuckError, FeelBudgetError) as refusal:
        _incident(run, action, key, str(refusal))


def _close_failed(run: Run, key: str, message: str) -> None:
    """Close an open task that cannot go on; a retry opens it again."""
    run.effects.append(TaskClosed(key, run.node(key).id, "cancelled"))
    _incident(run, "work", key, message)


def _incident(run: Run, action: str, key: str, message: str) -> None:
    """Mark a token, or the one that hosts a scope, with what it was about to do and why it could not."""
    if key in run.scopes:
        action, key = f"{action}:scope", run.scopes[key]["up"]
    record = run.token(key)
    record.pop("w", None)
    record.update(ph=action, incident=message)
    run.touched[record["s"]] = None
    run.effects.append(IncidentRaised(key, record["n"], message))


def _stop(run: Run, action: str, key: str, words: str) -> None:
    """Keep what is still to be done for a retry of this one, and let an operator look."""
    waiting = [(name, each) for name, each in (*run.queue, *run.deferred) if each in run.tokens or each in run.scopes]
    run.queue.clear()
    run.deferred.clear()
    while key not in run.tokens and "up" not in run.scopes.get(key, ()):
        action, key = waiting.pop(0)
    held = [entry for entry in run.state.get("queue", ()) if entry[1] in run.tokens or entry[1] in run.scopes]
    run.state["queue"] = [*held, *([name, each] for name, each in waiting)]
    at = key if key in run.tokens else run.scopes[key]["up"]
    _incident(run, action, key, f"{label(run.node(at))}{words}")
