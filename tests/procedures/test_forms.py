"""What the forms of the procedures refuse, whatever is posted."""

from typing import Any

import pytest

from tests.procedures.shipped import config, errors

EXAMPLES = config("example/matters")["form"]
LEAD: dict[str, Any] = {
    **EXAMPLES["lead_handling"]["lead_register"], "title": "示例线索", "received_at": "2026-11-25T08:00:00+08:00",
    "act_time": "2026-11-24T08:00:00+08:00",
}  # fmt: skip
CONFIRM = EXAMPLES["lead_handling"]["lead_confirm"]
ASSIGN = EXAMPLES["lead_handling"]["lead_assign"] | {"due": "2026-12-10"}
START = EXAMPLES["risk_assessment"]["ra_start"] | {"title": "示例稳评", "plan_file": ["a1"]}
CAMPAIGN: dict[str, Any] = {
    **EXAMPLES["special_campaign"]["campaign"], "title": "示例行动", "start_on": "2026-11-26", "end_on": "2026-12-20",
    "wp_no": "WP-310191-2026-001", "plan_no": "YA-310191-2026-001",
}  # fmt: skip
NAMED = {
    "persons_need": "是",
    "persons_reason": "必须明确岗位",
    "named": [{"appellation": "某岗位", "relation": "被反映人"}],
}


def _faults(key: str, values: dict[str, Any], **variables: Any) -> list[str]:
    return sorted(errors(key, values, **variables))


def test_a_complete_lead_is_taken() -> None:
    assert _faults("lead_handling/lead_register", LEAD) == []


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"received_at": "2026-11-26T08:00:00+08:00"}, "received_at"),
        ({"act_desc": "太短"}, "act_desc"),
        ({"conduct_type": "HE04", "official": "否"}, "official"),
        ({"source": "01"}, "superior_no"),
        ({"reporter_mode": "实名"}, "reporter"),
        ({"persons_need": "是"}, "persons_reason"),
        ({"org_facts": ["O1"]}, "org_facts_text"),
        ({"conduct_type": "HE77"}, "conduct_type"),
        ({"sensitivity": "S1"}, "sensitivity"),
    ],
)
def test_a_lead_is_refused_at_the_field_at_fault(given: dict[str, Any], fault: str) -> None:
    assert fault in _faults("lead_handling/lead_register", LEAD | given)


def test_a_named_person_needs_a_reason_and_a_row() -> None:
    assert _faults("lead_handling/lead_register", LEAD | NAMED) == []
    assert "named" in _faults("lead_handling/lead_register", LEAD | NAMED | {"named": []})


def test_protected_conduct_cannot_be_registered_as_it_is() -> None:
    assert "route" in _faults("lead_handling/lead_confirm", CONFIRM | {"q_protected": "是"})


def test_differing_from_the_suggestion_needs_a_reason() -> None:
    other = CONFIRM | {"route": "退回补充", "opinion": "时间地点不清，请补充后再报。"}
    assert _faults("lead_handling/lead_confirm", other) == ["override_reason"]
    assert _faults("lead_handling/lead_confirm", other | {"override_reason": "来源单位尚未盖章，须先补齐。"}) == []


def test_the_date_of_verification_keeps_the_limit_and_the_superior_date() -> None:
    known = {"priority": "一般", "source": "01", "persons_need": "否", "superior_due": "2026-12-14"}
    assert _faults("lead_handling/lead_assign", ASSIGN | {"due": "2026-12-09"}, **known) == []
    assert _faults("lead_handling/lead_assign", ASSIGN | {"due": "2026-12-10"}, **known) == ["due"]
    assert _faults("lead_handling/lead_assign", ASSIGN | {"due": "2026-12-17"}, **(known | {"superior_due": None})) == [
        "due"
    ]


def test_a_unit_with_an_interest_is_not_assigned() -> None:
    assert _faults("lead_handling/lead_assign", ASSIGN | {"conflict_check": "否"}, priority="一般", source="05") == [
        "conflict_check"
    ]


def test_two_different_officers_are_needed() -> None:
    check = EXAMPLES["lead_handling"]["lead_check"] | {"officer2": "lj.duizhang"}
    assert "officer2" in _faults("lead_handling/lead_check", check)


def test_a_name_is_not_passed_on_without_evidence() -> None:
    review = EXAMPLES["lead_handling"]["lead_review"] | {
        "release_name": "提供",
        "override_reason": "公安机关要求提供。",
    }
    known = {"persons_need": "是", "grade": "E0", "suggested_result": "查实-行政处理", "release": {"pass": "否"}}
    assert _faults("lead_handling/lead_review", review, **known) == ["release_name"]


def test_the_handler_may_not_review_legally() -> None:
    review = EXAMPLES["cs_legal_review"]["cs_legal"]
    assert _faults("cs_legal_review/cs_legal", review, handler="lj.duizhang") == []
    assert _faults("cs_legal_review/cs_legal", review, handler="dj.zhuren") == ["legal_result"]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"team": ["dj.chengban1"], "outsiders": ["dj.chengban1"]}, "team"),
        ({"households": 40, "team": ["dj.chengban1", "lj.duiyuan2"]}, "team"),
        ({"outsiders": ["xl.fenban"]}, "outsiders"),
        ({"towns": 1}, "towns"),
        ({"urgent": "是"}, "urgent_reason"),
        ({"plan_file": []}, "plan_file"),
    ],
)
def test_an_assessment_starts_only_with_a_proper_team_and_scope(given: dict[str, Any], fault: str) -> None:
    assert _faults("risk_assessment/ra_start", START) == []
    assert fault in _faults("risk_assessment/ra_start", START | given)


def test_the_risk_level_may_be_equal_or_stricter_but_not_milder() -> None:
    report = EXAMPLES["risk_assessment"]["ra_report"]
    known = {"level_hint": {"level": "中风险"}, "legality_result": "通过", "override_reason": None}
    reason = {"override_reason": "另有专家意见认为风险更高。"}
    assert _faults("risk_assessment/ra_report", report | reason, **known) == ["level"]
    assert _faults("risk_assessment/ra_report", report | {"level": "中风险"}, **known) == []
    assert _faults("risk_assessment/ra_report", report | {"level": "高风险"} | reason, **known) == []


def test_the_decision_may_be_equal_or_stricter_but_not_milder() -> None:
    decide = EXAMPLES["risk_assessment"]["ra_decide"] | {
        "override_reason": "领导研究意见。",
        "opinion": "须先落实全部措施再说。",
    }
    assert _faults("risk_assessment/ra_decide", decide, conclusion_hint="落实措施后实施") == ["conclusion"]
    assert (
        _faults("risk_assessment/ra_decide", decide | {"conclusion": "不实施"}, conclusion_hint="落实措施后实施") == []
    )


def test_an_ordinary_assessment_needs_three_points_and_two_ways_of_listening() -> None:
    plan = EXAMPLES["risk_assessment"]["ra_plan"] | {"methods": ["座谈"]}
    assert _faults("risk_assessment/ra_plan", plan, ra_mode="普通评估") == ["methods"]
    assert _faults("risk_assessment/ra_plan", plan, ra_mode="简易评估") == []
    points = EXAMPLES["risk_assessment"]["ra_points"]["points"]
    dated = [{**point, "due": "2026-12-20"} for point in points]
    assert _faults("risk_assessment/ra_points", {"points": dated[:2]}, ra_mode="普通评估") == ["points"]
    assert _faults("risk_assessment/ra_points", {"points": dated}, ra_mode="普通评估") == []


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"wp_no": None}, "wp_no"),
        ({"wp_no": "WP-310191-2026-999"}, "wp_no"),
        ({"plan_no": None}, "plan_no"),
        ({"end_on": "2026-11-20"}, "end_on"),
        ({"end_on": "2027-06-30"}, "end_on"),
        ({"start_on": "2026-11-24"}, "start_on"),
        ({"complaint_phone": "请拨打热线"}, "complaint_phone"),
        ({"area": []}, "area"),
    ],
)
def test_a_campaign_plan_is_refused_at_the_field_at_fault(given: dict[str, Any], fault: str) -> None:
    assert _faults("special_campaign/campaign", CAMPAIGN) == []
    assert fault in _faults("special_campaign/campaign", CAMPAIGN | given)


def test_a_draft_may_start_an_assessment_before_it_has_a_number() -> None:
    draft = CAMPAIGN | {"wp_no": None, "plan_no": None, "plan_action": "发起稳评"}
    assert _faults("special_campaign/campaign", draft) == []


def test_nothing_is_archived_while_something_is_missing() -> None:
    archive = EXAMPLES["cs_archive"]["cs_archive_form"]
    assert _faults("cs_archive/cs_archive_form", archive, missing=[]) == []
    assert _faults("cs_archive/cs_archive_form", archive, missing=["核查报告"]) == ["archive_decision"]
    back = archive | {"archive_decision": "退回", "opinion": "缺核查报告，请补齐后再报。"}
    assert _faults("cs_archive/cs_archive_form", back, missing=["核查报告"]) == []


def test_only_the_registrant_withdraws_and_only_before_acceptance() -> None:
    withdraw = {"withdraw_reason": "重复登记，撤回。"}
    mine = {"starter": "dj.zhuren"}
    assert _faults("cs_interrupt/withdraw", withdraw, **mine, route=None) == []
    assert _faults("cs_interrupt/withdraw", withdraw, **mine, route="登记") == ["withdraw_reason"]
    assert _faults("cs_interrupt/withdraw", withdraw, starter="lj.duiyuan1", route=None) == ["withdraw_reason"]


def test_a_statement_never_makes_the_burden_heavier_without_new_facts() -> None:
    record = {
        "who": "当事人", "at": "2026-11-25T09:00:00+08:00", "way": "书面", "content": "请求从轻",
        "review": [{"item": "首次违法", "finding": "属实", "accepted": "采纳", "why": "有记录"}],
        "burden_after": 300, "new_facts": "否", "recorders": ["dj.chengban1", "dj.chengban2"],
    }  # fmt: skip
    assert _faults("cs_notice/cs_statement", record, burden=300) == []
    assert _faults("cs_notice/cs_statement", record, burden=200) == ["new_facts"]
