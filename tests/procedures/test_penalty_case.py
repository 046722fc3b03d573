"""执法案件: told before penalised, decided by somebody else, crime transferred, timers that only remind."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from engine.actor import ENGINE
from engine.commands.messages import CorrelateMessage
from engine.errors import EngineError, InvalidSubmissionError, SeparationOfDutiesError
from engine.model import Notice
from engine.proof import prove, read_rules, world_of_files
from engine.proof.result import REFUTED
from tests.procedures.shipped import config, decide, files, functions
from tests.procedures.story import Bureau, Matter

KEY = "penalty_case"
TITLE = {"title": "占道经营早点"}
OFFICER, SECOND, SQUAD_LEADER, LEADER = "lj.duiyuan1", "lj.duiyuan2", "lj.duizhang", "lj.fenguan"
MINOR = {"circumstances": ["轻微", "及时改正", "无危害后果"]}
ORDINARY = {"override_reason": "当事人屡次占道，不宜只作教育。"}
WHY_NOT = "告知后当事人补充证据，需要重新核实。"
SERVED = {"svc_method": "直接送达", "served_at": "@now", "refused": "否", "receipt": "@file"}
NOTICE = {"basis": "上海市市容环境卫生管理条例", "hearing_told": "是"}
STATED = {
    "who": "示例经营者", "at": "@now", "way": "书面", "content": "家庭困难，请求从轻。",
    "review": [{"item": "家庭困难", "finding": "属实", "accepted": "部分采纳", "why": "有证明"}],
    "burden_after": 500, "recorders": ["lj.duiyuan1", "lj.duiyuan2"],
}  # fmt: skip


def _filed(bureau: Bureau, **acts: Any) -> Matter:
    """Return a case that is filed, with its evidence planned."""
    case = bureau.start(KEY, OFFICER, **TITLE)
    case.do("pn_route", OFFICER)
    case.do("pn_file", OFFICER)
    case.do("pn_file_ok", LEADER)
    case.do("pn_plan", OFFICER, **acts)
    return case


def _assessed(bureau: Bureau, **values: Any) -> Matter:
    """Return a case of which the only act of evidence is done and assessed."""
    case = _filed(bureau)
    case.do("pn_act", OFFICER)
    case.do("pn_assess", OFFICER, **values)
    return case


def _told(bureau: Bureau, **report: Any) -> Matter:
    """Return a case whose party has been told what is proposed."""
    case = _assessed(bureau)
    case.do("pn_report", OFFICER, **report)
    case.do("not_make", SQUAD_LEADER, **NOTICE)
    case.do("serve_do", SQUAD_LEADER, **SERVED)
    return case


def _due_for_decision(bureau: Bureau, **report: Any) -> Matter:
    """Return a small case whose party said nothing in time."""
    case = _told(bureau, **report)
    bureau.pass_time(days=8)
    return case


def _penalised(bureau: Bureau, **decision: Any) -> Matter:
    """Return a case with a fine of 800 yuan, decided and served."""
    case = _due_for_decision(bureau)
    case.do("pn_decide", LEADER, **decision)
    case.do("serve_do", SQUAD_LEADER, **SERVED)
    return case


def _archived(case: Matter) -> None:
    case.do("arc_confirm", "dj.chengban1")
    case.do("arc_accept", SECOND)


def _state(case: Matter, message: str, bureau: Bureau) -> None:
    """Let what the party sends arrive."""
    bureau.engine.run(CorrelateMessage(message, case.variable("notice_no"), {}), ENGINE)
    bureau.worker.drain()


def _reminded(bureau: Bureau, person: str) -> list[str]:
    with bureau.engine.database.transaction(write=False) as session:
        asked = select(Notice.text).where(Notice.person_id == person, Notice.kind == "notify").order_by(Notice.id)
        return list(session.execute(asked).scalars())


def _refused(case: Matter, node: str, person: str, **values: Any) -> dict[str, Sequence[str]]:
    with pytest.raises(InvalidSubmissionError) as refusal:
        case.do(node, person, **values)
    return dict(refusal.value.fields)


def test_a_case_goes_from_the_inspection_to_the_archive(bureau: Bureau) -> None:
    case = _penalised(bureau, social_effect="是")
    assert (case.steps(), case.variable("penalty_no")) == (["pn_publish"], "罚-310191901-2026-0001")
    case.do("pn_publish", "dj.zhuren")
    published = bureau.register("penalty_publicity", "罚-310191901-2026-0001")
    assert (published["status"], "party_name" in published, case.steps()) == ("公示中", False, ["pn_pay"])
    case.do("pn_pay", OFFICER)
    _archived(case)
    assert (case.status(), case.number(), bureau.incidents()) == ("completed", "PN-310191901-2026-00001", [])


def test_what_is_corrected_in_time_is_not_penalised_but_taught(bureau: Bureau) -> None:
    case = bureau.start(KEY, OFFICER, **TITLE, **MINOR)
    assert case.variable("gate")["advice"] == "不予处罚(应当)+教育"
    case.do("pn_route", OFFICER, case_route="教育纠正")
    case.do("pn_correct", OFFICER)
    bureau.pass_time(days=2)
    assert case.steps() == []
    bureau.pass_time(days=2)
    case.do("pn_recheck", OFFICER)
    case.do("pn_not_ok", LEADER)
    case.do("serve_do", SQUAD_LEADER, **SERVED)
    case.do("pn_education", OFFICER)
    _archived(case)
    assert (case.status(), case.variable("penalty_no")) == ("completed", "不罚-310191901-2026-0001")


def test_what_is_not_corrected_is_filed(bureau: Bureau) -> None:
    case = bureau.start(KEY, OFFICER, **TITLE, **MINOR)
    case.do("pn_route", OFFICER, case_route="教育纠正")
    case.do("pn_correct", OFFICER)
    bureau.pass_time(days=4)
    case.do("pn_recheck", OFFICER, corrected="否")
    assert case.steps() == ["pn_file"]


def test_the_suggestion_is_not_overruled_without_a_reason(bureau: Bureau) -> None:
    case = bureau.start(KEY, OFFICER, **TITLE, **MINOR)
    assert "override_reason" in _refused(case, "pn_route", OFFICER, case_route="普通程序")
    case.do("pn_route", OFFICER, case_route="普通程序", **ORDINARY)
    assert case.steps() == ["pn_file"]


@pytest.mark.parametrize(("party", "fine"), [("自然人", 200.01), ("个体工商户", 3000.01)])
def test_on_the_spot_no_fine_is_above_the_limit(bureau: Bureau, party: str, fine: float) -> None:
    case = bureau.start(KEY, OFFICER, **TITLE, party_type=party)
    case.do("pn_route", OFFICER, case_route="简易程序")
    assert "超过的须适用普通程序" in str(_refused(case, "pn_spot", OFFICER, fine=fine)["fine"])
    assert "officer2" in _refused(case, "pn_spot", OFFICER, officer2=OFFICER)
    assert "spot_told" in _refused(case, "pn_spot", OFFICER, spot_told=False)
    assert "kinds" in _refused(case, "pn_spot", OFFICER, kinds=["吊销许可证件"])


def test_a_fine_on_the_spot_is_served_handed_in_and_reported(bureau: Bureau) -> None:
    case = bureau.start(KEY, OFFICER, **TITLE)
    case.do("pn_route", OFFICER, case_route="简易程序")
    case.do("pn_spot", OFFICER, collected="是")
    case.do("serve_do", SQUAD_LEADER, **SERVED)
    case.do("pn_hand_in", OFFICER)
    with pytest.raises(EngineError):
        case.do("pn_spot_record", OFFICER)
    case.do("pn_spot_record", SQUAD_LEADER)
    _archived(case)
    assert (case.status(), case.variable("penalty_no")) == ("completed", "当罚-310191901-2026-0001")


def test_a_warning_on_the_spot_leaves_nothing_to_pay(bureau: Bureau) -> None:
    case = bureau.start(KEY, OFFICER, **TITLE)
    case.do("pn_route", OFFICER, case_route="简易程序")
    case.do("pn_spot", OFFICER, kinds=["警告"], fine=None, collected=None)
    case.do("serve_do", SQUAD_LEADER, **SERVED)
    case.do("pn_spot_record", SQUAD_LEADER)
    assert case.steps() == ["arc_confirm"]


def test_evidence_of_a_device_is_reviewed_by_two(bureau: Bureau) -> None:
    seen = {"offsite": "是", "cert_shown": None, "av_record": None}
    case = bureau.start(KEY, OFFICER, **TITLE, **seen)
    assert "evidence_ok" in _refused(case, "pn_offsite", OFFICER, sign_visible="否")
    case.do("pn_offsite", OFFICER)
    with pytest.raises(SeparationOfDutiesError):
        case.do("pn_offsite_second", OFFICER)
    case.do("pn_offsite_second", SECOND)
    assert case.steps() == ["pn_route"]


def test_what_fails_the_review_is_no_evidence(bureau: Bureau) -> None:
    case = bureau.start(KEY, OFFICER, **TITLE, offsite="是", cert_shown=None, av_record=None)
    case.do("pn_offsite", OFFICER)
    case.do("pn_offsite_second", SECOND, second_ok="不作为证据", second_opinion="时间记录不清晰。")
    assert (case.status(), case.variable("case_route")) == ("completed", "不作为证据")


def test_crime_is_transferred_and_not_penalised(bureau: Bureau) -> None:
    crime = {
        "crime_suspect": "是",
        "crime_facts": "当事人长期收购并贩卖来源不明的废弃油脂，数额较大，涉嫌犯罪，依法应当移送。",
    }
    case = _assessed(bureau, **crime)
    assert case.steps() == ["tr_offline"]
    case.do("tr_offline", SQUAD_LEADER)
    case.do("pn_crime_result", SQUAD_LEADER, crime_result="不予立案")
    case.do("pn_assess", OFFICER, **crime)
    case.do("tr_offline", SQUAD_LEADER)
    case.do("pn_crime_result", SQUAD_LEADER)
    _archived(case)
    assert (case.status(), case.variable("decision"), case.variable("penalty_no")) == ("completed", "移送", None)


def test_facts_of_organised_crime_begin_a_lead_of_their_own(bureau: Bureau) -> None:
    found = {
        "lead_found": "是", "lead_type": "HE02", "official": "否",
        "lead_facts": "现场有多人阻止其他装修队的材料车进入小区，要求业主使用其指定的敲墙队伍。",
    }  # fmt: skip
    case = _assessed(bureau, **found)
    assert (case.steps(), bureau.newest("lead_handling").steps()) == (["pn_report"], ["lead_confirm"])


def test_goods_are_seized_in_a_matter_of_their_own(bureau: Bureau) -> None:
    acts = [{"kind": kind, "target": "推车", "why": "占道的工具"} for kind in ("询问", "扣押")]
    case = _filed(bureau, acts=acts)
    measure = bureau.newest("coercion_measure")
    assert (case.steps(), measure.steps()) == (["pn_act"], ["cm_necessity"])
    assert (measure.variable("decision_no"), measure.variable("parent_no")) == (case.number(), case.number())


KEEP = {"acts": [{"kind": "先行登记保存", "target": "账册", "why": "进货来源和数量"}]}


def test_what_is_kept_as_evidence_is_decided_within_seven_days(bureau: Bureau) -> None:
    case = _filed(bureau, **KEEP)
    with pytest.raises(EngineError):
        case.do("pn_keep_ok", OFFICER)
    case.do("pn_keep_ok", LEADER)
    case.do("pn_keep", OFFICER)
    bureau.pass_time(days=8)
    assert case.steps() == ["pn_keep_do"]
    case.do("pn_keep_do", OFFICER)
    assert case.steps() == ["pn_assess"]


def test_after_seven_working_days_a_person_has_to_decide_on_what_is_kept(bureau: Bureau) -> None:
    case = _filed(bureau, **KEEP)
    case.do("pn_keep_ok", LEADER)
    case.do("pn_keep", OFFICER)
    bureau.pass_time(days=10)
    assert case.steps() == ["pn_keep_must"]
    bureau.pass_time(days=30)
    assert case.steps() == ["pn_keep_must"]
    case.do("pn_keep_must", OFFICER)
    assert case.steps() == ["pn_assess"]


def test_what_the_leader_does_not_approve_is_not_kept(bureau: Bureau) -> None:
    case = _filed(bureau, **KEEP)
    case.do("pn_keep_ok", LEADER, keep_decision="不同意", opinion="可以拍照复制，不必保存。")
    assert case.steps() == ["pn_assess"]


def test_the_party_is_heard_and_the_fine_does_not_grow(bureau: Bureau) -> None:
    case = _told(bureau)
    _state(case, "MSG_STATEMENT", bureau)
    assert "new_facts" in _refused(
        case, "not_hear", SQUAD_LEADER, **(STATED | {"burden_after": 900, "new_facts": "否"})
    )
    case.do("not_hear", SQUAD_LEADER, **STATED)
    assert (case.steps(), case.variable("stated_by")) == (["pn_decide"], "示例经营者")
    assert "fine" in _refused(case, "pn_decide", LEADER)
    case.do("pn_decide", LEADER, fine=500, penalty_result="从轻")
    assert case.variable("penalty_no") is not None


def test_a_grave_case_is_heard_reviewed_and_discussed(bureau: Bureau) -> None:
    grave = {"fine": 60000, "range_to": 100000, "complex": "是", "penalty_grade": "从重"}
    case = _told(bureau, **grave)
    _state(case, "MSG_STATEMENT_WAIVED", bureau)
    assert "hearing_asked" in _refused(case, "pn_hearing_ask", OFFICER, hearing_asked="否", asked_at=None)
    case.do("pn_hearing_ask", OFFICER)
    case.do("hear_host", "dj.zhuren", host="dj.jijian", hearing_at="2026-03-20T09:00:00+08:00")
    case.do("hear_notice", "dj.jijian", notice_at="@now", place="临江街道会议室")
    bureau.pass_time(days=18)
    attendees = [{"name": "示例经营者", "as": "当事人"}]
    case.do("hear_record", "dj.jijian", open="公开", attendees=attendees, absent="否", transcript="@file")
    case.do("hear_report", "dj.jijian", opinion="事实清楚，程序合法，同意拟处罚意见，建议从宽。")
    assert case.steps() == ["legal_review"]
    case.do("legal_review", "lj.fazhi")
    case.do("col_meet", "lj.zhuren")
    case.do("pn_decide", LEADER, penalty_result="从重")
    assert (case.steps(), case.variable("decision")) == (["serve_do"], "处罚")


def test_what_the_review_or_the_discussion_does_not_pass_is_reported_anew(bureau: Bureau) -> None:
    case = _due_for_decision(bureau, complex="是")
    case.do("legal_review", "lj.fazhi", legal_result="不通过", opinion="证据不足，请补充后再报。")
    case.do("pn_report", OFFICER, complex="是", propose="不予处罚")
    case.do("col_meet", "lj.zhuren", collective_result="不同意")
    assert case.steps() == ["pn_report"]


def test_nobody_decides_reviews_or_files_his_own_case(bureau: Bureau) -> None:
    case = bureau.start(KEY, SQUAD_LEADER, **TITLE)
    case.do("pn_route", SQUAD_LEADER)
    case.do("pn_file", SQUAD_LEADER)
    with pytest.raises(EngineError):
        case.do("pn_file_ok", SQUAD_LEADER)
    case = _due_for_decision(bureau)
    with pytest.raises(EngineError):
        case.do("pn_decide", OFFICER)


def test_an_officer_of_the_case_may_not_decide_whatever_post_he_holds(bureau: Bureau) -> None:
    case = bureau.start(KEY, OFFICER, **TITLE, officer2=LEADER)
    case.do("pn_route", OFFICER)
    case.do("pn_file", OFFICER)
    case.do("pn_file_ok", LEADER)
    case.do("pn_plan", OFFICER)
    case.do("pn_act", OFFICER, officer2=LEADER)
    case.do("pn_assess", OFFICER)
    case.do("pn_report", OFFICER, propose="不予处罚")
    assert "承办人不得作出决定" in str(
        _refused(
            case,
            "pn_decide",
            LEADER,
            decision="不予处罚",
            penalty_result="不予处罚(可以)",
            opinion=WHY_NOT,
            override_reason=WHY_NOT,
        )["decision"]
    )


def test_a_penalty_that_the_party_was_not_told_of_is_refused(bureau: Bureau) -> None:
    case = _assessed(bureau)
    case.do("pn_report", OFFICER, propose="不予处罚")
    assert "未经告知" in str(_refused(case, "pn_decide", LEADER)["decision"])
    case.do("pn_decide", LEADER, decision="退回补充", opinion="应当处罚，请先告知当事人。")
    assert case.steps() == ["pn_report"]


def test_an_act_that_did_not_happen_ends_without_a_penalty(bureau: Bureau) -> None:
    case = _assessed(bureau)
    case.do("pn_report", OFFICER, propose="违法事实不成立")
    case.do(
        "pn_decide",
        LEADER,
        decision="违法事实不成立",
        penalty_result="违法事实不成立",
        opinion="现有证据不能证明违法事实。",
    )
    case.do("serve_do", SQUAD_LEADER, **SERVED)
    assert case.steps() == ["arc_confirm"]


def test_the_clock_reminds_and_reports_and_never_ends_a_case(bureau: Bureau) -> None:
    case = _filed(bureau)
    told = []
    for days in (62, 1, 9, 9, 9, 60):
        bureau.pass_time(days=days)
        told.append(
            (len(_reminded(bureau, OFFICER)), len(_reminded(bureau, LEADER)), len(_reminded(bureau, "lj.zhuren")))
        )
    assert told == [(0, 0, 0), (1, 0, 0), (2, 1, 0), (3, 2, 0), (3, 3, 1), (3, 3, 1)]
    assert (case.status(), case.steps()) == ("active", ["pn_act"])


def test_a_fine_that_is_not_paid_grows_and_is_enforced(bureau: Bureau) -> None:
    case = _penalised(bureau)
    bureau.pass_time(days=15)
    assert case.steps() == ["pn_pay"]
    bureau.pass_time(days=11)
    assert case.steps() == ["pn_added"]
    case.do("pn_added", OFFICER)
    assert float(case.variable("added_amount")) == 264
    enforcement = bureau.newest("coercion_enforcement")
    assert (enforcement.variable("decision_no"), enforcement.variable("parent_no")) == (
        "罚-310191901-2026-0001",
        case.number(),
    )
    case.do("pn_coerced", OFFICER)
    assert case.steps() == ["arc_confirm"]


def test_the_period_is_prolonged_by_the_leader_only(bureau: Bureau) -> None:
    asked = {
        "pay_result": "申请延期分期",
        "defer_reason": "经营困难，请求分两期缴纳。",
        "defer_file": "@file",
        "paid_on": None,
        "pay_file": None,
    }
    case = _penalised(bureau)
    case.do("pn_pay", OFFICER, **asked)
    case.do("pn_defer", LEADER)
    assert (case.steps(), case.variable("pay_until")) == (["pn_pay"], bureau.day(30))
    bureau.pass_time(days=29)
    assert case.steps() == ["pn_pay"]
    assert "paid_amount" in _refused(case, "pn_pay", OFFICER, paid_amount=700)


def test_under_review_the_additional_fine_stands_still_and_the_file_stays_open(bureau: Bureau) -> None:
    case = _penalised(bureau, social_effect="是")
    case.do("pn_publish", "dj.zhuren")
    case.act("pn_review_start", OFFICER)
    bureau.pass_time(days=20)
    assert case.steps() == ["pn_added", "pn_review_done"]
    assert "overdue_result" in _refused(case, "pn_added", OFFICER)
    case.do("pn_review_done", OFFICER, review_result="撤销")
    case.do("pn_added", OFFICER, overdue_result="不再履行")
    assert (case.steps(), case.variable("added_amount")) == (["pn_withdraw"], 0)
    case.do("pn_withdraw", OFFICER)
    assert case.steps() == ["arc_confirm"]


def test_before_it_is_filed_a_case_can_be_ended_and_afterwards_not(bureau: Bureau) -> None:
    end = {"terminate_reason": "重复登记，与同一地点的另一案件合并办理，不再单独办理。", "no_conflict": True}
    case = bureau.start(KEY, OFFICER, **TITLE)
    case.act("pn_terminate_start", SQUAD_LEADER, **end)
    assert case.status() == "completed"
    with pytest.raises(EngineError):
        _filed(bureau).act("pn_terminate_start", SQUAD_LEADER, **end)


def test_a_case_from_elsewhere_begins_with_its_record_and_answers_the_lead(bureau: Bureau) -> None:
    lead = bureau.start("lead_handling", OFFICER, title="装修敲墙排他经营")
    lead.do("lead_confirm", "dj.zhuren")
    lead.do("lead_classify", "dj.fenban", lead_class="YB", priority="一般", lead_route="转行政处理")
    case = bureau.newest(KEY)
    assert (lead.steps(), case.steps()) == (["lead_case_result"], ["pn_register"])
    case.do("pn_register", OFFICER, **TITLE)
    case.do("pn_route", OFFICER, case_route="不予立案", override_reason=WHY_NOT)
    assert (case.status(), lead.variable("case_result")) == ("completed", "不予立案")
    assert (lead.steps(), bureau.incidents()) == (["lead_rights"], [])


def test_violence_is_reported_at_once(bureau: Bureau) -> None:
    bureau.start(KEY, OFFICER, **TITLE, conflict="推搡", report_incident="是")
    assert bureau.newest("incident_report").steps() == ["in_offline"]


@pytest.mark.parametrize(
    ("circumstances", "given", "advice"),
    [
        (["未满14周岁或不能辨认控制", "轻微"], {}, "不予处罚(应当)+责令监护"),
        ([], {"act_date": "2024-11-24"}, "不再给予处罚"),
        ([], {"act_date": "2024-11-26"}, "按裁量基准"),
        ([], {"act_date": "2024-11-24", "limit_ext": "是"}, "按裁量基准"),
        (["轻微", "无危害后果"], {"corrected": "是"}, "不予处罚(应当)+教育"),
        (["无主观过错有证据", "符合免罚清单"], {}, "不予处罚(应当)+教育"),
        (["符合免罚清单", "初次"], {}, "不予处罚+教育"),
        (["及时改正", "初次", "危害后果轻微"], {}, "不予处罚(可以)+教育"),
        (["初次", "危害后果轻微"], {}, "按裁量基准"),
        (["立功表现"], {}, "从轻或减轻(应当)"),
        (["已满14不满18", "从重情节"], {}, "从轻或减轻(应当)"),
        (["无"], {}, "按裁量基准"),
    ],
)
def test_the_first_row_that_fits_is_suggested(circumstances: list[str], given: dict[str, Any], advice: str) -> None:
    facts = {"act_date": "2026-11-20", "limit_ext": None, "corrected": None, **given}
    assert decide(f"{KEY}/discretion_gate", circumstances=circumstances, **facts)["advice"] == advice


@pytest.mark.parametrize(
    ("file", "drawn", "instead", "rule"),
    [
        (KEY, 'targetRef="pn_notice_no"', 'targetRef="pn_noticed"', "penalty-notice"),
        (KEY, '(decision = "处罚" and noticed = "是") or', 'decision = "处罚" or', "penalty-noticed-last"),
        ("cs_notice", 'sourceRef="not_statement" targetRef="not_hear"', 'sourceRef="not_statement" targetRef="not_gw"', "penalty-statement"),
        (KEY, '${legal_result = "通过" or legal_result = "修改后通过" or legal_result = "不需要"}', "${true}", "penalty-legal"),
        ("cs_legal_review", '${legal_required = "不强制" and legal_request != "是"}', '${legal_request != "是"}', "penalty-legal-required"),
        (KEY, "pn_report,pn_plan,pn_file", "pn_plan", "penalty-legal-other"),
        (KEY, "pn_report,pn_plan,pn_act,pn_keep", "pn_plan", "penalty-decide-other"),
        (KEY, 'value="pn_recheck,pn_correct"', 'value="pn_correct"', "penalty-not-other"),
        (KEY, '${filing_decision = "立案"}', "${true}", "penalty-filed"),
        (KEY, '${filing_decision = "立案"}', "${true}", "penalty-filed-notice"),
        (KEY, 'value="pn_file"', 'value="pn_route"', "penalty-file-other"),
        (KEY, ' and crime_suspect = "否"', "", "penalty-crime"),
        (KEY, '${crime_result = "已受理"}', "${true}", "penalty-transferred"),
        (KEY, 'value="pn_offsite"', 'value="pn_register"', "penalty-offsite-other"),
        (KEY, '${case_route = "简易程序"}', '${case_route = "简易程序" or case_route = "教育纠正"}', "penalty-spot"),
        (KEY, 'sourceRef="pn_no" targetRef="pn_serve"', 'sourceRef="pn_no" targetRef="pn_pub_gw"', "penalty-served"),
        (KEY, 'targetRef="pn_spot_serve"', 'targetRef="pn_collected_gw"', "penalty-spot-served"),
        (KEY, 'targetRef="pn_not_serve"', 'targetRef="pn_education_gw"', "penalty-not-served"),
        (KEY, 'sourceRef="pn_keep" targetRef="pn_keep_do"', 'sourceRef="pn_keep" targetRef="pn_e_end"', "penalty-kept"),
        (KEY, 'value="pn_pay,pn_added"', 'value="pn_added"', "penalty-defer-other"),
    ],
)  # fmt: skip
def test_a_draft_without_a_safeguard_is_refused_by_the_proof(file: str, drawn: str, instead: str, rule: str) -> None:
    path, rules = f"processes/{file}/{file}.bpmn", read_rules(config("rules"))
    called = [
        one for one in files() if one.path.split("/")[1].startswith((KEY, "cs_", "transfer_out", "risk_assessment"))
    ]
    assert drawn in next(one for one in called if one.path == path).content.decode()
    changed = [
        replace(one, content=one.content.replace(drawn.encode(), instead.encode())) if one.path == path else one
        for one in called
    ]
    (asked,) = (one for one in rules if one.id == rule)
    proof = prove(asked.procedure or KEY, world_of_files(changed, functions()), (asked,))
    assert proof.verdict == REFUTED
    assert rule in {finding.rule for finding in proof.findings}
