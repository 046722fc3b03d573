"""Replaying a matter: what people filed and when, put through any version of its procedure, with no effect outside.

The kernel runs as ever; service tasks give back what they gave in the real matter, and timers fire when they are due.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from engine.command import Catalog, Context
from engine.dmn import DmnModel
from engine.errors import EngineError
from engine.execution.tasks import due_for
from engine.tokens import Process, StaleEventError, advance, new_state, variables_in_sight
from engine.tokens import effects as fx
from engine.tokens.definition import Binding
from engine.tokens.events import Complete, Event, Start, Trigger
from engine.tokens.state import ENDED

DRAFT_VERSION = 0
SAME, OTHER_WAY, LATER, STUCK = "same", "other_way", "later", "stuck"
_PERSONAL = frozenset({"user", "manual"})
_MOST_ROUNDS = 2_000


class DraftDefinitions:
    """The deployed definitions with a draft of one procedure, and of its decisions, in their place."""

    def __init__(self, catalog: Catalog, key: str, process: Process, models: Mapping[str, DmnModel]) -> None:
        """Know the draft as version 0; `models` are the drafted DMN models by the keys of their decisions."""
        self._catalog = catalog
        self._key = key
        self._process = process
        self._models = models

    @property
    def ref(self) -> str:
        """Return the ref of the draft."""
        return f"{self._key}:{DRAFT_VERSION}"

    def process(self, ref: str) -> Process:
        """Return the process of a ref; raises KeyError."""
        return self._process if ref == self.ref else self._catalog.process(ref)

    def latest(self, key: str) -> str:
        """Return the ref a call starts; raises KeyError."""
        return self.ref if key == self._key else self._catalog.latest(key)

    def bound(self, key: str, binding: Binding) -> str:
        """Return the ref that is meant; raises KeyError."""
        return self._catalog.bound(key, binding)

    def stored(self, name: str) -> Any:
        """Return what a data store holds now."""
        return self._catalog.stored(name)

    def decide(
        self, decision_key: str, variables: Mapping[str, Any], now: datetime, binding: Binding | None = None
    ) -> Any:
        """Evaluate a decision, the drafted one where there is one; raises KeyError."""
        model = self._models.get(decision_key)
        if model is not None:
            return model.evaluate(decision_key, variables, now)
        return self._catalog.decide(decision_key, variables, now, binding)


@dataclass(frozen=True)
class Act:
    """What happened to the real matter from outside: work filed at a node, or an event that reached one."""

    at: datetime
    node: str
    values: Mapping[str, Any]
    is_event: bool = False


@dataclass(frozen=True)
class Recorded:
    """A real matter: how it began, what was done, and what it knew at last."""

    started_at: datetime
    start_node: str | None
    start_values: Mapping[str, Any]
    acts: Sequence[Act]
    known: Mapping[str, Any]


def as_json(recorded: Recorded) -> dict[str, Any]:
    """Return a record as JSON."""
    return {
        "started_at": recorded.started_at.isoformat(), "start_node": recorded.start_node,
        "start_values": dict(recorded.start_values), "known": dict(recorded.known),
        "acts": [
            {"at": act.at.isoformat(), "node": act.node, "values": dict(act.values), "is_event": act.is_event}
            for act in recorded.acts
        ],
    }  # fmt: skip


def from_json(kept: Mapping[str, Any]) -> Recorded:
    """Return the record that `as_json` wrote."""
    acts = [Act(datetime.fromisoformat(act["at"]), act["node"], act["values"], act["is_event"]) for act in kept["acts"]]
    begun = datetime.fromisoformat(kept["started_at"])
    return Recorded(begun, kept["start_node"], kept["start_values"], acts, kept["known"])


@dataclass
class Course:
    """The way a matter took: steps of people by node id and name, with due dates, and where it stands."""

    steps: list[tuple[str, str]] = field(default_factory=list)
    due: dict[str, datetime] = field(default_factory=dict)
    open: list[tuple[str, str]] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    incident: str = ""
    status: str = "active"


def replay(context: Context, definitions: Any, ref: str, recorded: Recorded) -> Course:
    """Put a recorded matter through a version (`key:version`) and return the way it takes there."""
    return _Replay(context, definitions, ref, recorded).run()


def differences(before: Course, after: Course) -> tuple[str, tuple[str, ...]]:
    """Return whether two courses of one matter are same, other_way, later or stuck, and in Chinese what differs."""
    was, now = dict(before.steps), dict(after.steps)
    new = [f"多经过“{name}”" for node, name in now.items() if node not in was]
    gone = [f"不再经过“{name}”" for node, name in was.items() if node not in now]
    again: Counter[str] = Counter(node for node, _ in after.steps)
    again.subtract(Counter(node for node, _ in before.steps))
    gone += [f"“{now[node]}”少办 {-count} 次" for node, count in again.items() if count < 0 and node in now]
    new += [f"“{now[node]}”多办 {count} 次" for node, count in again.items() if count > 0 and node in was]
    late, early = _dates(before, after, now)
    waiting = {node for node, _ in before.open}
    stands = [f"停在“{name}”" for node, name in after.open if node not in waiting]
    if after.incident and after.incident != before.incident:
        stands = [f"停住：{after.incident}"]
    words = (*new, *gone, *stands, *late, *early)
    verdict = STUCK if stands else OTHER_WAY if new or gone else LATER if late else SAME
    return verdict, words


def _dates(before: Course, after: Course, names: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return what is due later and what earlier than it was."""
    both = [(node, before.due[node], due) for node, due in after.due.items() if node in before.due]
    late = [f"“{names[node]}”的期限晚 {_span(old, new)}" for node, old, new in both if new > old]
    early = [f"“{names[node]}”的期限早 {_span(new, old)}" for node, old, new in both if new < old]
    return late, early


def _span(one: datetime, other: datetime) -> str:
    hours = round((other - one).total_seconds() / 3600)
    return f"{hours // 24} 天" if hours >= 24 else f"{hours} 小时"


class _Replay:
    """One replay under way."""

    def __init__(self, context: Context, definitions: Any, ref: str, recorded: Recorded) -> None:
        self._context = context
        self._definitions = definitions
        self._recorded = recorded
        self._state = new_state(ref)
        self._now = recorded.started_at
        self._course = Course()
        self._open: dict[str, tuple[str, str]] = {}
        self._timers: dict[tuple[str, str, int], datetime] = {}
        self._waiting: list[Act] = []
        self._rounds = 0

    def run(self) -> Course:
        """Do everything that was done, in its order, then let time pass to the end of the record."""
        start = Start(dict(self._recorded.start_values), self._recorded.start_node)
        try:
            self._take(start)
            for act in self._recorded.acts:
                self._pass_time(act.at)
                self._waiting.append(act)
                self._work_off()
            self._pass_time(self._context.now)
        except EngineError as refusal:
            self._course.incident = str(refusal)
        return self._told()

    def _told(self) -> Course:
        self._course.open = list(self._open.values())
        self._course.unused = [act.node for act in self._waiting]
        self._course.status = str(self._state["status"])
        return self._course

    def _work_off(self) -> None:
        """Do what was done as soon as the step is open: in another version it may open later."""
        done = True
        while done and self._state["status"] not in ENDED:
            done = next((act for act in self._waiting if self._do(act)), None) is not None

    def _do(self, act: Act) -> bool:
        event = self._reached(act) if act.is_event else self._filed(act)
        if event is None:
            return False
        self._waiting.remove(act)
        self._take(event)
        return True

    def _filed(self, act: Act) -> Event | None:
        token = next((key for key, (node, _) in self._open.items() if node == act.node), None)
        return Complete(token, dict(act.values)) if token is not None else None

    def _reached(self, act: Act) -> Event | None:
        """Return the trigger of a message or signal, with what it brought: what nobody filed and is not known yet."""
        records = {**self._state["scopes"], **self._state["tokens"]}
        for owner, record in records.items():
            for place in record.get("subs", {}):
                node, _, index = place.rpartition("/")
                if node == act.node:
                    return Trigger(owner, node, int(index), self._brought(owner))
        return None

    def _brought(self, owner: str) -> dict[str, Any]:
        seen = variables_in_sight(self._state, owner)
        return {name: value for name, value in self._recorded.known.items() if name not in seen}

    def _pass_time(self, until: datetime) -> None:
        while self._timers and self._state["status"] not in ENDED:
            place, due = min(self._timers.items(), key=lambda item: item[1])
            if due > until:
                break
            del self._timers[place]
            self._now = max(self._now, due)
            self._take(Trigger(*place))
            self._work_off()
        self._now = max(self._now, until)

    def _take(self, event: Event) -> None:
        self._rounds += 1
        if self._rounds > _MOST_ROUNDS or self._state["status"] in ENDED:
            return
        try:
            step = advance(self._definitions, self._state, event, self._now)
        except StaleEventError:
            return
        self._state = step.state
        for work in list(self._follow(step.effects)):
            self._take(work)

    def _follow(self, effects: Sequence[fx.Effect]) -> Iterator[Event]:
        """Keep track of what waits; yield what goes on by itself."""
        closed = {effect.token for effect in effects if isinstance(effect, fx.TaskClosed)}
        for effect in effects:
            if isinstance(effect, fx.TaskOpened) and effect.token not in closed:
                if effect.kind in _PERSONAL:
                    self._opened(effect)
                else:
                    yield Complete(effect.token, self._given_back(effect))
            elif isinstance(effect, fx.TaskClosed):
                self._open.pop(effect.token, None)
            elif isinstance(effect, fx.TimerArmed):
                self._timers[effect.owner, effect.catcher, effect.index] = effect.due
            elif isinstance(effect, fx.TimerDisarmed):
                self._timers.pop((effect.owner, effect.catcher, effect.index), None)
            elif isinstance(effect, fx.IncidentRaised):
                self._course.incident = effect.message

    def _opened(self, effect: fx.TaskOpened) -> None:
        node = self._definitions.process(effect.process).nodes[effect.node]
        name = node.name or node.id
        self._open[effect.token] = (node.id, name)
        self._course.steps.append((node.id, name))
        variables = variables_in_sight(self._state, effect.token)
        due = due_for(replace(self._context, now=self._now), node, variables)
        if due is not None:
            self._course.due.setdefault(node.id, due.due_at)

    def _given_back(self, effect: fx.TaskOpened) -> dict[str, Any]:
        """Return what a service task gave back in the real matter."""
        name = variables_in_sight(self._state, effect.token).get("result")
        known = self._recorded.known
        return {name: known[name]} if isinstance(name, str) and name in known else {}
