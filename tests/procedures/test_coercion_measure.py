"""行政强制措施: no measure without a valid assessment, approved or made good within a day, and ended by a person."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from engine.errors import InvalidSubmissionError
from engine.model import Notice
from engine.proof import prove, read_rules, world_of_files
from engine.proof.result import REFUTED
from tests.procedures.shipped import config, decide, files, functions
from tests.procedures.story import Bureau, Matter
from tests.procedures.test_risk_assessment import _approved, _reported

KEY = "coercion_measure"
TITLE = {"title": "占道经营工具扣押"}
URGENT = {"urgent": "是", "urgent_reason": "当事人正在转移工具，不立即扣押将灭失证据。"}
WHY = "查清事实，依照处罚决定和法律规定作出处理。"
BASIS = [{"law": "行政强制法", "article": "第二十七条"}]
ASSESSED = {
    "status": "已批准", "valid_from": "2026-11-01", "valid_until": "2027-05-01", "area": ["310191001"],
    "conclusion": "可实施", "measures_verified": "是",
}  # fmt: skip


def _reviewed(bureau: Bureau, **values: Any) -> tuple[Matter, Matter]:
    """Return an approved assessment and a measure of which the necessity has been examined."""
    assessment = _approved(bureau)
    measure = bureau.start(KEY, "lj.duiyuan1", **TITLE)
    measure.do("cm_necessity", "lj.duiyuan1", wp_no=assessment.variable("wp_no"), **values)
    return assessment, measure


def _acted(bureau: Bureau, **values: Any) -> Matter:
    """Go the ordinary way until the goods are seized and the decision is handed over."""
    _, measure = _reviewed(bureau, **({"kind": values["kind"]} if "kind" in values else {}))
    measure.do("legal_review", "lj.fazhi")
    measure.do("cm_approve", "lj.fenguan")
    measure.do("cm_act", "lj.duiyuan1", **{key: value for key, value in values.items() if key != "kind"})
    _serve(bureau, measure)
    return measure


def _acted_now(bureau: Bureau, **values: Any) -> Matter:
    """Act on the spot; the approval is still to be made good."""
    _, measure = _reviewed(bureau, **URGENT)
    measure.do("cm_act_now", "lj.duiyuan1", **values)
    return measure


def _serve(bureau: Bureau, measure: Matter) -> None:
    measure.do("serve_do", "lj.duizhang", svc_method="直接送达", served_at="@now", refused="否", receipt="@file")


def _archived(bureau: Bureau, measure: Matter) -> None:
    """Serve what ends the measure and close the file."""
    _serve(bureau, measure)
    measure.do("arc_confirm", "dj.chengban1")
    measure.do("arc_accept", "lj.duiyuan2")


def _told(bureau: Bureau) -> int:
    """Count the reminders that the leader who decides has got."""
    with bureau.engine.database.transaction(write=False) as session:
        rows = session.execute(select(Notice).where(Notice.person_id == "lj.fenguan", Notice.kind == "notify")).all()
    return len(rows)


def test_a_measure_is_examined_reviewed_approved_done_and_handed_over(bureau: Bureau) -> None:
    _, measure = _reviewed(bureau)
    assert measure.steps() == ["legal_review"]
    measure.do("legal_review", "lj.fazhi")
    measure.do("cm_approve", "lj.fenguan")
    measure.do("cm_act", "lj.duiyuan1")
    assert (measure.steps(), measure.variable("measure_no")) == (["cm_handle", "serve_do"], "扣-310191901-2026-0001")
    assert (measure.variable("hold_from"), measure.variable("hold_until")) == ("2026-03-02", "2026-04-01")
    _serve(bureau, measure)
    measure.do("cm_handle", "lj.duiyuan1")
    measure.do("cm_return", "lj.duiyuan1")
    assert bureau.incidents() == []


def test_the_assessment_is_used_up_when_the_file_is_closed(bureau: Bureau) -> None:
    assessment, measure = _reviewed(bureau)
    measure.do("legal_review", "lj.fazhi")
    measure.do("cm_approve", "lj.fenguan")
    measure.do("cm_act", "lj.duiyuan1")
    _serve(bureau, measure)
    measure.do("cm_handle", "lj.duiyuan1")
    measure.do("cm_return", "lj.duiyuan1")
    _archived(bureau, measure)
    assert assessment.steps() == ["ra_after"]
    assert (measure.status(), measure.variable("result")) == ("completed", "解除退还")


def test_without_an_assessment_nothing_is_done_whatever_is_posted(bureau: Bureau) -> None:
    measure = bureau.start(KEY, "lj.duiyuan1", **TITLE)
    for number in (None, "WP-310191-2026-001"):
        for urgency in ({}, URGENT):
            with pytest.raises(InvalidSubmissionError) as refusal:
                measure.do("cm_necessity", "lj.duiyuan1", wp_no=number, **urgency)
            assert "wp_no" in refusal.value.fields
    assert measure.steps() == ["cm_necessity"]


def test_an_assessment_of_another_place_sends_the_measure_back(bureau: Bureau) -> None:
    assessment = _reported(bureau, area=["310191101"], towns=1)
    assessment.do("ra_report", "dj.chengban1")
    assessment.do("legal_review", "dj.fazhi")
    assessment.do("ra_decide", "dj.fenguan")
    measure = bureau.start(KEY, "lj.duiyuan1", **TITLE)
    for urgency in ({}, URGENT):
        measure.do("cm_necessity", "lj.duiyuan1", wp_no=assessment.variable("wp_no"), **urgency)
        assert (measure.steps(), measure.variable("guard")["reason"]) == (["cm_necessity"], "稳评范围不覆盖所在街镇")


def test_an_assessment_suspended_before_the_act_takes_the_act_away(bureau: Bureau) -> None:
    assessment, measure = _reviewed(bureau)
    measure.do("legal_review", "lj.fazhi")
    measure.do("cm_approve", "lj.fenguan")
    assert measure.steps() == ["cm_act"]
    assessment.act("ra_change_start", "dj.zhuren")
    assert measure.steps() == ["cm_necessity"]


def test_a_measure_starts_its_own_assessment(bureau: Bureau) -> None:
    measure = bureau.start(KEY, "lj.duiyuan1", **TITLE)
    measure.do("cm_necessity", "lj.duiyuan1", necessity_action="发起稳评", **URGENT)
    assessment = bureau.newest("risk_assessment")
    assert (measure.steps(), assessment.steps()) == (["cm_necessity"], ["ra_setup"])
    assert (assessment.variable("area"), assessment.variable("urgent")) == (["310191001"], "是")


def test_what_other_means_achieve_is_not_enforced(bureau: Bureau) -> None:
    measure = bureau.start(KEY, "lj.duiyuan1", **TITLE)
    measure.do("cm_necessity", "lj.duiyuan1", necessity_action="不实施", minor="是")
    assert measure.status() == "completed"


def test_what_the_legal_review_does_not_pass_comes_back(bureau: Bureau) -> None:
    _, measure = _reviewed(bureau)
    measure.do("legal_review", "lj.fazhi", legal_result="不通过", opinion="依据不足，超出必要限度。")
    assert measure.steps() == ["cm_necessity"]


def test_the_leader_may_send_back_or_refuse(bureau: Bureau) -> None:
    assessment, measure = _reviewed(bureau)
    measure.do("legal_review", "lj.fazhi")
    measure.do("cm_approve", "lj.fenguan", measure_decision="退回修改", opinion="请缩小扣押范围后再送。")
    measure.do("cm_necessity", "lj.duiyuan1", wp_no=assessment.variable("wp_no"))
    measure.do("legal_review", "lj.fazhi")
    measure.do("cm_approve", "lj.fenguan", measure_decision="不批准", opinion="劝导即可达到管理目的。")
    assert (measure.status(), measure.steps()) == ("completed", [])


def test_an_officer_who_took_part_may_not_review(bureau: Bureau) -> None:
    measure = _acted_now(bureau, officer2="lj.fazhi")
    measure.do("cm_late", "lj.fenguan")
    with pytest.raises(InvalidSubmissionError) as refusal:
        measure.do("legal_review", "lj.fazhi")
    assert "legal_result" in refusal.value.fields


def test_on_the_spot_the_approval_is_made_good_within_a_day(bureau: Bureau) -> None:
    measure = _acted_now(bureau)
    assert measure.steps() == ["cm_late", "serve_do"]
    measure.do("cm_late", "lj.fenguan")
    assert measure.steps() == ["legal_review", "serve_do"]
    measure.do("legal_review", "lj.fazhi")
    assert measure.steps() == ["cm_handle", "serve_do"]


def test_a_measure_that_is_not_approved_afterwards_is_lifted_at_once(bureau: Bureau) -> None:
    measure = _acted_now(bureau)
    measure.do("cm_late", "lj.fenguan", late_decision="不同意立即解除", opinion="尚未穷尽劝导措施，应当解除。")
    assert measure.steps() == ["cm_release", "serve_do"]
    _serve(bureau, measure)
    measure.do("cm_release", "lj.duiyuan1")
    assert (measure.steps(), measure.variable("result")) == (["serve_do"], "未补办批准，已解除")
    _archived(bureau, measure)
    assert measure.status() == "completed"


def test_after_a_day_without_approval_a_person_has_to_lift_the_measure(bureau: Bureau) -> None:
    measure = _acted_now(bureau)
    bureau.pass_time(hours=23)
    assert "cm_late" in measure.steps()
    bureau.pass_time(hours=1)
    assert measure.steps() == ["cm_release", "serve_do"]
    bureau.pass_time(days=3)
    assert "cm_release" in measure.steps()


def test_what_the_review_afterwards_does_not_pass_may_not_be_extended(bureau: Bureau) -> None:
    measure = _acted_now(bureau)
    measure.do("cm_late", "lj.fenguan")
    measure.do("legal_review", "lj.fazhi", legal_result="不通过", opinion="依据不足，应当解除。")
    with pytest.raises(InvalidSubmissionError) as refusal:
        measure.do("cm_handle", "lj.duiyuan1", choice="延长", new_due=bureau.day(40), work_done="已取证。")
    assert "choice" in refusal.value.fields
    measure.do("cm_handle", "lj.duiyuan1")
    assert "cm_return" in measure.steps()


def test_the_period_is_recalled_three_times_and_then_ended_by_a_person(bureau: Bureau) -> None:
    measure = _acted(bureau)
    seen = []
    for day in range(1, 31):
        bureau.pass_time(days=1)
        seen.append((day, _told(bureau), measure.steps()))
    assert [day for (day, told, _), before in zip(seen[1:], seen, strict=False) if told > before[1]] == [20, 25, 28]
    assert [steps for day, _, steps in seen if day in (29, 30)] == [["cm_handle"], ["cm_must"]]
    with pytest.raises(InvalidSubmissionError):
        measure.do("cm_must", "lj.duiyuan1", choice="延长")
    measure.do("cm_must", "lj.duiyuan1")
    measure.do("cm_return", "lj.duiyuan1")
    _archived(bureau, measure)
    assert (measure.status(), bureau.incidents()) == ("completed", [])


def test_after_the_period_other_than_giving_back_needs_a_second_person(bureau: Bureau) -> None:
    measure = _acted(bureau)
    bureau.pass_time(days=30)
    measure.do("cm_must", "lj.duizhang", choice="没收")
    measure.do("cm_must_ok", "lj.fenguan", end_decision="不同意", opinion="处罚决定尚未生效，应当退还。")
    measure.do("cm_must", "lj.duizhang", choice="没收")
    measure.do("cm_must_ok", "lj.fenguan")
    assert measure.steps() == ["cm_confiscate"]


def test_evidence_is_kept_for_seven_working_days(bureau: Bureau) -> None:
    measure = _acted(bureau, kind="QZ03")
    assert measure.variable("hold_until") == "2026-03-11"
    with pytest.raises(InvalidSubmissionError):
        measure.do("cm_handle", "lj.duiyuan1", choice="延长", new_due=bureau.day(20), work_done="已取证。")
    bureau.pass_time(days=9)
    assert measure.steps() == ["cm_must"]


def _ask_for_more(bureau: Bureau, measure: Matter, days: int, **answer: Any) -> None:
    values = {
        "choice": "延长",
        "new_due": bureau.day(days),
        "work_done": "已完成询问和取证。",
        "reason": "案情复杂，需要进一步查清货物来源和数量，依法申请延长。",
    }
    measure.do("cm_handle", "lj.duiyuan1", **values)
    if answer:
        measure.do("ext_approve", "lj.fenguan", no_conflict=True, **answer)


def test_an_extension_is_approved_told_and_counted(bureau: Bureau) -> None:
    measure = _acted(bureau)
    bureau.pass_time(days=22)
    with pytest.raises(InvalidSubmissionError) as refusal:
        _ask_for_more(bureau, measure, 39)
    assert "new_due" in refusal.value.fields
    _ask_for_more(bureau, measure, 38, extension_decision="同意", party_notice="当事人")
    assert measure.steps() == ["ext_notice"]
    measure.do("ext_notice", "lj.duizhang", noticed_at="@now", notice_way="送达延期通知书")
    assert (measure.steps(), measure.variable("hold_until")) == (["cm_handle"], "2026-05-01")
    bureau.pass_time(days=20)
    assert measure.steps() == ["cm_handle"]
    with pytest.raises(InvalidSubmissionError):
        _ask_for_more(bureau, measure, 25)
    bureau.pass_time(days=18)
    assert measure.steps() == ["cm_must"]
    assert bureau.incidents() == []


def test_an_extension_that_is_refused_or_not_told_does_not_count(bureau: Bureau) -> None:
    measure = _acted(bureau)
    _ask_for_more(bureau, measure, 40, extension_decision="不同意", party_notice="无", opinion="期限足够，不需要延长。")
    _ask_for_more(bureau, measure, 40, extension_decision="同意", party_notice="无")
    assert (measure.steps(), measure.variable("hold_until")) == (["cm_handle"], "2026-04-01")


def test_a_pending_extension_does_not_stop_the_clock(bureau: Bureau) -> None:
    measure = _acted(bureau)
    bureau.pass_time(days=25)
    _ask_for_more(bureau, measure, 20)
    assert measure.steps() == ["ext_approve"]
    bureau.pass_time(days=5)
    assert measure.steps() == ["cm_must"]


TEST = {
    "choice": "送检测",
    "test_agency": "市产品质量监督检验机构",
    "test_notice": "@file",
    "reason": "需要检测燃气软管是否符合安全标准，以便依法处理。",
}


def test_the_period_of_a_test_does_not_count(bureau: Bureau) -> None:
    measure = _acted(bureau)
    bureau.pass_time(days=10)
    measure.do("cm_handle", "lj.duiyuan1", test_until=bureau.day(30), **TEST)
    assert measure.steps() == ["cm_test"]
    bureau.pass_time(days=14)
    measure.do("cm_test", "lj.duiyuan1", test_done_on=bureau.day())
    assert (measure.steps(), measure.variable("hold_until")) == (["cm_handle"], "2026-04-15")
    bureau.pass_time(days=20)
    assert measure.steps() == ["cm_must"]


def test_a_test_that_takes_longer_than_told_lets_the_clock_go_on(bureau: Bureau) -> None:
    measure = _acted(bureau)
    bureau.pass_time(days=10)
    measure.do("cm_handle", "lj.duiyuan1", test_until=bureau.day(7), **TEST)
    bureau.pass_time(days=8)
    assert (measure.steps(), measure.variable("hold_until")) == (["cm_handle"], "2026-04-08")


@pytest.mark.parametrize(
    ("choice", "node"), [("没收", "cm_confiscate"), ("销毁", "cm_destroy"), ("移送", "tr_offline")]
)
def test_what_is_not_given_back_is_decided_by_the_leader(bureau: Bureau, choice: str, node: str) -> None:
    measure = _acted(bureau)
    with pytest.raises(InvalidSubmissionError):
        measure.do("cm_handle", "lj.duiyuan1", choice=choice, reason=WHY)
    measure.do("cm_handle", "lj.duiyuan1", choice=choice, reason=WHY, dispose_basis=BASIS)
    measure.do("cm_end_ok", "lj.fenguan", end_decision="不同意", opinion="请补充依据和处罚决定文号。")
    measure.do("cm_handle", "lj.duiyuan1", choice=choice, reason=WHY, dispose_basis=BASIS)
    measure.do("cm_end_ok", "lj.fenguan")
    assert measure.steps() == [node]
    measure.do(node, "lj.duizhang")
    _archived(bureau, measure)
    assert (measure.status(), measure.variable("result"), bureau.incidents()) == ("completed", choice, [])


def test_goods_that_nobody_fetches_are_called_for_sixty_days(bureau: Bureau) -> None:
    measure = _acted(bureau)
    measure.do("cm_handle", "lj.duiyuan1")
    with pytest.raises(InvalidSubmissionError):
        measure.do("cm_return", "lj.duiyuan1", returned_sign="")
    measure.do("cm_return", "lj.duiyuan1", claimed="否", returned_sign="")
    measure.do("cm_public", "lj.duiyuan1")
    bureau.pass_time(days=59)
    assert measure.steps() == []
    bureau.pass_time(days=2)
    measure.do("cm_unclaimed", "lj.duiyuan1")
    assert measure.steps() == ["serve_do"]


def test_perishable_goods_come_first(bureau: Bureau) -> None:
    measure = _acted(bureau, perishable="是")
    assert measure.steps() == ["cm_perish"]
    measure.do("cm_perish", "lj.duiyuan1")
    assert measure.steps() == ["cm_handle"]


def test_violence_is_reported_at_once(bureau: Bureau) -> None:
    measure = _acted(bureau, injuries="是")
    assert measure.steps() == ["cm_handle"]
    assert bureau.newest("incident_report").steps() == ["in_offline"]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"officer2": "lj.duiyuan1"}, "officer2"),
        ({"officer2": "dj.zonghe"}, "officer2"),
        ({"acted_at": "2026-03-02T23:00:00+08:00"}, "acted_at"),
        ({"party_present": "否"}, "witness"),
        ({"art18": []}, "art18"),
        ({"items": []}, "items"),
    ],
)
def test_a_record_that_the_law_does_not_allow_is_refused(bureau: Bureau, given: dict[str, Any], fault: str) -> None:
    _, measure = _reviewed(bureau)
    measure.do("legal_review", "lj.fazhi")
    measure.do("cm_approve", "lj.fenguan")
    with pytest.raises(InvalidSubmissionError) as refusal:
        measure.do("cm_act", "lj.duiyuan1", **given)
    assert fault in refusal.value.fields


@pytest.mark.parametrize(
    ("entry", "passed", "reason"),
    [
        ({}, "是", "稳评有效"),
        (None, "否", "没有这个稳评编号"),
        ({"status": "已暂停"}, "否", "稳评已暂停"),
        ({"status": "已失效"}, "否", "稳评未批准或已失效"),
        ({"valid_until": "2026-11-24"}, "否", "稳评不在有效期内"),
        ({"area": ["310191101"]}, "否", "稳评范围不覆盖所在街镇"),
        ({"conclusion": "落实措施后实施"}, "是", "稳评有效，措施已核验"),
        ({"conclusion": "落实措施后实施", "measures_verified": "否"}, "否", "结论为落实措施后实施，措施尚未核验"),
        ({"conclusion": "不实施"}, "否", "稳评结论不允许实施"),
    ],
)
def test_a_measure_needs_an_approved_covering_and_valid_assessment(
    entry: dict[str, Any] | None, passed: str, reason: str
) -> None:
    assessed = None if entry is None else ASSESSED | entry
    assert decide(f"{KEY}/coercion_guard", wp=assessed, town="310191001") == {"pass": passed, "reason": reason}


@pytest.mark.parametrize(
    ("drawn", "instead", "rule"),
    [
        ('${guard.pass = "是"}', "${true}", "measure-assessed"),
        ('targetRef="cm_recheck"', 'targetRef="cm_how_gw"', "measure-assessed"),
        ('targetRef="cm_recheck"', 'targetRef="cm_how_gw"', "measure-assessed-now"),
        ('${measure_decision = "批准"}', "${true}", "measure-approved"),
        ('value="cm_necessity"', 'value="cm_begin"', "measure-approve-other"),
        ('sourceExpression="cm_necessity"', 'sourceExpression="cm_begin"', "measure-legal-other"),
        ('${late_decision = "同意"}', "${true}", "measure-late-approval"),
    ],
)
def test_a_draft_without_a_safeguard_is_refused_by_the_proof(drawn: str, instead: str, rule: str) -> None:
    path = f"processes/{KEY}/{KEY}.bpmn"
    changed = [
        replace(file, content=file.content.replace(drawn.encode(), instead.encode())) if file.path == path else file
        for file in files()
    ]
    proof = prove(KEY, world_of_files(changed, functions()), read_rules(config("rules")))
    assert proof.verdict == REFUTED
    assert rule in {finding.rule for finding in proof.findings}
