"""Two versions of a procedure's files are compared by element, in words."""

import json

import pytest

from engine.comparison import compare_files
from engine.errors import InvalidDefinitionError
from tests.factories import definitions, flows, line, process, props, user

BPMN = "processes/demo/demo.bpmn"
DMN = "processes/demo/triage.dmn"
FORM = "forms/demo/check.form"
TOML = "processes/demo/procedure.toml"


def diagram(inside, more=""):
    return {BPMN: definitions(process(inside) + more)}


def words(before, after):
    return [change.words for file in compare_files(before, after).files for change in file.changes]


def two(**about):
    return line(user("check", **about) + user("reply", name="反馈"), keys=("check", "reply"))


def test_the_same_files_do_not_differ():
    assert compare_files(diagram(two()), diagram(two())).files == ()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({}, {"more": 'camunda:candidateGroups="dist_leader"'}, "用户任务“办理”：候选岗位由“squad_officer”改为“dist_leader”"),
        ({}, {"name": "核查"}, "用户任务“核查”：名称由“办理”改为“核查”"),
        ({}, {"inside": props(deadline="LD-02")}, "用户任务“办理”：增加时限“LD-02”"),
        ({"inside": props(deadline="LD-02")}, {"inside": props(deadline="LD-03")}, "用户任务“办理”：时限由“LD-02”改为“LD-03”"),
        ({"inside": props(notSameAs="a")}, {}, "用户任务“办理”：去掉不得同一人“a”"),
    ],
)  # fmt: skip
def test_a_change_of_a_step_is_told_in_the_words_of_the_bureau(before, after, said):
    assert words(diagram(two(**before)), diagram(two(**after))) == [said]


def test_an_inserted_step_is_new_and_the_flow_before_it_leads_elsewhere():
    before = line(user("check"), keys=("check",))
    after = line(user("check") + user("legal", name="法制审核"), keys=("check", "legal"))
    found = compare_files(diagram(before), diagram(after))
    assert "legal" in found.elements("added")
    assert "新增用户任务“法制审核”" in words(diagram(before), diagram(after))


def test_a_removed_step_is_told_first():
    after = line(user("reply", name="反馈"), keys=("reply",))
    assert words(diagram(two()), diagram(after))[0] == "删除用户任务“办理”"


def test_a_condition_is_compared_with_the_text_of_its_expression():
    def gate(condition):
        inside = '<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="g" default="g_e"/><bpmn:endEvent id="e"/>'
        return inside + user("a") + flows("s>g", f"g>a?{condition}", "g>e", "a>e")

    assert words(diagram(gate("x = 1")), diagram(gate("x = 2"))) == ["顺序流“成立”：条件由“x = 1”改为“x = 2”"]


def test_that_a_neighbour_is_called_otherwise_is_no_change_of_a_flow():
    assert words(diagram(two()), diagram(two(name="核查"))) == ["用户任务“核查”：名称由“办理”改为“核查”"]


def test_a_timer_and_a_message_are_said_with_their_event():
    def late(text):
        event = (
            '<bpmn:boundaryEvent id="late" attachedToRef="check"><bpmn:timerEventDefinition id="x">'
            f'<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">{text}</bpmn:timeDuration></bpmn:timerEventDefinition>'
            '</bpmn:boundaryEvent><bpmn:endEvent id="over"/><bpmn:sequenceFlow id="f" sourceRef="late" targetRef="over"/>'
        )
        return two() + event

    assert words(diagram(late("P3D")), diagram(late("P5D"))) == ["边界事件（late）：时长由“P3D”改为“P5D”"]


def test_what_is_only_drawn_elsewhere_is_marked_as_such_and_not_counted():
    def drawn(x):
        shape = (
            f'<bpmndi:BPMNShape id="d" bpmnElement="check"><dc:Bounds xmlns:dc="u" x="{x}" y="1" width="9" height="9"/>'
        )
        return diagram(two(), f'<bpmndi:BPMNDiagram id="i"><bpmndi:BPMNPlane id="p">{shape}</bpmndi:BPMNShape></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>')  # fmt: skip

    found = compare_files(drawn(1), drawn(2))
    assert (found.elements("moved"), found.count) == (("check",), 0)


def table(*rows, policy="FIRST"):
    rules = "".join(
        f'<rule id="{key}"><inputEntry><text>{given}</text></inputEntry><outputEntry><text>{out}</text></outputEntry></rule>'
        for key, given, out in rows
    )
    return {
        DMN: (
            '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
            f'<decision id="triage" name="分类"><decisionTable hitPolicy="{policy}"><input label="类型">'
            '<inputExpression><text>kind</text></inputExpression></input><output name="way" label="去向"/>'
            f"{rules}</decisionTable></decision></definitions>"
        ).encode()
    }


def test_a_row_of_a_table_is_compared_column_by_column():
    said = words(table(("r1", "1", "2"), ("r2", "3", "4")), table(("r1", "1", "2"), ("r2", "3", "5")))
    assert said == ["决策“分类”第 2 行：“去向”由“4”改为“5”"]


def test_rows_in_another_order_are_a_change_of_the_decision():
    said = words(table(("r1", "1", "2"), ("r2", "3", "4")), table(("r2", "3", "4"), ("r1", "1", "2")))
    assert said == ["决策“分类”：行的次序由“原次序”改为“新次序”"]


def test_a_row_more_and_another_hit_policy():
    said = words(table(("r1", "1", "2")), table(("r1", "1", "2"), ("r2", "3", "4"), policy="UNIQUE"))
    assert said == ["决策“分类”：命中规则由“首个（F）”改为“唯一（U）”", "新增决策“分类”第 2 行"]


def field(**more):
    return {"type": "textfield", "id": "f", "key": "found", "label": "发现", **more}


def form(*fields):
    return {FORM: json.dumps({"type": "default", "components": list(fields)}).encode()}


def test_a_field_is_compared_with_its_rules():
    before, after = form(field()), form(field(validate={"required": True}, conditional={"hide": "=x = null"}))
    assert words(before, after) == ["字段“发现”：增加必填“是”；增加隐藏条件“=x = null”"]


def test_a_field_inside_a_group_is_found():
    before = form({"type": "group", "id": "g", "label": "情况", "components": [field()]})
    after = form({"type": "group", "id": "g", "label": "情况", "components": [field(label="发现的问题")]})
    assert words(before, after) == ["字段“发现的问题”：名称由“发现”改为“发现的问题”"]


def test_settings_of_a_procedure_are_compared():
    before, after = {TOML: b'title = "A"\nstart_roles = ["a"]'}, {TOML: b'title = "A"\nstart_roles = ["a", "b"]'}
    assert words(before, after) == ["设置“可发起岗位”：内容由“a”改为“a、b”"]


def test_whole_files_come_and_go():
    found = compare_files(form(field()), table(("r1", "1", "2")))
    assert [(file.kind, file.status) for file in found.files] == [("决策表", "added"), ("表单", "removed")]


@pytest.mark.parametrize("path", [BPMN, DMN, FORM, TOML])
def test_a_file_that_cannot_be_read_is_named(path):
    with pytest.raises(InvalidDefinitionError) as refusal:
        compare_files({}, {path: b"\xff<"})
    assert refusal.value.problems[0].file == path
