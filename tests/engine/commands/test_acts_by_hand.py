"""Activities of an ad-hoc sub-process that people start when they see fit (BPMN 2.0.2 §10.3.5)."""

import pytest

from engine.bpmn.checks import check_definitions
from engine.commands.process_instances import ActNotOfferedError, TriggerEvent
from engine.errors import NotAllowedError
from engine.queries.matter import FindMatter
from tests.engine.bpmn.corpus.builder import KNOWN, one
from tests.factories import (
    deploy,
    do,
    form_file,
    line,
    person,
    prepare,
    procedure,
    props,
    read,
    start,
    text_field,
    user,
)

FORMS = 'camunda:candidateGroups="squad_officer" camunda:formRef="work"'
UNTIL = "<bpmn:completionCondition>enough = &quot;是&quot;</bpmn:completionCondition>"


def ad_hoc(inside, until=UNTIL):
    return f'<bpmn:adHocSubProcess id="visits" name="走访">{props(manualStart="true")}{inside}{until}</bpmn:adHocSubProcess>'


VISIT = user("visit", FORMS, props(startableBy="squad_officer"), name="走访一次")


@pytest.fixture
def matter(engine):
    prepare(engine)
    body = line(ad_hoc(VISIT), user("report", name="汇总"), keys=("visits", "report"))
    deploy(engine, *procedure("rounds", body), form_file("rounds", "work", text_field("enough", "够了")))
    return start(engine, "rounds").instance_id


def offered(engine, matter, who="alice"):
    acts = engine.ask(FindMatter(matter), person(engine, who)).acts
    return [(act.label, act.allowed) for act in acts if act.node_id == "visit"]


def names(engine):
    return [(row.name, row.status) for row in read(engine, "user_task")]


def test_nothing_begins_by_itself_and_each_act_opens_one_task_until_it_is_enough(engine, matter):
    assert names(engine) == []
    assert offered(engine, matter) == [("走访一次", True)]
    engine.run(TriggerEvent(matter, "visit", {}), person(engine, "alice"))
    assert names(engine) == [("走访一次", "open")]
    do(engine, matter, "visit", enough="否")
    assert offered(engine, matter) == [("走访一次", True)]
    engine.run(TriggerEvent(matter, "visit", {}), person(engine, "bob"))
    do(engine, matter, "visit", enough="是")
    assert names(engine)[-1] == ("汇总", "open")
    assert offered(engine, matter) == [("走访一次", False)]
    with pytest.raises(ActNotOfferedError):
        engine.run(TriggerEvent(matter, "visit", {}), person(engine, "alice"))


def test_only_who_is_named_may_start_one(engine):
    prepare(engine)
    visit = user("visit", FORMS, props(startableBy="dist_leader"), name="走访一次")
    body = line(ad_hoc(visit), keys=("visits",))
    deploy(engine, *procedure("rounds", body), form_file("rounds", "work", text_field("enough", "够了")))
    matter = start(engine, "rounds").instance_id
    with pytest.raises(NotAllowedError):
        engine.run(TriggerEvent(matter, "visit", {}), person(engine, "alice"))


@pytest.mark.parametrize(
    ("inside", "until", "rules"),
    [
        (user("visit"), UNTIL, ["nobody"]),
        (user("visit", inside=props(startableBy="squad_officer")), "", ["loop-without-end"]),
        (user("visit", inside=props(startableBy="squad_officer")), UNTIL.replace("enough", "nrOfInstances"), []),
    ],
)
def test_what_is_started_by_hand_needs_somebody_and_an_end(inside, until, rules):
    problems = check_definitions([one(ad_hoc(inside, until), "visits")], KNOWN)
    assert [problem.rule for problem in problems if problem.severity == "error"] == rules
