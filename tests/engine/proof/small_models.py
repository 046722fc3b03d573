"""Small random processes, sound and broken, and what a plain walk over all their states says of them.

The walk knows none of the shortcuts of the proof: every task is completed with every answer, in every order.
"""

import json
import os
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from engine.bpmn.reader import read_bpmn
from engine.forms import read_form
from engine.proof import World
from engine.tokens import advance, new_state
from engine.tokens.effects import IncidentRaised, Passed, TaskOpened
from engine.tokens.events import Complete, Start, Trigger

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
LONG = bool(os.environ.get("BIHUAN_TEST_LONG"))
MOST_STATES = 400 if LONG else 30
MOST_TOKENS = 6
HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="t"><process id="p" isExecutable="true">'
)
TASKS = ("task", "task", "timed", "told", "sub", "timed sub", "told sub")


@dataclass
class Small:
    """A random process: its XML, its tasks, and the variables its choices read with their values."""

    xml: str
    tasks: list
    choices: dict


class Drawing:
    """Draws a process by chance: tasks and gateways in a row, with flows that jump forwards and backwards."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.parts = []
        self.flows = []
        self.tasks = []
        self.choices = {}

    def draw(self):
        dice = self.dice
        names = [f"n{number}" for number in range(dice.randint(3, 5))]
        kinds = [dice.choice(("task", "task", "xor", "and", "or")) for _ in names]
        for place in [at for at, kind in enumerate(kinds) if kind in {"xor", "or"}][2:]:
            kinds[place] = "task"
        targets = {name: [*names[place + 1 : place + 3], "end"][:1] for place, name in enumerate(names)}
        for place, name in enumerate(names):
            if kinds[place] != "task":
                targets[name].append(dice.choice([*names, "end", "end"]))
        for name, kind in zip(names, kinds, strict=True):
            self.node(name, kind, targets[name])
        self.flows.append(("begin", names[0], ""))
        body = "".join(self.parts) + '<startEvent id="begin" camunda:formKey="all"/><endEvent id="end"/>'
        flows = "".join(
            f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}">{condition}</sequenceFlow>'
            for number, (source, target, condition) in enumerate(self.flows)
        )
        return Small(f"{HEAD}{body}{flows}</process></definitions>", self.tasks, self.choices)

    def node(self, name, kind, targets):
        if kind == "task":
            self.task(name, targets[0])
            return
        tag = {"xor": "exclusiveGateway", "and": "parallelGateway", "or": "inclusiveGateway"}[kind]
        self.parts.append(f'<{tag} id="{name}"/>')
        targets = list(dict.fromkeys(targets))
        values = ["甲", "乙"] + (["丙"] if self.dice.random() < 0.1 else [])
        if kind != "and" and len(targets) > 1:
            self.choices[name] = values
        for target, value in zip(targets, values, strict=False):
            wanted = f'{name} = "{value}"' + (f' or {name} = "乙"' if kind == "or" and value == "甲" else "")
            condition = f"<conditionExpression>{wanted}</conditionExpression>" if name in self.choices else ""
            self.flows.append((name, target, condition.replace('"', "&quot;")))

    def task(self, name, target):
        kind = self.dice.choice(TASKS)
        self.flows.append((name, target, ""))
        if kind.endswith("sub"):
            steps = [f"{name}_t", f"{name}_u"][: self.dice.randint(1, 2)]
            inner = "".join(f'<userTask id="{step}" camunda:formKey="all"/>' for step in steps)
            links = "".join(
                f'<sequenceFlow id="{two}_f" sourceRef="{one}" targetRef="{two}"/>'
                for one, two in pairwise([f"{name}_b", *steps])
            )
            self.parts.append(f'<subProcess id="{name}"><startEvent id="{name}_b"/>{inner}{links}</subProcess>')
        else:
            steps = [name]
            self.parts.append(f'<userTask id="{name}" camunda:formKey="all"/>')
        self.tasks += steps
        if kind.startswith(("timed", "told")):
            stops = "true" if kind.startswith("timed") else "false"
            timer = "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"
            self.parts.append(
                f'<boundaryEvent id="{name}_e" attachedToRef="{name}" cancelActivity="{stops}">{timer}</boundaryEvent>'
            )
            self.flows.append((f"{name}_e", self.dice.choice(["end", target, name]), ""))


class Definitions:
    """The one process, for the kernel."""

    def __init__(self, xml):
        self.one = read_bpmn(xml.encode(), "p.bpmn").processes["p"]

    def process(self, _ref):
        return self.one

    def latest(self, key):
        return f"{key}:1"


def world(small):
    """Return the world of a proof of it: every task has one form, with a choice for each gateway."""
    components = [
        {"type": "select", "key": name, "label": name, "validate": {"required": True},
         "values": [{"label": value, "value": value} for value in values]}
        for name, values in small.choices.items()
    ]  # fmt: skip
    form = read_form({"components": components}, "all")
    process = Definitions(small.xml).one
    return World({"p": process}.get, {"all": form}.get, lambda _: None, {})


@dataclass
class Walked:
    """What the plain walk found: joins and gateways where a run stops, whether a run never ends, states per step."""

    stuck: set
    endless: bool
    unsafe: bool


def walk(small, step, before):
    """Walk over every state; `unsafe` says that a run comes to `step` before `before` was left."""
    definitions, answers = Definitions(small.xml), list(combinations(small.choices))
    seen, todo, edges = {}, [], {}
    found = Walked(set(), endless=False, unsafe=False)

    def keep(origin, done, made):
        found.stuck |= {effect.node for effect in made.effects if isinstance(effect, IncidentRaised)}
        for effect in made.effects:
            if isinstance(effect, Passed) and effect.node == before:
                done = True
            if isinstance(effect, TaskOpened) and effect.node == step:
                found.unsafe |= not done
        key = (canonical(made.state), done)
        if key not in seen:
            seen[key] = len(seen)
            todo.append((seen[key], made.state, done))
        if origin is not None:
            edges.setdefault(seen[key], set()).add(origin)

    for values in answers:
        keep(None, False, advance(definitions, new_state("p:1"), Start(values), NOW))
    over = set()
    for at, state, done in todo:
        if len(seen) > MOST_STATES or len(state["tokens"]) > MOST_TOKENS:
            return None
        if state["status"] != "active" or any("incident" in token for token in state["tokens"].values()):
            over.add(at)
            continue
        for event in events(state, answers):
            keep(at, done, advance(definitions, state, event, NOW))
    fine, back = set(over), list(over)
    while back:
        for origin in edges.get(back.pop(), ()):
            if origin not in fine:
                fine.add(origin)
                back.append(origin)
    found.endless = len(fine) < len(seen)
    return found


def combinations(choices):
    """Yield every set of answers."""
    if not choices:
        yield {}
        return
    name = next(iter(choices))
    rest = {key: values for key, values in choices.items() if key != name}
    for value in choices[name]:
        for others in combinations(rest):
            yield {name: value, **others}


def events(state, answers):
    """Yield everything that may happen."""
    for key, token in state["tokens"].items():
        if token.get("w") == "task":
            yield from (Complete(key, values) for values in answers)
        for at in token.get("due", ()):
            catcher, _, index = at.rpartition("/")
            yield Trigger(key, catcher, int(index))


def canonical(state):
    """Return a state without the numbers of its tokens and without instants."""

    def scope(key):
        inner = sorted(token(each) for each, one in state["tokens"].items() if one["s"] == key)
        return json.dumps([sorted(state["scopes"][key]["vars"].items()), inner])

    def token(key):
        one = state["tokens"][key]
        own = {name: one.get(name) for name in ("n", "f", "w", "incident")}
        held = scope(one["sub"]) if one.get("sub") in state["scopes"] else None
        return json.dumps([own, sorted(one.get("due", ())), held])

    return (state["status"], scope(state["root"]) if state["root"] in state["scopes"] else None)
