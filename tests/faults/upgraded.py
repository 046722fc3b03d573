"""Dumps of released versions loaded again, and their people going on with what was open."""

import gzip
import re
import sqlite3
from datetime import timedelta
from itertools import product
from pathlib import Path

from sqlalchemy import NullPool, create_engine

from engine.calendar import local
from engine.commands.process_instances import TriggerEvent
from engine.errors import EngineError, InvalidSubmissionError
from engine.queries.registers import OptionsFor
from engine.queries.starting import FindTrigger
from engine.queries.task import FindTask
from engine.task_actions.claim import ClaimTask
from engine.task_actions.complete import CompleteTask
from tests.conftest import MONDAY
from tests.factories import read
from tests.postgresql import new_database
from tests.procedures.shipped import config

DUMPS = Path(__file__).parent / "dumps"
RELEASES = sorted(path.name for path in DUMPS.iterdir() if path.is_dir())
_PEOPLE = [row["id"] for row in config("example/organisation")["person"]]


def load_sqlite(release, path):
    """Load a dump into a new SQLite file; returns its URL."""
    connection = sqlite3.connect(path)
    connection.executescript(_text(release, "sqlite"))
    connection.close()
    return f"sqlite:///{path}"


def load_postgresql(release, cluster, name):
    """Load a dump into a new database of a cluster; returns its URL."""
    url = new_database(cluster, name)
    admin = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection, connection.connection.dbapi_connection.cursor() as cursor:
        cursor.execute(_text(release, "postgresql").encode())
    return url


def _text(release, kind):
    return gzip.decompress((DUMPS / release / f"{kind}.sql.gz").read_bytes()).decode()


def finish(bureau, instance_id, most=12):
    """Let whoever may do each open task of a matter, with the example's values, until it ends or nobody can go on.

    Returns why it did not end; empty where it did.
    """
    for _ in range(most):
        bureau.worker.drain()
        if read(bureau.engine, "process_instance", id=instance_id)[0].ended_at is not None:
            return ""
        tasks = read(bureau.engine, "user_task", instance_id=instance_id, status="open")
        refusals = [refusal for task in tasks if (refusal := _do(bureau, task))]
        if len(refusals) == len(tasks) and not _pass_time(bureau, instance_id):
            return f"{refusals}"
    return "still going on"


def terminate(bureau, instance_id):
    """End a matter that lives on by the act of its procedure (终止办理, 废止)."""
    acts = read(bureau.engine, "subscription", instance_id=instance_id)
    names = [row.catcher for row in acts if row.catcher.endswith(("_terminate_start", "_retire_start"))]
    for name, person_id in product(names, _PEOPLE):
        actor = bureau.person(person_id)
        try:
            view = bureau.engine.ask(FindTrigger(instance_id, name), actor)
            values = bureau.filled(view.form, view.variables, {}, actor, instance_id)
            _submit(bureau, view, values, (instance_id, actor), lambda v, n=name: TriggerEvent(instance_id, n, v))
        except EngineError:
            continue
        return


def _do(bureau, task):
    """Complete a task as the first person who may; returns why not."""
    refusal = f"{task.node_id}: nobody"
    for person_id in [task.assignee] if task.assignee else _PEOPLE:
        actor = bureau.person(person_id)
        if not task.assignee and not set(task.candidates) & actor.principals:
            continue
        try:
            bureau.engine.run(ClaimTask(task.id), actor)
            view = bureau.engine.ask(FindTask(task.id), actor)
            values = bureau.filled(view.form, view.variables, {}, actor, task.instance_id)
            _submit(bureau, view, values, (task.instance_id, actor), lambda v, i=task.id: CompleteTask(i, v))
        except InvalidSubmissionError as error:
            return f"{task.node_id}: {error.fields}"
        except EngineError as error:
            refusal = f"{task.node_id}: {error}"
        else:
            return ""
    return refusal


def _submit(bureau, view, values, who, command):
    """Submit a form as (matter, actor); what is refused is filled in as plainly as can be, some times over."""
    instance_id, actor = who
    for days in (5, 0, 1, 5):
        try:
            return bureau.engine.run(command(values), actor)
        except InvalidSubmissionError as error:
            for path in error.fields:
                component = _component(view.form.schema["components"], re.sub(r"\[\d+\]", "", path).split("."))
                _put(values, re.findall(r"[^.\[\]]+", path), _plain(bureau, component, instance_id, actor, days))
    return bureau.engine.run(command(values), actor)


def _component(components, path):
    for one in components:
        key = one.get("key") or one.get("path")
        if key == path[0]:
            return one if len(path) == 1 else _component(one["components"], path[1:])
        if "components" in one and not key and (found := _component(one["components"], path)):
            return found
    return None


def _plain(bureau, component, instance_id, actor, days):
    """The plainest value a field takes."""
    if component is None:
        return None
    kind, source = component["type"], (component.get("properties") or {}).get("bihuan:options")
    if kind in {"select", "radio", "taglist"}:
        found = bureau.engine.ask(OptionsFor(source, instance_id), actor) if source else component["values"]
        values = [one.value if source else one["value"] for one in found]
        return values[:1] if kind == "taglist" else values[0] if values else None
    plain = {"checkbox": True, "number": 1, "dynamiclist": [{}]}
    if kind == "datetime":
        return bureau.day(days) if component.get("subtype") == "date" else local(bureau.clock.now()).isoformat()
    return plain.get(kind, "按规定办理，情况属实，详见附卷材料，请予审核并按时反馈。")


def _put(values, path, value):
    for part in path[:-1]:
        values = values[int(part)] if part.isdigit() else values.setdefault(part, {})
    values[path[-1]] = value


def _pass_time(bureau, instance_id):
    """Move on to what is due next in a matter, if that is within a year; False where nothing is."""
    jobs = read(bureau.engine, "job", instance_id=instance_id, kind="timer")
    due = min((row.due_at for row in jobs if row.due_at is not None), default=None)
    if due is None or due > MONDAY + timedelta(days=365):
        return False
    bureau.clock.move_to(max(due, bureau.clock.now()))
    bureau.worker.drain()
    return True
