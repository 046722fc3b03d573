"""Completing: one transaction checks everything, files the form, and lets the matter go on."""

import pytest

from engine.errors import (
    InvalidSubmissionError,
    MatterSuspendedError,
    NotTheAssigneeError,
    SeparationOfDutiesError,
    StaleTaskError,
    TaskNotOpenError,
    TextNotStorableError,
    UserTaskNotFoundError,
)
from engine.task_actions.complete import CompleteTask
from tests.factories import (
    claim,
    complete,
    deploy,
    do,
    flows,
    form_file,
    line,
    number_field,
    open_task,
    open_tasks,
    person,
    prepare,
    procedure,
    props,
    read,
    service,
    start,
    tell_story,
    text_field,
    user,
    worker,
)

FORM = 'camunda:candidateGroups="squad_officer" camunda:formRef="note"'


@pytest.fixture
def alice(engine):
    return person(engine, "alice")


@pytest.fixture
def task_id(engine):
    """A task of alice's with a form: `note` is required, `amount` at least 1; a second step of one like her follows."""
    prepare(engine)
    inside = line(user("work", FORM, name="核查"), user("review", name="审核"), keys=("work", "review"))
    form = form_file(
        "demo", "note",
        text_field("note", "说明", validate={"required": True}),
        number_field("amount", validate={"min": 1}),
        text_field("fixed", "编号", readonly=True),
    )  # fmt: skip
    deploy(engine, *procedure("demo", inside), form)
    task = start(engine, "demo").tasks[0].task_id
    claim(engine, task)
    return task


def test_who_submits_is_told_who_is_next(engine, task_id):
    answer = complete(engine, task_id, note="已核查")
    assert not answer.finished
    (following,) = answer.next
    assert (following.name, following.mine) == ("审核", True)
    assert "中队队员" in following.who


def test_what_was_filed_is_kept_with_the_task_and_as_variables(engine, task_id):
    answer = complete(engine, task_id, note="已核查", amount=3)
    task = read(engine, "user_task", id=task_id)[0]
    assert (task.status, task.completed_by) == ("completed", "alice")
    assert task.submission["note"] == "已核查"
    values = {row.name: row.value for row in read(engine, "variable", instance_id=answer.instance_id)}
    assert (values["note"], values["amount"]) == ("已核查", 3)


def test_a_completed_task_leaves_all_worklists_and_its_light_goes_out(engine):
    task_id = open_task(engine, deadline="T-WD")
    assert [row.kind for row in read(engine, "job")] == ["light"]
    complete(engine, task_id)
    assert read(engine, "task_access", task_id=task_id) == []
    assert read(engine, "job") == []


def test_a_required_field_left_empty_is_named_and_nothing_happens(engine, task_id, alice):
    before = read(engine, "process_instance")
    with pytest.raises(InvalidSubmissionError) as refusal:
        engine.run(CompleteTask(task_id, {"amount": 0}), alice)
    assert set(refusal.value.fields) == {"note", "amount"}
    assert read(engine, "process_instance") == before
    assert read(engine, "user_task", id=task_id)[0].status == "open"


def test_unknown_fields_are_dropped(engine, task_id):
    answer = complete(engine, task_id, note="好", starter="mallory", matter_unit="100", role="chief")
    values = {row.name: row.value for row in read(engine, "variable", instance_id=answer.instance_id)}
    assert (values["starter"], values["matter_unit"]) == ("alice", "191901")
    assert "role" not in values
    assert set(read(engine, "user_task", id=task_id)[0].submission) <= {"note", "amount", "fixed"}


def test_a_changed_read_only_field_is_refused(engine, task_id, alice):
    with pytest.raises(InvalidSubmissionError) as refusal:
        engine.run(CompleteTask(task_id, {"note": "好", "fixed": "伪造"}), alice)
    assert set(refusal.value.fields) == {"fixed"}


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_text_that_no_database_stores_is_refused(engine, task_id, alice, text):
    with pytest.raises(TextNotStorableError):
        engine.run(CompleteTask(task_id, {"note": text}), alice)


def test_the_same_request_again_gets_the_same_answer(engine, task_id, alice):
    first = engine.run(CompleteTask(task_id, {"note": "好"}, None, "key-1"), alice)
    again = engine.run(CompleteTask(task_id, {"note": "另一个"}, None, "key-1"), alice)
    assert again == first
    assert tell_story(engine, first.instance_id).count("task completed") == 1


def test_another_request_for_a_completed_task_is_refused(engine, task_id, alice):
    engine.run(CompleteTask(task_id, {"note": "好"}, None, "key-1"), alice)
    for key in (None, "key-2"):
        with pytest.raises(TaskNotOpenError):
            engine.run(CompleteTask(task_id, {"note": "好"}, None, key), alice)


def test_somebody_elses_key_is_no_key(engine, task_id, alice):
    engine.run(CompleteTask(task_id, {"note": "好"}, None, "key-1"), alice)
    with pytest.raises(TaskNotOpenError):
        engine.run(CompleteTask(task_id, {"note": "好"}, None, "key-1"), person(engine, "bob"))


def test_a_page_older_than_the_task_is_refused(engine, task_id, alice):
    shown = read(engine, "user_task", id=task_id)[0].row_version
    with pytest.raises(StaleTaskError):
        engine.run(CompleteTask(task_id, {"note": "好"}, shown - 1), alice)
    assert engine.run(CompleteTask(task_id, {"note": "好"}, shown), alice)


def test_only_the_assignee_submits(engine, task_id):
    with pytest.raises(NotTheAssigneeError):
        engine.run(CompleteTask(task_id, {"note": "好"}), person(engine, "bob"))


def test_an_unclaimed_task_cannot_be_submitted(engine):
    task_id = open_task(engine)
    with pytest.raises(NotTheAssigneeError):
        engine.run(CompleteTask(task_id, {}), person(engine, "alice"))


def test_unknown_and_forbidden_tasks_look_the_same(engine, task_id):
    charlie = person(engine, "charlie")
    refusals = []
    for wanted in (task_id, 404):
        with pytest.raises(UserTaskNotFoundError) as refusal:
            engine.run(CompleteTask(wanted, {"note": "好"}), charlie)
        refusals.append(str(refusal.value))
    assert refusals[0] == refusals[1]


def test_one_person_may_not_do_both_of_two_steps_kept_apart(engine):
    prepare(engine)
    inside = line(
        user("work", name="核查"), user("review", name="审核", inside=props(notSameAs="work")), keys=("work", "review")
    )
    deploy(engine, *procedure("demo", inside))
    matter = start(engine, "demo").instance_id
    do(engine, matter, "work", "alice")
    (review,) = open_tasks(engine, matter, "review")
    with pytest.raises(SeparationOfDutiesError):
        claim(engine, review, "alice")
    # Even where the claim was possible once, the submission checks again.
    with engine.database.transaction() as session:
        from sqlalchemy import update

        from engine.model import tables

        session.execute(update(tables.user_task).where(tables.user_task.c.id == review).values(assignee="alice"))
    with pytest.raises(SeparationOfDutiesError):
        engine.run(CompleteTask(review, {}), person(engine, "alice"))
    with engine.database.transaction() as session:
        session.execute(update(tables.user_task).where(tables.user_task.c.id == review).values(assignee=None))
    assert complete(engine, review, "bob").finished


@pytest.fixture
def paused(engine):
    """A matter whose service task paused it beside two tasks; `go_on` may be done meanwhile and resumes it."""
    prepare(engine)
    inside = (
        '<bpmn:startEvent id="start"/><bpmn:parallelGateway id="fork"/><bpmn:parallelGateway id="join"/>'
        '<bpmn:endEvent id="end"/>'
        + user("work") + user("go_on", inside=props(whileSuspended="true"))
        + service("pause", "matter.suspend", inputs={"reason": "等待鉴定"}) + service("resume", "matter.resume")
        + flows("start>fork", "fork>work", "fork>pause", "pause>go_on", "go_on>resume", "resume>join", "work>join", "join>end")
    )  # fmt: skip
    deploy(engine, *procedure("demo", inside))
    matter = start(engine, "demo").instance_id
    worker(engine).drain()
    return matter


def test_a_paused_matter_takes_no_submissions_but_those_it_allows(engine, paused):
    (work,) = open_tasks(engine, paused, "work")
    claim(engine, work)
    with pytest.raises(MatterSuspendedError):
        engine.run(CompleteTask(work, {}), person(engine, "alice"))
    do(engine, paused, "go_on")
    worker(engine).drain()
    assert read(engine, "process_instance", id=paused)[0].status == "active"
    assert complete(engine, work).finished


def test_the_history_tells_who_did_what_in_order(engine, task_id):
    answer = complete(engine, task_id, note="好")
    assert tell_story(engine, answer.instance_id) == ["matter started", "task claimed", "task completed"]
    event = read(engine, "history_event", action="task completed")[0]
    assert (event.actor, event.task_id, event.object, event.details["step"]) == ("alice", task_id, "work", "核查")
