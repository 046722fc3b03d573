"""Replay: matters of the last days go through a draft with their real data, and it is told what would be otherwise."""

import re
from typing import Any

import pytest

from engine.commands.drafts import SaveDefinitionDraft
from engine.errors import InvalidError, NotAllowedError
from engine.execution.replaying import LATER, OTHER_WAY, SAME, STUCK
from engine.proposals import NoDraftError
from engine.queries.definitions import FindDefinition
from engine.queries.replay import ReplayDraft
from tests.procedures.story import Bureau, Matter

ADMIN, OFFICER = "liucheng", "lj.duiyuan1"


def draft(bureau: Bureau, key: str, change: Any) -> None:
    found = bureau.engine.ask(FindDefinition(key), bureau.person(ADMIN))
    changed = change(found.xml)
    bureau.engine.run(SaveDefinitionDraft(key, changed, found.draft_row_version), bureau.person(ADMIN))


def replayed(bureau: Bureau, key: str, days: int = 30) -> Any:
    return bureau.engine.ask(ReplayDraft(key, days), bureau.person(ADMIN))


@pytest.fixture
def lead(bureau: Bureau) -> Matter:
    """A lead that went all the way to the archive."""
    matter = bureau.start("lead_handling", OFFICER, title="装修敲墙排他经营")
    matter.do("lead_confirm", "dj.zhuren")
    bureau.pass_time(hours=3)
    way = {"lead_class": "YB", "priority": "一般", "lead_route": "组织核查", "override_reason": "先核实再处理。"}
    matter.do("lead_classify", "dj.fenban", **way)
    matter.do("lead_assign", "dj.fenban")
    matter.do("lead_sign", "lj.duizhang")
    matter.do("lead_check", "lj.duizhang")
    bureau.pass_time(days=1)
    matter.do("lead_verify", "lj.duizhang")
    matter.do("lead_review", "dj.zhuren")
    matter.do("lead_approve", "dj.fenguan")
    matter.do("lead_case_result", "dj.chengban1")
    matter.do("lead_rights", "dj.fazhi")
    matter.do("arc_confirm", "dj.chengban1")
    matter.do("arc_accept", "lj.duiyuan2")
    assert matter.status() == "completed"
    return matter


def test_the_same_procedure_takes_every_matter_the_same_way(bureau: Bureau, lead: Matter) -> None:
    draft(bureau, "lead_handling", lambda xml: xml.replace('name="受理确认"', 'name="受理审查"'))
    report = replayed(bureau, "lead_handling")
    (found,) = report.matters
    assert (found.verdict, found.words, found.sure) == (SAME, (), True)
    assert found.number == lead.number()


def test_a_step_that_is_new_stops_a_matter_that_never_did_it(bureau: Bureau, lead: Matter) -> None:
    def insert(xml: str) -> str:
        flow = re.search(r'<bpmn:sequenceFlow id="([^"]+)"[^>]*targetRef="lead_confirm"', xml)
        assert flow
        step = (
            '<bpmn:userTask id="extra" name="复核" camunda:candidateGroups="dist_intake"/>'
            '<bpmn:sequenceFlow id="extra_on" sourceRef="extra" targetRef="lead_confirm"/>'
        )
        xml = re.sub(r'(<bpmn:sequenceFlow [^>]*)targetRef="lead_confirm"', r'\1targetRef="extra"', xml)
        return xml.replace("</bpmn:process>", f"{step}</bpmn:process>", 1)

    draft(bureau, "lead_handling", insert)
    (found,) = replayed(bureau, "lead_handling").matters
    assert found.verdict == STUCK
    assert "多经过“复核”" in found.words
    assert "停在“复核”" in found.words


def test_a_longer_time_limit_is_told_as_later(bureau: Bureau, lead: Matter) -> None:
    def longer(xml: str) -> str:
        before, after = xml.split('id="lead_confirm"', 1)
        return before + 'id="lead_confirm"' + re.sub(r'value="LD-01"', 'value="LD-04"', after, count=1)

    draft(bureau, "lead_handling", longer)
    (found,) = replayed(bureau, "lead_handling").matters
    assert found.verdict == LATER
    assert any(word.startswith("“受理确认”的期限晚") for word in found.words)


def test_a_condition_that_judges_otherwise_takes_another_way(bureau: Bureau, lead: Matter) -> None:
    draft(bureau, "lead_handling", lambda xml: xml.replace('lead_route = "组织核查"', 'lead_route = "另行处理"'))
    (found,) = replayed(bureau, "lead_handling").matters
    assert found.verdict in {OTHER_WAY, STUCK}
    assert found.words


def test_only_the_days_asked_for_are_replayed(bureau: Bureau, lead: Matter) -> None:
    draft(bureau, "lead_handling", lambda xml: xml.replace('name="受理确认"', 'name="受理审查"'))
    bureau.pass_time(days=10)
    assert replayed(bureau, "lead_handling", 5).matters == ()
    assert len(replayed(bureau, "lead_handling", 20).matters) == 1


def test_nothing_of_the_matters_changes(bureau: Bureau, lead: Matter) -> None:
    before = (lead.steps(), lead.status())
    draft(bureau, "lead_handling", lambda xml: xml.replace('name="受理确认"', 'name="受理审查"'))
    replayed(bureau, "lead_handling")
    assert (lead.steps(), lead.status()) == before


def test_what_cannot_be_replayed_is_said(bureau: Bureau) -> None:
    with pytest.raises(NoDraftError):
        replayed(bureau, "lead_handling")
    with pytest.raises(InvalidError):
        replayed(bureau, "lead_handling", 0)
    with pytest.raises(NotAllowedError):
        bureau.engine.ask(ReplayDraft("lead_handling", 3), bureau.person(OFFICER))
