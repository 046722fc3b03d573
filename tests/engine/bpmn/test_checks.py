"""What is refused at deployment: a corpus of broken and hostile definitions, and what must not be refused."""

import resource
from time import process_time

import pytest

from engine.bpmn.checks import DefinitionFile, check_definitions
from tests.engine.bpmn.corpus import file_cases, flow_cases, work_cases, xml_cases
from tests.engine.bpmn.corpus.builder import KNOWN, diagram, flows, form, line, one, props, sound, user

CASES = [*xml_cases.cases(), *flow_cases.cases(), *work_cases.cases(), *file_cases.cases()]
LONGEST_SECONDS = 1.0
MOST_GROWTH = 200 * 1024 * 1024


def test_the_corpus_is_large_and_has_no_case_twice():
    assert len(CASES) >= 300
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_broken_definition_is_refused_quickly_and_by_name(case):
    before, memory = process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    problems = check_definitions(case.files, case.known)
    assert process_time() - before < LONGEST_SECONDS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) * 1024 < MOST_GROWTH
    meant = [problem for problem in problems if case.rule in ("*", problem.rule) and problem.severity == case.severity]
    assert meant, problems
    assert any(case.place in f"{problem.element} {problem.message}" for problem in meant), meant
    for problem in problems:
        assert problem.file in {file.path for file in case.files}
        assert any("\u4e00" <= character <= "\u9fff" for character in problem.message), problem
        assert "Traceback" not in problem.message
        assert "root:" not in problem.message, "a file of the machine was read"


def test_a_problem_of_an_element_names_its_line():
    body = '<bpmn:startEvent id="start"/>\n\n' + user("work", "") + "\n" + flows("start>work")
    problem = next(found for found in check_definitions([diagram(body)], KNOWN) if found.rule == "nobody")
    assert (problem.file, problem.element, problem.line) == ("processes/demo/demo.bpmn", "work", 6)
    assert "用户任务“办理”（work）" in problem.message


def test_a_sound_diagram_has_no_problem():
    assert check_definitions([sound()], KNOWN) == ()


SOUND = {
    "a loop that waits": '<bpmn:startEvent id="start"/><bpmn:exclusiveGateway id="g" name="完成了吗" default="g_end"/>' + user("a")
    + '<bpmn:endEvent id="end"/>' + flows("start>a", "a>g", "g>a?nrOfInstances = 1", "g>end"),
    "a loop that waits for time": '<bpmn:startEvent id="start"/><bpmn:exclusiveGateway id="g" name="完成了吗" default="g_end"/>'
    '<bpmn:intermediateCatchEvent id="a" name="一小时后"><bpmn:timerEventDefinition id="t"><bpmn:timeDuration>PT1H</bpmn:timeDuration>'
    '</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent><bpmn:endEvent id="end"/>'
    + flows("start>a", "a>g", "g>a?nrOfInstances = 1", "g>end"),
    "a recursive call after a wait": line(user("a"), flow_cases.call("c", "demo"), keys=("a", "c")),
    "a call of a deployed process": line(flow_cases.call("c", "archive"), keys=("c",)),
    "a called process by expression": line(user("a", 'camunda:assignee="x" camunda:formRef="register"'),
                                           flow_cases.call("c", "${which}"), keys=("a", "c")),
    "a person from an expression": line(user("a", 'camunda:assignee="${starter}"'), keys=("a",)),
    "the same person as before": line(user("a"), user("b", "", inside=props(sameAs="a")), keys=("a", "b")),
    "a reminder each day": line(user("a"), keys=("a",))
    + '<bpmn:boundaryEvent id="r" name="每天" cancelActivity="false" attachedToRef="a"><bpmn:timerEventDefinition id="t">'
    '<bpmn:timeCycle>R/P1D</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:boundaryEvent>' + user("n") + flows("r>n", "n>end"),
    "a decision of the installation": line('<bpmn:businessRuleTask id="a" name="分级" camunda:decisionRef="triage" '
                                           'camunda:resultVariable="r"/>', keys=("a",)),
    "a connector": line('<bpmn:serviceTask id="a" name="通知" camunda:type="external" camunda:topic="notify"/>', keys=("a",)),
}  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_sound_diagrams_are_not_refused(name):
    assert check_definitions([diagram(SOUND[name])], KNOWN) == ()


def linked(throws: str, catches: str, name: str = "") -> str:
    """Return a row with a link in the middle."""
    return (
        '<bpmn:startEvent id="start"/>'
        f'<bpmn:intermediateThrowEvent id="go" {name}>{throws}</bpmn:intermediateThrowEvent>'
        f'<bpmn:intermediateCatchEvent id="come" {name}>{catches}</bpmn:intermediateCatchEvent>'
        + user("a")
        + '<bpmn:endEvent id="end"/>'
        + flows("start>go", "come>a", "a>end")
    )


LINK = '<bpmn:linkEventDefinition id="{}" name="{}">{}</bpmn:linkEventDefinition>'
LINKED = {
    "by one name": linked(LINK.format("l1", "X", ""), LINK.format("l2", "X", "")),
    "by target and source": linked(
        LINK.format("l1", "from", "<bpmn:target>l2</bpmn:target>"),
        LINK.format("l2", "to", "<bpmn:source>l1</bpmn:source>"),
    ),
    "by target alone": linked(LINK.format("l1", "", "<bpmn:target>l2</bpmn:target>"), LINK.format("l2", "", "")),
    "by the events' names": linked(LINK.format("l1", "", ""), LINK.format("l2", "", ""), 'name="续办"'),
    "by one definition": linked(*["<bpmn:eventDefinitionRef>shared</bpmn:eventDefinitionRef>"] * 2),
}


@pytest.mark.parametrize("name", LINKED)
def test_what_is_behind_a_link_is_reached_however_the_ends_are_matched(name):
    shared = '<bpmn:linkEventDefinition id="shared" name="X"/>'
    assert check_definitions([diagram(LINKED[name], more=shared)], KNOWN) == ()


def test_two_nameless_links_are_two():
    second = LINKED["by target alone"]
    for old in ("go", "come", "a", "l1", "l2", "start", "end"):
        second = second.replace(f'"{old}"', f'"{old}2"').replace(f">{old}<", f">{old}2<")
    second = second.replace('"start_go"', '"f1"').replace('"come_a"', '"f2"').replace('"a_end"', '"f3"')
    problems = check_definitions([diagram(LINKED["by target alone"] + second)], KNOWN)
    assert [(problem.rule, problem.element) for problem in problems] == [("single-blank-start-event", "start2")]


def test_a_definition_that_events_share_is_checked_as_their_own():
    shared = '<bpmn:messageEventDefinition id="shared" messageRef="nothing"/>'
    catch = '<bpmn:intermediateCatchEvent id="c"><bpmn:eventDefinitionRef>shared</bpmn:eventDefinitionRef></bpmn:intermediateCatchEvent>'
    problems = check_definitions([one(catch, "c", more=shared)], KNOWN)
    assert any(problem.rule == "reference" and "nothing" in problem.message for problem in problems)


def test_what_the_files_bring_themselves_is_known():
    task = user("work", 'camunda:candidateGroups="dist_intake" camunda:formRef="fresh"')
    files = [
        one(task + '<bpmn:businessRuleTask id="r" camunda:decisionRef="fresh_rule" camunda:resultVariable="x"/>'
            + flows("work>r", "r>end"), "work"),
        form([{"type": "textfield", "key": "a", "id": "F1"}], "forms/demo/fresh.form"),
        DefinitionFile("processes/demo/rule.dmn", file_cases.dmn().replace('"triage"', '"fresh_rule"').encode()),
    ]  # fmt: skip
    assert [problem for problem in check_definitions(files, KNOWN) if problem.severity == "error"] == []


def test_without_an_installation_only_the_files_are_checked():
    task = user("work", 'camunda:candidateGroups="anyone" camunda:formRef="anything"', props(deadline="XX-01"))
    assert check_definitions([one(task, "work")]) == ()


def test_a_variable_set_only_later_is_warned_of():
    task = '<bpmn:scriptTask id="late" name="赋值" scriptFormat="feel"><bpmn:script>who = "x"</bpmn:script></bpmn:scriptTask>'
    early = user("work", 'camunda:assignee="${who}"')
    start = '<bpmn:startEvent id="start" camunda:formRef="register"/>'
    row = start + early + task + '<bpmn:endEvent id="end"/>'
    known_later = form([{"type": "textfield", "key": "a", "id": "F1"}])
    problems = check_definitions([diagram(row + flows("start>work", "work>late", "late>end")), known_later], KNOWN)
    assert [(problem.rule, problem.element, problem.severity) for problem in problems] == [
        ("unknown-variable", "work", "warning")
    ]
    assert check_definitions([diagram(row + flows("start>late", "late>work", "work>end")), known_later], KNOWN) == ()


def brought(properties: str = "", form_ref: str = "") -> list[str]:
    """Return the variables that are unknown in a task behind a message start event."""
    start = f'<bpmn:startEvent id="start" {form_ref}>{properties}<bpmn:messageEventDefinition id="m" messageRef="told"/></bpmn:startEvent>'
    body = line(user("work", 'camunda:assignee="${who + a}"'), keys=("work",))
    message = '<bpmn:message id="told" name="TOLD"/>'
    register = form([{"type": "textfield", "key": "a", "id": "F1"}])
    files = [diagram(body.replace('<bpmn:startEvent id="start"/>', start), more=message), register]
    return [problem.message for problem in check_definitions(files, KNOWN) if problem.rule == "unknown-variable"]


def test_a_message_brings_anything_unless_its_form_or_the_diagram_say_what():
    assert brought() == []
    (only_a,) = brought(props(brings="a, b"))
    assert "“who”" in only_a
    assert brought(props(brings="who,a")) == []
    (no_who,) = brought(form_ref='camunda:formRef="register"')
    assert "“who”" in no_who


def test_a_drawing_that_is_not_meant_to_run_is_not_held_to_what_runs():
    drawing = sound().content.replace(b'isExecutable="true"', b'isExecutable="false"')
    loose = drawing.replace(b'camunda:candidateGroups="squad_officer"', b"")
    problems = check_definitions([DefinitionFile("processes/demo/sketch.bpmn", loose)], KNOWN)
    assert [problem for problem in problems if problem.severity == "error"] == []


def test_data_in_the_standards_own_words_is_known():
    data = '<bpmn:dataObject id="d" name="people"/><bpmn:property id="p" name="limit"/>'
    task = (
        '<bpmn:scriptTask id="t" scriptFormat="feel"><bpmn:ioSpecification id="io"><bpmn:dataInput id="i" name="all"/>'
        '<bpmn:inputSet id="is"/><bpmn:outputSet id="os"/></bpmn:ioSpecification><bpmn:dataInputAssociation id="a">'
        "<bpmn:sourceRef>d</bpmn:sourceRef><bpmn:targetRef>i</bpmn:targetRef></bpmn:dataInputAssociation>"
        "<bpmn:script>n = count(all) + count(people) + limit</bpmn:script></bpmn:scriptTask>"
    )
    start = '<bpmn:startEvent id="start" camunda:formRef="register"/>'
    body = data + line(task, keys=("t",)).replace('<bpmn:startEvent id="start"/>', start)
    fields = form([{"type": "textfield", "id": "f", "key": "title", "label": "标题"}])
    problems = check_definitions([diagram(body), fields], KNOWN)
    assert [problem for problem in problems if problem.rule == "unknown-variable"] == []
    undrawn = check_definitions([diagram(body.replace(data, "")), fields], KNOWN)
    assert any(problem.rule == "unknown-variable" and "people" in problem.message for problem in undrawn)
