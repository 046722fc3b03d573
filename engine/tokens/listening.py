"""Listening: timers, messages, signals and conditions that a token or scope waits for."""

from collections.abc import Iterable

from engine.tokens.definition import EventDefinition, Node
from engine.tokens.effects import Subscribed, TimerArmed
from engine.tokens.graph import Listening
from engine.tokens.run import Run
from engine.tokens.state import StuckError
from engine.tokens.timers import Schedule, TimerError, read_instant, schedule
from engine.tokens.values import Value, as_text

NONE: Listening = ()


def label(node: Node) -> str:
    """Return the words by which people know a node."""
    return f"“{node.name}”（{node.id}）" if node.name else f"“{node.id}”"


def place(catcher: str, index: int) -> str:
    """Return the key under which a record keeps what it waits for."""
    return f"{catcher}/{index}"


def listens(run: Run, scope: str) -> Listening:
    """Return the start events of event sub-processes that a scope waits for now."""
    record = run.scopes[scope]
    if "multi" in record or record.get("off"):
        return NONE
    return run.graph(scope).event_starts(run.around(scope))


def arm(run: Run, owner: str, listening: Listening) -> None:
    """Wait for events; those already waited for are left alone. Raises StuckError."""
    for catcher, index, event in listening:
        record = run.tokens.get(owner) or run.scopes[owner]
        at = place(catcher.id, index)
        if any(at in record.get(field, ()) for field in ("due", "subs", "cond")):
            continue
        if event.kind == "timer":
            set_timer(run, owner, catcher, index, first_round(run, owner, catcher, event))
        elif event.kind in {"message", "signal"}:
            _subscribe(run, owner, catcher, index, event)
        elif event.kind == "conditional":
            run.record(owner).setdefault("cond", {})[at] = False
            run.fresh.add((owner, at))
            run.watch(owner)
            run.data_changed = True


def first_round(run: Run, owner: str, catcher: Node, event: EventDefinition) -> Schedule:
    """Return when a timer that opens now is due. Raises StuckError where its text is none we accept."""
    text = text_of(run, event.timer, owner)
    try:
        return schedule(event.form or "date", text or "", run.now)
    except TimerError as refusal:
        raise StuckError(f"{label(catcher)}的时间无法使用：{refusal}") from None


def set_timer(run: Run, owner: str, catcher: Node, index: int, at: Schedule) -> None:
    """Keep a timer in the state and ask for its trigger."""
    run.record(owner).setdefault("due", {})[place(catcher.id, index)] = [at.due.isoformat(), at.left, at.every]
    repeat = {"left": at.left, "every": at.every} if at.every else None
    run.effects.append(TimerArmed(owner, catcher.id, index, at.due, repeat))


def take_timer(run: Run, owner: str, at: str) -> Schedule:
    """Take a timer that was reached out of the state."""
    record = run.record(owner)
    due, left, every = record["due"].pop(at)
    if not record["due"]:
        del record["due"]
    return Schedule(read_instant(due), left, every)


def text_of(run: Run, value: Value | None, owner: str) -> str | None:
    """Evaluate an attribute for a token or scope as text. Raises FeelBudgetError."""
    if value is None:
        return None
    if value.is_literal:
        return value.text or None
    return as_text(run.compute(value, run.variables(owner))) or None


def event_name(run: Run, event: EventDefinition, owner: str, node: Node) -> str:
    """Return the name of a message or signal. Raises StuckError where it is empty."""
    name = text_of(run, event.name, owner)
    if not name:
        kind = "消息" if event.kind == "message" else "信号"
        raise StuckError(f"{label(node)}的{kind}名称为空")
    return name


def waiting_for(run: Run, kind: str, name: str) -> Iterable[tuple[str, str]]:
    """Yield (owner, place) of everything in this instance that waits for a signal or message of this name."""
    owners = [*run.tokens.items(), *run.scopes.items()]
    for owner, record in owners:
        for at, (waits, known, _) in list(record.get("subs", {}).items()):
            if waits == kind and known == name:
                yield owner, at


def _subscribe(run: Run, owner: str, catcher: Node, index: int, event: EventDefinition) -> None:
    name = event_name(run, event, owner, catcher)
    correlation = text_of(run, event.correlation, owner) if event.kind == "message" else None
    run.record(owner).setdefault("subs", {})[place(catcher.id, index)] = [event.kind, name, correlation]
    scope = run.tokens[owner]["s"] if owner in run.tokens else owner
    run.effects.append(
        Subscribed(owner, catcher.id, index, event.kind, name, correlation, run.scopes[scope]["p"]),
    )
