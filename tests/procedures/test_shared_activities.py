"""共用活动 and the thin procedures: each can be worked through by the people of the example."""

import pytest

from engine.errors import SeparationOfDutiesError
from tests.factories import deploy, line, procedure, props, user
from tests.procedures.story import Bureau

DONE = {"outcome": "已办结，材料归档。"}
AGAIN = {"opinion": "现场仍有设摊，请继续整改。", "no_conflict": True}


@pytest.mark.parametrize(
    ("procedure", "starter", "node", "person"),
    [
        ("incident_report", "lj.duiyuan1", "in_offline", "lj.duizhang"),
        ("dispute_resolution", "dj.chengban1", "dp_offline", "dj.chengban2"),
        ("ledger_item", "lj.duiyuan2", "li_offline", "lj.duizhang"),
    ],
)
def test_what_is_done_offline_is_registered(
    bureau: Bureau, procedure: str, starter: str, node: str, person: str
) -> None:
    matter = bureau.start(procedure, starter, title="示例事项")
    matter.do(node, person, **DONE, done_on=bureau.day())
    assert matter.status() == "completed"


def test_a_petition_is_accepted_before_it_is_handled(bureau: Bureau) -> None:
    petition = bureau.start("petition_complaint", "yq.duiyuan1", title="占道设摊")
    petition.do("acc_confirm", "yq.duizhang")
    petition.do("xf_offline", "yq.duizhang", **DONE, done_on=bureau.day())
    assert petition.status() == "completed"


def test_a_petition_that_is_not_accepted_ends(bureau: Bureau) -> None:
    petition = bureau.start("petition_complaint", "yq.duiyuan1", title="占道设摊")
    refusal = {
        "route": "不予受理",
        "opinion": "不属本单位职权，已告知有权单位。",
        "override_reason": "不属本单位职权。",
    }
    petition.do("acc_confirm", "yq.duizhang", **refusal)
    assert petition.status() == "completed"


def test_a_supervision_order_goes_to_the_city_leader_after_the_third_round(bureau: Bureau) -> None:
    order = bureau.start("cs_supervise", "dj.zhuren")
    for _ in range(3):
        order.do("sup_reply", "lj.duizhang")
        order.do("sup_check", "dj.fenban", supervise_result="再督办", **AGAIN)
    assert order.candidates("sup_leader") == ["r:city_leader@310100"]


def test_nobody_checks_the_own_reply(bureau: Bureau) -> None:
    order = bureau.start("cs_supervise", "dj.zhuren", target="310191")
    order.do("sup_reply", "dj.zhuren")
    with pytest.raises(SeparationOfDutiesError):
        order.do("sup_check", "dj.zhuren", supervise_result="销号")


def test_recusal_is_decided_by_somebody_else(bureau: Bureau) -> None:
    recusal = bureau.start("cs_recusal", "dj.chengban2")
    recusal.do("rec_decide", "dj.fenguan", recusal_decision="准予", no_conflict=True)
    assert (recusal.status(), bureau.incidents()) == ("completed", [])


def test_an_overdue_task_opens_a_supervision_order(bureau: Bureau) -> None:
    lead = bureau.start("lead_handling", "lj.duiyuan1", title="装修敲墙排他经营")
    bureau.pass_time(days=4)
    assert (lead.steps(), bureau.newest("cs_supervise").steps()) == (["lead_confirm"], ["sup_reply"])


ASKS_WITHIN = """<bpmn:callActivity id="more" name="延期审批" calledElement="cs_extension"><bpmn:extensionElements>
  <camunda:in variables="all" /><camunda:in sourceExpression="asked" target="not_same" />
  <camunda:in sourceExpression="dist_leader,dist_intake" target="approver" />
</bpmn:extensionElements></bpmn:callActivity>"""
LEADER = 'camunda:candidateGroups="dist_leader"'
REFUSED = {
    "extension_decision": "不同意",
    "party_notice": "无",
    "no_conflict": True,
    "opinion": "期限足够，不需要延长。",
}


def test_who_asks_for_more_time_does_not_approve_it(bureau: Bureau) -> None:
    work = line(user("work", LEADER, props(deadline="LD-04")), keys=("work",))
    deploy(bureau.engine, *procedure("demo", work, roles="dist_leader"))
    matter = bureau.start("demo", "dj.fenguan", title="示例事项")
    matter.claim("work", "dj.fenguan")
    request = matter.ask_for_more_time("work", "dj.fenguan", days=35)
    with pytest.raises(SeparationOfDutiesError):
        request.do("ext_approve", "dj.fenguan", **REFUSED)


def test_who_asks_for_more_time_in_a_procedure_that_calls_the_approval_does_not_approve_it(bureau: Bureau) -> None:
    inside = line(user("asked", LEADER), ASKS_WITHIN, keys=("asked", "more"))
    deploy(bureau.engine, *procedure("demo", inside, roles="dist_handler"))
    matter = bureau.start("demo", "dj.chengban1", title="示例事项")
    matter.do("asked", "dj.fenguan")
    with pytest.raises(SeparationOfDutiesError):
        matter.do("ext_approve", "dj.fenguan", **REFUSED)
    matter.do("ext_approve", "dj.fenban", **REFUSED)
    assert (matter.status(), bureau.incidents()) == ("completed", [])
