"""What one completion costs, in figures that do not depend on the machine: statements, commits, bytes of state."""

import json

import pytest
from sqlalchemy import event

from engine.exchange import watchers
from engine.task_actions.complete import CompleteTask
from tests.factories import (
    claim,
    deploy,
    flows,
    form_file,
    person,
    prepare,
    procedure,
    props,
    read,
    start,
    text_field,
    user,
)

FORM = 'camunda:candidateGroups="squad_officer" camunda:formRef="work"'
LOOP = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>{}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"


@pytest.fixture
def rounds(engine):
    """A matter that goes round between two steps, each with a form and a deadline."""
    prepare(engine)
    inside = (
        '<bpmn:startEvent id="start"/>'
        + user("work", FORM, props(deadline="T-WD"))
        + user("check", FORM, props(deadline="T-LAW"))
        + '<bpmn:exclusiveGateway id="gw" default="gw_end"/><bpmn:endEvent id="end"/>'
        + flows("start>work", "work>check", "check>gw", 'gw>work?${again = "是"}', "gw>end")
    )
    form = form_file("rounds", "work", text_field("note", "说明"), text_field("again", "再来"))
    deploy(engine, *procedure("rounds", inside), form)
    return start(engine, "rounds").tasks[0].task_id


def submit(engine, task_id, number):
    claim(engine, task_id)
    answer = engine.run(
        CompleteTask(task_id, {"note": f"第{number}次", "again": "是"}, None, f"k{number}"), person(engine, "alice")
    )
    return answer.next[0].task_id


def counted(engine, task_id, number):
    """Complete a task and return how many statements and commits that took."""
    claim(engine, task_id)
    alice = person(engine, "alice")
    statements, commits = [], []

    def see(_connection, _cursor, statement, *_):
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    def end(connection):
        commits.append(connection)

    event.listen(engine.database.engine, "before_cursor_execute", see)
    watchers.append(statements.append)
    event.listen(engine.database.engine, "commit", end)
    try:
        answer = engine.run(CompleteTask(task_id, {"note": f"第{number}次", "again": "是"}, None, f"k{number}"), alice)
    finally:
        event.remove(engine.database.engine, "before_cursor_execute", see)
        watchers.remove(statements.append)
        event.remove(engine.database.engine, "commit", end)
    return answer.next[0].task_id if answer.next else None, statements, len(commits)


@pytest.mark.counts
def test_a_completion_is_one_commit_and_at_most_twelve_statements(engine, rounds):
    task = rounds
    for number in range(6):
        task, statements, commits = counted(engine, task, number)
        assert commits == 1
        assert len(statements) <= 12, "\n".join(statements)


def test_state_and_variables_stay_flat_over_many_rounds(engine, rounds):
    task, sizes, variables = rounds, [], []
    for number in range(60):
        task = submit(engine, task, number)
        if number in {9, 59}:
            instance = read(engine, "process_instance")[0]
            sizes.append(len(json.dumps(instance.state)))
            variables.append(len(read(engine, "variable")))
    assert variables[0] == variables[1]
    assert sizes[1] <= sizes[0] * 1.2
    assert sizes[1] <= 4096


def test_only_what_changed_is_written(engine, rounds):
    task = submit(engine, rounds, 1)
    _, statements, _ = counted(engine, task, 2)
    assert sum("INSERT INTO variable" in statement for statement in statements) == 1
    assert not [statement for statement in statements if "DELETE FROM variable" in statement]


@pytest.mark.counts
def test_a_completion_among_hundreds_takes_no_more_statements_than_a_single_one(engine):
    prepare(engine)
    step = user("sign", FORM, LOOP.format(300))
    inside = '<bpmn:startEvent id="start"/>' + step + '<bpmn:endEvent id="end"/>' + flows("start>sign", "sign>end")
    deploy(engine, *procedure("many", inside), form_file("many", "work", text_field("note", "说明")))
    tasks = start(engine, "many").tasks
    _, statements, commits = counted(engine, tasks[7].task_id, 1)
    assert (len(statements) <= 12, commits) == (True, 1)
