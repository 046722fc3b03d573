"""How the databases answer what is asked all day: by the right index, and never by reading a table from end to end."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from engine.actor import ENGINE
from engine.directory import Colleague
from engine.execution.archiving import archive_finished
from engine.execution.notices import Telling, tell
from engine.jobs.acquire import AcquireJobs
from engine.jobs.deliver_message import waiting_for
from engine.jobs.keep_house import EnsureHouse, KeepHouse
from engine.model import tables
from engine.queries.diagrams import FindDiagram
from engine.queries.matter import FindMatter, ListTimeline
from engine.queries.matters import CountMatters, ListMatters
from engine.queries.notices import ListNotices
from engine.queries.task import FindTask
from engine.queries.worklist import CountTasks, ListTasks
from engine.reports import FindLedger, OpenWork, Timeliness
from tests.benchmarks.completion import deploy_rounds
from tests.benchmarks.filling import fill, words
from tests.benchmarks.large import Past
from tests.benchmarks.worklist import open_matters
from tests.factories import person, prepare, read, start
from tests.rows import SQUAD
from tests.statements import plan_of, scanned, steps_of

MANY = 3_000
LARGE = (
    "user_task", "task_access", "process_instance", "participant", "history_event", "variable", "archived_task",
    "archived_event", "archived_variable",
)  # fmt: skip
PERIOD = (date(2026, 1, 1), date(2026, 12, 31))
OF_MANY = (OpenWork(*PERIOD), Timeliness(*PERIOD), CountMatters("rounds"), ListMatters(sort="title"))
WALK, STARTED = "ix_task_access_walk", "started_at_id"
REPORTS = {
    Timeliness(*PERIOD): ("ix_process_instance_counted",),
    OpenWork(*PERIOD): ("ix_process_instance_counted", "ix_user_task_open"),
}
OPEN = {
    "first page": (ListTasks("claimable"), WALK),
    "latest first": (ListTasks("claimable", descending=True), WALK),
    "light": (ListTasks("claimable", light=3), WALK),
    "unit": (ListTasks("claimable", unit=SQUAD), WALK),
    "search": (ListTasks("claimable", search="没有"), WALK),
    "title": (ListTasks("claimable", sort="title"), WALK),
    "mine": (ListTasks("mine"), WALK),
    "done": (ListTasks("done"), "completed_by"),
    "started": (ListTasks("started"), "ix_process_instance_started_by_started_at_id"),
    "copied": (ListTasks("cc"), "ix_participant_person_id_kind_instance_id"),
    "counts": (CountTasks(), WALK),
    "matters": (ListMatters(), STARTED),
    "open matters": (ListMatters(status="open"), "ix_process_instance_status_started_at_id"),
    "matters of a procedure": (ListMatters(procedure="rounds"), STARTED),
    "matters of a unit": (ListMatters(unit=SQUAD), STARTED),
    "overdue matters": (ListMatters(overdue=True), "ix_process_instance_overdue"),
    "a matter by its number": (ListMatters(search="B-7"), "ix_process_instance_number"),
    "counts of matters": (CountMatters(), "ix_process_instance_status_started_at_id"),
}


@pytest.fixture
def busy(engine):
    """Some thousand open matters, half of them in the worklist of bob's squad."""
    prepare(engine)
    deploy_rounds(engine)
    start(engine, "rounds")
    open_matters(engine, MANY)
    return engine


@pytest.fixture
def old(engine):
    """Some thousand finished matters in the archive; the id of one of them."""
    prepare(engine)
    Past(engine, MANY).fill()
    return read(engine, "process_instance", number="A-700")[0].id


def test_lists_and_counts_of_open_work_walk_their_index(busy):
    bob = person(busy, "bob")
    for name, (question, index) in OPEN.items():
        plan = plan_of(busy, question, bob)
        assert index in "\n".join(plan), (name, plan)
        assert scanned(plan, LARGE) == [], name


def test_the_file_of_a_matter_in_the_archive_is_found_by_its_id(engine, old):
    task = read(engine, "archived_task", instance_id=old)[0].id
    alice = person(engine, "alice")
    for question in (
        FindMatter(old),
        ListTimeline(old),
        FindDiagram(old),
        FindTask(task),
        FindLedger("past", (old, old + 1)),
    ):
        assert scanned(plan_of(engine, question, alice), LARGE) == [], question


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_look_at_one_matter_costs_the_same_however_much_work_somebody_has(engine):
    """SQLite has no statistics: it must not begin with the worklist or with all that people ever took part in."""
    prepare(engine)
    deploy_rounds(engine)
    start(engine, "rounds")
    bob, steps = person(engine, "bob"), []
    for more in (300, 900):
        open_matters(engine, more)
        steps.append([steps_of(engine, question, bob) for question in OF_MANY])
    for question, few, many in zip(OF_MANY, *steps, strict=True):
        assert many < 6 * few, question


def test_reports_count_along_their_indexes(busy):
    bob = person(busy, "bob")
    for question, indexes in REPORTS.items():
        plan = plan_of(busy, question, bob)
        for index in indexes:
            assert index in "\n".join(plan), (index, plan)
        assert scanned(plan, LARGE) == [], question


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_report_on_the_past_does_not_look_at_all_that_has_ended_since(engine):
    prepare(engine)
    Past(engine, MANY).fill()
    chief, month = person(engine, "chief"), timedelta(days=30)
    long_ago, lately = (engine.clock.now().date() - timedelta(days=days) for days in (3200, 300))
    reports = [Timeliness(one, one + month) for one in (long_ago, lately)]
    steps = [steps_of(engine, one, chief) for one in reports]
    assert steps[0] < 1.5 * steps[1]
    assert "ix_process_instance_long" in "\n".join(plan_of(engine, reports[0], chief))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_keeping_house_reads_no_table_that_grows_from_end_to_end(busy, clock):
    busy.run(EnsureHouse(), ENGINE)
    clock.advance(minutes=10)
    (job,) = busy.run(AcquireJobs("worker", 1, False), ENGINE)
    plan = plan_of(busy, KeepHouse(job), ENGINE)
    read_whole = {line.split()[1] for line in plan if line.startswith("SCAN")}
    assert read_whole.isdisjoint({*LARGE, "message", "notice", "outbox"})


def test_the_message_that_waits_for_somebody_is_found_by_an_index(busy):
    assert "ix_outbox_waiting" in "\n".join(plan_of(busy, TellBob(), ENGINE))


def test_old_notices_are_found_by_an_index(busy):
    assert "ix_notice_person_id_id" in "\n".join(plan_of(busy, ListNotices(before=700), person(busy, "bob")))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_waits_longest_for_a_message_is_found_however_many_wait(engine):
    prepare(engine)
    row = {"kind": "message", "name": "STOP", "correlation": None, "catcher": "wait", "event_index": 0}
    deploy_rounds(engine)
    row |= {"instance_id": start(engine, "rounds").instance_id, "process_key": "rounds"}
    steps = []
    for first, behind in ((0, 500), (500, 2000)):
        fill(engine, tables.subscription, behind - first, row, owner=lambda n, first=first: words(n + first))
        steps.append(steps_of(engine, FirstWaiting(), ENGINE))
    assert steps[1] <= steps[0] + 1


class FirstWaiting:
    """Find who waits longest for a message without a key."""

    def execute(self, context):
        return next(waiting_for(context, SimpleNamespace(name="STOP", correlation=None)))


class TellBob:
    """Tell somebody who has an address."""

    def execute(self, context):
        bob = Colleague("bob", "", SQUAD, "", email="bob@example.invalid")
        tell(context, [bob], Telling("light:Y", "快到期了", "cause"))


def test_what_is_to_be_archived_is_found_without_looking_at_what_is_archived(engine, old):
    plan = "\n".join(plan_of(engine, Archive(), ENGINE))
    assert "ix_process_instance_to_archive" in plan


class Archive:
    """Look for what could be archived; there is nothing."""

    def execute(self, context):
        return archive_finished(context, context.now - timedelta(days=40_000), 10)
