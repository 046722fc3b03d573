"""The adapter for the outside BPMN suite: markers in scripts become work, Java-like conditions become FEEL."""

import heapq
import json
import os
import re
from datetime import timedelta
from itertools import count
from pathlib import Path

from lxml import etree

from engine.bpmn.reader import read_bpmn
from engine.errors import InvalidBpmnError
from engine.tokens import StuckError, advance, effects, events, new_state, variables_in_sight
from engine.tokens.timers import following, schedule
from tests.engine.tokens.world import EPOCH, Deployed

FOLDER = Path(os.environ.get("BIHUAN_CONFORMANCE", "../shared/conformance")) / "bpmn"
B = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
TOPIC = "{http://camunda.org/schema/1.0/bpmn}topic"
CONDITIONS = ("conditionExpression", "condition", "loopCondition", "activationCondition", "completionCondition")
SILENT = {"CREATE_LOG_FILE", "CREATE_MARKER_FILE", "WAIT_TEN_SECONDS", "THROW_ERROR", "SET_STRING_DATA", "LOG_DATA",
          "INCREMENT_INTEGER_VARIABLE", "INCREMENT_INTEGER_VARIABLE_AND_LOG", "CREATE_TIMESTAMP_LOG_1",
          "CREATE_TIMESTAMP_LOG_2"}  # fmt: skip
SLOW = {"WAIT_TEN_SECONDS", "CREATE_TIMESTAMP_LOG_1", "CREATE_TIMESTAMP_LOG_2"}
DEFECTIVE = {
    "AdHocSubProcess_Parallel": "the model logs task1 where task3 is wanted",
    "AdHocSubProcess_Sequential": "the model logs task1 where task3 is wanted",
    "Conditional_StartEvent_EventSubProcess_NonInterrupting": "a stray > in a condition",
}


def load_tests():
    """Return the tests of the suite, or none where it is not there."""
    file = FOLDER / "cases.json"
    return json.loads(file.read_text()) if file.exists() else []


def translate(xml):
    """Return (XML the reader takes, marker of each script task)."""
    root = etree.fromstring(xml)
    markers = {}
    for script in root.iter(f"{B}scriptTask", f"{B}globalScriptTask"):
        texts = script.findall(f"{B}script")
        marker = " ".join((text.text or "").strip() for text in texts)
        markers[script.get("id")] = markers[f"{script.get('id')}.task"] = marker
        for text in texts:
            script.remove(text)
        if script.tag == f"{B}scriptTask":
            script.tag = f"{B}serviceTask"
            script.set(TOPIC, "marker")
        else:
            script.tag = f"{B}globalUserTask"
    for element in root.iter(*(f"{B}{tag}" for tag in CONDITIONS)):
        element.text = feel(element.text or "")
        element.attrib.pop("language", None)
    return etree.tostring(root), markers


def feel(text):
    """Translate the suite's conditions."""
    bare = text.strip().removeprefix("${").removesuffix("}")
    bare = re.sub(r"(\w+)\.contains\([\"'](\w+)[\"']\)", r'contains(\1, "\2")', bare)
    bare = re.sub(r"(\w+)\.equals\([\"'](\w+)[\"']\)", r'\1 = "\2"', bare)
    bare = re.sub(r"!\s*(contains\([^)]*\)|\([^()]*\))", r"not(\1)", bare)
    return bare.replace("==", "=").replace("&&", " and ").replace("||", " or ")


class Suite:
    """Runs one case: all instances of a model share the clock, the messages and the trace."""

    def __init__(self, xml):
        self.trace = []
        self.instances = []
        self.agenda = []
        self.order = count()
        self.now = EPOCH
        self.slow = []
        self.stored = []
        translated, self.markers = translate(xml)
        self.file = read_bpmn(translated, "model.bpmn")
        self.deployed = Deployed(dict(self.file.processes))

    def begin(self, key, variables):
        """Start a process as its start events say: at once, at a time, or if its condition is true."""
        process = self.file.processes[key]
        waiting = [(node, event) for node in process.graph.starts(key) for event in node.events]
        if any(not node.events for node in process.graph.starts(key)):
            self.start(key, variables)
            return
        for node, event in waiting:
            if event.kind == "timer":
                self.plan_start(key, variables, node.id, schedule(event.form, event.timer.text, self.now))
            elif event.kind == "conditional" and event.condition.evaluate(variables, self.now) is True:
                self.start(key, variables, node.id)

    def plan_start(self, key, variables, node, due):
        self.plan((due.due - self.now).total_seconds(), self.start_round, key, variables, node, due)

    def start_round(self, key, variables, node, due):
        more = following(due.due, due.left, due.every, self.now) if due.every else None
        if more:
            self.plan_start(key, variables, node, more)
        self.start(key, variables, node)

    def start(self, key, variables, node=None, index=0):
        self.instances.append(new_state(f"{key}:1"))
        self.send(len(self.instances) - 1, events.Start(variables, node, index))

    def send(self, number, event):
        try:
            step = advance(self.deployed, self.instances[number], event, self.now)
        except StuckError:
            self.trace.append("ERROR_runtime")
            return
        self.instances[number] = json.loads(json.dumps(step.state))
        for effect in step.effects:
            self.take(number, effect)

    def take(self, number, effect):
        if isinstance(effect, effects.TaskOpened):
            marker = self.markers.get(effect.node, "CREATE_LOG_FILE")  # work of people is done at once
            self.plan(10 if marker in SLOW else 0, self.work, number, effect.token, marker, self.now)
        elif isinstance(effect, effects.TimerArmed):
            delay = (effect.due - self.now).total_seconds()
            self.plan(delay, self.trigger, number, effect.owner, effect.catcher, effect.index, {})
        elif isinstance(effect, effects.Stored):
            self.deployed.stores[effect.name] = effect.value
        elif isinstance(effect, effects.MessageThrown):
            self.plan(0, self.deliver, effect.name)
        elif isinstance(effect, effects.Subscribed) and effect.name in self.stored:
            self.stored.remove(effect.name)
            self.plan(0, self.deliver, effect.name)
        elif isinstance(effect, effects.SignalThrown):
            self.plan(0, self.broadcast, effect.name, number)
        elif isinstance(effect, effects.IncidentRaised) and "不会再到达" not in effect.message:
            self.trace.append("ERROR_runtime")
        elif isinstance(effect, effects.Failed):
            self.trace.append("ERROR_thrownErrorEvent" if effect.code == "ERR-1" else "ERROR_runtime")

    def plan(self, seconds, action, *arguments):
        heapq.heappush(self.agenda, (self.now + timedelta(seconds=seconds), next(self.order), action, arguments))

    def run(self, seconds):
        until = self.now + timedelta(seconds=seconds)
        while self.agenda and self.agenda[0][0] <= until:
            self.now, _, action, arguments = heapq.heappop(self.agenda)
            action(*arguments)
        self.now = until

    def trigger(self, number, owner, catcher, index, variables):
        state = self.instances[number]
        record = state["tokens"].get(owner) or state["scopes"].get(owner) or {}
        if any(f"{catcher}/{index}" in record.get(kind, ()) for kind in ("due", "subs")):
            self.send(number, events.Trigger(owner, catcher, index, variables))

    def deliver(self, name):
        for number, state in enumerate(self.instances):
            for owner, record in [*state["tokens"].items(), *state["scopes"].items()]:
                for at, entry in record.get("subs", {}).items():
                    if entry[:2] == ["message", name]:
                        catcher, _, index = at.rpartition("/")
                        self.trigger(number, owner, catcher, int(index), {})
                        return
        if not self.start_by("message", name):
            self.stored.append(name)

    def broadcast(self, name, sender):
        waited_for = {at for state in self.instances for at in self.waiting_in(state, name)}
        for number in range(len(self.instances)):
            if number != sender and self.instances[number]["status"] == "active":
                self.send(number, events.Signal(name))
        self.start_by("signal", name, waited_for)

    def waiting_in(self, state, name):
        records = [*state["tokens"].values(), *state["scopes"].values()]
        return [at for record in records for at, entry in record.get("subs", {}).items() if entry[1] == name]

    def start_by(self, kind, name, waited_for=()):
        """Begin what an event begins, unless it is one that an instance of a parallel start still waits for."""
        found = [
            (process.id, node.id, index)
            for process in self.file.processes.values()
            for node, index, event in process.graph.triggers
            if event.kind == kind and event.name.text == name and f"{node.id}/{index}" not in waited_for
        ]
        for key, node, index in found:
            self.start(key, {}, node, index)
        return bool(found)

    def work(self, number, token, marker, opened):
        state = self.instances[number]
        if state["tokens"].get(token, {}).get("w") != "task":
            return
        if marker == "THROW_ERROR":
            self.send(number, events.ThrowError(token, "ERR_CODE"))
            return
        self.send(number, events.Complete(token, self.effect_of(state, token, marker, opened)))

    def effect_of(self, state, token, marker, opened):
        variables = variables_in_sight(state, token)
        scope = state["scopes"][state["tokens"][token]["s"]]
        node = self.deployed.process(scope["p"]).nodes[state["tokens"][token]["n"]]
        if marker not in SILENT:
            self.trace.append(marker)
        elif marker == "CREATE_MARKER_FILE":
            self.trace += [] if "MARKER_exists" in self.trace else ["MARKER_exists"]
        elif marker.startswith("CREATE_TIMESTAMP"):
            self.trace += (
                ["EXECUTION_parallel"] if any(start < self.now and end > opened for start, end in self.slow) else []
            )
            self.slow.append((opened, self.now))
        elif marker == "SET_STRING_DATA":
            return dict.fromkeys({"data", *(name for each in node.outputs for name in each.source.names)}, "String")
        elif marker == "LOG_DATA":
            given = ["data", *(each.target for each in node.inputs)]
            self.trace += ["DATA_correct"] if any(variables.get(name) == "String" for name in given) else []
        elif marker.startswith("INCREMENT"):
            self.trace += ["INCREMENT_correct"] if marker.endswith("LOG") else []
            return {"integerVariable": variables.get("integerVariable", 0) + 1}
        return {}


def observe(model, case, key):
    """Return the trace of one case."""
    try:
        suite = Suite(model)
    except InvalidBpmnError:
        return ["ERROR_deployment"]
    if key not in suite.file.processes:
        return ["ERROR_deployment"]
    if case["start_parallel_process_first"]:
        suite.begin("ParallelProcess", case["variables"])
        suite.run(0)
    suite.begin(key, case["variables"])
    suite.run(case["wait_seconds"])
    return suite.trace


def verdict(expected, observed):
    """Tell whether a trace is right."""
    if "ERROR" in expected:
        observed = ["ERROR" if line in {"ERROR_deployment", "ERROR_runtime"} else line for line in observed]
    if "MARKER_exists" not in expected:
        observed = [line for line in observed if line != "MARKER_exists"]
    return sorted(expected) == sorted(observed)
