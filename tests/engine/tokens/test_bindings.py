"""Bindings: which version of a called process or decision is meant is asked of whoever holds the definitions."""

import pytest

from engine.errors import InvalidBpmnError
from engine.tokens.definition import Binding
from tests.engine.tokens.drawing import around, chain, user
from tests.engine.tokens.world import Deployed, Instance, read

CALL = '<callActivity id="t" calledElement="q" {}/>'
RULE = '<businessRuleTask id="t" camunda:decisionRef="d" {}/>'


class Asked(Deployed):
    """Definitions that keep what they were asked for."""

    def bound(self, key, binding):
        self.asked = (key, binding)
        return f"{key}:1"

    def decide(self, key, variables, now, binding=None):
        self.asked = (key, binding)
        return self


def asked_by(element, **variables):
    found = Asked(read(around(element), q=chain(user("u"))).processes)
    found.value, found.explanation, found.steps = {"x": 1}, {}, 1
    instance = Instance(found, **variables).start()
    assert not instance.incidents
    return getattr(found, "asked", None)


@pytest.mark.parametrize(
    ("attributes", "binding"),
    [
        ('camunda:calledElementBinding="deployment"', Binding("deployment", "", "p:1")),
        ('camunda:calledElementBinding="version" camunda:calledElementVersion="${n}"', Binding("version", "3", "p:1")),
        (
            'camunda:calledElementBinding="versionTag" camunda:calledElementVersionTag="2026"',
            Binding("versionTag", "2026", "p:1"),
        ),
    ],
)
def test_a_call_says_which_version_it_means(attributes, binding):
    assert asked_by(CALL.format(attributes), n=3) == ("q", binding)


def test_a_call_that_says_nothing_means_the_latest():
    assert asked_by(CALL.format('camunda:calledElementBinding="latest"')) is None


@pytest.mark.parametrize(
    ("attributes", "binding"),
    [
        ("", None),
        ('camunda:decisionRefBinding="deployment"', Binding("deployment", "", "p:1")),
        ('camunda:decisionRefBinding="version" camunda:decisionRefVersion="2"', Binding("version", "2", "p:1")),
        (
            'camunda:decisionRefBinding="versionTag" camunda:decisionRefVersionTag="${tag}"',
            Binding("versionTag", "A", "p:1"),
        ),
    ],
)
def test_a_rule_says_which_version_it_means(attributes, binding):
    assert asked_by(RULE.format(attributes), tag="A") == ("d", binding)


@pytest.mark.parametrize(
    ("element", "words"),
    [
        (CALL.format('camunda:calledElementBinding="newest"'), "不支持"),
        (CALL.format('camunda:calledElementBinding="version"'), "没有写明是哪一个"),
        (RULE.format('camunda:decisionRefBinding="versionTag"'), "没有写明是哪一个"),
    ],
)
def test_a_way_of_choosing_that_cannot_choose_is_refused(element, words):
    with pytest.raises(InvalidBpmnError) as refusal:
        read(around(element))
    assert words in refusal.value.problems[0].message
    assert refusal.value.problems[0].element == "t"
