"""The only door to SpiffWorkflow: its OMG schemas are the first check, its engine is the second opinion.

SpiffWorkflow decides where tokens go; variables, FEEL and decisions are ours on both sides, so that a difference is one
of control flow. Where its semantics are not sound (referee_lint) it is not asked. It runs on a copy of the diagram in
which outside events and work are manual tasks (referee_copy).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from threading import local
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, BpmnValidator
from SpiffWorkflow.bpmn.parser.task_parsers import CallActivityParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.defaults import CallActivity
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.referee_copy import EVENT, event_name

Variables = dict[str, Any]
MOST_PASSES = 10_000
_OF_THREAD = local()


@dataclass(frozen=True)
class SchemaError:
    """One deviation from the OMG schema: the element and libxml2's English words."""

    element: etree._Element | None
    words: str


class SecondEngineError(Exception):
    """SpiffWorkflow refuses a diagram or cannot go on."""


@dataclass(frozen=True)
class Data:
    """How the second engine computes: conditions, scripts and decisions, what tasks file and calls hand over."""

    evaluate: Callable[[str, Variables], Any]
    execute: Callable[[str, Variables], Variables]
    filed: Callable[[str, Variables, Variables], Variables]
    hand_in: Callable[[str, Variables], Variables]
    hand_out: Callable[[str, Variables], Variables]


class SecondEngine:
    """One run of a process on SpiffWorkflow."""

    def __init__(self, copies: Mapping[str, etree._Element], key: str, data: Data) -> None:
        """Parse the copies; raises SecondEngineError where SpiffWorkflow refuses them."""
        self.data = data
        self._variables: dict[int, Variables] = {}
        parser = _Parser()
        with _told():
            for file, root in copies.items():
                parser.add_bpmn_xml(deepcopy(root), file)
            spec, inner = parser.get_spec(key), parser.get_subprocess_specs(key)
            self._workflow = BpmnWorkflow(spec, inner, script_engine=_ScriptEngine(data, self))

    def start(self, variables: Variables) -> None:
        """Start with these variables and run to the first waits; raises SecondEngineError."""
        self._variables[id(self._workflow)] = deepcopy(variables)
        with _told():
            self._run()

    def open(self) -> list[str]:
        """Return the ids of the tasks and events that wait, sorted; one entry for each instance of a repeated one."""
        return sorted(key for key, _ in self._waiting())

    def complete(self, node: str, variables: Variables) -> None:
        """Complete the first open task of this id, or let its event happen; raises SecondEngineError."""
        task = next((task for key, task in self._waiting() if key == node), None)
        if task is None:
            raise SecondEngineError(f"{node} is not open")
        around = self.variables_of(task)
        around.update(self.data.filed(node, around, deepcopy(variables)))
        with _told():
            if task.task_spec.manual:
                task.run()
            else:
                self._workflow.catch(BpmnEvent(MessageEventDefinition(event_name(node)), {}))
            self._run()

    @property
    def stuck(self) -> bool:
        """Return false: where it cannot go on it raises."""
        return False

    @property
    def finished(self) -> bool:
        """True once nothing is left to do."""
        return bool(self._workflow.completed)

    def variables_of(self, task: Task) -> Variables:
        """Return the variables of the process (called or first) that a task belongs to."""
        workflow = task.workflow
        while workflow.parent_task_id is not None:
            parent = workflow.top_workflow.get_task_from_id(workflow.parent_task_id)
            if isinstance(parent.task_spec, CallActivity):
                break
            workflow = parent.workflow
        return self._variables.setdefault(id(workflow), {})

    def called(self, subworkflow: Any, variables: Variables) -> None:
        """Begin a called process with variables of its own."""
        self._variables[id(subworkflow)] = variables

    def own(self, subworkflow: Any) -> Variables:
        """Return the variables of a called process."""
        return self._variables.get(id(subworkflow), {})

    def _waiting(self) -> Iterator[tuple[str, Task]]:
        """Yield what waits for people, and each event that is awaited (an event gateway awaits several)."""
        for task in self._workflow.get_tasks(state=TaskState.READY):
            if task.task_spec.manual:
                yield _id_of(task), task
        for task in self._workflow.get_tasks(state=TaskState.WAITING):
            if isinstance(task.task_spec, CatchingEvent):
                definition = task.task_spec.event_definition
                for each in getattr(definition, "event_definitions", [definition]):
                    if str(each.name or "").startswith(EVENT):
                        yield str(each.name).removeprefix(EVENT), task

    def _run(self) -> None:
        """Run what needs nobody; bounded, since a wrong diagram may run for ever."""
        passes = 0

        def count(_: Task) -> None:
            nonlocal passes
            passes += 1
            if passes > MOST_PASSES:
                raise SpiffWorkflowException(f"more than {MOST_PASSES} automatic steps")

        self._workflow.do_engine_steps(did_complete_task=count)


def schema_errors(root: etree._Element, most: int = 30) -> tuple[SchemaError, ...]:
    """Validate a parsed BPMN file against BPMN20.xsd; return at most `most` deviations, `root` stays as it is."""
    validator = _validator()
    copy = deepcopy(root)
    # SpiffWorkflow's own mending of what bpmn-js writes wrongly (correlation properties).
    validator.preprocess(copy)
    schema = validator.validator
    if schema.validate(copy):
        return ()
    tree = root.getroottree()
    spaces = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    return tuple(SchemaError(_at(tree, entry.path, spaces), entry.message) for entry in list(schema.error_log)[:most])


def _validator() -> BpmnValidator:
    """Return the schema of this thread: one keeps the errors of its last check, and takes 8 ms to read."""
    found = getattr(_OF_THREAD, "validator", None)
    if found is None:
        found = _OF_THREAD.validator = BpmnValidator()
    return found


@contextmanager
def _told() -> Iterator[None]:
    """Turn SpiffWorkflow's errors into ours."""
    try:
        yield
    except (SpiffWorkflowException, RecursionError) as wrong:
        raise SecondEngineError(str(wrong)[:200]) from wrong


class _ScriptEngine(PythonScriptEngine):  # type: ignore[misc]
    """Evaluates with ours; the Python of SpiffWorkflow's own environment is never reached."""

    def __init__(self, data: Data, run: SecondEngine) -> None:
        super().__init__(environment=_NoPython())
        self._data, self._run = data, run

    def validate(self, expression: str) -> None:
        """Nothing to do: every expression was compiled before."""

    def evaluate(self, task: Task, expression: str, external_context: Any = None) -> Any:  # noqa: ARG002
        """Evaluate FEEL over the variables of the task's process."""
        return self._data.evaluate(expression, self._run.variables_of(task))

    def execute(self, task: Task, script: str, external_context: Any = None) -> bool:  # noqa: ARG002
        """Run assignments or a decision; what they set becomes variables."""
        variables = self._run.variables_of(task)
        variables.update(self._data.execute(script, variables))
        return True


class _NoPython:
    """Stands where SpiffWorkflow keeps its Python environment, and runs nothing."""

    def evaluate(self, *_: Any, **__: Any) -> Any:
        """Refuse."""
        raise SpiffWorkflowException("Python is not evaluated")

    execute = evaluate
    call_service = evaluate


class _Call(CallActivity):  # type: ignore[misc]
    """Hands variables in and out as the camunda mappings say."""

    def copy_data(self, my_task: Task, subworkflow: Any) -> None:
        """Give the called process what the call activity maps in."""
        run = my_task.workflow.script_engine._run  # noqa: SLF001
        run.called(subworkflow, run.data.hand_in(_id_of(my_task), run.variables_of(my_task)))

    def update_data(self, my_task: Task, subworkflow: Any) -> None:
        """Take back what the call activity maps out."""
        run = my_task.workflow.script_engine._run  # noqa: SLF001
        run.variables_of(my_task).update(run.data.hand_out(_id_of(my_task), run.own(subworkflow)))


class _Parser(BpmnParser):  # type: ignore[misc]
    """SpiffWorkflow's parser with our call activity."""

    OVERRIDE_PARSER_CLASSES = {full_tag("callActivity"): (CallActivityParser, _Call)}  # noqa: RUF012


def _id_of(task: Task) -> str:
    return str(task.task_spec.bpmn_id or task.task_spec.name)


def _at(tree: etree._ElementTree, path: str | None, spaces: dict[str, str]) -> etree._Element | None:
    """Return the element of a path that libxml2 gave."""
    try:
        found = tree.xpath(path, namespaces=spaces) if path else []
    except etree.XPathError:
        return None
    return next((element for element in found if etree.iselement(element)), None) if isinstance(found, list) else None
