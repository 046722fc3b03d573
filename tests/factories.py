"""Arranging: small procedures in a few words, people who act, and what a test wants to read back."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from engine.actor import ENGINE
from engine.bpmn.checks import DefinitionFile
from engine.commands.deployments import Deploy
from engine.commands.process_instances import StartProcess
from engine.model import tables
from engine.task_actions.claim import ClaimTask
from engine.task_actions.complete import CompleteTask
from engine.worker import Worker
from tests.engine.bpmn.corpus.builder import definitions, flows, form, line, process, props, user
from tests.rows import SQUAD, load_people, person

__all__ = [
    "SQUAD",
    "DefinitionFile",
    "claim",
    "complete",
    "definitions",
    "deploy",
    "do",
    "flows",
    "form",
    "form_file",
    "line",
    "number_field",
    "open_task",
    "open_tasks",
    "pass_time",
    "person",
    "prepare",
    "procedure",
    "process",
    "props",
    "read",
    "service",
    "start",
    "tell_story",
    "text_field",
    "user",
    "worker",
]  # fmt: skip

LADDER = Path(__file__).resolve().parents[1] / "config" / "ladder.toml"
DEADLINES = """
[[deadline]]
code = "T-WD"
what = "核查"
owner = "internal"
kind = "WD"
limit = 5
starts = "签收"
basis = "测试"
confidence = "internal"
[deadline.variants]
urgent = { limit = 1 }

[[deadline]]
code = "T-LAW"
what = "决定"
owner = "statutory"
kind = "WD"
limit = 10
starts = "受理"
basis = "测试"
confidence = "sure"
[deadline.extension]
times = 1
limit = 5
approver = "dist_leader"
"""


def prepare(engine):
    """An organisation with alice and bob in one squad, charlie in another; deadlines T-WD and T-LAW; the shipped ladder."""
    load_people(engine)
    config = [
        DefinitionFile("config/deadlines.toml", DEADLINES.encode()),
        DefinitionFile("config/ladder.toml", LADDER.read_bytes()),
    ]
    engine.run(Deploy(tuple(config), "test"), ENGINE)


def deploy(engine, *files):
    """Deploy files as the engine itself."""
    return engine.run(Deploy(tuple(files), "test"), ENGINE)


def procedure(key, inside, *, more="", about="", roles="squad_officer", sensitivity="S1", matter='title = "title"'):
    """The two files of a procedure that squad officers may start; `more` stands beside the process."""
    toml = (
        f'key = "{key}"\ntitle = "{key}流程"\ncode = "T"\nnumber = "T-{{unit}}-{{yyyy}}-{{nnnnn}}"\n'
        f'sensitivity = "{sensitivity}"\nstart_roles = [{", ".join(repr(one) for one in roles.split(",") if one)}]\n'
        f'group = "测试"\nsummary = "测试"\nretention = "10年"\n{about}\n[matter]\n{matter}\n'
    )
    return (
        DefinitionFile(f"processes/{key}/{key}.bpmn", definitions(more + process(inside, key))),
        DefinitionFile(f"processes/{key}/procedure.toml", toml.encode()),
    )


def text_field(key, label="内容", **more):
    """A text field of a form."""
    return {"type": "textfield", "id": f"f_{key}", "key": key, "label": label, **more}


def number_field(key, label="数目", **more):
    """A number field of a form."""
    return {"type": "number", "id": f"f_{key}", "key": key, "label": label, **more}


def form_file(procedure_key, name, *fields):
    """A form of a procedure."""
    return form(list(fields), f"forms/{procedure_key}/{name}.form")


def service(key, topic, *, name="自动", result="", inputs=None):
    """A service task on one of the product's topics."""
    given = {**(inputs or {}), **({"result": result} if result else {})}
    lines = "".join(
        f'<camunda:inputParameter name="{one}">{value}</camunda:inputParameter>' for one, value in given.items()
    )
    inside = f"<bpmn:extensionElements><camunda:inputOutput>{lines}</camunda:inputOutput></bpmn:extensionElements>"
    return (
        f'<bpmn:serviceTask id="{key}" name="{name}" camunda:type="external" camunda:topic="{topic}">'
        f"{inside if lines else ''}</bpmn:serviceTask>"
    )


def start(engine, key, actor="alice", unit=None, *, idempotency_key=None, **values):
    """Start a matter as somebody; returns the answer."""
    return engine.run(StartProcess(key, values, unit, idempotency_key), _actor(engine, actor))


def open_tasks(engine, instance_id, node=None):
    """The ids of a matter's open tasks, oldest first; of one step only if `node` is given."""
    rows = read(engine, "user_task", instance_id=instance_id, status="open")
    return [row.id for row in rows if node in (None, row.node_id)]


def claim(engine, task_id, actor="alice"):
    """Claim a task unless the actor has it."""
    if read(engine, "user_task", id=task_id)[0].assignee != _actor(engine, actor).person_id:
        engine.run(ClaimTask(task_id), _actor(engine, actor))


def complete(engine, task_id, actor="alice", **values):
    """Claim a task if need be, and complete it; returns the answer."""
    claim(engine, task_id, actor)
    return engine.run(CompleteTask(task_id, values), _actor(engine, actor))


def do(engine, instance_id, node, actor="alice", **values):
    """Complete the one open task of a step."""
    (task_id,) = open_tasks(engine, instance_id, node)
    return complete(engine, task_id, actor, **values)


def open_task(engine, actor="alice", **about):
    """A matter of a one-step procedure; returns the id of its open task. `about` are properties of the step."""
    prepare(engine)
    inside = props(**about) if about else ""
    deploy(engine, *procedure("one_step", line(user("work", inside=inside), keys=("work",))))
    return start(engine, "one_step", actor).tasks[0].task_id


def worker(engine, channels=None):
    """A worker that runs only when the test says so."""
    return Worker(engine, channels)


def pass_time(engine, clock, **step):
    """Let time pass as a worker sees it: it does each job when that is due."""
    until = clock.now() + timedelta(**step)
    own = worker(engine)
    while True:
        waiting = [row.due_at for row in read(engine, "job") if row.due_at is not None]
        if not waiting or min(waiting) > until:
            break
        clock.move_to(max(min(waiting), clock.now()))
        own.drain()
    clock.move_to(until)


def tell_story(engine, instance_id):
    """The actions in a matter's history, in order, without the path."""
    return [
        row.action for row in read(engine, "history_event", instance_id=instance_id) if row.action != "steps passed"
    ]


def read(engine, table, **where):
    """Rows of a table, oldest first."""
    found = getattr(tables, table)
    asked = select(found).where(*(found.c[name] == value for name, value in where.items()))
    order = found.c.get("id") if found.c.get("id") is not None else next(iter(found.primary_key))
    with engine.database.transaction(write=False) as session:
        return session.execute(asked.order_by(order)).all()


def _actor(engine, actor):
    return person(engine, actor) if isinstance(actor, str) else actor
