"""Raise a light: tell the people the ladder names, once per rung, and let it open a supervision order (domain 10)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update

from engine.actor import ENGINE, person_principal
from engine.calendar import local_date
from engine.command import Context
from engine.deadlines import Light, Rung, time_left_text
from engine.directory import Colleague, leaders, members
from engine.errors import ProcessDefinitionNotFoundError
from engine.execution.applying import write_jobs
from engine.execution.notices import Telling, tell
from engine.execution.rows import RESTRICTED
from engine.execution.starting import Beginning, begin_matter
from engine.execution.tasks import URGENT, next_light
from engine.jobs.acquire import AcquiredJob, take
from engine.model import tables

_TASK = select(tables.user_task, tables.process_instance.c.status.label("matter_status")).join(
    tables.process_instance, tables.process_instance.c.id == tables.user_task.c.instance_id
).where(tables.user_task.c.id == bindparam("id")).with_for_update()  # fmt: skip


@dataclass(frozen=True)
class RaiseLight:
    """Set a task's light to the highest rung reached, tell of that one, and wait for the next.

    After downtime several rungs may have been passed: whoever any of them names is told once, of the present state.
    """

    job: AcquiredJob

    def execute(self, context: Context) -> None:
        """Do it in the transaction that deletes the job."""
        if not take(context, self.job):
            return
        found = context.session.execute(_TASK, {"id": self.job.task_id}).mappings().first()
        task: dict[str, Any] = dict(found) if found else {"status": "gone"}
        if task["status"] != "open" or task["due_at"] is None or task["matter_status"] == "suspended":
            return
        kind = self._kind(context, task)
        rungs = self._rungs(context, task, kind)
        reached = [rung for rung in rungs if self.job.due_at <= rung.at <= context.now]
        if reached:
            self._raise(context, task, reached, kind)
        upcoming = next_light(context, task["id"], task, kind, after=reached[-1].at if reached else context.now)
        write_jobs(context, [upcoming] if upcoming else [])

    def _kind(self, context: Context, task: Mapping[str, Any]) -> str:
        row = context.deadlines.deadlines.get(task["deadline_code"] or "")
        return row.limit.kind if row else "WD"

    def _rungs(self, context: Context, task: Mapping[str, Any], kind: str) -> tuple[Rung, ...]:
        row = context.deadlines.deadlines.get(task["deadline_code"] or "")
        unit = context.directory.unit(task["unit_code"])
        return context.ladder.rungs(
            task["created_at"], task["due_at"], kind, bool(row and row.statutory),
            urgent=task["priority"].startswith(URGENT), level=unit.level if unit else None,
        )  # fmt: skip

    def _raise(self, context: Context, task: Mapping[str, Any], reached: list[Rung], kind: str) -> None:
        rung = reached[-1]
        statement = update(tables.user_task).where(tables.user_task.c.id == task["id"]).values(light=int(rung.light))
        context.session.connection().execute(statement)
        if rung.light is Light.RED:
            table = tables.process_instance
            late = update(table).where(table.c.id == task["instance_id"]).values(overdue=True)
            context.session.connection().execute(late)
        names = list(dict.fromkeys(name for one in reached for name in one.recipients))
        people = _people(context, task, names)
        left = time_left_text(task["due_at"], context.now, context.calendar, kind)
        telling = Telling(
            kind=f"light:{rung.name}", instance_id=task["instance_id"], task_id=task["id"],
            text=_text(task, rung, left), dedupe=f"{task['id']}:{rung.name}:{task['due_at']:%Y%m%d%H%M}",
            not_before=max(rung.notify_at, context.now),
        )  # fmt: skip
        tell(context, people, telling)
        context.record(
            "light changed", task["instance_id"], task["id"], subject=rung.name, label=rung.label, step=task["name"],
            told=[one.id for one in people],
        )  # fmt: skip
        if rung.start and not rung.start.startswith(f"{task['process_key']}:"):  # no supervision of supervision
            _supervise(context, task, rung)


def _people(context: Context, task: Mapping[str, Any], names: Iterable[str]) -> list[Colleague]:
    """Return the people that recipients of a rung stand for, each once."""
    found: dict[str, Colleague] = {}
    for name in names:
        for one in _stand_for(context, task, name):
            found[one.id] = one
    return list(found.values())


def _stand_for(context: Context, task: Mapping[str, Any], name: str) -> tuple[Colleague, ...]:
    session, directory, now = context.session, context.directory, context.now
    if name == "assignee":
        return members(session, directory, [person_principal(task["assignee"])], now) if task["assignee"] else ()
    if name == "candidates":
        return () if task["assignee"] else members(session, directory, task["candidates"], now)
    if name in {"leader", "unit_head"}:
        return leaders(session, directory, _working_unit(task), now)
    principal = directory.principal(name, task["unit_code"])
    return members(session, directory, [principal], now) if principal else ()


def _working_unit(task: Mapping[str, Any]) -> str:
    """Return the unit of those who have the work: that of the first role among the candidates, else the task's."""
    roles = [one for one in task["candidates"] if one.startswith("r:")]
    return roles[0].rpartition("@")[2] if roles else str(task["unit_code"])


def _text(task: Mapping[str, Any], rung: Rung, left: str) -> str:
    """Return the notice; of a restricted matter the number and the light only (domain section 10)."""
    if task["sensitivity"] >= RESTRICTED:
        return f"【{rung.label}】{task['number']}"
    return f"【{rung.label}】{task['number']} {task['title']} · {task['name']}（{left}）"


def _supervise(context: Context, task: Mapping[str, Any], rung: Rung) -> None:
    """Open the supervision order of a rung, linked with the matter; none where the procedure is not deployed."""
    key, _, level = str(rung.start).partition(":")
    try:
        deployed = context.catalog.latest_of(key)
    except ProcessDefinitionNotFoundError:
        return
    variables = {
        "title": f"督办：{task['number']}",  # never the title: the order may be seen by more people than the matter
        "level": level, "target": _working_unit(task), "cause": f"{task['number']}“{task['name']}”{rung.label}",
        "ref_matter": task["number"], "overdue_task": task["id"], "demand": "请说明原因并限期办结。",
        "due": context.calendar.add_working_days(local_date(context.now), 5).isoformat(),
    }  # fmt: skip
    beginning = Beginning(
        deployed, task["unit_code"], variables, parent_id=task["instance_id"], starter=ENGINE.person_id, link="督办"
    )
    begin_matter(context, beginning)
