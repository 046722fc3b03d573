"""社会稳定风险评估: the plan is assessed, nobody decides milder than the table, and the number is known to others."""

import pytest

from engine.errors import InvalidSubmissionError
from tests.procedures.story import Bureau, Matter

TITLE = {"title": "户外广告设施整治稳评"}
SCORES = {
    "source": "R05",
    "point": "高空作业",
    "likelihood": 4,
    "impact": 4,
    "measure": "警戒",
    "person": "dj.chengban1",
}


def _reported(bureau: Bureau, residual: int = 1, **values: object) -> Matter:
    """Start an assessment and go as far as the report is due."""
    ra = bureau.start("risk_assessment", "dj.chengban1", **TITLE, **values)
    ra.do("ra_plan", "dj.chengban1")
    ra.do("ra_legality", "dj.chengban2")
    ra.do("ra_survey", "lj.duiyuan2")
    ra.do("ra_expert", "dj.chengban2")
    ra.do("ra_opinion", "dj.chengban1")
    ra.do("ra_opinion", "dj.chengban2")
    point = SCORES | {"due": bureau.day(9), "residual_likelihood": 2, "residual_impact": residual}
    ra.do("ra_points", "dj.chengban1", points=[point, point, point])
    ra.do("ra_measures", "dj.chengban1")
    return ra


def _approved(bureau: Bureau) -> Matter:
    ra = _reported(bureau)
    ra.do("ra_report", "dj.chengban1")
    ra.do("legal_review", "dj.fazhi")
    ra.do("ra_decide", "dj.fenguan")
    ra.do("ra_filing", "dj.chengban1")
    return ra


def test_a_low_risk_is_approved_numbered_and_registered(bureau: Bureau) -> None:
    ra = _approved(bureau)
    assert (ra.steps(), ra.variable("wp_no"), ra.variable("valid_until")) == ([], "WP-310191-2026-001", "2026-09-02")
    entry = bureau.register("risk_assessment", "WP-310191-2026-001")
    assert (entry["status"], entry["conclusion"], entry["measures_verified"]) == ("已批准", "可实施", "是")
    assert entry["area"] == ["310191001", "310191101"]
    assert bureau.incidents() == []


def test_every_way_of_listening_is_a_task_of_its_own(bureau: Bureau) -> None:
    ra = bureau.start("risk_assessment", "dj.chengban1", **TITLE)
    ra.do("ra_plan", "dj.chengban1", methods=["座谈", "走访", "问卷"])
    assert ra.steps().count("ra_opinion") == 3
    for person in ("dj.chengban1", "dj.chengban2", "lj.duiyuan2"):
        ra.do("ra_opinion", person)
    assert [row["joined"] for row in ra.variable("all_opinions")] == [24, 24, 24]


def test_a_milder_level_than_the_table_is_refused(bureau: Bureau) -> None:
    ra = _reported(bureau, residual=5)
    with pytest.raises(InvalidSubmissionError) as refusal:
        ra.do("ra_report", "dj.chengban1", level="低风险", override_reason="我认为风险较低。")
    assert "level" in refusal.value.fields
    ra.do("ra_report", "dj.chengban1", level="中风险")
    ra.do("legal_review", "dj.fazhi")
    with pytest.raises(InvalidSubmissionError) as refusal:
        ra.do("ra_decide", "dj.fenguan", conclusion="可实施", override_reason="工期紧。")
    assert "conclusion" in refusal.value.fields


def test_a_medium_risk_needs_a_collective_decision_and_verified_measures(bureau: Bureau) -> None:
    ra = _reported(bureau, residual=5)
    ra.do("ra_report", "dj.chengban1", level="中风险")
    ra.do("legal_review", "dj.fazhi")
    ra.do("ra_decide", "dj.fenguan", conclusion="落实措施后实施", conditions="围挡和告知全部到位。")
    ra.do("col_meet", "dj.juzhang")
    ra.do("ra_filing", "dj.chengban1")
    key = ra.variable("wp_no")
    assert bureau.register("risk_assessment", key)["measures_verified"] == "否"
    done = [{"measure": "上门告知", "state": "完成"}]
    ra.do("ra_track", "dj.chengban2", track_items=done, rescore=[{"point": "高空作业", "residual": 4}], track_pass="是")
    assert bureau.register("risk_assessment", key)["measures_verified"] == "是"


def test_a_high_risk_goes_back_to_a_changed_plan(bureau: Bureau) -> None:
    ra = _reported(bureau, residual=8 // 2)
    ra.do("ra_report", "dj.chengban1", level="高风险", override_reason="群众意见集中。")
    ra.do("legal_review", "dj.fazhi")
    ra.do("ra_decide", "dj.fenguan", conclusion="调整方案后重新评估", opinion="缩小范围后重新评估。")
    assert ra.steps() == ["ra_plan"]


def test_what_is_not_legal_is_not_done(bureau: Bureau) -> None:
    ra = _reported(bureau)
    failed = [{"item": item, "conclusion": "不通过" if item == "程序" else "通过"} for item in ("权限", "程序", "内容")]
    ra.do("ra_report", "dj.chengban1", legality=failed, level="合法性不通过", override_reason="程序未履行。")
    ra.do("legal_review", "dj.fazhi", legal_result="不通过", opinion="未履行公开征求意见程序。")
    assert (ra.status(), ra.variable("wp_no")) == ("completed", None)


def test_an_emergency_is_assessed_on_the_spot_and_properly_afterwards(bureau: Bureau) -> None:
    ra = bureau.start("risk_assessment", "dj.chengban1", **TITLE, urgent="是", urgent_reason="正在搭建，随时坍塌。")
    checked = [{**row, "ok": "是"} for row in ra.variable("checks")]
    ra.do("ra_quick", "dj.chengban1", checks=checked, quick_conclusion="可实施", quick_at="@now")
    assert bureau.register("risk_assessment", "WP-310191-2026-001")["mode"] == "现场快评"
    ra.do("ra_quick_done", "dj.chengban1", disposed_at="@now", disposed_note="已排除险情。")
    assert ra.steps() == ["ra_plan"]


def test_a_material_change_suspends_the_assessment_until_it_is_restored(bureau: Bureau) -> None:
    ra = _approved(bureau)
    ra.act("ra_change_start", "dj.zhuren")
    assert bureau.register("risk_assessment", "WP-310191-2026-001")["status"] == "已暂停"
    ra.do("ra_recheck", "dj.fenguan", recheck_decision="恢复有效")
    assert bureau.register("risk_assessment", "WP-310191-2026-001")["status"] == "已批准"


def test_at_the_end_of_its_validity_it_is_evaluated_and_filed(bureau: Bureau) -> None:
    ra = _approved(bureau)
    bureau.pass_time(days=190)
    assert ra.steps() == ["ra_after"]
    ra.do("ra_after", "dj.chengban1", effect="整治到位。", incidents="无", accuracy="准确")
    ra.do("arc_confirm", "dj.chengban1")
    ra.do("arc_accept", "dj.zonghe")
    assert ra.status() == "completed"
