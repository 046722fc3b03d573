"""bpmnlint's rules, told as warnings: for each one diagram that breaks it, and its neighbour that does not."""

from collections import Counter
from random import Random
from time import process_time

import pytest

from engine.bpmn.check_style import check_style
from engine.bpmn.check_tree import Tree
from engine.bpmn.checks import DefinitionFile, check_definitions
from engine.bpmn.xml import parse_xml
from tests.engine.bpmn.corpus.builder import KNOWN, PATH, diagram, flows, line, user

START, END = '<bpmn:startEvent id="start"/>', '<bpmn:endEvent id="end"/>'
HOUR = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
TERMINATE = '<bpmn:endEvent id="stop"><bpmn:terminateEventDefinition/></bpmn:endEvent>'
A_B = user("a") + user("b")
FORKED = START + '<bpmn:parallelGateway id="p"/>' + A_B + user("c") + END


def catch(key: str, inside: str = HOUR, name: str = "到时") -> str:
    return f'<bpmn:intermediateCatchEvent id="{key}" name="{name}">{inside}</bpmn:intermediateCatchEvent>'


def gateway(kind: str, key: str, more: str = 'name="判断"') -> str:
    return f'<bpmn:{kind}Gateway id="{key}" {more}/>'


def sub(inside: str, more: str = "") -> str:
    return f'<bpmn:subProcess id="sub" name="内层" {more}>{inside}</bpmn:subProcess>'


def ad_hoc(inside: str) -> str:
    return line(f'<bpmn:adHocSubProcess id="ad" name="特设">{inside}</bpmn:adHocSubProcess>', keys=("ad",))


def message(key: str, name: str, more: str = "") -> str:
    return f'<bpmn:message id="{key}" name="{name}" {more}/>'


def told(*keys: str) -> str:
    """A row of events that wait for messages `m_<key>`."""
    waits = (catch(key, f'<bpmn:messageEventDefinition id="d_{key}" messageRef="m_{key}"/>') for key in keys)
    return line(*waits, keys=keys)


def rules(file: DefinitionFile) -> Counter:
    problems = check_definitions([file], KNOWN)
    return Counter((problem.rule, problem.element, problem.severity) for problem in problems)


# rule, element: (what breaks it, its neighbour that does not); each a or a process and what stands beside.
CASES = {
    ("ad-hoc-sub-process", "in_start", "error"): (
        ad_hoc('<bpmn:startEvent id="in_start"/>' + user("a") + flows("in_start>a")),
        ad_hoc(user("a")),
    ),
    ("ad-hoc-sub-process", "in_end", "error"): (
        ad_hoc(user("a") + '<bpmn:endEvent id="in_end"/>' + flows("a>in_end")),
        ad_hoc(A_B + flows("a>b")),
    ),
    ("ad-hoc-sub-process", "late", "warning"): (
        ad_hoc(user("a") + catch("late")),
        ad_hoc(user("a") + catch("late") + flows("late>a")),
    ),
    ("conditional-flows", "a_end", "warning"): (
        START + A_B + END + flows("start>a", "a>b?nrOfInstances = 1", "a>end", "b>end"),
        START + A_B.replace('id="a"', 'id="a" default="a_end"') + END
        + flows("start>a", "a>b?nrOfInstances = 1", "a>end", "b>end"),
    ),
    ("end-event-required", "demo", "warning"): (START + user("a") + flows("start>a"), line(user("a"), keys=("a",))),
    ("end-event-required", "sub", "warning"): (
        line(sub('<bpmn:startEvent id="i"/>' + user("a") + flows("i>a")), keys=("sub",)),
        line(sub('<bpmn:startEvent id="i"/><bpmn:endEvent id="o"/>' + user("a") + flows("i>a", "a>o")), keys=("sub",)),
    ),
    ("event-based-gateway", "g", "warning"): (
        START + gateway("eventBased", "g") + catch("x") + END + flows("start>g", "g>x", "x>end"),
        START + gateway("eventBased", "g") + catch("x") + catch("y") + END
        + flows("start>g", "g>x", "g>y", "x>end", "y>end"),
    ),
    ("fake-join", "c", "warning"): (
        FORKED + flows("start>p", "p>a", "p>b", "a>c", "b>c", "c>end"),
        FORKED + gateway("parallel", "j") + flows("start>p", "p>a", "p>b", "a>j", "b>j", "j>c", "c>end"),
    ),
    ("global", "m_y", "warning"): (
        (told("x", "y"), message("m_x", "TOLD") + message("m_y", "TOLD")),
        (told("x", "y"), message("m_x", "TOLD") + message("m_y", "OTHER")),
    ),
    ("label-required", "a", "warning"): (line(user("a", name=" "), keys=("a",)), line(user("a"), keys=("a",))),
    ("label-required", "call", "warning"): (
        line('<bpmn:callActivity id="call" calledElement="archive"/>', keys=("call",)),
        line('<bpmn:callActivity id="call" name="归档" calledElement="archive"/>', keys=("call",)),
    ),
    ("label-required", "g", "warning"): (
        START + gateway("exclusive", "g", 'default="g_end"') + user("a") + END
        + flows("start>g", "g>a?nrOfInstances = 1", "g>end", "a>end"),
        START + gateway("exclusive", "h", 'name="判断" default="h_b"') + A_B + gateway("exclusive", "g", "") + END
        + flows("start>h", "h>a?nrOfInstances = 1", "h>b", "a>g", "b>g", "g>end"),
    ),
    ("label-required", "g_a", "warning"): (
        (START + gateway("exclusive", "g", 'name="判断" default="g_end"') + user("a") + END
        + flows("start>g", "g>a?nrOfInstances = 1", "g>end", "a>end")).replace('name="成立" ', ""),
        START + gateway("exclusive", "g", 'name="判断" default="g_end"') + user("a") + END
        + flows("start>g", "g>a?nrOfInstances = 1", "g>end", "a>end"),
    ),
    ("label-required", "x", "warning"): (line(catch("x", name=""), keys=("x",)), line(catch("x"), keys=("x",))),
    ("label-required", "lane", "warning"): (
        '<bpmn:laneSet id="lanes"><bpmn:lane id="lane"/></bpmn:laneSet>' + line(user("a"), keys=("a",)),
        '<bpmn:laneSet id="lanes"><bpmn:lane id="lane" name="中队"/></bpmn:laneSet>' + line(user("a"), keys=("a",)),
    ),
    ("no-duplicate-sequence-flows", "again", "warning"): (
        line(user("a"), keys=("a",)) + flows("start>a").replace("start_a", "again"),
        line(user("a"), keys=("a",)),
    ),
    ("no-gateway-join-fork", "g", "warning"): (
        FORKED + gateway("parallel", "g") + user("d") + user("e")
        + flows("start>p", "p>a", "p>b", "a>g", "b>g", "g>d", "g>e", "d>end", "e>end"),
        START + gateway("exclusive", "g", 'name="通过" default="g_end"') + A_B + END
        + flows("start>a", "a>g", "b>g", "g>b?nrOfInstances = 1", "g>end"),
    ),
    ("no-implicit-end", "b", "warning"): (
        START + gateway("parallel", "p") + A_B + END + flows("start>p", "p>a", "p>b", "a>end"),
        START + gateway("parallel", "p") + A_B + END + flows("start>p", "p>a", "p>b", "a>end", "b>end"),
    ),
    ("no-implicit-split", "a", "warning"): (
        START + A_B + user("c") + END + flows("start>a", "a>b", "a>c", "b>end", "c>end"),
        START + A_B + user("c") + END + gateway("parallel", "p") + flows("start>a", "a>p", "p>b", "p>c", "b>end", "c>end"),
    ),
    ("single-blank-start-event", "second", "warning"): (
        line(user("a"), keys=("a",)) + '<bpmn:startEvent id="second"/>' + flows("second>a"),
        line(user("a"), keys=("a",)) + f'<bpmn:startEvent id="second">{HOUR}</bpmn:startEvent>' + flows("second>a"),
    ),
    ("start-event-required", "demo", "warning"): (user("a") + END + flows("a>end"), line(user("a"), keys=("a",))),
    ("start-event-required", "sub", "warning"): (
        line(sub(user("a") + '<bpmn:endEvent id="o"/>' + flows("a>o")), keys=("sub",)),
        line(sub('<bpmn:startEvent id="i"/>' + user("a") + '<bpmn:endEvent id="o"/>' + flows("i>a", "a>o")), keys=("sub",)),
    ),
    ("superfluous-gateway", "g", "warning"): (
        line(user("a"), gateway("parallel", "g"), keys=("a", "g")),
        START + gateway("parallel", "g") + A_B + END + flows("start>g", "g>a", "g>b", "a>end", "b>end"),
    ),
    ("superfluous-termination", "stop", "warning"): (
        START + user("a") + TERMINATE + flows("start>a", "a>stop"),
        START + gateway("parallel", "p") + A_B + TERMINATE + END + flows("start>p", "p>a", "p>b", "a>stop", "b>end"),
    ),
}  # fmt: skip


def file_of(case: str | tuple[str, str]) -> DefinitionFile:
    body, more = (case, "") if isinstance(case, str) else case
    return diagram(body, more=more)


@pytest.mark.parametrize("expected", CASES, ids=lambda key: "-".join(key[:2]))
def test_a_rule_speaks_once_where_it_is_broken(expected):
    found = rules(file_of(CASES[expected][0]))
    assert found[expected] == 1, found
    assert {one for one in found if one[0] == expected[0]} == {expected}, "and of nothing else"


@pytest.mark.parametrize("expected", CASES, ids=lambda key: "-".join(key[:2]))
def test_a_rule_is_silent_where_it_is_kept(expected):
    found = rules(file_of(CASES[expected][1]))
    assert not [one for one in found if one[0] == expected[0]], found
    assert not [one for one in found if one[2] == "error"], found


SOUND = {
    "a task that is done again": START + A_B + gateway("exclusive", "g", 'name="通过" default="g_end"') + END
    + flows("start>a", "a>b", "b>g", "g>a?nrOfInstances = 1", "g>end"),
    "a choice that meets at a task": START + gateway("exclusive", "g", 'name="哪种" default="g_b"') + A_B + user("c") + END
    + flows("start>g", "g>a?nrOfInstances = 1", "g>b", "a>c", "b>c", "c>end"),
    "a loop inside a branch": FORKED + gateway("parallel", "j") + gateway("exclusive", "g", 'name="通过" default="g_j"')
    + flows("start>p", "p>a", "p>b", "a>c", "c>g", "g>c?nrOfInstances = 1", "g>j", "b>j", "j>end"),
    "branches that meet behind their join": FORKED + gateway("parallel", "j")
    + gateway("exclusive", "g", 'name="通过" default="g_end"')
    + flows("start>p", "p>a", "p>b", "a>j", "b>j", "j>c", "c>g", "g>c?nrOfInstances = 1", "g>end"),
    "branches that end in one end event": START + gateway("parallel", "p") + A_B + END
    + flows("start>p", "p>a", "p>b", "a>end", "b>end"),
    "two conditions to one task": START + gateway("exclusive", "g", 'name="哪种" default="g_a"') + user("a") + END
    + flows("start>g", "g>a", "a>end") + flows("g>a?nrOfInstances = 1").replace("g_a", "other"),
    "a termination of what a reminder began": START + user("a") + user("b") + TERMINATE + END
    + f'<bpmn:boundaryEvent id="r" name="提醒" cancelActivity="false" attachedToRef="a">{HOUR}</bpmn:boundaryEvent>'
    + flows("start>a", "a>stop", "r>b", "b>end"),
    "a termination of what an event began": START + user("a") + TERMINATE + flows("start>a", "a>stop")
    + sub(f'<bpmn:startEvent id="i" isInterrupting="false">{HOUR}</bpmn:startEvent><bpmn:endEvent id="o"/>' + flows("i>o"),
          'triggeredByEvent="true"'),
    "a level that ends by what is around it": START + user("a") + TERMINATE + flows("start>a", "a>stop")
    + sub(f'<bpmn:startEvent id="i" isInterrupting="false">{HOUR}</bpmn:startEvent>' + user("b") + user("c")
          + flows("i>b", "b>c", "c>b"), 'triggeredByEvent="true"'),
    "messages that nothing waits for any more": (told("x"), message("m_x", "TOLD") + message("m_old", "TOLD")),
}  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_what_is_well_drawn_is_not_warned_of(name):
    assert rules(file_of(SOUND[name])) == {}


def test_compensation_needs_no_way_on():
    handler = '<bpmn:scriptTask id="undo" name="撤回" isForCompensation="true" scriptFormat="feel"><bpmn:script>x = 1</bpmn:script></bpmn:scriptTask>'
    bound = '<bpmn:boundaryEvent id="c" name="撤回" attachedToRef="a"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>'
    link = '<bpmn:association id="as" associationDirection="One" sourceRef="c" targetRef="undo"/>'
    assert rules(diagram(line(user("a"), keys=("a",)) + handler + bound + link)) == {}


def test_a_drawing_is_not_held_to_the_rules_of_style():
    file = diagram(START + user("a") + user("b") + flows("start>a", "start>b"))
    assert rules(file)
    drawing = DefinitionFile(PATH, file.content.replace(b'isExecutable="true"', b'isExecutable="false"'))
    assert {rule for rule, _, _ in rules(drawing)} == {"drawing", "not-executable"}


def test_a_tangle_of_forks_takes_no_second():
    random = Random(3)
    tasks = "".join(f'<bpmn:task id="t{at}" name="办理"/>' for at in range(2500))
    pairs = [f"t{at}>t{random.randrange(2500)}" for at in range(2500) for _ in range(2)]
    tree = Tree(parse_xml(diagram(START + tasks + flows("start>t0", *pairs)).content, PATH), PATH)
    before = process_time()
    list(check_style(tree))
    assert process_time() - before < 1
