"""A lead comes in, is assigned, verified and fed back: the closed loop, by the people in their browsers."""

from tests.stories.conftest import Site
from tests.stories.steps import do, start


def test_a_lead_goes_from_registration_to_the_archive(site: Site, screen: str):
    matter = start(
        site, screen, "lead_handling", "lj.duiyuan1", title=f"滨河路装修敲墙线索（{screen}）", reporter_mode="实名",
        reporter="（示例）举报人信息另存", wants_reply="是", source="06",
    )  # fmt: skip
    assert matter.steps() == ["lead_confirm"]

    registrant = site.at(screen, "lj.duiyuan1")
    assert registrant.status_of(f"/tasks/{matter._task('lead_confirm', 'dj.zhuren')}") in {200, 403, 404}

    do(site, screen, matter, "lead_confirm", "dj.zhuren")
    do(
        site, screen, matter, "lead_classify", "dj.fenban", lead_class="YB", priority="一般", lead_route="组织核查",
        override_reason="有举报人，先组织核查再定处理方式。",
    )  # fmt: skip
    do(site, screen, matter, "lead_assign", "dj.fenban")
    do(site, screen, matter, "lead_sign", "lj.duizhang")
    do(site, screen, matter, "lead_check", "lj.duizhang")
    do(site, screen, matter, "lead_verify", "lj.duizhang")
    do(site, screen, matter, "lead_review", "dj.zhuren")
    do(site, screen, matter, "lead_approve", "dj.fenguan")
    do(site, screen, matter, "lead_case_result", "dj.chengban1")
    do(site, screen, matter, "fb_reporter", "dj.fenban")
    do(site, screen, matter, "lead_rights", "dj.fazhi")
    do(site, screen, matter, "arc_confirm", "dj.chengban1")
    do(site, screen, matter, "arc_accept", "lj.duiyuan2")
    assert matter.status() == "completed"

    handler = site.at(screen, "dj.zhuren")
    for part in ("", "/timeline", "/documents", "/filed", "/links", "/diagram", "/audit"):
        handler.open(f"/matters/{matter.id}{part}")
        assert matter.number() in handler.text()
        assert handler.fits()
    assert "举报人信息另存" not in handler.text()
