"""The OMG schema as first check: files of the Camunda Modeler pass, deviations are told in Chinese."""

import pytest
from lxml import etree

from engine.bpmn.check_schema import check_schema, chinese
from engine.bpmn.check_tree import Tree
from tests.engine.bpmn.corpus.builder import definitions, line, process, user

MODELER = """
<bpmn:collaboration id="Collaboration_1">
  <bpmn:participant id="Participant_1" name="街镇" processRef="demo"/>
</bpmn:collaboration>
<bpmn:process id="demo" name="演示" isExecutable="true" camunda:historyTimeToLive="180" camunda:versionTag="1">
  <bpmn:documentation>说明</bpmn:documentation>
  <bpmn:extensionElements><camunda:properties><camunda:property name="a" value="b"/></camunda:properties></bpmn:extensionElements>
  <bpmn:laneSet id="LaneSet_1"><bpmn:lane id="Lane_1" name="中队"><bpmn:flowNodeRef>start</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
  <bpmn:startEvent id="start" camunda:formRef="f" camunda:formRefBinding="latest"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
  <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="任务_1"/>
  <bpmn:userTask id="任务_1" name="办理" camunda:candidateGroups="squad_officer">
    <bpmn:extensionElements>
      <camunda:inputOutput><camunda:inputParameter name="x">${1 + 1}</camunda:inputParameter></camunda:inputOutput>
    </bpmn:extensionElements>
    <bpmn:incoming>f1</bpmn:incoming>
    <bpmn:multiInstanceLoopCharacteristics isSequential="true" camunda:collection="people" camunda:elementVariable="p">
      <bpmn:completionCondition xsi:type="bpmn:tFormalExpression">${nrOfCompletedInstances = 2}</bpmn:completionCondition>
    </bpmn:multiInstanceLoopCharacteristics>
  </bpmn:userTask>
  <bpmn:callActivity id="call" calledElement="${which}"/>
  <bpmn:boundaryEvent id="b" attachedToRef="任务_1"><bpmn:timerEventDefinition id="t">
    <bpmn:timeDuration xsi:type="bpmn:tFormalExpression">PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>
  <bpmn:dataObjectReference id="d" dataObjectRef="do"/><bpmn:dataObject id="do"/>
  <bpmn:textAnnotation id="n"><bpmn:text>注</bpmn:text></bpmn:textAnnotation>
</bpmn:process>
<bpmn:message id="m" name="RA_APPROVED:${wp_no}"/>
"""


def problems(inside: str):
    return list(check_schema(Tree(etree.fromstring(definitions(inside)), "demo.bpmn")))


def test_what_the_camunda_modeler_writes_passes():
    assert problems(MODELER) == []


def test_deviations_of_the_drawing_are_only_warnings():
    drawing = process("") + '<bpmndi:BPMNDiagram id="D"><bpmndi:BPMNPlane bpmnElement="gone:p"/></bpmndi:BPMNDiagram>'
    assert {problem.severity for problem in problems(drawing)} == {"warning"}


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        (user("a", "potato='1'"), "用户任务“办理”（a）：不应有属性“potato”，请删除"),
        ('<bpmn:sequenceFlow id="f" sourceRef="a"/>', "顺序流（f）：缺少属性“targetRef”，请补上"),
        ('<bpmn:exclusiveGateway id="g" gatewayDirection="Up"/>', "属性“gatewayDirection”的值“Up”不在允许的范围内"),
        ('<bpmn:subProcess id="s" triggeredByEvent="so"/>', "属性“triggeredByEvent”的值“so”不符合要求（应为 xs:boolean）"),
        (user("a") + user("a"), "标识“a”重复或写法不对"),
        (user("a b"), "标识“a b”重复或写法不对"),
        ('<bpmn:potato id="p"/>', "元素“potato”不应出现在这里"),
        ("喵", "元素里有多余的文字，请删除"),
        (user("a", inside="<bpmn:incoming>x y</bpmn:incoming>"), "内容“x y”不符合要求"),
        ('<bpmn:userTask id="a"><bpmn:outgoing>f</bpmn:outgoing><bpmn:incoming>e</bpmn:incoming></bpmn:userTask>',
         "元素“incoming”不应出现在这里（此处可用："),
        ('<bpmn:startEvent id="a"><bpmn:messageEventDefinition messageRef="gone:m"/></bpmn:startEvent>', "没有声明的前缀"),
    ],
)  # fmt: skip
def test_a_deviation_is_told_in_chinese_with_its_element(inside, told):
    found = problems(process(inside))
    assert any(told in problem.message for problem in found), found


def test_an_unknown_message_of_the_validator_is_quoted():
    assert chinese("Something nobody has seen.") == "不符合 BPMN 2.0 规范：Something nobody has seen."


def test_the_tree_of_the_other_checks_is_not_changed():
    root = etree.fromstring(definitions(process(line(user("a"), keys=("a",)))))
    before = etree.tostring(root)
    list(check_schema(Tree(root, "demo.bpmn")))
    assert etree.tostring(root) == before
