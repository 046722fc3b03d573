"""Claim: a candidate takes a task, within separation of duties, recusal, certificates and the access list."""

from datetime import date

import pytest
from sqlalchemy import update

from engine.commands.positions import GrantPosition
from engine.errors import (
    NotACandidateError,
    NotAllowedError,
    SeparationOfDutiesError,
    TaskAlreadyClaimedError,
    TaskNotOpenError,
    UserTaskNotFoundError,
)
from engine.model import Person
from engine.queries.task import FindTask
from engine.queries.worklist import CountTasks, ListTasks
from engine.task_actions.claim import ClaimTask
from tests.factories import (
    complete,
    deploy,
    do,
    line,
    open_task,
    open_tasks,
    prepare,
    procedure,
    props,
    read,
    start,
    user,
)
from tests.rows import SQUAD, person


@pytest.fixture
def task_id(engine):
    return open_task(engine)


@pytest.fixture
def alice(engine, task_id):
    return person(engine, "alice")


@pytest.fixture
def bob(engine, task_id):
    return person(engine, "bob")


def test_a_candidate_becomes_the_assignee_and_the_task_leaves_all_other_worklists(engine, clock, alice, bob, task_id):
    engine.run(ClaimTask(task_id), alice)
    row = engine.ask(FindTask(task_id), alice).row
    assert (row.assignee, row.claimed_at, row.status_text) == ("alice", clock.now(), "办理中")
    assert [one.id for one in engine.ask(ListTasks("mine"), alice).rows] == [task_id]
    assert engine.ask(ListTasks("claimable"), bob).rows == ()
    assert engine.ask(ListTasks("claimable"), alice).rows == ()


def test_claiming_ones_own_task_again_changes_nothing(engine, clock, alice, task_id):
    engine.run(ClaimTask(task_id), alice)
    before = engine.ask(FindTask(task_id), alice).row_version
    clock.advance(hours=1)
    engine.run(ClaimTask(task_id), alice)
    assert engine.ask(FindTask(task_id), alice).row_version == before


def test_the_second_candidate_is_told_who_was_first(engine, alice, bob, task_id):
    engine.run(ClaimTask(task_id), alice)
    with pytest.raises(TaskAlreadyClaimedError) as refusal:
        engine.run(ClaimTask(task_id), bob)
    assert "alice（示例）" in str(refusal.value)


def test_who_sees_the_matter_but_is_no_candidate_may_not_claim(engine, task_id):
    with pytest.raises(NotACandidateError):
        engine.run(ClaimTask(task_id), person(engine, "chief"))


def test_unknown_tasks_and_those_one_may_not_know_of_are_told_alike(engine, task_id):
    for number, who in ((404, "alice"), (task_id, "western"), (task_id, "charlie"), (task_id, "system")):
        with pytest.raises(UserTaskNotFoundError):
            engine.run(ClaimTask(number), person(engine, who))


def test_a_completed_task_is_not_claimed(engine, alice, bob, task_id):
    complete(engine, task_id, alice)
    with pytest.raises(TaskNotOpenError):
        engine.run(ClaimTask(task_id), bob)


def two_steps(engine, about, sensitivity="S1", **values):
    """A matter whose first step alice has done; returns the open task of the second."""
    prepare(engine)
    first = user("first", name="登记核实")
    steps = line(first, user("second", inside=props(**about), name="确认"), keys=("first", "second"))
    deploy(engine, *procedure("two_steps", steps, sensitivity=sensitivity))
    matter = start(engine, "two_steps", "alice", **values).instance_id
    do(engine, matter, "first", "alice")
    return open_tasks(engine, matter, "second")[0]


def test_who_did_the_step_named_may_not_do_this_one(engine):
    task_id = two_steps(engine, {"notSameAs": "first"})
    with pytest.raises(SeparationOfDutiesError) as refusal:
        engine.run(ClaimTask(task_id), person(engine, "alice"))
    assert "登记核实" in str(refusal.value)
    assert not engine.ask(FindTask(task_id), person(engine, "alice")).acts["claim"].allowed
    engine.run(ClaimTask(task_id), person(engine, "bob"))


def test_who_started_the_matter_may_not_do_a_step_that_names_the_start(engine):
    task_id = two_steps(engine, {"notSameAs": "start"})
    with pytest.raises(SeparationOfDutiesError):
        engine.run(ClaimTask(task_id), person(engine, "alice"))
    engine.run(ClaimTask(task_id), person(engine, "bob"))


def test_people_of_an_excluded_unit_may_not_act(engine):
    task_id = two_steps(engine, {"excludeUnit": SQUAD})
    with pytest.raises(NotAllowedError, match="回避"):
        engine.run(ClaimTask(task_id), person(engine, "bob"))


def test_a_step_of_enforcement_asks_for_a_valid_certificate(engine, clock):
    task_id = two_steps(engine, {"certified": "true"})
    bob = person(engine, "bob")
    with pytest.raises(NotAllowedError, match="行政执法证"):
        engine.run(ClaimTask(task_id), bob)
    with engine.database.transaction() as session:
        valid = {"cert_no": "SL-1", "cert_valid_to": date(2026, 3, 2)}
        session.execute(update(Person).where(Person.id == "bob").values(**valid))
    engine.run(ClaimTask(task_id), bob)


def test_a_certificate_that_ended_yesterday_is_not_valid(engine):
    task_id = two_steps(engine, {"certified": "true"})
    with engine.database.transaction() as session:
        ended = {"cert_no": "SL-1", "cert_valid_to": date(2026, 3, 1)}
        session.execute(update(Person).where(Person.id == "bob").values(**ended))
    with pytest.raises(NotAllowedError):
        engine.run(ClaimTask(task_id), person(engine, "bob"))


def test_who_claims_in_a_restricted_matter_is_put_on_its_access_list(engine):
    task_id = two_steps(engine, {}, sensitivity="S3")
    bob = person(engine, "bob")
    before = engine.ask(FindTask(task_id), bob)
    assert before.row.masked
    assert (before.form, before.variables, before.comments, before.why) == (None, {}, (), "")
    engine.run(ClaimTask(task_id), bob)
    after = engine.ask(FindTask(task_id), bob)
    assert not after.row.masked
    assert after.variables["matter"]["sensitivity"] == "S3"
    kinds = {row.kind for row in read(engine, "participant", person_id="bob")}
    assert kinds == {"assignee", "access"}


def test_an_administrator_takes_no_task_of_a_sensitive_matter(engine):
    task_id = two_steps(engine, {}, sensitivity="S2")
    engine.run(GrantPosition("modeller", "squad_officer", SQUAD), person(engine, "security"))
    modeller = person(engine, "modeller")
    assert engine.ask(ListTasks("claimable"), modeller).rows == ()
    assert engine.ask(CountTasks(), modeller)["claimable"] == 0
    for question in (lambda: engine.run(ClaimTask(task_id), modeller), lambda: engine.ask(FindTask(task_id), modeller)):
        with pytest.raises(UserTaskNotFoundError):
            question()
