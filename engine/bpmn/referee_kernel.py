"""Our side of the comparison: the token kernel running a scenario, with the definitions taken from files."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

from engine.bpmn.check_known import DefinitionFile
from engine.bpmn.reader import read_bpmn
from engine.dmn import DmnModel, read_dmn
from engine.tokens import advance, new_state
from engine.tokens.definition import Binding, Node, Process
from engine.tokens.effects import (
    Effect,
    Failed,
    Finished,
    IncidentRaised,
    Subscribed,
    TaskClosed,
    TaskOpened,
    Terminated,
    TimerArmed,
    TimerDisarmed,
    Unsubscribed,
)
from engine.tokens.events import Complete, Event, Start, Trigger
from engine.tokens.values import Functions

_VERSION = "1"


class Files:
    """The definitions that a set of files holds, each as version 1."""

    def __init__(self, files: Sequence[DefinitionFile], functions: Functions | None = None) -> None:
        """Read diagrams and decisions with these host functions of FEEL; raises InvalidDefinitionError."""
        self.files = tuple(files)
        self.functions = dict(functions or {})
        self.processes: dict[str, Process] = {}
        self._models: dict[str, DmnModel] = {}
        for file in files:
            if file.suffix == ".bpmn":
                self.processes |= read_bpmn(file.content, file.path, self.functions).processes
            elif file.suffix == ".dmn":
                model = read_dmn(file.content, file.path)
                self._models |= dict.fromkeys(model.decisions, model)
        self.nodes: dict[str, Node] = {}
        for process in self.processes.values():
            self.nodes |= process.nodes

    def process(self, ref: str) -> Process:
        """Return the process of `key:version`."""
        return self.processes[ref.rpartition(":")[0]]

    def latest(self, key: str) -> str:
        """Return the only version of a process; raises KeyError where the files do not hold it."""
        return f"{self.processes[key].id}:{_VERSION}"

    def bound(self, key: str, _binding: Binding) -> str:
        """Return the only version of a process, whichever is meant."""
        return self.latest(key)

    def stored(self, _name: str) -> Any:
        """Return nothing: a scenario begins with empty data stores."""
        return None

    def decide(
        self, decision_key: str, variables: Mapping[str, Any], now: datetime, _binding: Binding | None = None
    ) -> Any:
        """Evaluate a decision of the files."""
        return self._models[decision_key].evaluate(decision_key, variables, now)


class KernelRun:
    """One run of a process on the kernel."""

    def __init__(self, definitions: Files, key: str, now: datetime) -> None:
        """Prepare a run of `key`; `now` is the instant of every step."""
        self._definitions = definitions
        self._now = now
        self._state = new_state(definitions.latest(key))
        self._tasks: dict[str, str] = {}
        self._events: dict[tuple[str, str, int], str] = {}
        self.finished = False
        self.stuck = False
        self.stuck_at = ""

    def start(self, variables: dict[str, Any]) -> None:
        """Start with these variables and run to the first waits."""
        self._send(Start(deepcopy(variables)))

    def open(self) -> list[str]:
        """Return the ids of the tasks and events that wait, sorted; one entry for each instance of a repeated one."""
        return sorted([*self._tasks.values(), *self._events.values()])

    def complete(self, node: str, variables: dict[str, Any]) -> None:
        """Complete the first open task of this id, or let its event happen; a node that is not open leaves it stuck."""
        token = next((token for token, waiting in self._tasks.items() if waiting == node), None)
        event = next((event for event, waiting in self._events.items() if waiting == node), None)
        if token is not None:
            self._send(Complete(token, deepcopy(variables)))
        elif event is not None:
            del self._events[event]  # what was reached is over, unless the kernel arms it again
            self._send(Trigger(*event, variables=deepcopy(variables)))
        else:
            self.stuck = True

    def node(self, key: str) -> Node | None:
        """Return a node of the definitions by its id."""
        return self._definitions.nodes.get(key)

    def _send(self, event: Event) -> None:
        step = advance(self._definitions, self._state, event, self._now)
        self._state = step.state
        for effect in step.effects:
            self._note(effect)

    def _note(self, effect: Effect) -> None:
        """Keep the books of what waits."""
        match effect:
            case TaskOpened(token=token, node=node):
                self._tasks[token] = node
            case TaskClosed(token=token):
                self._tasks.pop(token, None)
            case (
                TimerArmed(owner=owner, catcher=catcher, index=index)
                | Subscribed(owner=owner, catcher=catcher, index=index)
            ):
                if self._counts(catcher):
                    self._events[owner, catcher, index] = catcher
            case TimerDisarmed() | Unsubscribed():
                self._events.pop((effect.owner, effect.catcher, effect.index), None)
            case Finished() | Failed() | Terminated():
                self.finished = True
                self._tasks.clear()
                self._events.clear()
            case IncidentRaised(node=node):
                self.stuck = True
                self.stuck_at = node

    def _counts(self, catcher: str) -> bool:
        """Tell whether an awaited event is among those that the second engine awaits too."""
        node = self._definitions.nodes[catcher]
        return node.kind == "catch" or node.task == "receive" or (node.kind == "boundary" and node.interrupting)
