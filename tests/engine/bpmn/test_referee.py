"""Two engines run the same scenarios: random processes and everything that is shipped."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.bpmn.checks import DefinitionFile, check_definitions
from engine.bpmn.referee_kernel import Files
from engine.bpmn.referee_scenarios import Walk, opinions, random_scenarios
from engine.bpmn.second_opinion import Scenario, referee
from engine.calendar import Calendar, host_functions
from tests.engine.bpmn.corpus.builder import KNOWN, diagram, flows, line, process, user
from tests.engine.bpmn.random_processes import Maker

NOW = datetime(2026, 3, 9, 2, tzinfo=UTC)
WALK = Walk(NOW)
PROCESSES = Path(__file__).parents[3] / "processes"
START, END = '<bpmn:startEvent id="start"/>', '<bpmn:endEvent id="end"/>'


def shipped_files() -> list[DefinitionFile]:
    paths = [path for path in sorted(PROCESSES.rglob("*")) if path.suffix in {".bpmn", ".dmn"}]
    return [DefinitionFile(str(path.relative_to(PROCESSES.parent)), path.read_bytes()) for path in paths]


@pytest.fixture(scope="module")
def shipped():
    return Files(shipped_files(), host_functions(Calendar()))


@pytest.mark.parametrize("first", range(0, 120, 20))
def test_two_engines_agree_on_random_processes(first):
    for seed in range(first, first + 20):
        file = Maker(seed).process(4)
        assert check_definitions([file], KNOWN) == (), seed
        definitions = Files([file])
        verdict = referee(definitions, "demo", random_scenarios(definitions, "demo", 3, Walk(NOW, seed)), NOW)
        assert verdict.agrees is True, (seed, str(verdict))


def test_two_engines_agree_on_every_shipped_procedure_that_the_second_one_can_judge(shipped):
    judged, steps = 0, 0
    for key, verdict in opinions(shipped, 4, WALK).items():
        assert verdict.agrees is not False, f"{key}：{verdict}"
        judged += verdict.agrees is True
        steps += verdict.steps
    assert judged >= 15
    assert steps >= 100


def test_lead_handling_is_judged_to_its_end(shipped):
    verdict = referee(shipped, "lead_handling", random_scenarios(shipped, "lead_handling", 10, WALK), NOW)
    assert verdict.agrees is True, str(verdict)


CHOICE = (
    START + '<bpmn:exclusiveGateway id="g" default="g_b"/>' + user("a") + user("b") + END
    + flows("start>g", "g>a?way = &quot;左&quot;", "g>b", "a>end", "b>end")
)  # fmt: skip


def test_a_difference_is_told_with_the_step_after_which_it_showed():
    ours, other = Files([diagram(CHOICE)]), diagram(CHOICE.replace("左", "右"))
    ours.files = (other,)
    verdict = referee(ours, "demo", [Scenario({"way": "左"}), Scenario({"way": "中"})], NOW)
    assert verdict.agrees is False
    assert verdict.differences == ("情景 1：第 0 步启动之后，本系统：等待 a；SpiffWorkflow：等待 b",)
    assert str(verdict).startswith("两个引擎不一致：情景 1")


def test_agreement_says_how_much_was_compared():
    definitions = Files([diagram(CHOICE)])
    verdict = referee(definitions, "demo", [Scenario({"way": "左"}, (("a", {}),)), Scenario({}, (("b", {}),))], NOW)
    assert str(verdict) == "两个引擎一致（2 个情景，2 步）"


def test_where_the_second_engine_cannot_judge_the_reason_is_told():
    ring = (
        START
        + '<bpmn:adHocSubProcess id="s">'
        + user("a")
        + "</bpmn:adHocSubProcess>"
        + END
        + flows("start>s", "s>end")
    )
    verdict = referee(Files([diagram(ring)]), "demo", [Scenario()], NOW)
    assert verdict.agrees is None
    assert str(verdict).startswith("第二引擎不适用：")
    assert "特设子流程（s）：SpiffWorkflow 不支持或语义不同" in verdict.reasons


def test_variables_go_into_and_out_of_a_called_process_alike():
    call = (
        '<bpmn:callActivity id="c" calledElement="inner"><bpmn:extensionElements><camunda:in source="given" target="x"/>'
        '<camunda:out source="y" target="result"/></bpmn:extensionElements></bpmn:callActivity>'
    )
    script = '<bpmn:scriptTask id="s" scriptFormat="feel"><bpmn:script>y = x + 1</bpmn:script></bpmn:scriptTask>'
    inner = process(line(script, keys=("s",)).replace('"start"', '"in"').replace('"end"', '"out"'), "inner")
    outer = (
        START + call + '<bpmn:exclusiveGateway id="g" default="g_b"/>' + user("a") + user("b") + END
        + flows("start>c", "c>g", "g>a?result = 3", "g>b", "a>end", "b>end")
    )  # fmt: skip
    definitions = Files([diagram(outer, more=inner)])
    scenarios = [Scenario({"given": 2}, (("a", {}),)), Scenario({"given": 7}, (("b", {}),))]
    assert referee(definitions, "demo", scenarios, NOW).agrees is True


def test_events_of_an_event_gateway_and_of_a_boundary_happen_alike():
    timer = (
        '<bpmn:timerEventDefinition id="t{0}"><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>'
    )
    catch = "".join(
        f'<bpmn:intermediateCatchEvent id="e{number}">{timer.format(number)}</bpmn:intermediateCatchEvent>'
        for number in (1, 2)
    )
    boundary = f'<bpmn:boundaryEvent id="late" attachedToRef="a">{timer.format(3)}</bpmn:boundaryEvent>'
    body = (
        START + '<bpmn:eventBasedGateway id="g"/>' + catch + user("a") + user("b") + user("c") + boundary + END
        + flows("start>g", "g>e1", "g>e2", "e1>a", "e2>b", "late>c", "a>end", "b>end", "c>end")
    )  # fmt: skip
    definitions = Files([diagram(body)])
    ways = [(("e1", {}), ("a", {})), (("e2", {}), ("b", {})), (("e1", {}), ("late", {}), ("c", {}))]
    assert (
        str(referee(definitions, "demo", [Scenario({}, way) for way in ways], NOW)) == "两个引擎一致（3 个情景，7 步）"
    )
