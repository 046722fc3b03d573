"""Example data: loads the invented organisation and performs the example matters as its people would.

config/example/organisation.toml names units and people, config/example/matters.toml the acts. Everything goes through
the engine's public commands, at the instants the script says, so that histories, due dates and lights are real.
"""

import io
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from engine.actor import ENGINE, Actor
from engine.calendar import Calendar, local, local_date
from engine.clock import FrozenClock
from engine.commands.messages import CorrelateMessage
from engine.commands.organisation import LoadOrganisation
from engine.commands.process_instances import StartProcess, TriggerEvent
from engine.engine import Engine
from engine.errors import EngineError
from engine.queries.matter import FindMatter
from engine.queries.matters import ListMatters
from engine.queries.registers import OptionsFor
from engine.queries.sessions import FindPersonAsActor
from engine.queries.starting import FindStartForm, FindTrigger
from engine.queries.task import FindTask
from engine.queries.views import FormView, TaskView
from engine.queries.worklist import ListTasks
from engine.task_actions.attach import AttachFile
from engine.task_actions.claim import ClaimTask
from engine.task_actions.complete import CompleteTask

Report = Callable[[str], None]
_AGO = re.compile(r"(\d+)([dhm])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_FIRST_HOUR = 9


class ExampleError(Exception):
    """A step of the example matters cannot be done; the message names matter, step and reason."""


@dataclass(order=True)
class Due:
    """A step of a matter and the instant at which it happens."""

    at: datetime
    order: int
    story: "Story" = field(compare=False)
    step: Mapping[str, Any] | None = field(compare=False, default=None)


@dataclass
class Story:
    """One example matter: its script and, once begun, its instance."""

    script: Mapping[str, Any]
    title: str
    instance_id: int = 0


def load_organisation(engine: Engine, folder: Path, password: str) -> int:
    """Load units and people as of the engine's present; returns how many people are new. They keep the password."""
    content = tomllib.loads((folder / "organisation.toml").read_text("utf-8"))
    return engine.run(LoadOrganisation(content, password, keep_password=True), ENGINE)


def load_matters(engine: Engine, clock: FrozenClock, folder: Path, tick: Callable[[], object], report: Report) -> int:
    """Perform the example matters up to the instant at which `clock` stands; returns how many were made.

    `engine` must run on `clock`, which is moved back and then forward to where it stood; `tick` does the work that is
    due and returns how much there was (worker). Raises ExampleError for a step that cannot be done.
    """
    content = tomllib.loads((folder / "matters.toml").read_text("utf-8"))
    return _Loading(engine, clock, content, tick, report).perform()


class _Loading:
    """One loading under way."""

    def __init__(
        self, engine: Engine, clock: FrozenClock, content: Mapping[str, Any], tick: Callable[[], object], report: Report
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.until = clock.now()
        self.content = content
        self.tick = tick
        self.report = report
        self.calendar = Calendar.from_config({})

    def perform(self) -> int:
        """Do all steps of all matters in the order of time."""
        plan = sorted(self._plan())
        begun = 0
        for due in plan:
            if due.at > self.until:
                continue
            self.clock.move_to(max(due.at, self.clock.now()) if begun else due.at)
            self._settle()
            begun += due.step is None
            self._perform(due)
            if due.step is None:
                self.report(f"示例事项 {begun}/{len(self.content['matter'])}：{due.story.title}")
            self._settle()
        self.clock.move_to(self.until)
        self._settle()
        return begun

    def _perform(self, due: Due) -> None:
        """Begin a matter or do its next step; raises ExampleError that names both where the engine refuses."""
        try:
            if due.step is None:
                self._begin(due.story)
            else:
                self._step(due.story, due.step)
        except EngineError as refusal:
            step = due.step or {}
            where = step.get("do") or step.get("act") or "登记"
            raise ExampleError(
                f"“{due.story.title}”的步骤 {where}：{refusal}{getattr(refusal, 'fields', '')}"
            ) from refusal

    def _plan(self) -> Iterator[Due]:
        """Yield every step with its instant, on working days from nine o'clock."""
        order = 0
        for script in self.content["matter"]:
            title = str(script.get("values", {}).get("title") or script["procedure"])
            story = Story(script, title)
            at = self._workday(self.until - timedelta(days=script["days_ago"], hours=2))
            yield Due(at, order, story)
            for step in script.get("steps", ()):
                order += 1
                at = self._workday(at + _span(step.get("after", "1h")))
                yield Due(at, order, story, step)
            order += 1

    def _workday(self, at: datetime) -> datetime:
        """Return the same instant, or nine o'clock of the next working day for one on a day of rest."""
        day = local_date(at)
        if self.calendar.is_workday(day) or at > self.until - timedelta(days=1):
            return at
        following = self.calendar.next_workday(day)
        return local(at).replace(year=following.year, month=following.month, day=following.day, hour=_FIRST_HOUR)

    def _settle(self) -> None:
        """Let the worker do what is due."""
        while self.tick():
            pass

    def _begin(self, story: Story) -> None:
        """Start a matter by hand or by message."""
        script = story.script
        if "message" in script:
            values = self._worked_out(script.get("values", {}), ENGINE, None)
            self.engine.run(CorrelateMessage(script["message"], None, values), ENGINE)
            self._settle()
            story.instance_id = self._newest(script["procedure"])
            return
        starter = self._person(script["starter"])
        view = self.engine.ask(FindStartForm(script["procedure"]), starter)
        values = self._filled(view.form, view.variables, script.get("values", {}), starter, None)
        started = self.engine.run(StartProcess(script["procedure"], values, starter.unit_code), starter)
        story.instance_id = started.instance_id

    def _newest(self, procedure: str) -> int:
        rows = self.engine.ask(ListMatters(procedure=procedure), ENGINE).rows
        return max(row.id for row in rows)

    def _step(self, story: Story, step: Mapping[str, Any]) -> None:
        """Do one act of a person: a task, or an act of the matter (更多操作)."""
        actor = self._person(step["by"])
        if "act" in step:
            view = self.engine.ask(FindTrigger(story.instance_id, step["act"]), actor)
            values = self._filled(view.form, view.variables, step.get("values", {}), actor, story.instance_id)
            self.engine.run(TriggerEvent(story.instance_id, step["act"], values), actor)
            return
        task = self._find_task(story, step, actor)
        if task.row.assignee is None:
            self.engine.run(ClaimTask(task.id), actor)
            task = self.engine.ask(FindTask(task.id), actor)
        values = self._filled(task.form, task.variables, step.get("values", {}), actor, story.instance_id)
        self.engine.run(CompleteTask(task.id, values, task.row_version, f"example-{task.id}"), actor)

    def _find_task(self, story: Story, step: Mapping[str, Any], actor: Actor) -> TaskView:
        """Return the actor's task at a node of the matter; raises ExampleError where there is none."""
        for tab in ("mine", "claimable"):
            for row in self.engine.ask(ListTasks(tab=tab, limit=200), actor).rows:
                if row.instance_id == story.instance_id and row.id is not None:
                    task = self.engine.ask(FindTask(row.id), actor)
                    if task.node_id == step["do"]:
                        return task
        open_steps = "、".join(row.step for row in self.engine.ask(FindMatter(story.instance_id), ENGINE).tasks)
        raise ExampleError(f"“{story.title}”：{actor.name}没有步骤 {step['do']}；现在的步骤是：{open_steps or '无'}")

    def _person(self, person_id: str) -> Actor:
        actor = self.engine.ask(FindPersonAsActor(person_id))
        if actor is None:
            raise ExampleError(f"示例组织中没有人员 {person_id}")
        return actor

    def _filled(
        self,
        form: FormView | None,
        variables: Mapping[str, Any],
        given: Mapping[str, Any],
        actor: Actor,
        instance_id: int | None,
    ) -> dict[str, Any]:
        """Return a submission: what the form already shows, the example values of the form, then those of the step."""
        if form is None:
            return {}
        procedure, _, name = form.key.partition("/")
        example = self.content["form"].get(procedure, {}).get(name, {})
        shown = {key: variables[key] for key in _open_keys(form.schema["components"]) if variables.get(key) is not None}
        return {**shown, **self._worked_out({**example, **given}, actor, instance_id)}

    def _worked_out(self, value: Any, actor: Actor, instance_id: int | None) -> Any:
        """Replace the texts that begin with @ by what they stand for at this step."""
        if isinstance(value, Mapping):
            return {key: self._worked_out(each, actor, instance_id) for key, each in value.items()}
        if isinstance(value, list):
            return [self._worked_out(each, actor, instance_id) for each in value]
        if not (isinstance(value, str) and value.startswith("@")):
            return value
        kind, _, rest = value[1:].partition(":")
        if kind == "file":
            return self._file(rest, actor, instance_id)
        if kind == "register":
            return self._newest_key(rest, actor)
        return _instant_text(value[1:], self.clock.now(), self.calendar)

    def _file(self, name: str, actor: Actor, instance_id: int | None) -> list[dict[str, str]]:
        """Attach a small text file that says it is an example."""
        stored = self.engine.files.keep(io.BytesIO(f"{name}\n本文件为示例，内容虚构。\n".encode()), name)
        file_id = self.engine.run(AttachFile(instance_id, None, None, stored, "示例"), actor)
        return [{"id": file_id, "name": name}]

    def _newest_key(self, register: str, actor: Actor) -> str:
        """Return the newest key of a register that the actor may choose from."""
        options = self.engine.ask(OptionsFor(f"register:{register}"), actor)
        if not options:
            raise ExampleError(f"登记簿 {register} 中还没有条目")
        return max(option.value for option in options)


def _open_keys(components: list[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the keys of the fields that a person may fill; those computed or read-only are left to the server."""
    for component in components:
        properties = component.get("properties") or {}
        key = component.get("key") or component.get("path")
        if component["type"] == "group" and not key:
            yield from _open_keys(component["components"])
        elif key and not component.get("readonly") and properties.get("bihuan:fresh") != "true":
            yield str(key)


def _span(text: str) -> timedelta:
    """Read `1d`, `3h`, `20m`."""
    match = _AGO.fullmatch(text)
    if match is None:
        raise ExampleError(f"“{text}”不是时长，请写作 1d、3h 或 20m")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _instant_text(text: str, now: datetime, calendar: Calendar) -> str:
    """Return the date or time that `today+5`, `workday+3` or `now-2h` stands for, as forms keep it."""
    kind, sign, amount = re.fullmatch(r"(today|workday|now)(?:([+-])(\w+))?", text).groups()  # type: ignore[union-attr]
    today: date = local_date(now)
    if kind == "now":
        moved = now - _span(amount) if sign == "-" else now
        return local(moved).replace(second=0, microsecond=0).isoformat()
    days = int(amount or 0) * (-1 if sign == "-" else 1)
    return (calendar.add_working_days(today, days) if kind == "workday" else today + timedelta(days=days)).isoformat()
