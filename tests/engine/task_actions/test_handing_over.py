"""Handing over: back to the group, or to a colleague who may have it."""

import pytest

from engine.commands.people import DeactivatePerson
from engine.errors import InvalidError, NotAllowedError, NotTheAssigneeError, TaskNotOpenError, UserTaskNotFoundError
from engine.queries.notices import ListNotices
from engine.queries.people import ListColleagues
from engine.queries.task import FindTask
from engine.queries.worklist import ListTasks
from engine.task_actions.claim import ClaimTask
from engine.task_actions.complete import CompleteTask
from engine.task_actions.save_draft import SaveDraft
from engine.task_actions.transfer import NotAColleagueError, TransferTask
from engine.task_actions.unclaim import NoCandidatesError, UnclaimTask
from tests.factories import (
    claim,
    complete,
    deploy,
    do,
    line,
    open_task,
    open_tasks,
    prepare,
    procedure,
    props,
    start,
    tell_story,
    user,
)
from tests.rows import person


@pytest.fixture
def task_id(engine):
    task_id = open_task(engine)
    claim(engine, task_id, "alice")
    return task_id


def test_a_task_put_back_stands_in_the_worklists_of_its_candidates_again(engine, task_id):
    alice, bob = person(engine, "alice"), person(engine, "bob")
    engine.run(SaveDraft(f"task:{task_id}", {"a": "typed"}), alice)
    engine.run(UnclaimTask(task_id, "今日休假"), alice)
    assert [row.id for row in engine.ask(ListTasks("claimable"), bob).rows] == [task_id]
    assert engine.ask(ListTasks("mine"), alice).rows == ()
    engine.run(ClaimTask(task_id), alice)
    assert engine.ask(FindTask(task_id), alice).draft.values == {"a": "typed"}


def test_only_the_assignee_puts_a_task_back(engine, task_id):
    with pytest.raises(NotTheAssigneeError):
        engine.run(UnclaimTask(task_id), person(engine, "bob"))
    complete(engine, task_id, "alice")
    with pytest.raises(TaskNotOpenError):
        engine.run(UnclaimTask(task_id), person(engine, "alice"))


def test_a_task_for_one_person_alone_has_no_group_to_go_back_to(engine):
    prepare(engine)
    only = user("only", more='camunda:assignee="${starter}"')
    deploy(engine, *procedure("alone", line(only, keys=("only",))))
    task_id = start(engine, "alone", "alice").tasks[0].task_id
    alice = person(engine, "alice")
    with pytest.raises(NoCandidatesError):
        engine.run(UnclaimTask(task_id), alice)
    assert not engine.ask(FindTask(task_id), alice).acts["unclaim"].allowed
    # Those who hold the same position may still have it.
    engine.run(TransferTask(task_id, "bob", "请代为办理"), alice)
    assert engine.ask(FindTask(task_id), person(engine, "bob")).row.assignee == "bob"


def test_the_colleagues_are_the_people_behind_the_candidates(engine, task_id):
    found = engine.ask(ListColleagues(task_id), person(engine, "alice"))
    assert [(one.id, one.unit_name, one.roles_text, one.allowed) for one in found] == [
        ("bob", "临江中队", "中队队员", True)
    ]


def test_a_transfer_is_recorded_and_the_colleague_is_told(engine, task_id):
    alice, bob = person(engine, "alice"), person(engine, "bob")
    matter = engine.ask(FindTask(task_id), alice).row.instance_id
    engine.run(TransferTask(task_id, "bob", "临时出警"), alice)
    assert [row.id for row in engine.ask(ListTasks("mine"), bob).rows] == [task_id]
    assert engine.ask(ListTasks("mine"), alice).rows == ()
    (notice,) = engine.ask(ListNotices(unread=True), bob)
    assert (notice.task_id, notice.kind) == (task_id, "assigned")
    assert tell_story(engine, matter)[-1] == "task transferred"
    with pytest.raises(NotTheAssigneeError):
        engine.run(CompleteTask(task_id, {}), alice)
    complete(engine, task_id, "bob")


@pytest.mark.parametrize("to", ["charlie", "chief", "system", "nobody", "alice2", "../x"])
def test_a_task_goes_to_nobody_who_may_not_have_it(engine, task_id, to):
    with pytest.raises(NotAColleagueError):
        engine.run(TransferTask(task_id, to, "请办理"), person(engine, "alice"))


@pytest.mark.parametrize("reason", ["", " ", "x", "长" * 501, "a\x00b"])
def test_a_transfer_needs_a_reason(engine, task_id, reason):
    with pytest.raises(InvalidError):
        engine.run(TransferTask(task_id, "bob", reason), person(engine, "alice"))


def test_a_colleague_who_left_gets_no_task(engine, task_id):
    engine.run(DeactivatePerson("bob"), person(engine, "system"))
    with pytest.raises(NotAColleagueError):
        engine.run(TransferTask(task_id, "bob", "请办理"), person(engine, "alice"))


def test_the_direct_leader_assigns_a_task_of_his_people_and_nobody_else_does(engine):
    task_id = open_task(engine)
    engine.run(TransferTask(task_id, "bob", "指派办理"), person(engine, "lead"))
    assert engine.ask(FindTask(task_id), person(engine, "bob")).row.assignee == "bob"
    for who in ("chief", "town"):
        with pytest.raises(NotTheAssigneeError):
            engine.run(TransferTask(task_id, "alice", "指派办理"), person(engine, who))
    with pytest.raises(UserTaskNotFoundError):
        engine.run(TransferTask(task_id, "alice", "指派办理"), person(engine, "western"))


def test_separation_of_duties_holds_for_transfers_too(engine):
    prepare(engine)
    steps = line(user("first"), user("second", inside=props(notSameAs="first")), keys=("first", "second"))
    deploy(engine, *procedure("two_steps", steps))
    matter = start(engine, "two_steps", "alice").instance_id
    do(engine, matter, "first", "alice")
    task_id = open_tasks(engine, matter, "second")[0]
    claim(engine, task_id, "bob")
    colleague = engine.ask(ListColleagues(task_id), person(engine, "bob"))[0]
    assert (colleague.id, colleague.allowed) == ("alice", False)
    with pytest.raises(NotAllowedError):
        engine.run(TransferTask(task_id, "alice", "请办理"), person(engine, "bob"))
