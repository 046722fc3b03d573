"""No campaign starts without an approved risk assessment, and it pauses when the assessment is suspended."""

import re

from engine.queries.starting import FindTrigger
from tests.procedures.story import Matter
from tests.procedures.test_risk_assessment import _approved
from tests.procedures.test_special_campaign import _plan
from tests.stories.conftest import Site
from tests.stories.steps import do, start

STEPS = (
    ("ra_plan", "dj.chengban1"), ("ra_legality", "dj.chengban2"), ("ra_survey", "lj.duiyuan2"),
    ("ra_expert", "dj.chengban2"), ("ra_opinion", "dj.chengban1"), ("ra_opinion", "lj.duiyuan2"),
    ("ra_points", "dj.chengban1"), ("ra_measures", "dj.chengban1"), ("ra_report", "dj.chengban1"),
    ("legal_review", "dj.fazhi"), ("ra_decide", "dj.fenguan"), ("ra_filing", "dj.chengban1"),
)  # fmt: skip


def act(site: Site, screen: str, matter: Matter, node: str, person_id: str) -> None:
    """Do an act of the matter (更多操作) on its page."""
    actor, person = site.person(person_id), site.at(screen, person_id)
    view = site.engine.ask(FindTrigger(matter.id, node), actor)
    person.open(f"/matters/{matter.id}/acts/{node}")
    person.fill(site.filled(view.form, view.variables, {}, actor, matter.id))
    person.submit()
    site.worker.drain()


def post_plan(site: Site, task_id: int, person_id: str, **values: str) -> int:
    """Post the campaign's plan directly, as somebody would who goes round the page; returns the status."""
    person = site.at("desk", person_id)
    page = person.open(f"/tasks/{task_id}").content()
    hidden = dict(
        re.findall(r'<input type="hidden" name="(csrf_token|row_version|idempotency_key)" value="([^"]+)"', page)
    )
    answer = person.context.request.post(
        f"{site.address}/tasks/{task_id}/complete", form={**hidden, **values}, headers={"Origin": site.address}
    )
    return int(answer.status)


def test_an_assessment_is_made_and_approved_with_its_number(site: Site):
    matter = start(site, "desk", "risk_assessment", "dj.chengban1", title="户外广告设施整治稳评")
    for node, person_id in STEPS:
        do(site, "desk", matter, node, person_id)
    assert re.fullmatch(r"WP-310191-2026-\d{3}", matter.variable("wp_no"))
    assert site.register("risk_assessment", matter.variable("wp_no"))["status"] == "已批准"


def test_a_campaign_needs_it_whatever_is_posted_and_pauses_with_it(site: Site, screen: str):
    assessment, plan = _approved(site), _plan(site)
    campaign = start(site, screen, "special_campaign", "dj.chengban1", title=f"户外广告专项整治（{screen}）")
    (task_id,) = [campaign._task("sc_plan", "dj.chengban1")]
    site.at(screen, "dj.chengban1").open(f"/tasks/{task_id}")
    campaign.claim("sc_plan", "dj.chengban1") if campaign.candidates("sc_plan") else None
    forged = {"wp_no": "WP-310191-2026-999", "plan_no": plan, "guard": "true", "guard.ok": "true", "status": "已批准"}
    assert post_plan(site, task_id, "dj.chengban1", **forged) == 422
    assert campaign.steps() == ["sc_plan"]

    do(site, screen, campaign, "sc_plan", "dj.chengban1", wp_no=assessment.variable("wp_no"), plan_no=plan)
    do(site, screen, campaign, "legal_review", "dj.fazhi")
    do(site, screen, campaign, "sc_approve", "dj.fenguan")
    do(site, screen, campaign, "sc_publish", "dj.chengban1")
    do(site, screen, campaign, "du_offline", "dj.chengban2")
    do(site, screen, campaign, "sc_card", "dj.chengban1")
    assert campaign.steps() == ["sc_sign", "sc_sign"]

    act(site, screen, assessment, "ra_change_start", "dj.zhuren")
    assert campaign.status() == "suspended"
    leader = site.at(screen, "lj.duizhang")
    leader.open(f"/tasks/{campaign._task('sc_sign', 'lj.duizhang')}")
    assert "中止" in leader.text()

    second = _approved(site)
    answer = {
        "new_wp_no": second.variable("wp_no"),
        "resume_measures": "已重新评估并落实围挡措施。",
        "no_conflict": True,
    }
    do(site, screen, campaign, "sc_rehab", "dj.zhuren", **answer)
    assert campaign.status() == "active"
