"""Each kind of rule and each kind of finding on a process small enough to see that it is right."""

from itertools import pairwise

import pytest

from engine.feel import compile_expression
from engine.forms import read_form
from engine.proof import ComplianceRule, World, prove, read_rules
from engine.proof.result import PROVED, REFUTED, UNDECIDED
from engine.proof.rules import InvalidRuleError
from tests.engine.tokens.world import read

DECISION = {
    "type": "select", "key": "decision", "label": "意见", "validate": {"required": True},
    "properties": {"bihuan:outcome": "true"},
    "values": [{"label": word, "value": word} for word in ("同意", "退回")],
}  # fmt: skip
FORM = read_form({"components": [DECISION]}, "decide")
AGREED = compile_expression('decision = "同意"')
TIMER = "<timerEventDefinition><timeDuration>P5D</timeDuration></timerEventDefinition>"


NEWS = '<message id="m" name="news"/>'


def flow(source, target, condition=""):
    inside = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'


def line(*names):
    return "".join(flow(*pair) for pair in pairwise(names))


def task(name, *, form="", apart=""):
    key = f' camunda:formKey="{form}"' if form else ""
    inside = (
        "<extensionElements><camunda:properties>"
        f'<camunda:property name="bihuan:notSameAs" value="{apart}"/></camunda:properties></extensionElements>'
    )
    return f'<userTask id="{name}"{key}>{inside if apart else ""}</userTask>'


def proved(body, *rules, most_states=20_000, **called):
    deployed = read(p=f'<startEvent id="s"/><endEvent id="e"/>{body}', **called)
    world = World(deployed.processes.get, {"decide": FORM}.get, lambda _: None, {})
    return prove("p", world, rules, most_states=most_states)


def told(proof):
    return {finding.rule for finding in proof.findings}


BEFORE = ComplianceRule("before", "before", "p", "先审批", "act", "decide", AGREED)
GATE = (
    task("decide", form="decide") + task("act") + '<exclusiveGateway id="x" default="x_decide"/>'
    + flow("x", "act", 'decision = "同意"'.replace('"', "&quot;")) + flow("x", "decide")
)  # fmt: skip


def test_a_step_behind_the_condition_that_its_rule_wants_is_proved():
    assert proved(GATE + line("s", "decide", "x") + line("act", "e"), BEFORE).verdict == PROVED


def test_a_way_round_the_condition_is_shown_step_by_step():
    proof = proved(task("decide", form="decide") + task("act") + line("s", "decide", "act", "e"), BEFORE)
    assert proof.verdict == REFUTED
    trace = proof.findings[0].trace
    assert [step.at[0][1] for step in trace] == ["decide", "act"]
    assert "decision为其他" in trace[-1].words


def test_a_rule_whose_step_is_gone_is_broken():
    proof = proved(task("decide", form="decide") + line("s", "decide", "e"), BEFORE)
    assert "“act”不在流程中" in proof.findings[0].words


OTHER = ComplianceRule("other", "other_person", "p", "分离", "review", "work")


def test_two_steps_are_kept_apart_by_name_also_in_a_called_process():
    work = task("work") + line("s", "work", "c", "e")
    call = (
        '<callActivity id="c" calledElement="q"><extensionElements><camunda:in sourceExpression="{}" target="apart"/>'
    )
    call += "</extensionElements></callActivity>"
    called = '<startEvent id="qs"/>' + task("review", apart="${apart}") + line("qs", "review")
    assert proved(work + call.format("work,other"), OTHER, q=called).verdict == PROVED
    assert told(proved(work + call.format("other"), OTHER, q=called)) == {"other"}
    assert told(proved(task("work") + task("review") + line("s", "work", "review", "e"), OTHER)) == {"other"}


def test_what_must_follow_is_missed_where_a_matter_ends_without_it():
    rule = ComplianceRule("follow", "always_followed_by", "p", "须告知", "act", "tell")
    good = task("act") + task("tell") + line("s", "act", "tell", "e")
    assert proved(good, rule).verdict == PROVED
    edge = f'<boundaryEvent id="late" attachedToRef="tell">{TIMER}</boundaryEvent>' + flow("late", "e")
    assert told(proved(good + edge, rule)) == {"follow"}


TIMED = ComplianceRule("timed", "never_by_timer", None, "计时器不得办结", closes=True)


def test_no_timer_ends_a_matter_but_it_may_remind():
    edge = f'<boundaryEvent id="late" attachedToRef="act" cancelActivity="{{}}">{TIMER}</boundaryEvent>'
    base = task("act") + line("s", "act", "e")
    assert told(proved(base + edge.format("true") + flow("late", "e"), TIMED)) == {"timed"}
    reminded = edge.format("false") + task("look") + line("late", "look", "e")
    assert proved(base + reminded, TIMED).verdict == PROVED


LATE = f'<boundaryEvent id="late" attachedToRef="sub">{TIMER}</boundaryEvent>'


def test_what_is_inside_a_sub_process_that_may_be_interrupted_is_looked_at():
    inner = f'<startEvent id="b"/>{task("work")}{task("act")}<endEvent id="o"/>{line("b", "work", "act", "o")}'
    body = f'<subProcess id="sub">{inner}</subProcess>{LATE}' + task("decide", form="decide")
    assert "before" in told(proved(body + line("s", "sub", "e") + line("late", "decide", "e"), BEFORE))


def test_what_is_inside_a_called_process_that_may_be_interrupted_is_looked_at():
    inner = task("work") + task("other") + '<parallelGateway id="join"/><endEvent id="o"/><startEvent id="b"/>'
    inner += line("b", "work", "join", "o") + flow("other", "join")
    call = '<callActivity id="sub" calledElement="q"/>' + LATE + line("s", "sub", "e") + flow("late", "e")
    assert "left-over" in told(proved(call, q=inner))


def test_an_event_that_need_not_come_is_not_waited_for():
    reminded = LATE.replace("attached", 'cancelActivity="false" attached') + '<parallelGateway id="both"/>'
    inner = f'<startEvent id="b"/>{task("work")}{line("b", "work")}'
    joined = flow("sub", "both") + flow("late", "both") + line("both", "e") + flow("s", "sub")
    assert "left-over" in told(proved(f'<subProcess id="sub">{inner}</subProcess>{reminded}{joined}'))


def test_no_timer_decides_in_the_place_of_a_person():
    edge = f'<boundaryEvent id="late" attachedToRef="decide">{TIMER}</boundaryEvent>'
    decided = '<scriptTask id="auto" scriptFormat="feel"><script>decision = "同意"</script></scriptTask>'
    body = task("decide", form="decide") + task("act") + edge + decided + line("s", "decide", "act", "e")
    assert "timed" in told(proved(body + line("late", "auto", "act"), TIMED))
    assert proved(body + task("leader") + line("late", "leader", "auto", "act"), TIMED).verdict == PROVED


def test_a_join_that_waits_for_ever_is_found_behind_an_exclusive_choice():
    body = (
        task("decide", form="decide") + task("a") + task("b") + '<exclusiveGateway id="x" default="x_b"/>'
        + '<parallelGateway id="j"/>' + flow("x", "a", 'decision = "同意"'.replace('"', "&quot;")) + flow("x", "b")
        + line("s", "decide", "x") + line("a", "j", "e") + line("b", "j")
    )  # fmt: skip
    proof = proved(body)
    assert {finding.element for finding in proof.errors} == {"j"}
    assert proof.verdict == REFUTED


def test_a_branch_that_no_answer_of_the_form_takes_is_dead():
    body = (
        task("decide", form="decide") + task("a") + '<exclusiveGateway id="x" default="x_e"/>'
        + flow("x", "a", 'decision = "暂缓"'.replace('"', "&quot;")) + flow("x", "e") + line("s", "decide", "x")
        + line("a", "e")
    )  # fmt: skip
    proof = proved(body)
    assert (proof.verdict, [(one.rule, one.element) for one in proof.findings]) == (PROVED, [("dead-element", "a")])


def test_a_loop_that_no_answer_leaves_has_no_end():
    body = (
        task("decide", form="decide") + '<exclusiveGateway id="x" default="x_decide"/>' + flow("x", "decide")
        + flow("x", "e", 'decision = "暂缓"'.replace('"', "&quot;")) + line("s", "decide", "x")
    )  # fmt: skip
    assert "endless" in told(proved(body))


def test_what_grows_without_end_is_not_decided_and_says_why():
    body = (
        task("a")
        + task("b")
        + '<parallelGateway id="f"/>'
        + line("s", "a", "f", "a")
        + line("f", "b", "a")
        + flow("f", "e")
    )
    proof = proved(body, most_states=200)
    assert proof.verdict == UNDECIDED
    assert proof.why == "可能的状态超过 200 个"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"kind": "sometimes", "why": "x"}, "kind"),
        ({"kind": "before", "step": "a", "before": "b"}, "why"),
        ({"kind": "before", "why": "x", "step": "a"}, "step"),
        ({"kind": "before", "why": "x", "step": "a", "before": "b", "outcome": "= ="}, "outcome"),
    ],
)
def test_a_rule_that_cannot_be_read_is_named(row, words):
    with pytest.raises(InvalidRuleError, match=words):
        read_rules({"proof": [row]})


def test_what_is_written_inside_may_be_missing_when_an_event_at_the_edge_comes_first():
    body = (
        f'<subProcess id="inside"><startEvent id="i"/>{task("decide", form="decide")}{task("tell")}'
         f'{line("i", "decide", "tell")}</subProcess>'
         f'<boundaryEvent id="late" attachedToRef="inside">{TIMER}</boundaryEvent><exclusiveGateway id="x"/>'
        + line("s", "inside", "x") + flow("late", "x")
        + flow("x", "e", "decision = &quot;同意&quot; or decision = &quot;退回&quot;")
    )  # fmt: skip
    assert told(proved(body)) == {"no-way-out"}


def test_activities_of_an_ad_hoc_sub_process_may_still_begin_while_another_is_at_work():
    inner = task("act") + task("more")
    body = task("decide") + f'<adHocSubProcess id="any">{inner}</adHocSubProcess>' + line("s", "decide", "any", "e")
    assert proved(body, ComplianceRule("before", "before", "p", "先审批", "act", "decide")).verdict == PROVED


def test_what_goes_round_for_ever_puts_nobody_off():
    body = (
        '<parallelGateway id="f"/><endEvent id="stop"><terminateEventDefinition/></endEvent>'
        + "".join(map(task, ("a", "b", "act")))
        + line("s", "f", "a", "b", "a")
        + line("f", "act", "stop")
    )
    assert told(proved(body)) == {"dead-element"}  # the other end


def test_an_event_behind_an_event_based_gateway_is_a_step_like_others():
    events = (
        '<eventBasedGateway id="g"/>'
        '<intermediateCatchEvent id="said"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
        f'<intermediateCatchEvent id="over">{TIMER}</intermediateCatchEvent>'
    )  # fmt: skip
    heard = ComplianceRule("heard", "always_followed_by", "p", "收到的须复核", "said", "check", None)
    body = events + task("check") + line("s", "g", "said") + line("g", "over", "e")
    assert "heard" in told(proved(body + line("said", "e") + line("check", "e"), heard, beside=NEWS))
    assert proved(body + line("said", "check", "e"), heard, beside=NEWS).verdict == PROVED


def test_a_step_named_beside_others_that_are_not_known_yet_is_kept_apart():
    kept = ComplianceRule("apart", "other_person", "p", "两人办理", "act", "decide", None)
    body = task("decide", form="decide") + line("s", "decide", "act", "e")
    assert proved(body + task("act", apart="decide,${more}"), kept).verdict == PROVED
    assert "apart" in told(proved(body + task("act", apart="decide${more}"), kept))


def test_an_error_that_an_event_sub_process_beside_it_catches_is_no_dead_end():
    thrown = '<endEvent id="fails"><errorEventDefinition/></endEvent>'
    caught = '<startEvent id="c"><errorEventDefinition/></startEvent><endEvent id="d"/>' + line("c", "d")
    body = (
        task("decide", form="decide") + thrown + f'<subProcess id="h" triggeredByEvent="true">{caught}</subProcess>'
        + '<exclusiveGateway id="x" default="x_e"/>' + flow("x", "fails", 'decision = "退回"'.replace('"', "&quot;"))
        + flow("x", "e") + line("s", "decide", "x")
    )  # fmt: skip
    assert told(proved(body)) == set()
