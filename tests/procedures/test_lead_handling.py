"""线索办理: a lead comes in, is confirmed by a second person, assigned, verified, decided, fed back and filed."""

import pytest

from engine.errors import EngineError, InvalidSubmissionError, SeparationOfDutiesError
from tests.procedures.story import Bureau, Matter

OWN = {"title": "装修敲墙排他经营"}


def _verified(bureau: Bureau, **values: object) -> Matter:
    lead = bureau.start("lead_handling", "lj.duiyuan1", **OWN, **values)
    lead.do("lead_confirm", "dj.zhuren")
    lead.do(
        "lead_classify",
        "dj.fenban",
        lead_class="YB",
        priority="一般",
        lead_route="组织核查",
        override_reason="先核实再处理。",
    )
    lead.do("lead_assign", "dj.fenban")
    lead.do("lead_sign", "lj.duizhang")
    lead.do("lead_check", "lj.duizhang")
    lead.do("lead_verify", "lj.duizhang")
    return lead


def test_a_lead_of_ones_own_goes_all_the_way_to_the_archive(bureau: Bureau) -> None:
    reporter = {"reporter_mode": "实名", "reporter": "示例举报人", "wants_reply": "是", "source": "06"}
    lead = _verified(bureau, **reporter)
    lead.do("lead_review", "dj.zhuren")
    lead.do("lead_approve", "dj.fenguan")
    assert (lead.steps(), bureau.newest("penalty_case").steps()) == (["lead_case_result"], ["pn_register"])
    lead.do("lead_case_result", "dj.chengban1")
    assert lead.steps() == ["fb_reporter", "lead_rights"]
    lead.do("fb_reporter", "dj.fenban")
    lead.do("lead_rights", "dj.fazhi")
    lead.do("arc_confirm", "dj.chengban1")
    lead.do("arc_accept", "lj.duiyuan2")
    assert (lead.status(), lead.number()) == ("completed", "LD-310191901-2026-00001")
    assert lead.variable("archive_no") == "0123-PA-2026-LD-0001"
    assert lead.variable("reporter") is None
    assert bureau.incidents() == []


def test_the_registrant_does_not_confirm_the_own_lead(bureau: Bureau) -> None:
    lead = bureau.start("lead_handling", "dj.fenban", **OWN)
    with pytest.raises(SeparationOfDutiesError):
        lead.do("lead_confirm", "dj.fenban")
    lead.do("lead_confirm", "dj.zhuren")
    assert lead.steps() == ["lead_classify"]


def test_protected_conduct_ends_without_a_lead(bureau: Bureau) -> None:
    lead = bureau.start("lead_handling", "lj.duiyuan1", **OWN)
    lead.do(
        "lead_confirm",
        "dj.zhuren",
        q_protected="是",
        q_concrete="否",
        route="不予登记",
        opinion="只含批评意见，不作为线索。",
    )
    assert lead.status() == "completed"


def test_a_vague_lead_goes_back_to_the_registrant(bureau: Bureau) -> None:
    lead = bureau.start("lead_handling", "lj.duiyuan1", **OWN)
    lead.do("lead_confirm", "dj.zhuren", q_concrete="否", route="退回补充", opinion="时间地点不清，请补充。")
    lead.do("lead_supplement", "lj.duiyuan1")
    assert lead.steps() == ["lead_confirm"]


def test_a_lead_from_above_is_fed_back_to_the_superior(bureau: Bureau) -> None:
    lead = bureau.receive(
        "MSG_SUPERIOR_LEAD", "lead_handling", unit="310191", title="市局移送线索", superior_no="市局转1号"
    )
    from_above = {"source": "01", "superior_no": "市局转1号", "superior_due": bureau.day(40)}
    lead.do(
        "lead_register_superior",
        "dj.fenban",
        conduct_type="HE05",
        org_facts=["O1"],
        org_facts_text="人员固定。",
        **from_above,
    )
    lead.do("lead_confirm", "dj.zhuren")
    lead.do("lead_classify", "dj.fenban", lead_class="HE", priority="一般", lead_route="组织核查")
    lead.do("lead_assign", "dj.fenban", to_unit="310191")
    lead.do("lead_sign", "dj.chengban1", handler="dj.chengban1")
    lead.do("lead_check", "dj.chengban1", officer1="dj.chengban1", officer2="dj.chengban2")
    lead.do(
        "lead_verify", "dj.chengban1", officer1="dj.chengban1", officer2="dj.chengban2", suggested_result="无法查实"
    )
    lead.do("lead_review", "dj.zhuren", result="无法查实")
    assert lead.steps() == ["legal_review"]
    lead.do("legal_review", "dj.fazhi")
    lead.do("lead_approve", "dj.fenguan", result="无法查实")
    lead.do("lead_unfounded", "dj.zhuren")
    assert lead.steps() == ["lead_feedback", "lead_rights"]


def test_a_report_sent_back_is_verified_again(bureau: Bureau) -> None:
    lead = _verified(bureau)
    lead.do("lead_review", "dj.zhuren", review_decision="退回核查组", opinion="证据不足，请补充询问物业。")
    assert lead.steps() == ["lead_check"]


def test_danger_is_reported_at_once(bureau: Bureau) -> None:
    lead = bureau.start("lead_handling", "lj.duiyuan1", **OWN, danger="是")
    lead.do("lead_confirm", "dj.zhuren")
    lead.do("lead_classify", "dj.fenban", lead_class="JJ", priority="特急", lead_route="110报警和现场处置")
    lead.do("lead_alarm", "dj.fenban")
    assert lead.steps() == ["in_offline"]


def test_a_lead_on_an_official_is_restricted_and_handled_by_discipline_only(bureau: Bureau) -> None:
    official = {"conduct_type": "HE04", "official": "是"}
    lead = bureau.start("lead_handling", "lj.duiyuan1", **OWN, **official)
    lead.do("lead_confirm", "dj.zhuren")
    lead.do("lead_classify", "dj.fenban", lead_class="GW", priority="加急", lead_route="移送纪检监察")
    assert (lead.sensitivity(), lead.candidates("tr_offline")) == (3, ["r:dist_discipline@310191"])
    lead.do("tr_offline", "dj.jijian")
    lead.do("lead_rights", "dj.fazhi")
    lead.do("arc_confirm", "dj.chengban1")
    lead.do("arc_accept", "lj.duiyuan2")
    assert (lead.status(), lead.variable("transfer_outcome")) == ("completed", "已制作移送书并送达，取得回执。")


def test_an_unsigned_assignment_comes_back_after_a_working_day(bureau: Bureau) -> None:
    lead = bureau.start("lead_handling", "lj.duiyuan1", **OWN)
    lead.do("lead_confirm", "dj.zhuren")
    lead.do(
        "lead_classify",
        "dj.fenban",
        lead_class="YB",
        priority="一般",
        lead_route="组织核查",
        override_reason="先核实再处理。",
    )
    lead.do("lead_assign", "dj.fenban")
    assert lead.steps() == ["lead_sign"]
    bureau.pass_time(hours=20)
    assert lead.steps() == ["lead_sign"]
    bureau.pass_time(hours=14)
    assert lead.steps() == ["lead_assign"]


def test_a_handed_over_lead_is_assigned_anew(bureau: Bureau) -> None:
    lead = bureau.start("lead_handling", "lj.duiyuan1", **OWN)
    lead.do("lead_confirm", "dj.zhuren")
    lead.do(
        "lead_classify",
        "dj.fenban",
        lead_class="YB",
        priority="一般",
        lead_route="组织核查",
        override_reason="先核实再处理。",
    )
    lead.do("lead_assign", "dj.fenban")
    lead.do("lead_sign", "lj.duizhang")
    handed = [{"item": "笔录", "state": "已移交"}]
    lead.act(
        "lead_handover_start", "dj.zhuren", handover_reason="中队有利害关系，改派区局直属办理。", handover_list=handed
    )
    assert lead.steps() == ["lead_assign"]


def test_a_paused_lead_waits_and_goes_on(bureau: Bureau) -> None:
    lead = _verified(bureau)
    lead.act(
        "lead_halt_start",
        "dj.zhuren",
        stop_reason="检测检验鉴定",
        stop_document="委托书",
        stop_note="等待检测机构出具结论。",
    )
    assert (lead.status(), lead.steps()) == ("suspended", ["lead_halt_resume", "lead_review"])
    with pytest.raises(EngineError):
        lead.do("lead_review", "dj.zhuren")
    lead.do("lead_halt_resume", "dj.zhuren", resume_reason="检测结论已出具。")
    assert (lead.status(), lead.steps()) == ("active", ["lead_review"])


def test_the_registrant_withdraws_before_acceptance_and_nobody_else(bureau: Bureau) -> None:
    lead = bureau.start("lead_handling", "lj.duiyuan1", **OWN)
    with pytest.raises(EngineError):
        lead.act("lead_withdraw_start", "lj.duiyuan2", withdraw_reason="不是我登记的。")
    lead.act("lead_withdraw_start", "lj.duiyuan1", withdraw_reason="重复登记，撤回。")
    assert lead.status() == "completed"


def test_a_suggestion_is_not_overruled_without_a_reason(bureau: Bureau) -> None:
    lead = bureau.start("lead_handling", "lj.duiyuan1", **OWN)
    lead.do("lead_confirm", "dj.zhuren")
    with pytest.raises(InvalidSubmissionError) as refusal:
        lead.do("lead_classify", "dj.fenban", lead_class="HE", priority="加急", lead_route="组织核查")
    assert list(refusal.value.fields) == ["override_reason"]
