"""Archiving: what is finished leaves the tables at work, and everything that was asked of it is answered as before."""

from datetime import date

import pytest
from sqlalchemy import event, func, select

from engine.actor import ENGINE
from engine.errors import UserTaskNotFoundError
from engine.execution.archiving import archive_finished
from engine.jobs.archive_matters import EnsureArchiving
from engine.model import tables
from engine.queries.attachments import ListAttachments
from engine.queries.chains import ListBrokenChains
from engine.queries.diagrams import FindDiagram
from engine.queries.invariants import ListViolations
from engine.queries.matter import FindMatter, ListTimeline
from engine.queries.matters import CountMatters, ListMatters
from engine.queries.task import FindTask
from engine.queries.worklist import CountTasks, ListTasks
from engine.reports import FindLedger, Timeliness
from engine.task_actions.comment import AddComment
from engine.task_actions.complete import CompleteTask
from tests.factories import (
    claim,
    complete,
    deploy,
    form_file,
    line,
    open_tasks,
    person,
    prepare,
    procedure,
    read,
    start,
    text_field,
    user,
    worker,
)

FORM = 'camunda:candidateGroups="squad_officer" camunda:formRef="work"'
LEDGER = '[[ledger]]\nlabel = "说明"\nvalue = "note"'
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def deployed(engine):
    prepare(engine)
    inside = line(user("first", FORM), user("second", FORM), keys=("first", "second"))
    deploy(engine, *procedure("short", inside, about=LEDGER), form_file("short", "work", text_field("note", "说明")))


@pytest.fixture
def finished(engine, deployed):
    """A matter that alice took to its end, with what she filed and said."""
    matter = start(engine, "short", title="占道经营").instance_id
    for number in range(2):
        task = open_tasks(engine, matter)[0]
        claim(engine, task)
        if number == 0:
            engine.run(AddComment(matter, task, "已到现场"), person(engine, "alice"))
        complete(engine, task, note=f"第{number}步")
    start(engine, "short", title="后来的")
    return matter


def questions(matter, tasks):
    """Everything staff ask about a finished matter."""
    return [
        FindMatter(matter), ListTimeline(matter), FindDiagram(matter), ListAttachments(matter), FindLedger("short", (matter,)),
        *(FindTask(task) for task in tasks), ListTasks("done"), ListTasks("done", sort="title"), ListTasks("started"),
        ListTasks("done", search="占道"), CountTasks(), ListMatters(), CountMatters(), Timeliness(*YEAR),
    ]  # fmt: skip


def archive(engine, clock, days=91):
    engine.run(EnsureArchiving(90), ENGINE)
    clock.advance(hours=24 * days)
    worker(engine).drain()


def left(engine, matter):
    """How many rows of a matter stand in the tables at work, and how many in the archive."""
    with engine.database.transaction(write=False) as session:
        return [
            sum(session.scalar(select(func.count()).select_from(table).where(table.c.instance_id == matter)) for table in some)
            for some in (
                (tables.user_task, tables.history_event, tables.variable),
                (tables.archived_task, tables.archived_event, tables.archived_variable),
            )
        ]  # fmt: skip


def test_staff_see_a_matter_in_the_archive_as_they_saw_it_before(engine, clock, finished):
    alice = person(engine, "alice")
    asked = questions(finished, [row.id for row in read(engine, "user_task", instance_id=finished)])
    clock.advance(hours=24 * 91)
    before = [engine.ask(question, alice) for question in asked]
    rows = left(engine, finished)[0]
    archive(engine, clock, days=0)
    clock.advance(hours=1)
    worker(engine).drain()
    clock.advance(hours=-1)
    assert left(engine, finished) == [0, rows]
    assert [engine.ask(question, alice) for question in asked] == before


def test_the_chain_of_a_matter_in_the_archive_is_verified_and_nothing_contradicts_it(engine, clock, finished):
    archive(engine, clock)
    report = engine.ask(ListBrokenChains(b""), ENGINE)
    assert report.broken == ()
    assert report.chains >= 1
    assert engine.ask(ListViolations(), ENGINE) == ()


def test_a_changed_event_in_the_archive_is_found(engine, clock, finished):
    archive(engine, clock)
    with engine.database.transaction() as session:
        event_ = tables.archived_event
        session.execute(event_.update().where(event_.c.seq == 2).values(actor_name="别人"))
    assert engine.ask(ListBrokenChains(b""), ENGINE).broken == (f"{finished} 2 was changed",)


def test_what_is_open_or_ended_lately_stays_at_work(engine, clock, finished):
    running = start(engine, "short").instance_id
    archive(engine, clock, days=89)
    assert left(engine, finished)[1] == left(engine, running)[1] == 0
    clock.advance(hours=48)
    worker(engine).drain()
    assert left(engine, finished)[0] == left(engine, running)[1] == 0
    assert left(engine, running)[0] > 0


def test_a_batch_that_is_cut_off_leaves_everything_where_it_was_and_is_done_once_afterwards(engine, clock, finished):
    rows = left(engine, finished)[0]
    clock.advance(hours=24 * 91)

    def cut(_connection, _cursor, statement, *_):
        if statement.startswith("DELETE FROM history_event"):
            raise ConnectionError

    event.listen(engine.database.engine, "before_cursor_execute", cut)
    try:
        with pytest.raises(ConnectionError):
            engine.run(Batch(), ENGINE)
    finally:
        event.remove(engine.database.engine, "before_cursor_execute", cut)
    assert left(engine, finished) == [rows, 0]
    assert [engine.run(Batch(), ENGINE) for _ in range(2)] == [1, 0]
    assert left(engine, finished) == [0, rows]


class Batch:
    """Archive what ended before now."""

    def execute(self, context):
        return archive_finished(context, context.now, 200)


def test_what_is_said_afterwards_joins_the_chain_and_the_timeline(engine, clock, finished):
    archive(engine, clock)
    alice = person(engine, "alice")
    before = len(engine.ask(ListTimeline(finished), alice))
    engine.run(AddComment(finished, None, "补充说明"), alice)
    assert len(engine.ask(ListTimeline(finished), alice)) == before + 1
    assert engine.ask(ListBrokenChains(b""), ENGINE).broken == ()
    assert engine.ask(ListViolations(), ENGINE) == ()


def test_a_task_in_the_archive_is_not_done_again(engine, clock, finished):
    task = read(engine, "user_task", instance_id=finished)[-1].id
    archive(engine, clock)
    with pytest.raises(UserTaskNotFoundError):
        engine.run(CompleteTask(task, {"note": "再来"}), person(engine, "alice"))


def test_no_id_is_given_twice_when_all_that_was_done_is_in_the_archive(engine, clock, deployed):
    """SQLite gives the highest id again once its row is gone, and the archive's rows have theirs for good."""
    for _ in range(3):
        matter = start(engine, "short").instance_id
        for _ in range(2):
            complete(engine, open_tasks(engine, matter)[0], note="完")
        archive(engine, clock)
    everywhere = [(tables.user_task, tables.archived_task), (tables.history_event, tables.archived_event)]
    for live, archived in everywhere:
        ids = [row.id for table in (live, archived) for row in read(engine, table.name)]
        assert len(ids) == len(set(ids))
    assert len({row.instance_id for row in read(engine, "archived_task")}) >= 2
    assert engine.ask(ListViolations(), ENGINE) == ()


def test_matters_go_into_the_partition_of_the_year_they_ended_in(engine, clock, finished):
    clock.advance(hours=24 * 366)
    later = start(engine, "short").instance_id
    for _ in range(2):
        complete(engine, open_tasks(engine, later)[0], note="完")
    start(engine, "short")
    archive(engine, clock)
    assert {row.year for row in read(engine, "archived_event", instance_id=finished)} == {2026}
    assert {row.year for row in read(engine, "archived_event", instance_id=later)} == {2027}
