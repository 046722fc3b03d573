"""A small world for the kernel: deployed processes, instances that send each other messages, a clock, and work."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from engine.bpmn.reader import read_bpmn
from engine.tokens import advance, effects, events, new_state

EPOCH = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="definitions" targetNamespace="t">'
)


@dataclass
class Deployed:
    """Deployed processes by key, each at version 1, and decisions as functions of the variables."""

    processes: dict = field(default_factory=dict)
    decisions: dict = field(default_factory=dict)
    stores: dict = field(default_factory=dict)

    def process(self, ref):
        return self.processes[ref.partition(":")[0]]

    def latest(self, key):
        return f"{self.processes[key].id}:1"

    def bound(self, key, binding):
        return {"version": f"{key}:{binding.wanted}"}.get(binding.kind, f"{key}:1")

    def stored(self, name):
        return self.stores.get(name)

    def decide(self, key, variables, now, binding=None):
        return self.decisions[key](variables)


def read(*bodies, **processes):
    """Read process bodies given as XML, keyed by process id; one without a key is called `p`."""
    found = Deployed()
    bodies = {**({"p": bodies[0]} if bodies else {}), **processes}
    beside = bodies.pop("beside", "")
    for key, body in bodies.items():
        xml = f'{HEAD}{beside}<process id="{key}" isExecutable="true">{body}</process></definitions>'
        found.processes.update(read_bpmn(xml.encode(), f"{key}.bpmn").processes)
    return found


class Instance:
    """One running instance; its state goes through JSON after every step."""

    def __init__(self, deployed, key="p", now=EPOCH, **variables):
        self.deployed = deployed
        self.now = now
        self.state = new_state(f"{key}:1")
        self.effects = []
        self.last = []
        self.changed = frozenset()
        self.variables = variables

    def start(self, node=None):
        return self.send(events.Start(self.variables, node))

    def send(self, event):
        step = advance(self.deployed, self.state, event, self.now)
        self.state = json.loads(json.dumps(step.state))
        self.last = list(step.effects)
        self.changed = step.changed
        for effect in self.last:
            if isinstance(effect, effects.Stored):
                self.deployed.stores[effect.name] = effect.value
        self.effects += self.last
        return self

    def complete(self, node, index=0, **variables):
        return self.send(events.Complete(self.open(node)[index], variables))

    def throw(self, node, code, **variables):
        return self.send(events.ThrowError(self.open(node)[0], code, variables))

    def fail(self, node, message="坏了"):
        return self.send(events.Fail(self.open(node)[0], message))

    def retry(self, index=0):
        return self.send(
            events.Retry([key for key, token in self.state["tokens"].items() if "incident" in token][index])
        )

    def message(self, name, correlation=None, **variables):
        found = self.waiting("subs", lambda entry: entry[0] == "message" and entry[1:] == [name, correlation])
        owner, catcher, index = found[0]
        return self.send(events.Trigger(owner, catcher, index, variables))

    def signal(self, name, **variables):
        return self.send(events.Signal(name, variables))

    def set(self, **variables):
        return self.send(events.SetVariables(variables))

    def pass_time(self, **step):
        """Move the clock; each timer that becomes due fires at its own instant."""
        until = self.now + timedelta(**step)
        while self.state["status"] == "active":
            due = sorted((datetime.fromisoformat(entry[0]), owner, at) for owner, at, entry in self.armed())
            if not due or due[0][0] > until:
                break
            self.now, owner, at = due[0]
            catcher, _, index = at.rpartition("/")
            self.send(events.Trigger(owner, catcher, int(index)))
        self.now = until
        return self

    def armed(self, kind="due"):
        records = [*self.state["tokens"].items(), *self.state["scopes"].items()]
        return [(owner, at, entry) for owner, record in records for at, entry in record.get(kind, {}).items()]

    def waiting(self, kind, test):
        found = [(owner, *at.rsplit("/", 1)) for owner, at, entry in self.armed(kind) if test(entry)]
        return [(owner, catcher, int(index)) for owner, catcher, index in found]

    def open(self, node=None):
        return [
            key
            for key, token in self.state["tokens"].items()
            if token.get("w") == "task" and node in (None, token["n"])
        ]

    @property
    def tasks(self):
        return sorted(self.state["tokens"][key]["n"] for key in self.open())

    @property
    def status(self):
        return self.state["status"]

    @property
    def root(self):
        return self.state["scopes"][self.state["root"]]["vars"]

    @property
    def incidents(self):
        return [effect.message for effect in self.effects if isinstance(effect, effects.IncidentRaised)]

    def of(self, kind):
        return [effect for effect in self.effects if isinstance(effect, kind)]
