"""Extension: asked for within the deadline's rule, approved by the right person, the old date kept (C-07)."""

from datetime import date, datetime

import pytest

from engine.calendar import SHANGHAI, local
from engine.deadlines import ExtensionRefusedError
from engine.errors import InvalidError, NotTheAssigneeError, SeparationOfDutiesError
from engine.queries.matter import FindMatter
from engine.queries.task import FindTask
from engine.queries.worklist import ListTasks
from engine.task_actions.claim import ClaimTask
from engine.task_actions.extension import (
    ExtensionPendingError,
    ExtensionTooLateError,
    NoDeadlineError,
    RequestExtension,
)
from tests.factories import (
    claim,
    complete,
    deploy,
    line,
    open_task,
    open_tasks,
    procedure,
    props,
    read,
    service,
    user,
    worker,
)
from tests.rows import person

REASON = "当事人住院，需要等待其出院后再核实有关情况，已与区局沟通。"
# Ten working days from Monday 2 March; five more may be asked for.
DUE, LATEST, TOO_LATE = date(2026, 3, 16), date(2026, 3, 23), date(2026, 3, 24)


@pytest.fixture
def task_id(engine):
    task_id = open_task(engine, deadline="T-LAW")
    approve = user(
        "approve", more='camunda:candidateGroups="${approver}"', inside=props(notSameAs="start"), name="延期审批"
    )
    inputs = {name: f"${{{name}}}" for name in ("task_id", "new_due", "reason")}
    extend = service("extend", "deadline.extend", inputs=inputs)
    files = procedure(
        "cs_extension", line(approve, extend, keys=("approve", "extend")), roles="", about="callable_only = true",
        matter='title = "title"\nsensitivity = "sensitivity"',
    )  # fmt: skip
    deploy(engine, *files)
    claim(engine, task_id, "alice")
    return task_id


def ask(engine, task_id, day=LATEST, who="alice", reason=REASON):
    return engine.run(RequestExtension(task_id, day, reason, "已现场核查一次"), person(engine, who))


def due_of(engine, task_id):
    return engine.ask(FindTask(task_id), person(engine, "alice")).row.due.due_at


def test_the_page_says_how_far_and_by_whom(engine, task_id):
    view = engine.ask(FindTask(task_id), person(engine, "alice"))
    assert view.acts["extension"].allowed
    assert (view.extension.used, view.extension.times, view.extension.approver) == (0, 1, "区局分管领导")
    assert local(view.extension.latest).date() == LATEST
    assert view.row.due.text == "法定 T-LAW"


def test_the_old_date_stands_until_the_approval_and_is_kept_afterwards(engine, task_id):
    request = ask(engine, task_id)
    assert local(due_of(engine, task_id)).date() == DUE
    chief = person(engine, "chief")
    (waiting,) = engine.ask(ListTasks("claimable"), chief).rows
    assert (waiting.instance_id, waiting.step) == (request, "延期审批")
    complete(engine, open_tasks(engine, request)[0], "chief")
    worker(engine).drain()
    assert local(due_of(engine, task_id)).date() == LATEST
    (change,) = read(engine, "deadline_change", task_id=task_id)
    assert (local(change.old_due).date(), local(change.new_due).date(), change.reason) == (DUE, LATEST, REASON)


def test_the_request_is_linked_with_the_matter_and_shows_its_number_only(engine, task_id):
    request = ask(engine, task_id)
    alice = person(engine, "alice")
    matter = engine.ask(FindTask(task_id), alice).row
    view = engine.ask(FindMatter(matter.instance_id), alice)
    assert [(link.instance_id, link.kind) for link in view.links] == [(request, "延期申请")]
    assert engine.ask(FindMatter(request), alice).row.title == f"{matter.number} 延期申请"


def test_an_extension_beyond_the_rule_is_refused(engine, task_id):
    for day in (TOO_LATE, DUE, date(2026, 3, 10)):
        with pytest.raises(ExtensionRefusedError):
            ask(engine, task_id, day)
    assert read(engine, "process_instance", key="cs_extension") == []


def test_an_extension_is_asked_for_once_at_a_time_and_as_often_as_the_rule_says(engine, task_id):
    request = ask(engine, task_id, date(2026, 3, 18))
    with pytest.raises(ExtensionPendingError):
        ask(engine, task_id)
    complete(engine, open_tasks(engine, request)[0], "chief")
    worker(engine).drain()
    with pytest.raises(ExtensionRefusedError):
        ask(engine, task_id, date(2026, 3, 20))
    assert not engine.ask(FindTask(task_id), person(engine, "alice")).acts["extension"].allowed


def test_an_extension_is_asked_for_before_the_deadline(engine, clock, task_id):
    clock.move_to(datetime(2026, 3, 17, 9, tzinfo=SHANGHAI))
    with pytest.raises(ExtensionTooLateError):
        ask(engine, task_id)


def test_only_the_assignee_asks_and_gives_reasons(engine, task_id):
    with pytest.raises(NotTheAssigneeError):
        ask(engine, task_id, who="bob")
    for reason in ("", "太短", "长" * 1001, REASON + "\x00"):
        with pytest.raises(InvalidError):
            ask(engine, task_id, reason=reason)
    with pytest.raises(InvalidError):
        ask(engine, task_id, day=datetime(2026, 3, 20, 12))  # noqa: DTZ001 - that it has no zone is the point


def test_nobody_approves_his_own_request(engine, task_id):
    from engine.commands.positions import GrantPosition
    from tests.rows import EAST

    engine.run(GrantPosition("alice", "dist_leader", EAST), person(engine, "security"))
    request = ask(engine, task_id)
    with pytest.raises(SeparationOfDutiesError):
        engine.run(ClaimTask(open_tasks(engine, request)[0]), person(engine, "alice"))


def test_a_task_without_a_deadline_needs_none(engine):
    task_id = open_task(engine)
    claim(engine, task_id, "alice")
    with pytest.raises(NoDeadlineError):
        ask(engine, task_id)
