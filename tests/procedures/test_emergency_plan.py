"""应急预案: drafted, heard, reviewed, issued, filed, published, drilled and revised."""

from tests.procedures.story import Bureau, Matter


def _published(bureau: Bureau) -> Matter:
    plan = bureau.start("emergency_plan", "dj.chengban1", title="整治专项预案")
    plan.do("ep_risks", "dj.chengban1", consulted=["lj.duizhang", "dj.chengban2"])
    plan.do("ep_draft", "dj.chengban1")
    plan.do("ep_opinion", "lj.duizhang")
    plan.do("ep_opinion", "dj.chengban2")
    plan.do("legal_review", "dj.fazhi")
    plan.do("ep_sign", "dj.juzhang")
    plan.do("ep_filing", "dj.chengban1")
    return plan


def test_a_plan_is_published_with_its_number(bureau: Bureau) -> None:
    plan = _published(bureau)
    assert (plan.variable("plan_no"), plan.steps()) == ("YA-310191-2026-001", [])
    assert bureau.register("emergency_plan", "YA-310191-2026-001")["status"] == "已发布"
    assert bureau.incidents() == []


def test_a_changed_situation_starts_the_revision(bureau: Bureau) -> None:
    plan = _published(bureau)
    plan.act("ep_revise_start", "dj.zhuren", revise_kind="风险变化", revise_note="新增两处作业面。")
    assert plan.steps() == ["ep_draft"]


def test_a_retired_plan_is_filed(bureau: Bureau) -> None:
    plan = _published(bureau)
    plan.act("ep_retire_start", "dj.zhuren", retire_reason="行动结束，预案不再适用。")
    plan.do("arc_confirm", "dj.chengban1")
    plan.do("arc_accept", "dj.zonghe")
    assert bureau.register("emergency_plan", "YA-310191-2026-001")["status"] == "已废止"
    assert plan.status() == "completed"


def test_after_three_years_the_plan_is_drilled_or_revised(bureau: Bureau) -> None:
    plan = _published(bureau)
    bureau.pass_time(days=3 * 366)
    assert plan.steps() in (["ep_draft"], ["ep_drill_plan"])
