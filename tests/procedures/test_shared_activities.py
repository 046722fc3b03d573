"""共用活动 and the thin procedures: each can be worked through by the people of the example."""

import pytest

from engine.errors import InvalidSubmissionError, NotAllowedError, SeparationOfDutiesError
from engine.queries.matter import FindMatter
from tests.factories import deploy, line, procedure, props, user
from tests.procedures.story import Bureau, Matter

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


NOTICE = (
    '<bpmn:callActivity id="notice" name="告知与陈述申辩" calledElement="cs_notice"><bpmn:extensionElements>'
    '<camunda:in variables="all"/><camunda:out source="who" target="who"/></bpmn:extensionElements></bpmn:callActivity>'
)
TELL = {
    "notice_no": "临江告字〔2026〕1号", "proposed": "罚款", "facts": "占道设摊", "reasons": "影响通行",
    "basis": "上海市市容环境卫生管理条例", "hearing_told": "否",
}  # fmt: skip
SERVE = {
    "svc_docs": [{"no": "临江告字〔2026〕1号", "name": "事先告知书"}], "svc_method": "直接送达", "served_at": "@now",
    "refused": "否", "receipt": "@file",
}  # fmt: skip
HEARD = {
    "at": "@now", "way": "书面", "content": "首次违法，请求从轻。", "recorders": ["lj.duiyuan1", "lj.duiyuan2"],
    "review": [{"item": "首次违法", "finding": "属实", "accepted": "采纳", "why": "有记录"}],
}  # fmt: skip
STATED = {
    "who": "示例当事人",
    "at": "@now",
    "way": "书面",
    "content": "首次违法，请求从轻。",
    "statement_files": "@file",
}


def told(bureau: Bureau, times: int = 1) -> Matter:
    """Return a matter whose party has been told what is proposed, so many times at once."""
    each = (
        f"<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>{times}</bpmn:loopCardinality>"
        "</bpmn:multiInstanceLoopCharacteristics></bpmn:callActivity>"
    )
    inside = NOTICE if times == 1 else NOTICE.replace("</bpmn:callActivity>", each)
    deploy(
        bureau.engine,
        *procedure("demo", line(inside, user("decide"), keys=("notice", "decide")), roles="squad_officer"),
    )
    matter = bureau.start("demo", "lj.duiyuan1", title="示例案件")
    for _ in range(times):
        matter.do("not_make", "lj.duizhang", **TELL)
    for _ in range(times):
        matter.do("serve_do", "lj.duizhang", **SERVE)
    return matter


def _offered(bureau: Bureau, matter: Matter, person: str) -> list[str]:
    acts = bureau.engine.ask(FindMatter(matter.id), bureau.person(person)).acts
    return [act.label for act in acts if act.allowed]


def test_who_handles_a_notice_registers_the_statement_and_hears_it(bureau: Bureau) -> None:
    matter = told(bureau)
    assert _offered(bureau, matter, "lj.duiyuan1") == []
    with pytest.raises(NotAllowedError):
        matter.act("not_statement", "lj.duiyuan1", **STATED)
    with pytest.raises(InvalidSubmissionError):
        matter.act("not_statement", "lj.duizhang", **(STATED | {"statement_files": []}))
    assert _offered(bureau, matter, "lj.duizhang") == ["登记陈述申辩", "登记书面放弃"]
    matter.act("not_statement", "lj.duizhang", **STATED)
    assert (matter.steps(), matter.variable("content")) == (["not_hear"], STATED["content"])
    assert _offered(bureau, matter, "lj.duizhang") == []
    matter.do("not_hear", "lj.duizhang", recorders=HEARD["recorders"], review=HEARD["review"])
    assert (matter.steps(), matter.variable("who"), bureau.incidents()) == (["decide"], STATED["who"], [])


def test_a_written_waiver_is_registered_and_ends_the_wait(bureau: Bureau) -> None:
    matter = told(bureau)
    matter.act("not_waiver", "lj.duizhang", waived_at="@now", waiver_files="@file")
    assert (matter.steps(), bureau.incidents()) == (["decide"], [])


def test_of_several_parties_each_is_registered_for_itself(bureau: Bureau) -> None:
    matter = told(bureau, 2)
    assert _offered(bureau, matter, "lj.duizhang") == [
        "登记陈述申辩（告知与陈述申辩 1）", "登记书面放弃（告知与陈述申辩 1）",
        "登记陈述申辩（告知与陈述申辩 2）", "登记书面放弃（告知与陈述申辩 2）",
    ]  # fmt: skip
    matter.act("not_waiver", "lj.duizhang", waived_at="@now", waiver_files="@file")
    assert _offered(bureau, matter, "lj.duizhang") == ["登记陈述申辩", "登记书面放弃"]
    matter.act("not_statement", "lj.duizhang", **STATED)
    matter.do("not_hear", "lj.duizhang", **HEARD, who=STATED["who"])
    assert (matter.steps(), bureau.incidents()) == (["decide"], [])
