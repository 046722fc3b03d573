"""The first page of the worklist, the counts and a task page, with many open tasks."""

from datetime import timedelta

from sqlalchemy import insert, select

from engine.model import tables
from engine.queries.task import FindTask
from engine.queries.worklist import CountTasks, ListTasks
from tests.benchmarks.tables import milliseconds, p50, p95, timed
from tests.factories import person, read
from tests.rows import OTHER_SQUAD, SQUAD

MANY, FEW = 100_000, 5_000
BATCH = 5_000


def measure(engines, *, quick):
    """Page, counts and task page of an officer among 100,000 open tasks, half of them in his squad's worklist."""
    count, rows = FEW if quick else MANY, []
    for name, engine in engines.items():
        _fill(engine, count)
        bob = person(engine, "bob")
        task = read(engine, "task_access", principal=f"r:squad_officer@{SQUAD}")[0].task_id
        questions = {
            "first page, 待领": ListTasks("claimable"),
            "first page, 待办": ListTasks("mine"),
            "counts of all tabs": CountTasks(),
            "task page (server part)": FindTask(task),
        }
        for what, question in questions.items():
            took = [timed(lambda e=engine, q=question, b=bob: e.ask(q, b))[0] for _ in range(20 if quick else 60)]
            rows.append([name, what, milliseconds(p50(took)), milliseconds(p95(took))])
    return f"Worklist with {count:,} open tasks", ["database", "question", "p50", "p95"], rows


def _fill(engine, count):
    """Open tasks of the finished kind of matter there is, spread over two squads and a year of due dates."""
    with engine.database.transaction(write=False) as session:
        pattern = dict(
            session.execute(select(tables.user_task).where(tables.user_task.c.status == "open")).mappings().first()
        )
    del pattern["id"]
    for first in range(0, count, BATCH):
        with engine.database.transaction() as session:
            rows = [_task(pattern, engine, number) for number in range(first, min(count, first + BATCH))]
            statement = insert(tables.user_task).returning(tables.user_task.c.id, sort_by_parameter_order=True)
            ids = session.execute(statement, rows).scalars().all()
            access = [
                {"principal": row["candidates"][0], "status": "claimable", "due_at": row["due_at"], "task_id": id_}
                for id_, row in zip(ids, rows, strict=True)
            ]
            session.execute(insert(tables.task_access), access)
    with engine.database.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


def _task(pattern, engine, number):
    unit = SQUAD if number % 2 else OTHER_SQUAD
    due = engine.clock.now() + timedelta(minutes=number * 7 % 500_000)
    return {**pattern, "unit_code": unit, "assignee": None, "candidates": [f"r:squad_officer@{unit}"], "due_at": due,
            "number": f"B-{number:06d}", "title": f"事项 {number}"}  # fmt: skip
