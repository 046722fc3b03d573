"""Completing a task through the public face, beside the floor: the same rows written by plain SQLAlchemy Core."""

import json

from sqlalchemy import bindparam, delete, event, insert, select, update

from engine.database import upsert
from engine.exchange import watchers
from engine.model import tables
from engine.task_actions.complete import CompleteTask
from tests.benchmarks.spiff import SpiffRounds
from tests.benchmarks.tables import milliseconds, p50, p95, timed
from tests.factories import claim, deploy, flows, form_file, person, procedure, props, read, start, text_field, user

YOUNG = 10
FORM = 'camunda:candidateGroups="squad_officer" camunda:formRef="work"'


def deploy_rounds(engine):
    """A procedure of two steps, each with a form and a deadline, that goes round until told to end."""
    inside = (
        '<bpmn:startEvent id="start"/>' + user("work", FORM, props(deadline="T-WD")) + user("check", FORM, props(deadline="T-LAW"))
        + '<bpmn:exclusiveGateway id="gw" default="gw_end"/><bpmn:endEvent id="end"/>'
        + flows("start>work", "work>check", "check>gw", 'gw>work?${again = "是"}', "gw>end")
    )  # fmt: skip
    form = form_file("rounds", "work", text_field("note", "说明"), text_field("again", "再来"))
    deploy(engine, *procedure("rounds", inside), form)


class Rounds:
    """One matter that goes round; only the completions are timed."""

    def __init__(self, engine):
        self.engine = engine
        self.alice = person(engine, "alice")
        self.task = start(engine, "rounds", self.alice).tasks[0].task_id
        self.number = 0

    def submit(self):
        """Claim and complete the open task; the milliseconds the completion took."""
        return timed(self.claimed())[0]

    def claimed(self):
        """Claim the open task; what completes it."""
        self.number += 1
        claim(self.engine, self.task, self.alice)
        command = CompleteTask(self.task, {"note": f"第{self.number}次", "again": "是"}, None, f"k{self.number}")

        def complete():
            self.task = self.engine.run(command, self.alice).next[0].task_id

        return complete


class Floor:
    """The rows that one completion reads and writes, by statements made once, and nothing else."""

    def __init__(self, engine):
        self.engine = engine
        self.instance = start(engine, "rounds").instance_id
        self.task = read(engine, "user_task", instance_id=self.instance)[0]._asdict()
        self.state = read(engine, "process_instance", id=self.instance)[0].state
        self.event = read(engine, "history_event", instance_id=self.instance)[0]._asdict()
        self.shown = self.task.pop("id")
        del self.event["id"]
        self.seq = 1_000_000
        task, access, job, instance = tables.user_task, tables.task_access, tables.job, tables.process_instance
        self.read_settings = select(tables.setting).where(tables.setting.c.name.in_(bindparam("n", expanding=True)))
        self.read_task = (
            select(task, instance.c.state)
            .join(instance, instance.c.id == task.c.instance_id)
            .where(task.c.id == bindparam("i"))
        )
        self.read_variables = select(tables.variable).where(tables.variable.c.instance_id == bindparam("i"))
        self.open = insert(task).returning(task.c.id)
        self.close = (
            update(task).where(task.c.id == bindparam("i")).values(status=bindparam("s"), submission=bindparam("v"))
        )
        self.no_access, self.no_job = (
            delete(access).where(access.c.task_id == bindparam("i")),
            delete(job).where(job.c.task_id == bindparam("i")),
        )
        self.save = (
            update(instance)
            .where(instance.c.id == bindparam("i"))
            .values(state=bindparam("v"), chain_seq=bindparam("s"))
        )

    def write(self):
        """One transaction; the milliseconds it took."""
        return timed(self._write)[0]

    def _write(self):
        now = self.engine.clock.now()
        with self.engine.database.transaction() as session:
            run = session.connection().execute
            run(self.read_settings, {"n": ["catalog_version", "directory_version", "clock_offset"]}).all()
            run(self.read_task, {"i": self.shown}).all()
            run(self.read_variables, {"i": self.instance}).all()
            made = run(self.open, self.task).scalar_one()
            run(insert(tables.task_access), {"principal": "r:x", "status": "claimable", "due_at": now, "task_id": made})
            run(insert(tables.job), {"kind": "light", "due_at": now, "payload": {}, "task_id": made, "priority": 0, "attempts": 0,
                                     "retries": 3})  # fmt: skip
            run(self.close, {"i": made, "s": "completed", "v": {"note": "说明", "again": "是"}})
            run(self.no_access, {"i": made})
            run(self.no_job, {"i": made})
            run(self.save, {"i": self.instance, "v": self.state, "s": self.seq})
            run(upsert(session.connection(), tables.variable, ("instance_id", "scope", "name"), ("value",)),
                [{"instance_id": self.instance, "scope": "1", "name": "note", "value": f"{self.seq}"}])  # fmt: skip
            self.seq += 2
            run(insert(tables.history_event), [{**self.event, "seq": self.seq + one} for one in range(2)])


def measure(engines, *, quick):
    """One completion: time, statements, commits, beside the floor and SpiffWorkflow."""
    rows = []
    for name, engine in engines.items():
        deploy_rounds(engine)
        matter = Rounds(engine)
        for _ in range(30):
            matter.submit()
        floor, count = Floor(engine), 60 if quick else 300
        own, least, other = [], [], []
        for number in range(count):
            if number % YOUNG == 0:
                spiff = SpiffRounds(engine)
            own.append(matter.submit())
            least.append(floor.write())
            other.append(spiff.submit())
        statements, commits = counted(engine, matter)
        figures = [milliseconds(one) for one in (p50(own), p95(own), p50(least))]
        rows.append([name, *figures, times(own, least), milliseconds(p50(other)), statements, commits])
    columns = ["database", "p50", "p95", "floor p50", "times the floor", "SpiffWorkflow p50", "statements", "commits"]
    return "Completing a user task (form, deadline, history, next task)", columns, rows


def counted(engine, matter):
    """How many statements and commits one completion takes."""
    statements, commits = [], []
    complete = matter.claimed()
    with Counting(engine, statements, commits):
        complete()
    return sum(not one.startswith("BEGIN") for one in statements), len(commits)


def times(own, other):
    """How many times as long."""
    return f"{p50(own) / p50(other):.1f}"


def rounds(engines, *, quick):
    """State and time after many rounds of rework, beside those of a young matter in the same minute."""
    rows = []
    for name, engine in engines.items():
        old, done = Rounds(engine), 0
        for mark in (10, 50) if quick else (10, 100, 1000, 2000):
            while done < mark:
                old.submit()
                old.submit()
                done += 1
            young = Rounds(engine)
            took = [(old.submit(), young.submit()) for _ in range(2 * YOUNG)]
            done += YOUNG
            size, kept = _stored(engine, old)
            own, beside = [one for one, _ in took], [one for _, one in took]
            rows.append([name, mark, milliseconds(p50(own)), times(own, beside), f"{size} bytes", kept])
    columns = ["database", "rounds", "p50 of a completion", "times that of a young matter", "state", "variables"]
    return "Rounds of rework", columns, rows


def spiff_rounds(engines, *, quick):
    """The same on SpiffWorkflow, whose state keeps every task that ever was."""
    rows = []
    for name, engine in engines.items():
        matter, marks = SpiffRounds(engine), (10, 50) if quick else (10, 100, 200)
        took = []
        for number in range(1, marks[-1] + 1):
            took.append((matter.submit() + matter.submit()) / 2)
            if number in marks:
                rows.append([name, number, milliseconds(p50(took[-YOUNG:])), f"{matter.size():,} bytes"])
    return (
        "Rounds of rework on SpiffWorkflow, saved as whole JSON",
        ["database", "rounds", "p50 of a completion", "state"],
        rows,
    )


def _stored(engine, matter):
    task = read(engine, "user_task", id=matter.task)[0]
    state = read(engine, "process_instance", id=task.instance_id)[0].state
    return len(json.dumps(state, ensure_ascii=False).encode()), len(
        read(engine, "variable", instance_id=task.instance_id)
    )


def starts(engines, *, quick):
    """Starting a matter."""
    rows = []
    for name, engine in engines.items():
        alice = person(engine, "alice")
        took = [timed(lambda e=engine, a=alice: start(e, "rounds", a))[0] for _ in range(50 if quick else 200)]
        rows.append([name, milliseconds(p50(took)), milliseconds(p95(took))])
    return "Starting a matter", ["database", "p50", "p95"], rows


class Counting:
    """Count statements and commits of an engine's database."""

    def __init__(self, engine, statements, commits):
        self.target = engine.database.engine
        self.watch = statements.append
        self.see = lambda _connection, _cursor, statement, *_: statements.append(statement)
        self.end = commits.append

    def __enter__(self):
        watchers.append(self.watch)
        event.listen(self.target, "before_cursor_execute", self.see)
        event.listen(self.target, "commit", self.end)

    def __exit__(self, *_):
        watchers.remove(self.watch)
        event.remove(self.target, "before_cursor_execute", self.see)
        event.remove(self.target, "commit", self.end)
