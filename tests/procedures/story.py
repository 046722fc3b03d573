"""Stories: the example people start matters, do their tasks and let time pass; tests look at what comes of it."""

import io
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from engine.actor import ENGINE, Actor
from engine.calendar import local, local_date
from engine.clock import FrozenClock
from engine.commands.messages import CorrelateMessage
from engine.commands.process_instances import StartProcess, TriggerEvent
from engine.engine import Engine
from engine.model import Incident, ProcessInstance, RegisterEntry, UserTask, Variable
from engine.queries.sessions import FindPersonAsActor
from engine.queries.starting import FindStartForm, FindTrigger
from engine.queries.task import FindTask
from engine.queries.views import FormView
from engine.task_actions.attach import AttachFile
from engine.task_actions.claim import ClaimTask
from engine.task_actions.complete import CompleteTask
from engine.task_actions.extension import RequestExtension
from engine.worker import Worker
from tests.procedures.shipped import config


class Bureau:
    """The people of the example, their engine, its clock and its worker."""

    def __init__(self, engine: Engine, clock: FrozenClock, worker: Worker) -> None:
        """Keep what acts need."""
        self.engine = engine
        self.clock = clock
        self.worker = worker

    def person(self, person_id: str) -> Actor:
        """Return a person of the example as an actor."""
        actor = self.engine.ask(FindPersonAsActor(person_id))
        assert actor is not None, person_id
        return actor

    def start(self, procedure: str, person: str, **values: Any) -> "Matter":
        """Start a matter by hand; the example values fill what is not given."""
        actor = self.person(person)
        view = self.engine.ask(FindStartForm(procedure), actor)
        filled = self.filled(view.form, view.variables, values, actor, None)
        started = self.engine.run(StartProcess(procedure, filled, actor.unit_code), actor)
        self.worker.drain()
        return Matter(self, started.instance_id)

    def receive(self, name: str, procedure: str, **variables: Any) -> "Matter":
        """Let a message from outside start a matter."""
        self.engine.run(CorrelateMessage(name, None, variables), ENGINE)
        self.worker.drain()
        return self.newest(procedure)

    def newest(self, procedure: str) -> "Matter":
        """Return the matter of a procedure that began last."""
        found = select(ProcessInstance.id).where(ProcessInstance.key == procedure).order_by(ProcessInstance.id.desc())
        return Matter(self, self._rows(found)[0][0])

    def pass_time(self, **step: float) -> None:
        """Move the clock on and let the worker do what has become due."""
        self.clock.advance(**step)
        self.worker.drain()

    def register(self, name: str, key: str) -> Mapping[str, Any]:
        """Return status and data of a register entry."""
        asked = select(RegisterEntry.status, RegisterEntry.data).where(
            RegisterEntry.register == name, RegisterEntry.key == key
        )
        status, data = self._rows(asked)[0]
        return {"status": status, **data}

    def incidents(self) -> list[str]:
        """Return what went wrong in the matters themselves."""
        return [row[0] for row in self._rows(select(Incident.message).where(Incident.instance_id.is_not(None)))]

    def filled(
        self,
        form: FormView | None,
        variables: Mapping[str, Any],
        given: Mapping[str, Any],
        actor: Actor,
        instance_id: int | None,
    ) -> dict[str, Any]:
        """Return a submission: what the form shows already, the example values, then what the test gives."""
        if form is None:
            return {}
        procedure, _, name = form.key.partition("/")
        example = config("example/matters")["form"].get(procedure, {}).get(name, {})
        shown = {key: variables[key] for key in _open_keys(form.schema["components"]) if variables.get(key) is not None}
        return {**shown, **self._worked_out({**example, **given}, actor, instance_id)}

    def day(self, days: int = 0) -> str:
        """Return a day from today as forms keep it."""
        return (local_date(self.clock.now()) + timedelta(days=days)).isoformat()

    def _worked_out(self, value: Any, actor: Actor, instance_id: int | None) -> Any:
        if isinstance(value, Mapping):
            return {key: self._worked_out(each, actor, instance_id) for key, each in value.items()}
        if isinstance(value, list):
            return [self._worked_out(each, actor, instance_id) for each in value]
        if not (isinstance(value, str) and value.startswith("@")):
            return value
        if value.startswith("@file"):
            stored = self.engine.files.keep(io.BytesIO("示例".encode()), "示例.txt")
            return [
                {"id": self.engine.run(AttachFile(instance_id, None, None, stored, "示例"), actor), "name": "示例.txt"}
            ]
        if value.startswith("@now"):
            return local(self.clock.now() - timedelta(minutes=30)).replace(second=0, microsecond=0).isoformat()
        return self.day(int(value.partition("+")[2] or 0))

    def _rows(self, statement: Any) -> list[Any]:
        with self.engine.database.transaction(write=False) as session:
            return list(session.execute(statement).all())


class Matter:
    """One matter of a story."""

    def __init__(self, bureau: Bureau, instance_id: int) -> None:
        """Name the instance."""
        self.bureau = bureau
        self.id = instance_id

    def do(self, node: str, person: str, **values: Any) -> None:
        """Let a person claim (where nobody has it yet) and complete the task at a node."""
        engine, actor = self.bureau.engine, self.bureau.person(person)
        task_id = self._task(node, person)
        task = engine.ask(FindTask(task_id), actor)
        if task.row.assignee is None:
            engine.run(ClaimTask(task_id), actor)
            task = engine.ask(FindTask(task_id), actor)
        filled = self.bureau.filled(task.form, task.variables, values, actor, self.id)
        engine.run(CompleteTask(task_id, filled, task.row_version, f"story-{task_id}"), actor)
        self.bureau.worker.drain()

    def claim(self, node: str, person: str) -> None:
        """Let a person claim the task at a node."""
        self.bureau.engine.run(ClaimTask(self._task(node, person)), self.bureau.person(person))

    def act(self, node: str, person: str, **values: Any) -> None:
        """Do an act that the matter offers (更多操作)."""
        engine, actor = self.bureau.engine, self.bureau.person(person)
        view = engine.ask(FindTrigger(self.id, node), actor)
        filled = self.bureau.filled(view.form, view.variables, values, actor, self.id)
        engine.run(TriggerEvent(self.id, node, filled), actor)
        self.bureau.worker.drain()

    def steps(self) -> list[str]:
        """Return the nodes of the open tasks, in order."""
        asked = select(UserTask.node_id).where(UserTask.instance_id == self.id, UserTask.status == "open")
        return sorted(row[0] for row in self.bureau._rows(asked))

    def status(self) -> str:
        """Return the status of the instance."""
        return str(self.bureau._rows(select(ProcessInstance.status).where(ProcessInstance.id == self.id))[0][0])

    def sensitivity(self) -> int:
        """Return 0 to 3 for S0 to S3."""
        return int(self.bureau._rows(select(ProcessInstance.sensitivity).where(ProcessInstance.id == self.id))[0][0])

    def number(self) -> str:
        """Return the matter's number."""
        return str(self.bureau._rows(select(ProcessInstance.number).where(ProcessInstance.id == self.id))[0][0])

    def variable(self, name: str) -> Any:
        """Return a variable of the outermost scope."""
        asked = (
            select(Variable.value)
            .where(Variable.instance_id == self.id, Variable.name == name)
            .order_by(Variable.scope)
        )
        found = self.bureau._rows(asked)
        return found[0][0] if found else None

    def ask_for_more_time(self, node: str, person: str, days: int) -> "Matter":
        """Let the assignee of a task ask for a due date so many days from today; returns the matter of the request."""
        reason, done = "当事人住院，需要等待其出院后再核实有关情况。", "已现场核查一次。"
        request = RequestExtension(self._task(node, person), date.fromisoformat(self.bureau.day(days)), reason, done)
        return Matter(self.bureau, self.bureau.engine.run(request, self.bureau.person(person)))

    def candidates(self, node: str) -> list[str]:
        """Return the principals who may claim the open task at a node."""
        asked = select(UserTask.candidates).where(
            UserTask.instance_id == self.id, UserTask.node_id == node, UserTask.status == "open"
        )
        return list(self.bureau._rows(asked)[0][0])

    def _task(self, node: str, person: str) -> int:
        asked = select(UserTask.id, UserTask.assignee).where(
            UserTask.instance_id == self.id, UserTask.node_id == node, UserTask.status == "open"
        )
        actor = self.bureau.person(person)
        rows = self.bureau._rows(asked.add_columns(UserTask.candidates).order_by(UserTask.id))
        assert rows, f"{node} is not open; open are {self.steps()}"
        own = [row.id for row in rows if row.assignee == person or set(row.candidates) & actor.principals]
        return own[0] if own else rows[0].id


def _open_keys(components: list[Mapping[str, Any]]) -> Iterator[str]:
    for component in components:
        properties = component.get("properties") or {}
        key = component.get("key") or component.get("path")
        if component["type"] == "group" and not key:
            yield from _open_keys(component["components"])
        elif key and not component.get("readonly") and properties.get("bihuan:fresh") != "true":
            yield str(key)
