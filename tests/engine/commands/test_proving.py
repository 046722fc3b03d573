"""Deployments are proved with the rules in force, and with them every procedure that calls what changes."""

from itertools import pairwise

import pytest

from engine.bpmn.checks import DefinitionFile
from engine.commands.deployments import CheckAndProve
from engine.comparison import Comparison
from engine.errors import InvalidDefinitionError
from engine.proposals import UNPROVED, Frozen, told
from engine.proving import is_undecided
from tests.factories import deploy, prepare, procedure

RULES = """
[publish]
refuse = [{refuse}]
[[proof]]
id = "looked-at"
kind = "before"
procedure = "outer"
step = "act"
before = "look"
why = "先看后办"
"""


def rules(*refuse):
    listed = ", ".join(f'"{one}"' for one in refuse)
    return DefinitionFile("config/rules.toml", RULES.format(refuse=listed).encode())


def steps(*names):
    """A start, tasks in a row, an end."""
    nodes = ["s", *names, "e"]
    drawn = '<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>'
    drawn += "".join(f'<bpmn:userTask id="{name}" camunda:candidateGroups="squad_officer"/>' for name in names)
    for number, (source, target) in enumerate(pairwise(nodes)):
        drawn += f'<bpmn:sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}"/>'
    return drawn


OUTER = steps("act").replace('targetRef="act"', 'targetRef="c"') + (
    '<bpmn:callActivity id="c" calledElement="inner"/><bpmn:sequenceFlow id="f9" sourceRef="c" targetRef="act"/>'
)
STUCK = (
    '<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="x" default="f2"/><bpmn:parallelGateway id="j"/>'
    '<bpmn:userTask id="a" camunda:candidateGroups="squad_officer"/><bpmn:endEvent id="e"/>'
    '<bpmn:userTask id="b" camunda:candidateGroups="squad_officer"/>'
    '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="x"/><bpmn:sequenceFlow id="f2" sourceRef="x" targetRef="a"/>'
    '<bpmn:sequenceFlow id="f3" sourceRef="x" targetRef="b"><bpmn:conditionExpression>${title = "急"}'
    '</bpmn:conditionExpression></bpmn:sequenceFlow><bpmn:sequenceFlow id="f4" sourceRef="a" targetRef="j"/>'
    '<bpmn:sequenceFlow id="f5" sourceRef="b" targetRef="j"/><bpmn:sequenceFlow id="f6" sourceRef="j" targetRef="e"/>'
)


def refused(engine, *files):
    with pytest.raises(InvalidDefinitionError) as refusal:
        deploy(engine, *files)
    return [(problem.rule, problem.file) for problem in refusal.value.problems]


@pytest.fixture
def guarded(engine):
    """A procedure whose safeguard lies in a process that it calls."""
    prepare(engine)
    deploy(engine, rules("soundness"), *procedure("inner", steps("look")), *procedure("outer", OUTER))


def test_a_called_process_cannot_lose_what_protects_its_caller(engine, guarded):
    assert refused(engine, *procedure("inner", steps("other"))) == [("looked-at", "processes/outer/outer.bpmn")]
    deploy(engine, *procedure("inner", steps("look", "other")))


def test_the_run_that_breaks_a_rule_comes_with_the_problem(engine, guarded):
    files = procedure("outer", steps("act"))
    problem = next(one for one in engine.ask(CheckAndProve(tuple(files))) if one.rule == "looked-at")
    assert problem.trace[-1].at == (("outer", "act"),)


def test_rules_among_the_files_are_the_ones_that_count(engine):
    prepare(engine)
    files = (rules(), *procedure("outer", steps("act")))
    assert ("looked-at", "processes/outer/outer.bpmn") in refused(engine, *files)


def test_what_is_not_sound_refuses_where_the_installation_says_so(engine):
    prepare(engine)
    warned = deploy(engine, *procedure("stuck", STUCK)).warnings
    assert "left-over" in {problem.rule for problem in warned}
    deploy(engine, rules("soundness"), *procedure("outer", steps("look", "act")))
    assert ("left-over", "processes/again/again.bpmn") in refused(engine, *procedure("again", STUCK))


def test_what_is_not_decided_is_a_warning_and_asks_for_a_reason(engine):
    prepare(engine)
    many = (
        '<bpmn:startEvent id="s"/><bpmn:parallelGateway id="f"/><bpmn:sequenceFlow id="q" sourceRef="s" targetRef="f"/>'
    )
    for number in range(60):
        many += f'<bpmn:userTask id="t{number}" camunda:candidateGroups="squad_officer"/>'
        many += f'<bpmn:sequenceFlow id="q{number}" sourceRef="f" targetRef="t{number}"/>'
    warnings = deploy(engine, *procedure("wide", many)).warnings
    assert is_undecided(warnings)
    frozen = Frozen("wide", 1, {}, Comparison(()), (), decided=False)
    assert told(frozen) == UNPROVED
