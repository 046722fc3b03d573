"""Acts on what waits for a message (`bihuan:startableBy`): events and receive tasks, also in called processes."""

import pytest

from engine.actor import ENGINE
from engine.commands.messages import CorrelateMessage
from engine.commands.once import Once
from engine.commands.process_instances import ActNotOfferedError, TriggerEvent
from engine.errors import InvalidSubmissionError, MatterNotFoundError, MatterSuspendedError, NotAllowedError
from engine.queries.matter import FindMatter
from engine.queries.starting import FindTrigger
from engine.task_actions.save_draft import SaveDraft
from tests.factories import (
    complete,
    deploy,
    flows,
    form_file,
    line,
    open_tasks,
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
from tests.rows import person

MESSAGE = '<bpmn:message id="m" name="ANSWER"/><bpmn:message id="w" name="WAIVER"/>'
WHO = props(startableBy="squad_leader,participants", label="登记答复")
FORM = 'camunda:formRef="answer"'
NOTE = text_field("note", "说明", validate={"required": True})
CATCH = (
    f'<bpmn:intermediateCatchEvent id="reg" name="答复" {FORM}>{WHO}'
    '<bpmn:messageEventDefinition messageRef="m"/></bpmn:intermediateCatchEvent>'
)
AFTER = user("after", name="看答复")
KINDS = {
    "catch": line(CATCH, AFTER, keys=("reg", "after")),
    "gateway": '<bpmn:startEvent id="start"/><bpmn:eventBasedGateway id="wait"/>'
    + CATCH
    + '<bpmn:intermediateCatchEvent id="waiver" name="放弃"><bpmn:messageEventDefinition messageRef="w"/>'
    + '</bpmn:intermediateCatchEvent><bpmn:endEvent id="end"/><bpmn:endEvent id="waived"/>'
    + AFTER
    + flows("start>wait", "wait>reg", "wait>waiver", "reg>after", "after>end", "waiver>waived"),
    "receive": line(
        f'<bpmn:receiveTask id="reg" name="答复" messageRef="m" {FORM}>{WHO}</bpmn:receiveTask>',
        AFTER,
        keys=("reg", "after"),
    ),
    "boundary": line(user("work"), keys=("work",))
    + f'<bpmn:boundaryEvent id="reg" name="答复" attachedToRef="work" {FORM}>{WHO}'
    + '<bpmn:messageEventDefinition messageRef="m"/></bpmn:boundaryEvent><bpmn:endEvent id="late"/>'
    + AFTER
    + flows("reg>after", "after>late"),
    "start": line(user("work"), keys=("work",))
    + '<bpmn:subProcess id="interrupt" triggeredByEvent="true">'
    + f'<bpmn:startEvent id="reg" name="答复" {FORM}>{WHO}'
    + '<bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent><bpmn:endEvent id="late"/>'
    + AFTER
    + flows("reg>after", "after>late")
    + "</bpmn:subProcess>",
}
OWN_FORM = form_file("inner", "answer", NOTE)


def call(key, called, name, loop=""):
    """A call activity that hands everything down, and the note back."""
    given = '<camunda:in variables="all"/><camunda:out source="note" target="note"/>'
    return (
        f'<bpmn:callActivity id="{key}" name="{name}" calledElement="{called}">'
        f"<bpmn:extensionElements>{given}</bpmn:extensionElements>{loop}</bpmn:callActivity>"
    )


def begin(engine, kind, depth=0, loop=""):
    """A matter that waits, so many calls down, at an element of a kind."""
    prepare(engine)
    files = [*procedure("inner", KINDS[kind], more=MESSAGE), OWN_FORM]
    middle = line(call("deeper", "inner", "送交", loop), keys=("deeper",))
    files += procedure("middle", middle) if depth else ()
    outer = line(call("call", "middle", "告知"), user("last", name="收尾"), keys=("call", "last"))
    files += procedure("outer", outer) if depth > 1 else ()
    deploy(engine, *files)
    return start(engine, ("inner", "middle", "outer")[depth]).instance_id


def offered(engine, matter, who="alice"):
    acts = engine.ask(FindMatter(matter), person(engine, who)).acts
    return [(act.node_id, act.label, act.allowed) for act in acts]


def address(engine, matter, who="alice"):
    (found,) = [act.node_id for act in engine.ask(FindMatter(matter), person(engine, who)).acts]
    return found


def noted(engine, matter):
    return [row.value for row in read(engine, "variable", instance_id=matter) if row.name == "note"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("depth", [0, 2])
def test_a_person_registers_what_a_message_would_bring(engine, kind, depth):
    matter = begin(engine, kind, depth)
    at = address(engine, matter)
    view = engine.ask(FindTrigger(matter, at), person(engine, "alice"))
    assert (view.label, view.form.key) == ("登记答复", "inner/answer")
    answer = engine.run(TriggerEvent(matter, at, {"note": "已收到"}), person(engine, "alice"))
    assert [task.name for task in answer.tasks] == ["看答复"]
    assert noted(engine, matter) == ["已收到"]
    assert read(engine, "subscription", instance_id=matter) == []
    done = [row.object for row in read(engine, "history_event", instance_id=matter) if row.action == "act triggered"]
    assert done == ["reg"]
    assert [allowed for _, _, allowed in offered(engine, matter)] in ([], [False])
    with pytest.raises(ActNotOfferedError):
        engine.run(TriggerEvent(matter, at, {"note": "再次"}), person(engine, "alice"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_id_of_the_element_is_enough_where_it_waits_once(engine, kind):
    matter = begin(engine, kind, 1)
    engine.run(TriggerEvent(matter, "reg", {"note": "已收到"}), person(engine, "alice"))
    assert noted(engine, matter) == ["已收到"]


def test_what_was_registered_goes_on_into_the_caller(engine):
    matter = begin(engine, "catch", 2)
    engine.run(TriggerEvent(matter, "reg", {"note": "已收到"}), person(engine, "alice"))
    (task,) = open_tasks(engine, matter)
    complete(engine, task)
    assert [row.name for row in read(engine, "user_task", instance_id=matter, status="open")] == ["收尾"]
    assert noted(engine, matter) == ["已收到"]


EACH = (
    "<bpmn:multiInstanceLoopCharacteristics{}><bpmn:loopCardinality>2</bpmn:loopCardinality>"
    "</bpmn:multiInstanceLoopCharacteristics>"
)


@pytest.mark.parametrize("kind", KINDS)
def test_each_of_several_calls_has_an_act_of_its_own(engine, kind):
    matter = begin(engine, kind, 2, EACH.format(""))
    (first, second) = offered(engine, matter)
    assert [first[1:], second[1:]] == [("登记答复（告知 · 送交 1）", True), ("登记答复（告知 · 送交 2）", True)]
    engine.run(TriggerEvent(matter, second[0], {"note": "第二个"}), person(engine, "alice"))
    assert offered(engine, matter) == [(first[0], "登记答复", True)]
    with pytest.raises(ActNotOfferedError):
        engine.run(TriggerEvent(matter, second[0], {"note": "再次"}), person(engine, "alice"))
    with pytest.raises(NotAllowedError, match="目前的阶段不能进行这一操作"):
        engine.ask(FindTrigger(matter, second[0]), person(engine, "alice"))
    engine.run(TriggerEvent(matter, first[0], {"note": "第一个"}), person(engine, "alice"))
    assert sorted(noted(engine, matter)) == ["第一个", "第二个"]
    assert offered(engine, matter) == []


def test_of_several_the_id_of_the_element_means_the_one_that_waits_first(engine):
    matter = begin(engine, "catch", 1, EACH.format(""))
    _, second = offered(engine, matter)
    engine.run(TriggerEvent(matter, "reg", {"note": "第一个"}), person(engine, "alice"))
    assert [at for at, _, _ in offered(engine, matter)] == [second[0]]


def test_one_call_after_the_other_has_one_act_at_a_time(engine):
    matter = begin(engine, "catch", 1, EACH.format(' isSequential="true"'))
    before = address(engine, matter)
    engine.run(TriggerEvent(matter, before, {"note": "一"}), person(engine, "alice"))
    (task,) = open_tasks(engine, matter)
    complete(engine, task)
    after = address(engine, matter)
    assert after != before
    with pytest.raises(ActNotOfferedError):
        engine.run(TriggerEvent(matter, before, {"note": "二"}), person(engine, "alice"))


def test_repeated_receive_tasks_of_the_own_process_are_told_apart(engine):
    prepare(engine)
    task = f'<bpmn:receiveTask id="reg" name="答复" messageRef="m" {FORM}>{WHO}{EACH.format("")}</bpmn:receiveTask>'
    deploy(engine, *procedure("inner", line(task, keys=("reg",)), more=MESSAGE), OWN_FORM)
    matter = start(engine, "inner").instance_id
    assert [label for _, label, _ in offered(engine, matter)] == ["登记答复（答复 1）", "登记答复（答复 2）"]


def test_calls_side_by_side_that_look_alike_are_numbered(engine):
    prepare(engine)
    body = (
        '<bpmn:startEvent id="start"/><bpmn:parallelGateway id="fork"/>'
        + call("one", "inner", "告知") + call("two", "inner", "告知")
        + '<bpmn:endEvent id="end1"/><bpmn:endEvent id="end2"/>'
        + flows("start>fork", "fork>one", "fork>two", "one>end1", "two>end2")
    )  # fmt: skip
    deploy(engine, *procedure("inner", KINDS["catch"], more=MESSAGE), OWN_FORM, *procedure("pair", body))
    matter = start(engine, "pair").instance_id
    assert [label for _, label, _ in offered(engine, matter)] == ["登记答复（告知） 1", "登记答复（告知） 2"]


@pytest.mark.parametrize("depth", [0, 2])
def test_who_is_not_named_is_told_who_registers_it(engine, depth):
    matter = begin(engine, "catch", depth)
    at = address(engine, matter)
    (act,) = engine.ask(FindMatter(matter), person(engine, "bob")).acts
    assert (act.allowed, act.reason) == (False, "这一操作由中队长、参与办理的人员办理。")
    for ask in (FindTrigger(matter, at), TriggerEvent(matter, at, {"note": "x"})):
        run = engine.ask if isinstance(ask, FindTrigger) else engine.run
        with pytest.raises(NotAllowedError):
            run(ask, person(engine, "bob"))
        with pytest.raises(MatterNotFoundError):
            run(ask, person(engine, "charlie"))
    engine.run(TriggerEvent(matter, at, {"note": "x"}), person(engine, "lead"))


def test_who_may_is_worked_out_where_the_event_waits(engine):
    prepare(engine)
    who = props(startableBy="${by}")
    catch = '<bpmn:intermediateCatchEvent id="reg" name="答复">' + who
    catch += '<bpmn:messageEventDefinition messageRef="m"/></bpmn:intermediateCatchEvent>'
    given = '<bpmn:extensionElements><camunda:in sourceExpression="squad_leader" target="by"/></bpmn:extensionElements>'
    given = given.replace('"squad_leader"', '"${&quot;squad_leader&quot;}"')
    outer = line(f'<bpmn:callActivity id="call" calledElement="inner">{given}</bpmn:callActivity>', keys=("call",))
    deploy(engine, *procedure("inner", line(catch, keys=("reg",)), more=MESSAGE), *procedure("outer", outer))
    matter = start(engine, "outer").instance_id
    assert [allowed for _, _, allowed in offered(engine, matter)] == [False]
    with pytest.raises(NotAllowedError):
        engine.run(TriggerEvent(matter, "reg", {}), person(engine, "alice"))
    engine.run(TriggerEvent(matter, "reg", {}), person(engine, "lead"))
    assert read(engine, "process_instance", id=matter)[0].status == "completed"


def test_the_form_is_checked_and_nothing_happens_where_it_is_not_filled(engine):
    matter = begin(engine, "catch", 2)
    with pytest.raises(InvalidSubmissionError):
        engine.run(TriggerEvent(matter, "reg", {}), person(engine, "alice"))
    assert (open_tasks(engine, matter), len(read(engine, "subscription", instance_id=matter))) == ([], 1)


def test_a_draft_is_kept_for_the_place_and_forgotten_with_the_act(engine):
    matter = begin(engine, "catch", 2)
    alice, at = person(engine, "alice"), address(engine, matter)
    engine.run(SaveDraft(engine.ask(FindTrigger(matter, at), alice).draft_key, {"note": "写到一半"}), alice)
    assert engine.ask(FindTrigger(matter, "reg"), alice).draft.values == {"note": "写到一半"}
    engine.run(TriggerEvent(matter, "reg", {"note": "写完"}), alice)
    assert read(engine, "task_draft") == []


def test_a_request_that_comes_twice_acts_once(engine):
    matter = begin(engine, "catch", 2)
    once = Once(TriggerEvent(matter, address(engine, matter), {"note": "一"}), "key-1")
    for _ in range(2):
        engine.run(once, person(engine, "alice"))
    assert (len(open_tasks(engine, matter)), tell_story(engine, matter).count("act triggered")) == (1, 1)


def test_of_a_restricted_matter_only_who_takes_part_registers_anything(engine):
    prepare(engine)
    outer = line(call("call", "inner", "告知"), keys=("call",))
    files = procedure("inner", KINDS["catch"], more=MESSAGE), procedure("outer", outer, sensitivity="S3")
    deploy(engine, *files[0], *files[1], OWN_FORM)
    matter = start(engine, "outer").instance_id
    at = address(engine, matter)
    for who in ("bob", "lead"):
        with pytest.raises(MatterNotFoundError):
            engine.run(TriggerEvent(matter, at, {"note": "x"}), person(engine, who))
    engine.run(TriggerEvent(matter, at, {"note": "x"}), person(engine, "alice"))
    assert noted(engine, matter) == ["x"]


def test_a_message_from_outside_still_reaches_it_and_the_act_is_gone(engine):
    matter = begin(engine, "gateway", 2)
    at = address(engine, matter)
    engine.run(CorrelateMessage("ANSWER", None, {"note": "对方来信"}), ENGINE)
    worker(engine).drain()
    assert (noted(engine, matter), offered(engine, matter)) == (["对方来信"], [])
    with pytest.raises(ActNotOfferedError):
        engine.run(TriggerEvent(matter, at, {"note": "x"}), person(engine, "alice"))


@pytest.mark.parametrize("away", ["WAIVER", None])
def test_a_matter_that_is_paused_or_over_offers_nothing(engine, away):
    if away:
        matter = begin(engine, "gateway", 1)
        at = address(engine, matter)
        engine.run(CorrelateMessage(away, None, {}), ENGINE)
        worker(engine).drain()
        assert (read(engine, "process_instance", id=matter)[0].status, offered(engine, matter)) == ("completed", [])
        wanted = ActNotOfferedError
    else:
        prepare(engine)
        body = line(
            service("pause", "matter.suspend", inputs={"reason": "鉴定"}),
            call("call", "inner", "告知"),
            keys=("pause", "call"),
        )
        deploy(engine, *procedure("inner", KINDS["catch"], more=MESSAGE), OWN_FORM, *procedure("outer", body))
        matter, wanted = start(engine, "outer").instance_id, MatterSuspendedError
        worker(engine).drain()
        at = address(engine, matter)
    with pytest.raises(wanted):
        engine.run(TriggerEvent(matter, at, {"note": "x"}), person(engine, "alice"))


def test_activities_of_an_ad_hoc_sub_process_that_is_called_are_begun_by_hand(engine):
    prepare(engine)
    inside = user("visit", 'camunda:candidateGroups="squad_officer"', props(startableBy="squad_officer"), name="走访")
    until = "<bpmn:completionCondition>false</bpmn:completionCondition>"
    body = f'<bpmn:adHocSubProcess id="visits">{props(manualStart="true")}{inside}{until}</bpmn:adHocSubProcess>'
    outer = line(call("call", "inner", "核实"), keys=("call",))
    deploy(engine, *procedure("inner", line(body, keys=("visits",))), *procedure("outer", outer))
    matter = start(engine, "outer").instance_id
    for _ in range(2):
        engine.run(TriggerEvent(matter, address(engine, matter), {}), person(engine, "alice"))
    assert [row.name for row in read(engine, "user_task", instance_id=matter)] == ["走访", "走访"]


def test_an_event_without_named_people_is_no_act(engine):
    matter = begin(engine, "gateway")
    with pytest.raises(ActNotOfferedError):
        engine.run(TriggerEvent(matter, "waiver", {}), person(engine, "lead"))
