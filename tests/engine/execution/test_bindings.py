"""Which version of a called process or decision runs, as the deployed definitions have it."""

import pytest

from engine.bpmn.checks import DefinitionFile
from tests.factories import deploy, line, prepare, procedure, read, start, user

DMN = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:camunda="http://camunda.org/schema/1.0/dmn" '
    'id="f" name="f" namespace="n"><decision id="level" name="level"{tag}><variable name="level"/>'
    '<literalExpression><text>"{value}"</text></literalExpression></decision></definitions>'
)


@pytest.fixture(autouse=True)
def organisation(engine):
    prepare(engine)


def called(name, tag=""):
    more = f' camunda:versionTag="{tag}"' if tag else ""
    files = procedure("inner", line(user("u", name=name), keys=("u",)))
    content = files[0].content.replace(b'<bpmn:process id="inner"', f'<bpmn:process id="inner"{more}'.encode())
    return DefinitionFile(files[0].path, content), files[1]


def calling(attributes):
    return procedure("outer", line(f'<bpmn:callActivity id="c" calledElement="inner" {attributes}/>', keys=("c",)))


def opened(engine, attributes, *later):
    """Deploy two versions of the called process and a caller, then what comes later; return the task that opens."""
    deploy(engine, *called("第一版", "A"))
    deploy(engine, *called("第二版", "B"), *calling(attributes))
    for files in later:
        deploy(engine, *files)
    start(engine, "outer")
    return [row.name for row in read(engine, "user_task")]


def test_the_latest_version_is_called_where_nothing_is_said(engine):
    assert opened(engine, "", called("第三版")) == ["第三版"]


def test_a_version_is_called_by_its_number(engine):
    bound = 'camunda:calledElementBinding="version" camunda:calledElementVersion="1"'
    assert opened(engine, bound) == ["第一版"]


def test_the_version_of_the_same_deployment_stays_the_one_that_is_called(engine):
    assert opened(engine, 'camunda:calledElementBinding="deployment"', called("第三版")) == ["第二版"]


def test_a_version_is_called_by_its_tag(engine):
    bound = 'camunda:calledElementBinding="versionTag" camunda:calledElementVersionTag="A"'
    assert opened(engine, bound, called("第三版", "C")) == ["第一版"]


def test_a_version_that_is_not_there_is_an_incident(engine):
    bound = 'camunda:calledElementBinding="version" camunda:calledElementVersion="9"'
    assert opened(engine, bound) == []
    assert "没有部署" in read(engine, "incident")[0].message


@pytest.mark.parametrize(
    ("attributes", "value"),
    [
        ("", "three"),
        ('camunda:decisionRefBinding="version" camunda:decisionRefVersion="1"', "one"),
        ('camunda:decisionRefBinding="deployment"', "two"),
        ('camunda:decisionRefBinding="versionTag" camunda:decisionRefVersionTag="B"', "two"),
    ],
)
def test_a_rule_task_decides_by_the_version_that_is_meant(engine, attributes, value):
    rule = (
        '<bpmn:businessRuleTask id="r" camunda:decisionRef="level" camunda:resultVariable="found" '
        f'camunda:mapDecisionResult="singleEntry" {attributes}/>'
    )
    files = procedure("ruled", line(rule + user("u", name="看"), keys=("r", "u")))
    for number, (word, tag) in enumerate([("one", "A"), ("two", "B"), ("three", "C")]):
        dmn = DMN.format(value=word, tag=f' camunda:versionTag="{tag}"')
        deploy(engine, DefinitionFile("processes/ruled/level.dmn", dmn.encode()), *(files if number == 1 else ()))
    start(engine, "ruled")
    assert {row.name: row.value for row in read(engine, "variable")}["found"] == value
