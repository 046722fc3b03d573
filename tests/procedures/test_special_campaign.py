"""专项集中整治: no campaign leaves its draft without an approved, valid, covering assessment, and it pauses with it."""

import pytest

from engine.errors import EngineError, InvalidSubmissionError
from tests.procedures.story import Bureau, Matter
from tests.procedures.test_risk_assessment import _approved

TITLE = {"title": "户外广告设施专项整治"}


def _plan(bureau: Bureau) -> str:
    """Issue an emergency plan; returns its number."""
    plan = bureau.start("emergency_plan", "dj.chengban1", title="整治专项预案")
    plan.do("ep_risks", "dj.chengban1", consulted=["lj.duizhang"])
    plan.do("ep_draft", "dj.chengban1")
    plan.do("ep_opinion", "lj.duizhang")
    plan.do("legal_review", "dj.fazhi")
    plan.do("ep_sign", "dj.juzhang")
    plan.do("ep_filing", "dj.chengban1")
    return str(plan.variable("plan_no"))


def _draft(bureau: Bureau) -> tuple[Matter, Matter, dict[str, object]]:
    """Return an approved assessment, a campaign in draft and what its plan has to say."""
    assessment = _approved(bureau)
    numbers = {"wp_no": assessment.variable("wp_no"), "plan_no": _plan(bureau)}
    return assessment, bureau.start("special_campaign", "dj.chengban1", **TITLE), numbers


def _running(bureau: Bureau) -> tuple[Matter, Matter]:
    assessment, campaign, numbers = _draft(bureau)
    campaign.do("sc_plan", "dj.chengban1", **numbers)
    campaign.do("legal_review", "dj.fazhi")
    campaign.do("sc_approve", "dj.fenguan")
    campaign.do("sc_publish", "dj.chengban1")
    campaign.do("du_offline", "dj.chengban2")
    campaign.do("sc_card", "dj.chengban1")
    return assessment, campaign


def test_a_draft_without_an_assessment_stays_a_draft_whatever_is_posted(bureau: Bureau) -> None:
    campaign = bureau.start("special_campaign", "dj.chengban1", **TITLE)
    plan_no = _plan(bureau)
    for number in (None, "WP-310191-2026-001"):
        with pytest.raises(InvalidSubmissionError) as refusal:
            campaign.do("sc_plan", "dj.chengban1", wp_no=number, plan_no=plan_no)
        assert "wp_no" in refusal.value.fields
    assert campaign.steps() == ["sc_plan"]


def test_a_draft_that_the_assessment_does_not_cover_comes_back(bureau: Bureau) -> None:
    _, campaign, numbers = _draft(bureau)
    campaign.do("sc_plan", "dj.chengban1", **numbers, end_on=bureau.day(179), start_on=bureau.day(5))
    assert campaign.steps() == ["legal_review"]
    other = bureau.start("special_campaign", "dj.chengban1", **TITLE)
    bureau.pass_time(days=60)
    other.do("sc_plan", "dj.chengban1", **numbers, start_on=bureau.day(5), end_on=bureau.day(179))
    assert (other.steps(), other.variable("guard")["reason"]) == (["sc_plan"], "稳评有效期不覆盖行动起止日期")


def test_a_campaign_starts_its_own_assessment(bureau: Bureau) -> None:
    campaign = bureau.start("special_campaign", "dj.chengban1", **TITLE)
    campaign.do("sc_plan", "dj.chengban1", plan_action="发起稳评")
    assessment = bureau.newest("risk_assessment")
    assert (campaign.steps(), assessment.steps()) == (["sc_plan"], ["ra_setup"])
    assert assessment.variable("area") == ["310191001", "310191101"]


def test_an_assessment_suspended_before_the_approval_sends_the_campaign_back(bureau: Bureau) -> None:
    assessment, campaign, numbers = _draft(bureau)
    campaign.do("sc_plan", "dj.chengban1", **numbers)
    campaign.do("legal_review", "dj.fazhi")
    assessment.act("ra_change_start", "dj.zhuren")
    campaign.do("sc_approve", "dj.fenguan")
    assert (campaign.steps(), campaign.variable("guard")["reason"]) == (["sc_plan"], "稳评已暂停")


def test_an_approved_campaign_gets_its_number(bureau: Bureau) -> None:
    _, campaign = _running(bureau)
    assert campaign.variable("campaign_no") == "ZZ-310191-2026-001"
    assert bureau.incidents() == []


def test_every_unit_signs_inspects_and_reports(bureau: Bureau) -> None:
    _, campaign = _running(bureau)
    assert campaign.steps() == ["sc_sign", "sc_sign"]
    campaign.do("sc_sign", "lj.duizhang")
    campaign.do("sc_inspect", "lj.duiyuan1", inspect_more="继续排查")
    unlawful = {"corrected": "否", "unlawful": "是", "action": "立案", "finding_object": "擅自设置的店招"}
    campaign.do("sc_inspect", "lj.duiyuan1", **unlawful, inspect_more="结束排查")
    assert [row["action"] for row in campaign.variable("findings")] == ["当场改正", "立案"]
    assert bureau.newest("penalty_case").steps() == ["pn_register"]
    bureau.pass_time(days=1)
    campaign.do("sc_daily", "lj.duiyuan1")
    assert campaign.variable("reports")[0]["unit"] == "310191901"


def test_a_suspended_assessment_pauses_every_unit_until_a_new_one_is_valid(bureau: Bureau) -> None:
    assessment, campaign = _running(bureau)
    assessment.act("ra_change_start", "dj.zhuren")
    assert (campaign.status(), campaign.steps()) == ("suspended", ["sc_rehab", "sc_sign", "sc_sign"])
    with pytest.raises(EngineError):
        campaign.do("sc_sign", "lj.duizhang")
    second = _approved(bureau)
    answer = {"resume_measures": "已重新评估并落实围挡措施。", "no_conflict": True}
    campaign.do("sc_rehab", "dj.zhuren", new_wp_no=second.variable("wp_no"), **answer)
    assert (campaign.status(), campaign.steps()) == ("active", ["sc_sign", "sc_sign"])
    second.act("ra_change_start", "dj.zhuren")
    assert campaign.status() == "suspended"


def test_a_campaign_ends_with_summary_second_look_and_archive(bureau: Bureau) -> None:
    assessment, campaign = _running(bureau)
    for leader, officer in (("lj.duizhang", "lj.duiyuan1"), ("yq.duizhang", "yq.duiyuan1")):
        campaign.do("sc_sign", leader)
        campaign.do("sc_inspect", officer, inspect_more="结束排查")
    bureau.pass_time(days=45)
    for leader, officer in (("lj.duizhang", "lj.duiyuan1"), ("yq.duizhang", "yq.duiyuan1")):
        campaign.do("sc_daily", officer)
        campaign.do("sc_unit_sum", leader, unit_effect="隐患全部消除。")
    results = [{"kind": "Z03", "found": 20, "removed": 18}]
    campaign.do("sc_summary", "dj.chengban1", results=results, rights_stat="无投诉复议诉讼。", lessons="告知可再提前。")
    assert (campaign.variable("removed_rate"), assessment.steps()) == (90, ["ra_after"])
    bureau.pass_time(days=31)
    campaign.do("sc_lookback", "dj.chengban1", samples=[{"no": "1", "rebound": "否"}, {"no": "2", "rebound": "否"}])
    campaign.do("arc_confirm", "dj.chengban1")
    campaign.do("arc_accept", "dj.zonghe")
    assert (campaign.status(), bureau.register("campaign", "ZZ-310191-2026-001")["status"]) == ("completed", "已结束")
