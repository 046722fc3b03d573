"""Every tab, filter, search and order of the worklist, its counts and a task page, with a million open tasks."""

from engine.model import tables
from engine.queries.task import FindTask
from engine.queries.worklist import CountTasks, ListTasks
from tests.benchmarks.filling import fill, instant, next_id, settle, words
from tests.benchmarks.tables import milliseconds, p50, p95, timed
from tests.factories import person, read
from tests.rows import OTHER_SQUAD, SQUAD
from tests.statements import run_plainly, statements_of

MANY, FEW = 1_000_000, 20_000
YEAR_OF_MINUTES = 500_000
COLUMNS = ("question", "statements", "SQL p50", "SQL p95", "whole answer p50")


def measure(engines, *, quick):
    """What an officer asks who sees half of a million open tasks in his squad's worklist."""
    count, times, rows = FEW if quick else MANY, 20 if quick else 100, []
    for name, engine in engines.items():
        open_matters(engine, count)
        bob = person(engine, "bob")
        rows += [[name, what, *asked(engine, question, bob, times)] for what, question in _questions(engine).items()]
    return f"Worklist with {count:,} open tasks, half of them in the list", ["database", *COLUMNS], rows


def asked(engine, question, actor, times):
    """How long a question's statements take by themselves, fetching every row, and the whole answer."""
    statements = statements_of(engine, question, actor)
    with engine.database.transaction(write=False) as session:
        connection = session.connection()
        alone = [timed(lambda: run_plainly(connection, statements))[0] for _ in range(times)]
    whole = [timed(lambda: engine.ask(question, actor))[0] for _ in range(times)]
    return [len(statements), *(milliseconds(one) for one in (p50(alone), p95(alone), p50(whole)))]


def _questions(engine):
    task = read(engine, "task_access", principal=f"r:squad_officer@{SQUAD}", status="claimable")[0].task_id
    first = ListTasks("claimable")
    return {
        "待领, first page by due date, grouped": first,
        "待领, a page far behind": ListTasks("claimable", cursor=_far(engine)),
        "待领, latest first": ListTasks("claimable", descending=True),
        "待领, red light": ListTasks("claimable", light=3),
        "待领, one procedure": ListTasks("claimable", procedure="rounds"),
        "待领, one unit": ListTasks("claimable", unit=SQUAD),
        "待领, search that finds": ListTasks("claimable", search="77"),
        "待领, search that finds nothing": ListTasks("claimable", search="没有"),
        "待领, by title": ListTasks("claimable", sort="title"),
        "待办": ListTasks("mine"),
        "已办": ListTasks("done"),
        "我发起": ListTasks("started"),
        "抄送": ListTasks("cc"),
        "counts of all tabs": CountTasks(),
        "task page (server part)": FindTask(task),
    }  # fmt: skip


def _far(engine):
    bob, cursor = person(engine, "bob"), None
    for _ in range(40):
        cursor = engine.ask(ListTasks("claimable", cursor=cursor, limit=200), bob).next_cursor
    return cursor


def open_matters(engine, count):
    """Matters with one open task each, spread over two squads and a year of due dates."""
    waiting = read(engine, "user_task", status="open")[0]._asdict()
    matter = read(engine, "process_instance", id=waiting["instance_id"])[0]._asdict()
    first, task = next_id(engine, tables.process_instance), next_id(engine, tables.user_task)

    def unit(n):
        return (n % 2) * (int(OTHER_SQUAD) - int(SQUAD)) + int(SQUAD)

    def due(n):
        return instant(engine, engine.clock.now(), (n * 7) % YEAR_OF_MINUTES)

    fill(engine, tables.process_instance, count, matter, id=lambda n: n + first, number=lambda n: words(n, "B-"),
         title=lambda n: words(n, "事项 "), unit_code=lambda n: words(unit(n)))  # fmt: skip
    fill(engine, tables.user_task, count, {**waiting, "assignee": None, "claimed_at": None}, id=lambda n: n + task,
         instance_id=lambda n: n + first, number=lambda n: words(n, "B-"), title=lambda n: words(n, "事项 "),
         unit_code=lambda n: words(unit(n)), due_at=due)  # fmt: skip
    fill(engine, tables.task_access, count, {"status": "claimable"}, task_id=lambda n: n + task, due_at=due,
         principal=lambda n: words(unit(n), "r:squad_officer@"))  # fmt: skip
    settle(engine)
