"""Starting matters and the acts they offer beside their tasks."""

import pytest

from engine.commands.process_instances import (
    ActNotOfferedError,
    NotAStarterError,
    NotStartableError,
    StartProcess,
    TriggerEvent,
)
from engine.errors import InvalidSubmissionError, MatterNotFoundError, NotAllowedError, ProcessDefinitionNotFoundError
from tests.factories import (
    complete,
    deploy,
    do,
    form_file,
    line,
    open_tasks,
    person,
    prepare,
    procedure,
    props,
    read,
    start,
    tell_story,
    text_field,
    user,
)

WITH_FORM = '<bpmn:startEvent id="start" name="登记" camunda:formRef="register"/>'


@pytest.fixture(autouse=True)
def organisation(engine):
    prepare(engine)


def simple(engine, **more):
    deploy(engine, *procedure("demo", line(user("work"), keys=("work",)), **more))


def test_a_matter_gets_number_title_unit_and_its_first_task(engine):
    simple(engine)
    answer = start(engine, "demo")
    row = read(engine, "process_instance", id=answer.instance_id)[0]
    assert (row.number, row.title, row.unit_code, row.status, row.started_by) == (
        "T-191901-2026-00001", "demo流程", "191901", "active", "alice",
    )  # fmt: skip
    assert [(one.name, one.mine) for one in answer.tasks] == [("办理", True)]
    assert [row.kind for row in read(engine, "participant", person_id="alice")] == ["starter"]


def test_the_start_form_is_checked_and_filed(engine):
    inside = line(user("work"), keys=("work",)).replace('<bpmn:startEvent id="start"/>', WITH_FORM)
    form = form_file("demo", "register", text_field("title", "标题", validate={"required": True}))
    deploy(engine, *procedure("demo", inside), form)
    with pytest.raises(InvalidSubmissionError):
        start(engine, "demo")
    assert read(engine, "process_instance") == []
    assert read(engine, "number_sequence") == []
    answer = start(engine, "demo", title="占道经营线索")
    assert read(engine, "process_instance")[0].title == "占道经营线索"
    filed = read(engine, "user_task", instance_id=answer.instance_id, status="completed")[0]
    assert (filed.name, filed.submission["title"], filed.completed_by) == ("登记", "占道经营线索", "alice")


def test_who_holds_no_starting_position_may_not_start(engine):
    simple(engine, roles="dist_intake")
    with pytest.raises(NotAStarterError):
        start(engine, "demo")
    assert start(engine, "demo", "intake").instance_id


def test_nobody_starts_for_a_unit_where_he_holds_no_position(engine):
    simple(engine)
    with pytest.raises(NotAStarterError):
        start(engine, "demo", "alice", "192")


def test_a_procedure_for_calls_only_is_not_started_by_hand(engine):
    simple(engine, about="callable_only = true")
    with pytest.raises(NotStartableError):
        start(engine, "demo")


def test_an_unknown_procedure_is_not_found(engine):
    with pytest.raises(ProcessDefinitionNotFoundError):
        start(engine, "nothing")


def test_the_same_start_request_again_gets_the_same_answer(engine):
    simple(engine)
    first = start(engine, "demo", idempotency_key="k")
    assert start(engine, "demo", idempotency_key="k") == first
    assert len(read(engine, "process_instance")) == 1
    assert start(engine, "demo", "bob", idempotency_key="k").instance_id != first.instance_id


def test_sensitivity_follows_the_variable_upwards_only(engine):
    deploy(
        engine,
        *procedure("demo", line(
            user("one", 'camunda:candidateGroups="squad_officer" camunda:formRef="level"'),
            user("two", 'camunda:candidateGroups="squad_officer" camunda:formRef="level"'),
            user("three"), keys=("one", "two", "three"),
        ), matter='title = "title"\nsensitivity = "level"'),
        form_file("demo", "level", text_field("level"), text_field("title")),
    )  # fmt: skip
    matter = start(engine, "demo").instance_id
    do(engine, matter, "one", level="S2", title="新标题")
    row = read(engine, "process_instance", id=matter)[0]
    assert (row.sensitivity, row.title) == (2, "新标题")
    task = read(engine, "user_task", instance_id=matter, status="open")[0]
    assert (task.sensitivity, task.title) == (2, "新标题")
    do(engine, matter, "two", level="S0", title="")
    assert read(engine, "process_instance", id=matter)[0].sensitivity == 2
    assert "sensitivity raised" in tell_story(engine, matter)


ACT = (
    '<bpmn:subProcess id="interrupt" triggeredByEvent="true">'
    '<bpmn:startEvent id="act" name="补充线索" isInterrupting="false" camunda:formRef="note">{properties}'
    '<bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>'
    '<bpmn:userTask id="extra" name="处理补充" camunda:candidateGroups="squad_officer"/><bpmn:endEvent id="act_end"/>'
    '<bpmn:sequenceFlow id="a1" sourceRef="act" targetRef="extra"/>'
    '<bpmn:sequenceFlow id="a2" sourceRef="extra" targetRef="act_end"/></bpmn:subProcess>'
)


@pytest.fixture
def matter(engine):
    """A matter that offers the act `act` to squad leaders and participants."""
    inside = line(user("work"), keys=("work",)) + ACT.format(
        properties=props(startableBy="squad_leader,participants", label="补充线索")
    )
    form = form_file("demo", "note", text_field("note", "说明", validate={"required": True}))
    deploy(engine, *procedure("demo", inside, more='<bpmn:message id="m" name="SUPPLEMENT"/>'), form)
    return start(engine, "demo").instance_id


@pytest.mark.parametrize("who", ["alice", "lead"])
def test_an_act_is_done_by_participants_and_the_roles_it_names(engine, matter, who):
    answer = engine.run(TriggerEvent(matter, "act", {"note": "又发现一处"}), person(engine, who))
    assert [one.name for one in answer.tasks] == ["处理补充"]
    assert len(open_tasks(engine, matter)) == 2
    assert "act triggered" in tell_story(engine, matter)


def test_an_act_is_refused_to_others_and_unknown_to_strangers(engine, matter):
    with pytest.raises(NotAllowedError):
        engine.run(TriggerEvent(matter, "act", {"note": "x"}), person(engine, "bob"))
    with pytest.raises(MatterNotFoundError):
        engine.run(TriggerEvent(matter, "act", {"note": "x"}), person(engine, "charlie"))


def test_the_form_of_an_act_is_checked(engine, matter):
    with pytest.raises(InvalidSubmissionError):
        engine.run(TriggerEvent(matter, "act", {}), person(engine, "alice"))
    assert len(open_tasks(engine, matter)) == 1


@pytest.mark.parametrize("node", ["work", "nothing", "start", "interrupt"])
def test_what_is_no_act_is_not_offered(engine, matter, node):
    with pytest.raises(ActNotOfferedError):
        engine.run(TriggerEvent(matter, node, {"note": "x"}), person(engine, "alice"))


def test_an_ended_matter_offers_no_act(engine, matter):
    complete(engine, open_tasks(engine, matter)[0])
    with pytest.raises(ActNotOfferedError):
        engine.run(TriggerEvent(matter, "act", {"note": "x"}), person(engine, "alice"))


def test_a_start_with_text_no_database_stores_is_refused(engine):
    from engine.errors import TextNotStorableError

    simple(engine)
    with pytest.raises(TextNotStorableError):
        engine.run(StartProcess("demo", {"x": "\x00"}), person(engine, "alice"))
