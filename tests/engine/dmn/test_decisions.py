"""Decisions: hit policies, boxed expressions, requirements, explanations, and what is refused."""

import pytest

from engine.dmn import DecisionNotFoundError, call_service, read_dmn
from engine.errors import InvalidDmnError
from engine.feel import to_json

HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="urn:test" name="test" id="d">'


def model(body, **options):
    return read_dmn(f"{HEAD}{body}</definitions>".encode(), "test.dmn", **options)


def table(policy, rules, *, outputs=("result",), output_values="", default=""):
    columns = "".join(
        f'<output name="{name}">{f"<outputValues><text>{output_values}</text></outputValues>" if output_values else ""}'
        f"{f'<defaultOutputEntry><text>{default}</text></defaultOutputEntry>' if default else ''}</output>"
        for name in outputs
    )
    rows = "".join(
        f'<rule id="r{index}"><inputEntry><text>{test}</text></inputEntry>'
        + "".join(f"<outputEntry><text>{answer}</text></outputEntry>" for answer in answers)
        + f"<annotationEntry><text>依据 {index}</text></annotationEntry></rule>"
        for index, (test, *answers) in enumerate(rules, 1)
    )
    return model(
        f'<decision id="分级" name="处罚分级"><decisionTable {policy}>'
        f'<input label="罚款金额"><inputExpression><text>金额</text></inputExpression></input>{columns}{rows}'
        "</decisionTable></decision>"
    )


def boxed(expression, **variables):
    found = model(f'<decision id="x" name="x">{expression}</decision>').evaluate("x", variables)
    return to_json(found.value)


def literal(text):
    return f"<literalExpression><text>{text}</text></literalExpression>"


RULES = [("&gt; 10", '"重大"'), ("&gt; 5", '"较大"'), ("&gt; 20", '"重大"')]


@pytest.mark.parametrize(
    ("policy", "amount", "expected"),
    [
        ('hitPolicy="UNIQUE"', 7, "较大"),
        ('hitPolicy="UNIQUE"', 15, None),
        ('hitPolicy="ANY"', 7, "较大"),
        ('hitPolicy="ANY"', 15, None),
        ('hitPolicy="FIRST"', 25, "重大"),
        ('hitPolicy="RULE ORDER"', 25, ["重大", "较大", "重大"]),
        ('hitPolicy="PRIORITY"', 25, "较大"),
        ('hitPolicy="OUTPUT ORDER"', 25, ["较大", "重大", "重大"]),
        ('hitPolicy="COLLECT"', 25, ["重大", "较大", "重大"]),
        ('hitPolicy="COLLECT" aggregation="COUNT"', 25, 3),
        ("", 1, None),
    ],
)
def test_the_hit_policy_says_what_rules_answer_together(policy, amount, expected):
    found = table(policy, RULES, output_values='"较大", "重大"').evaluate("分级", {"金额": amount})
    assert to_json(found.value) == expected


@pytest.mark.parametrize(("aggregation", "expected"), [("SUM", 6), ("MIN", 1), ("MAX", 3)])
def test_collected_numbers_are_aggregated(aggregation, expected):
    rules = [("&gt; 1", "1"), ("&gt; 2", "2"), ("&gt; 3", "3")]
    found = table(f'hitPolicy="COLLECT" aggregation="{aggregation}"', rules).evaluate("分级", {"金额": 9})
    assert to_json(found.value) == expected


def test_several_outputs_make_a_context_and_defaults_fill_in():
    rules = [("&gt; 10", '"甲"', "1")]
    decisions = table("", rules, outputs=("级别", "天数"), default="0")
    assert to_json(decisions.evaluate("分级", {"金额": 11}).value) == {"级别": "甲", "天数": 1}
    assert to_json(decisions.evaluate("分级", {"金额": 1}).value) == {"级别": 0, "天数": 0}


def test_a_decision_explains_which_rules_matched_and_why():
    explanation = table('hitPolicy="COLLECT"', RULES).evaluate("处罚分级", {"金额": 15}).explanation
    assert explanation["decision"] == "分级"
    assert explanation["hit_policy"] == "COLLECT"
    assert explanation["inputs"] == {"罚款金额": 15}
    assert explanation["matched"][0] == {
        "index": 1, "rule_id": "r1", "annotation": "依据 1", "outputs": {"result": "重大"},
    }  # fmt: skip
    assert explanation["result"] == ["重大", "较大"]


def test_variables_need_no_input_data_and_are_told():
    assert table("", RULES).decisions["分级"].inputs == ("金额",)


def test_boxed_expressions_are_evaluated():
    assert boxed(f'<context><contextEntry><variable name="a b"/>{literal("1")}</contextEntry>'
                 f"<contextEntry>{literal('a b + 1')}</contextEntry></context>") == 2  # fmt: skip
    assert boxed(f"<list>{literal('1')}{literal('n')}</list>", n=2) == [1, 2]
    assert boxed(f'<relation><column name="k"/><row>{literal("1")}</row></relation>') == [{"k": 1}]
    assert boxed(f"<conditional><if>{literal('n > 1')}</if><then>{literal('1')}</then><else>{literal('2')}</else>"
                 "</conditional>".replace("> 1", "&gt; 1"), n=0) == 2  # fmt: skip
    assert boxed(f"<filter><in>{literal('[1, 2]')}</in><match>{literal('item = 2')}</match></filter>") == [2]
    loop = f"<in>{literal('[1, 2]')}</in>"
    assert boxed(f'<for iteratorVariable="i">{loop}<return>{literal("i * 2")}</return></for>') == [2, 4]
    assert boxed(f'<some iteratorVariable="i">{loop}<satisfies>{literal("i = 2")}</satisfies></some>') is True
    assert boxed(f'<every iteratorVariable="i">{loop}<satisfies>{literal("i = 2")}</satisfies></every>') is False


GRAPH = f"""
<itemDefinition name="tGrade"><typeRef>string</typeRef><allowedValues><text>"甲","乙"</text></allowedValues></itemDefinition>
<inputData id="i1" name="等级"><variable name="等级" typeRef="tGrade"/></inputData>
<businessKnowledgeModel id="b1" name="加倍"><encapsulatedLogic><formalParameter name="n" typeRef="number"/>
{literal("n * 2")}</encapsulatedLogic></businessKnowledgeModel>
<decision id="d1" name="基数"><variable name="基数" typeRef="number"/>
<informationRequirement><requiredInput href="#i1"/></informationRequirement>
{literal('if 等级 = "甲" then 10 else if 等级 = "乙" then 5 else null')}</decision>
<decision id="d2" name="结果"><informationRequirement><requiredDecision href="#d1"/></informationRequirement>
<knowledgeRequirement><requiredKnowledge href="#b1"/></knowledgeRequirement>
<invocation>{literal("加倍")}<binding><parameter name="n"/>{literal("基数")}</binding></invocation></decision>
<decisionService id="s1" name="服务"><outputDecision href="#d2"/><inputDecision href="#d1"/></decisionService>
"""


def test_requirements_are_followed_and_explained():
    found = model(GRAPH).evaluate("d2", {"等级": "甲"})
    assert to_json(found.value) == 20
    assert found.explanation["required"][0]["name"] == "基数"
    assert model(GRAPH).decisions["d2"].inputs == ("等级",)


def test_a_value_that_does_not_fit_its_type_is_null_with_a_warning():
    found = model(GRAPH).evaluate("d1", {"等级": "丙"})
    assert found.value is None
    assert found.explanation["warnings"]


def test_a_decision_service_is_called_with_what_it_is_given():
    assert to_json(call_service(model(GRAPH), "服务", {"基数": 4}).value) == 8


def test_models_import_each_other():
    other = model(GRAPH)
    xml = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="urn:two" name="two">'
        '<import name="一" namespace="urn:test" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
        '<decision id="d" name="d"><informationRequirement><requiredDecision href="urn:test#d2"/>'
        f"</informationRequirement>{literal('一.结果 + 1')}</decision></definitions>"
    )
    assert to_json(read_dmn(xml.encode(), "two.dmn", [other]).evaluate("d", {"等级": "乙"}).value) == 11
    with pytest.raises(InvalidDmnError, match="没有找到引用的模型"):
        read_dmn(xml.encode(), "two.dmn")


def test_host_functions_are_known_to_all_decisions():
    found = model(f'<decision id="x" name="x">{literal("twice(n)")}</decision>', functions={"twice": lambda n: n * 2})
    assert to_json(found.evaluate("x", {"n": 4}).value) == 8
    assert found.decisions["x"].inputs == ("n",)


def test_an_unknown_decision_is_told():
    with pytest.raises(DecisionNotFoundError, match="没有"):
        model(GRAPH).evaluate("nothing", {})


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"<a/>",
        b"<definitions/>",
        b"not xml",
        b"\xff\xfe<\x00",
        b'<!DOCTYPE d [<!ENTITY e "x">]>' + f"{HEAD}&e;</definitions>".encode(),
        b'<!DOCTYPE d SYSTEM "file:///etc/passwd">' + f"{HEAD}</definitions>".encode(),
        b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
        + f"{HEAD}&b;</definitions>".encode(),
        f"{HEAD}{'<decision/>' * 20_001}</definitions>".encode(),
        f"{HEAD}{'<x>' * 5000}{'</x>' * 5000}</definitions>".encode(),
        f"{HEAD}{' ' * (2 << 20)}</definitions>".encode(),
        f'{HEAD}<decision id="a" name="a">{literal("1 +")}</decision></definitions>'.encode(),
        f'{HEAD}<decision id="a" name="a"><informationRequirement><requiredInput href="#no"/></informationRequirement>'
        f"</decision></definitions>".encode(),
        f'{HEAD}<decision id="a" name="a"><decisionTable hitPolicy="X"/></decision></definitions>'.encode(),
        f'{HEAD}<decision id="a" name="a"><informationRequirement><requiredDecision href="#a"/>'
        f"</informationRequirement>{literal('1')}</decision></definitions>".encode(),
    ],
)
def test_files_that_are_no_decision_model_are_refused_in_chinese(xml):
    with pytest.raises(InvalidDmnError) as refusal:
        read_dmn(xml, "bad.dmn")
    assert all(problem.message for problem in refusal.value.problems)
