"""The decision tables, row by row, against the domain reference."""

from typing import Any

import pytest

from tests.procedures.shipped import decide

YES, NO = "是", "否"


@pytest.mark.parametrize(
    ("protected", "concrete", "route"),
    [(YES, NO, "不予登记"), (YES, YES, "剔除后登记"), (NO, NO, "退回补充"), (NO, YES, "登记")],
)
def test_protected_conduct_is_never_registered_as_it_is(protected: str, concrete: str, route: str) -> None:
    found = decide("lead_handling/protected_conduct_gate", q_protected=protected, q_concrete=concrete)
    assert found["route"] == route


LEAD = {
    "danger": NO, "official": NO, "q_protected": NO, "q_concrete": YES, "q_dispute": NO, "conduct_type": "其他",
    "org_facts": [], "within_remit": YES,
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "lead_class", "priority", "route"),
    [
        ({"danger": YES, "official": YES}, "JJ", "特急", "110报警和现场处置"),
        ({"q_protected": YES, "q_concrete": NO}, "WX", "一般", "不构成线索"),
        ({"official": YES, "conduct_type": "HE04"}, "GW", "加急", "移送纪检监察"),
        ({"conduct_type": "HE02", "org_facts": ["O1", "O2", "O3"]}, "HE", "加急", "组织核查"),
        ({"conduct_type": "HE99", "org_facts": ["O4"]}, "HE", "一般", "组织核查"),
        ({"conduct_type": "HE01", "org_facts": None}, "ZA", "加急", "立即移送公安机关"),
        ({"conduct_type": "HE05"}, "YB", "一般", "转行政处理"),
        ({"conduct_type": "LU03"}, "LU", "加急", "组织核查"),
        ({"conduct_type": "LU06"}, "LU", "加急", "立即移送公安机关"),
        ({"conduct_type": "LU99"}, "LU", "一般", "组织核查"),
        ({"q_dispute": YES}, "JF", "一般", "转矛盾纠纷"),
        ({}, "YB", "一般", "转行政处理"),
        ({"within_remit": NO}, "WZ", "一般", "转非职权部门"),
    ],
)
def test_a_lead_is_classified_by_the_first_row_that_fits(
    given: dict[str, Any], lead_class: str, priority: str, route: str
) -> None:
    found = decide("lead_handling/lead_triage", **(LEAD | given))
    assert found == {"class": lead_class, "priority": priority, "route": route}


@pytest.mark.parametrize(
    ("given", "grade"),
    [
        ({"act_known": NO, "src_count": 3, "elements_shown": YES}, "E0"),
        ({}, "E1"),
        ({"src_count": 2}, "E2"),
        ({"official_record": YES}, "E2"),
        ({"elements_shown": YES}, "E3"),
        ({"elements_shown": YES, "evidence": [{"legal": NO}]}, "E1"),
        ({"src_count": 0}, "E0"),
    ],
)
def test_the_evidence_grade_follows_sources_records_and_elements(given: dict[str, Any], grade: str) -> None:
    facts = {
        "src_count": 1, "official_record": NO, "elements_shown": NO, "evidence": [{"legal": YES}], "act_known": YES,
    }  # fmt: skip
    assert decide("lead_handling/evidence_grade_hint", **(facts | given)) == grade


@pytest.mark.parametrize(
    ("danger", "official", "grade", "passed"),
    [
        (YES, NO, "E0", YES),
        (NO, YES, "E1", YES),
        (NO, YES, "E0", NO),
        (NO, NO, "E0", NO),
        (NO, NO, "E1", NO),
        (NO, NO, "E2", YES),
    ],
)
def test_a_name_is_passed_on_only_with_evidence_or_in_danger(
    danger: str, official: str, grade: str, passed: str
) -> None:
    assert decide("lead_handling/identity_release", danger=danger, official=official, grade=grade)["pass"] == passed


@pytest.mark.parametrize(
    ("given", "mode"),
    [
        ({"urgent": YES, "same_plan": YES}, "现场快评"),
        ({"same_plan": YES}, "引用既有评估"),
        ({"catalog": YES}, "普通评估"),
        ({"towns": 3}, "普通评估"),
        ({"households": 30}, "普通评估"),
        ({"dwelling": YES}, "普通评估"),
        ({"care_needed": "不明"}, "普通评估"),
        ({}, "简易评估"),
    ],
)
def test_the_mode_of_assessment_follows_scope_and_people(given: dict[str, Any], mode: str) -> None:
    facts = {
        "urgent": NO, "same_plan": NO, "catalog": NO, "towns": 2, "households": 29, "dwelling": NO, "care_needed": "无",
    }  # fmt: skip
    assert decide("risk_assessment/ra_mode", **(facts | given)) == mode


@pytest.mark.parametrize(
    ("likelihood", "impact", "grade"), [(1, 7, "低"), (2, 4, "中"), (2, 7, "中"), (3, 5, "高"), (5, 5, "高")]
)
def test_a_risk_point_is_graded_by_likelihood_times_impact(likelihood: int, impact: int, grade: str) -> None:
    assert decide("risk_assessment/ra_point", point={"likelihood": likelihood, "impact": impact}) == grade


@pytest.mark.parametrize(
    ("residual", "given", "level"),
    [
        (1, {"legality_result": "不通过"}, "合法性不通过"),
        (15, {}, "高风险"),
        (1, {"respondents_total": 10, "opposed_rate": 50}, "高风险"),
        (1, {"respondents_total": 9, "opposed_rate": 90}, "低风险"),
        (8, {}, "中风险"),
        (14, {}, "中风险"),
        (7, {"respondents_total": 40, "opposed_rate": 20}, "中风险"),
        (7, {"respondents_total": 40, "opposed_rate": 19}, "低风险"),
    ],
)
def test_the_risk_level_takes_the_worst_of_legality_residual_risk_and_opposition(
    residual: int, given: dict[str, Any], level: str
) -> None:
    points = [{"residual_likelihood": 1, "residual_impact": score} for score in (1, residual)]
    facts = {"legality_result": "通过", "points": points, "respondents_total": 0, "opposed_rate": 0} | given
    found = decide("risk_assessment/ra_level", **facts)
    assert found["level"] == level
    assert found["conclusion"] == decide("risk_assessment/ra_conclusion", level=level)


ASSESSED = {
    "status": "已批准", "valid_from": "2026-11-01", "valid_until": "2027-05-01", "area": ["310191001", "310191101"],
    "conclusion": "可实施", "measures_verified": YES,
}  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "passed", "reason"),
    [
        ({}, YES, "稳评有效"),
        (None, NO, "没有这个稳评编号"),
        ({"status": "已暂停"}, NO, "稳评已暂停"),
        ({"status": "已失效"}, NO, "稳评未批准或已失效"),
        ({"valid_until": "2026-12-09"}, NO, "稳评有效期不覆盖行动起止日期"),
        ({"valid_from": "2026-11-27"}, NO, "稳评有效期不覆盖行动起止日期"),
        ({"area": ["310191101"]}, NO, "稳评范围不覆盖行动范围"),
        ({"conclusion": "落实措施后实施"}, YES, "稳评有效，措施已核验"),
        ({"conclusion": "落实措施后实施", "measures_verified": NO}, NO, "结论为落实措施后实施，措施尚未核验"),
        ({"conclusion": "不实施"}, NO, "稳评结论不允许实施"),
    ],
)
def test_a_campaign_needs_an_approved_covering_and_valid_assessment(
    entry: dict[str, Any] | None, passed: str, reason: str
) -> None:
    assessed = None if entry is None else ASSESSED | entry
    found = decide(
        "special_campaign/campaign_guard", wp=assessed, start_on="2026-11-26", end_on="2026-12-10", area=["310191001"],
        guard_from=None,
    )  # fmt: skip
    assert found == {"pass": passed, "reason": reason}


@pytest.mark.parametrize(
    ("act", "fine", "party", "required"),
    [
        ("稳评报告", None, None, "必须"),
        ("姓名提供", None, None, "必须"),
        ("处罚", 5000, "自然人", "必须"),
        ("处罚", 4999, "自然人", "不强制"),
        ("处罚", 49_999, "法人", "不强制"),
        ("处罚", 50_000, "法人", "必须"),
        ("责令改正", None, None, "不强制"),
    ],
)
def test_legal_review_is_required_by_act_and_amount(
    act: str, fine: int | None, party: str | None, required: str
) -> None:
    found = decide("cs_legal_review/legal_review_required", act_type=act, fine=fine, party_type=party, major_act=None)
    assert found == required


def test_every_plan_that_is_required_is_collected() -> None:
    found = decide("emergency_plan/plan_required", ra_mode="普通评估", site_type="A06", key_period="K07")
    assert [row["plan"] if isinstance(row, dict) else row for row in found] == [
        "专项预案",
        "灭火和应急疏散预案",
        "值守处置卡",
    ]


@pytest.mark.parametrize(
    ("unit", "leader"), [("310100", "city_leader"), ("310191", "dist_leader"), ("310191901", "town_leader")]
)
def test_the_roles_follow_the_level_of_the_unit(unit: str, leader: str) -> None:
    assert decide("risk_assessment/unit_roles", matter_unit=unit)["leader"] == leader
