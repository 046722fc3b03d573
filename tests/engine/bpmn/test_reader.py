"""The reader: nothing of a file is lost, what cannot be executed is refused with its place, drawings are drawings."""

import pytest

from engine.bpmn.reader import read_bpmn
from engine.bpmn.xml import parse_xml
from engine.errors import InvalidBpmnError
from tests.engine.tokens.drawing import LINE, around, chain, event, flow, sub, user
from tests.engine.tokens.world import HEAD


def xml(body, beside="", stated='isExecutable="true"', key="p"):
    return f'{HEAD}{beside}<process id="{key}" name="流程" {stated}>{body}</process></definitions>'.encode()


def node(element, name="t"):
    return read_bpmn(xml(around(element, name)), "p.bpmn").processes["p"].nodes[name]


def problems(body, **more):
    with pytest.raises(InvalidBpmnError) as refusal:
        read_bpmn(xml(body, **more), "p.bpmn")
    return refusal.value.problems


def test_every_camunda_attribute_of_a_user_task_is_kept():
    task = node(
        '<userTask id="t" name=" 现场\n检查 " camunda:assignee="${leader}" camunda:candidateUsers="a,b" camunda:candidateGroups="r"'
        ' camunda:dueDate="${due}" camunda:followUpDate="2026-12-01" camunda:priority="50" camunda:formRef="inspection"'
        ' camunda:formRefBinding="latest" camunda:formKey="k" camunda:asyncBefore="true"><documentation>说明</documentation>'
        "<extensionElements><camunda:failedJobRetryTimeCycle>R3/PT10M</camunda:failedJobRetryTimeCycle><camunda:properties>"
        '<camunda:property name="bihuan:deadline" value="LD-02"/><camunda:property name="other" value="x"/>'
        "</camunda:properties></extensionElements></userTask>"
    )
    own = task.extensions
    assert (task.name, task.documentation, task.needs_form) == ("现场 检查", "说明", True)
    assert own.assignee.evaluate({"leader": "li"}) == "li"
    assert (own.candidate_users.text, own.candidate_groups.text, own.priority.text) == ("a,b", "r", "50")
    assert (own.due_date.text, own.follow_up_date.text) == ("${due}", "2026-12-01")
    assert (own.form_ref, own.form_ref_binding, own.form_key.text, own.retries) == (
        "inspection",
        "latest",
        "k",
        "R3/PT10M",
    )
    assert own.property("deadline") == "LD-02"
    assert own.properties["other"].text == "x"
    assert own.attributes["asyncBefore"] == "true"


def test_lanes_lines_and_tables_are_kept():
    beside = ('<message id="m" name="M"/><signal id="g" name="S"/><error id="e1" errorCode="E"/><escalation id="es" escalationCode="U"/>'
              '<dataStore id="ds" name="台账"/><collaboration id="co"><participant id="pa" name="执法队" processRef="p"/></collaboration>')  # fmt: skip
    lanes = ('<laneSet id="ls"><lane id="l1" name="分办"><flowNodeRef>t</flowNodeRef><flowNodeRef>h</flowNodeRef>'
             '<childLaneSet id="cl"><lane id="l2" name="组长"><flowNodeRef>t</flowNodeRef></lane></childLaneSet></lane></laneSet>')  # fmt: skip
    file = read_bpmn(xml(lanes + chain(user("t"), sub("h", user("u"))), beside), "p.bpmn")
    process = file.processes["p"]
    assert (process.name, process.nodes["t"].lane, process.nodes["u"].lane) == ("流程", "组长", "分办")
    assert set(process.lanes) == {"分办", "组长"}
    assert process.nodes["t"].line == 1
    assert (file.messages, file.signals, file.errors) == ({"m": "M"}, {"g": "S"}, {"e1": "E"})
    assert (file.escalations, file.data_stores, file.participants) == ({"es": "U"}, {"ds": "台账"}, {"p": "执法队"})


def test_defaults_that_camunda_leaves_out_are_applied():
    task = node('<businessRuleTask id="t" camunda:decisionRef="d"/>')
    assert (task.extensions.map_decision_result, task.start_quantity, task.interrupting) == ("resultList", 1, True)


def test_flows_keep_ids_names_and_conditions():
    body = LINE + user("t")[1] + '<sequenceFlow id="f" name="同意" sourceRef="s" targetRef="t"/>'
    body += '<sequenceFlow id="g" sourceRef="t" targetRef="e"><conditionExpression>${ok = "是"}</conditionExpression></sequenceFlow>'
    flows = read_bpmn(xml(body), "p.bpmn").processes["p"].flows
    assert flows["f"].name == "同意"
    assert flows["g"].condition.text == 'ok = "是"'


@pytest.mark.parametrize("text", ["x > 1", "${x > 1}", "= x > 1", " ${x > 1} "])
def test_conditions_are_written_with_or_without_braces(text):
    body = LINE + user("t")[1] + flow(("s", "t"), ("t", "e", text.replace(">", "&gt;")))
    assert read_bpmn(xml(body), "p.bpmn").processes["p"].flows["t__e"].condition.evaluate({"x": 2}) is True


def test_texts_with_expressions_inside_are_filled_in():
    value = node(
        '<userTask id="t" camunda:assignee="p-${n + 1}-${if true then &quot;}&quot; else null}"/>'
    ).extensions.assignee
    assert value.evaluate({"n": 1}) == "p-2-}"


@pytest.mark.parametrize(("element", "words"), [
    ('<serviceTask id="t"/>', "没有写明主题"),
    ('<serviceTask id="t" camunda:class="org.Evil" camunda:topic="x"/>', "Java"),
    ('<businessRuleTask id="t"/>', "没有写明决策"),
    ('<sendTask id="t"/>', "没有写明消息"),
    ('<receiveTask id="t"/>', "没有写明消息"),
    ('<callActivity id="t"/>', "没有写明要调用的流程"),
    ('<callActivity id="t" calledElement="q" camunda:calledElementBinding="versionTag"/>', "versionTag"),
    ('<scriptTask id="t" scriptFormat="groovy"><script>x = 1</script></scriptTask>', "请改用 FEEL"),
    ('<scriptTask id="t"/>', "脚本为空"),
    ('<scriptTask id="t"><script>x = (</script></scriptTask>', "表达式"),
    ('<userTask id="t" camunda:assignee="${1 +}"/>', "表达式"),
    ('<userTask id="t" startQuantity="0"/>', "startQuantity"),
    ('<userTask id="t"><multiInstanceLoopCharacteristics/></userTask>', "没有写明次数"),
    (('<userTask id="t"><multiInstanceLoopCharacteristics><loopCardinality>-1</loopCardinality>'
     "</multiInstanceLoopCharacteristics></userTask>"), "为负"),
    ('<userTask id="t"><standardLoopCharacteristics loopMaximum="-2"/></userTask>', "循环的最多次数"),
    ('<userTask id="t" default="nowhere"/>', "默认流向"),
    ('<userTask id="t"><potentialOwner/></userTask>', "办理人"),
    ('<userTask id="t"><extensionElements><camunda:taskListener event="create"/></extensionElements></userTask>', "taskListener"),
    ('<intermediateCatchEvent id="t"><timerEventDefinition/></intermediateCatchEvent>', "没有时间"),
    ('<intermediateCatchEvent id="t"><messageEventDefinition messageRef="none"/></intermediateCatchEvent>', "不存在"),
    ('<intermediateCatchEvent id="t"><errorEventDefinition/></intermediateCatchEvent>', "不能用错误事件"),
    (('<intermediateCatchEvent id="t"><linkEventDefinition name="L"/></intermediateCatchEvent>'
     '<intermediateCatchEvent id="t2"><linkEventDefinition name="L"/></intermediateCatchEvent>'), "几个捕获事件"),
    ('<intermediateThrowEvent id="t"><linkEventDefinition name="L"/></intermediateThrowEvent>', "没有捕获事件"),
    ('<intermediateThrowEvent id="t"><timerEventDefinition><timeDate>2026-01-01</timeDate></timerEventDefinition></intermediateThrowEvent>', "不能用定时事件"),
    ('<eventBasedGateway id="t"/>', "事件网关之后"),
    ('<subProcess id="t" triggeredByEvent="true"><startEvent id="x"/></subProcess>', "事件子流程"),
    ('<choreographyTask id="t"/>', "不能执行"),
])  # fmt: skip
def test_what_cannot_be_executed_is_refused_with_element_and_reason(element, words):
    found = problems(around(element))
    assert any(words in problem.message for problem in found), [problem.message for problem in found]
    assert all(problem.file == "p.bpmn" and problem.rule for problem in found)


@pytest.mark.parametrize(("form", "text", "words"), [
    ("timeDuration", "P99999999Y", "不是时长"), ("timeDuration", "P11Y", "超过 10 年"), ("timeDuration", "PT", "不是时长"),
    ("timeCycle", "R/PT0S", "间隔为零"), ("timeCycle", "R/PT59S", "不得少于 60 秒"), ("timeCycle", "0 0 12 * * ?", "不是循环"),
    ("timeCycle", "R99999999/PT1H", "不是循环"), ("timeDate", "tomorrow", "不是日期"), ("timeCycle", "R/PT1H", "循环须有次数"),
])  # fmt: skip
def test_timers_that_never_work_are_refused_at_deployment(form, text, words):
    definition = event("timer", f"<{form}>{text}</{form}>")
    found = problems(around(f'<intermediateCatchEvent id="t">{definition}</intermediateCatchEvent>'))
    assert words in found[0].message


def test_all_problems_are_told_at_once():
    found = problems(around('<serviceTask id="t"/><sendTask id="u"/><businessRuleTask id="v"/>'))
    assert [problem.element for problem in found] == ["t", "u", "v"]


@pytest.mark.parametrize("stated", ["", 'isExecutable="false"'])
def test_a_drawing_deploys_as_a_drawing_with_the_list_of_what_keeps_it_from_being_executable(stated):
    file = read_bpmn(xml(around('<serviceTask id="t" name="查询"/>'), stated=stated), "p.bpmn")
    assert file.drawing_only
    assert not file.processes
    assert "查询" in file.reasons[0].message


def test_a_process_that_does_not_say_is_executed_if_it_can_be():
    assert read_bpmn(xml(around('<userTask id="t"/>'), stated=""), "p.bpmn").processes


def test_global_tasks_can_be_called():
    beside = '<globalScriptTask id="q"><script>x = 1</script></globalScriptTask><globalUserTask id="u" name="签字"/>'
    processes = read_bpmn(xml(around('<callActivity id="t" calledElement="q"/>'), beside), "p.bpmn").processes
    assert processes["q"].nodes["q.task"].task == "script"
    assert processes["u"].nodes["u.task"].task == "user"


@pytest.mark.parametrize("document", [
    b'<!DOCTYPE definitions [<!ENTITY x "y">]><definitions/>', b'<!DOCTYPE definitions SYSTEM "file:///etc/passwd"><definitions/>',
    b"<definitions", b"", b"\x00\x01", b"<definitions/>" + b" " * (2 * 1024 * 1024), b"<a>" + b"<b/>" * 20_001 + b"</a>",
    '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'.encode("utf-16"),
    b"<a>" * 5000 + b"</a>" * 5000,
])  # fmt: skip
def test_hostile_xml_is_refused(document):
    with pytest.raises(InvalidBpmnError):
        parse_xml(document, "p.bpmn")


def test_another_root_is_refused():
    with pytest.raises(InvalidBpmnError, match="definitions"):
        read_bpmn(b"<html/>", "p.bpmn")


def test_an_id_used_twice_is_refused():
    assert "用了两次" in problems(around('<userTask id="t"/><userTask id="t"/>'))[0].message
