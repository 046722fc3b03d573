"""行政强制执行: urged, heard, assessed, reviewed, decided, served, checked on the day, recorded; a timer does none of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.actor import ENGINE
from engine.commands.messages import CorrelateMessage
from engine.dmn import read_dmn
from engine.errors import InvalidSubmissionError, NotACandidateError
from engine.model import Notice, RegisterEntry, Variable
from engine.proof import prove, read_rules, world_of_files
from engine.proof.result import REFUTED
from tests.procedures.shipped import NOW, ROOT, config, decide, files, functions
from tests.procedures.story import Bureau, Matter
from tests.procedures.test_risk_assessment import _approved

KEY = "coercion_enforcement"
SATURDAY = 5
WP = "WP-310191-2026-009"
HANDLER, LEADER = "lj.duiyuan1", "lj.fenguan"
PARTY = {
    "party_type": "个体工商户", "party_name": "示例商行", "legal_rep": "示例经营者", "party_address": "滨河路示例12号",
    "svc_addr_confirmed": "是", "e_service_ok": "否",
}  # fmt: skip
PLACE = {"district": "310191", "town": "310191001", "address": "临江街道滨河路示例段"}
DUTIES: dict[str, dict[str, Any]] = {
    "QZ11": {"duty_kind": "罚款", "amount": 2000},
    "QZ12": {"duty_kind": "排除妨碍或恢复原状", "own_power": "是", "hazard": "是"},
    "QZ13": {"duty_kind": "清除遗洒物障碍物污染物", "own_power": "是", "duty_urgent": "当事人不能清除"},
    "QZ14": {"duty_kind": "已建成违法建筑"},
    "QZ15": {"duty_kind": "正在搭建违法建筑", "own_power": "是", "duty_urgent": "拒不停止或者拒不拆除"},
    "QZ16": {"duty_kind": "其他", "own_power": "否"},
}
DOCS = [
    "强制执行申请书",
    "行政决定书及作出决定的事实、理由和依据",
    "当事人的意见及行政机关催告情况",
    "申请强制执行标的情况",
    "其他材料",
]
EXAMPLES: dict[str, dict[str, Any]] = {
    "ce_facts": {
        "decision_file": "@file", "duty": "当事人在期限内没有清除占用道路的障碍物。", "duty_urgent": "无", "hazard": "否",
        "no_conflict": True, "facts_action": "提交", **PLACE, **PARTY,
    },
    "ce_track": {
        "alternatives": "已三次上门劝导并责令改正，当事人没有履行。", "proportion": "只清除违法部分，不影响当事人的其他权益，与目的相当。",
        "big": [], "ra_now": "否", "order_posted": "@now", "order_file": "@file", "no_conflict": True, "track_action": "确定",
    },
    "ce_fine": {"fine_told": "是"},
    "ce_fulfilled": {"fulfilled_at": "@now", "fulfilled_note": "现场已经恢复原状。", "fulfilled_file": "@file", "fulfilled": "全部履行"},
    "ce_reply": {
        "reply_who": "示例经营者", "reply_at": "@now", "reply_way": "书面", "content": "认为期限太短，请求延长。", "officer1": HANDLER,
        "officer2": "lj.duiyuan2", "reply_file": "@file", "no_conflict": True, "reply_result": "不采纳",
        "reply_review": [{"point": "期限太短", "checked": "期限符合规定", "adopted": "不采纳", "why": "已给十个工作日"}],
    },
    "ce_conceal": {"no_conflict": True, "conceal_decision": "同意立即执行"},
    "ce_suit": {
        "suit_kind": "行政复议", "suit_no": "复〔2026〕1号", "suit_organ": "区人民政府", "suit_note": "维持原决定。", "suit_file": "@file",
        "suit_closed": True, "suit_result": "维持",
    },
    "ce_next": {"next_reason": "没有可供拍卖的财物。", "track": "QZ16"},
    "ce_wp": {"wp_no": WP, "wp_action": "提交"},
    "ce_mend": {"wp_no": WP, "mend_reason": "已补充证据和理由。", "mend_action": "重新送审"},
    "ce_decide": {
        "law_basis": [{"law": "行政强制法", "article": "第五十条"}], "reason": "经催告仍不履行，后果将危害交通安全，依法强制执行。",
        "enforce_way": "组织人员清除。", "performer": "示例清障公司", "cost_budget": 800, "no_conflict": True, "enforce_decision": "批准",
    },
    "ce_report": {"report_reason": "责令限期拆除、催告已送达，救济期限届满。", "report_file": "@file", "no_conflict": True, "report_decision": "报送"},
    "ce_gov": {"gov_no": "东府强拆〔2026〕1号", "gov_file": "@file", "gov_decision": "作出"},
    "ce_announce": {"notice_text": "请在期限内自行拆除并搬离财物，逾期依法强制拆除。", "posted_at": "@now", "posted_places": ["现场"], "posted_file": "@file"},
    "ce_close": {"close_kind": "执行标的灭失", "opinion": "标的已经灭失，终结执行。", "no_conflict": True, "close_decision": "同意终结"},
    **{
        node: {"do_start": "@now", "do_read": True, "do_camera": True, "do_safe": True}
        for node in ("ce_do", "ce_demolish", "ce_do_now")
    },
    "ce_care": {
        "talk": "已沟通。", "rubbish": "是", "helped": "是", "complaints": "无", "after_result": "已清除", "after_file": "@file",
    },
    "ce_restore": {"restore_way": "恢复原状", "restore_note": "已经退还拆下的材料并恢复。", "restore_file": "@file", "restore_told": True},
    "u_write": {"duty": "清除占用道路的障碍物，恢复道路原状。", "urge_way": "自行清除", "pay_way": "到银行缴纳", "urge_organ": "本机关", **PARTY},
    "a_write": {"public_ok": "是", "party_sign": "示例经营者", "agreement_file": "@file", "agreement_action": "签订"},
    "a_check": {"checked_at": "@now", "checked_note": "已经履行。", "checked_file": "@file", "kept": "本期已履行"},
    "p_write": {
        "exec_urgent": "否", "utilities_cut": "否", "utilities": "无", "equipment": "清障车", "belongings": "登记后入库", "witness": "示例居委",
        "forces": [{"force_unit": "临江中队", "force_count": 6, "force_duty": "执行"}], "care": [], "av_plan": "两台记录仪", "medical": "否",
        "stop_rule": "有人受伤立即停止。", "card_no": "CZK-1",
    },
    "p_approve": {"no_conflict": True, "plan_decision": "批准"},
    "p_check": {"no_suit": "是", "told": "是", "weather": "晴", "weather_ok": "是", "go": "执行"},
    "p_paused": {"paused_kind": "其他需要中止的情形", "paused_reason": "情形已经消失。", "paused_action": "恢复执行"},
    "rec_write": {
        "exec_started": "@now", "exec_ended": "@now", "officer1": HANDLER, "officer2": "lj.duiyuan2", "notice_read": "是",
        "present": [{"present_name": "示例经营者", "present_as": "当事人"}], "party_present": "是", "acts": "依法清除障碍物，过程平稳。",
        "goods": "否", "goods_list": [], "performer": "示例清障公司", "overseer": "lj.duiyuan2", "cost": 800, "perform_signs": "齐全",
        "no_force": True, "av_no": "ZF-1", "injuries": "否", "record_file": "@file", "exec_done": "执行完毕",
    },
    "rec_keep": {
        "kept_at": "中队仓库", "kept_by": "lj.duiyuan2", "fetch_told_at": "@now", "fetch_told_way": "书面", "fetched": "否", "keep_file": "@file",
    },
    "rec_tell": {"told_at": "@now", "told_way": "电话", "told_note": "告知已经代为清除。", "told_file": "@file"},
    "c_apply": {
        "docs": [{"doc": doc, "doc_ready": "是"} for doc in DOCS], "court": "东江区人民法院", "apply_text": "强制执行行政决定。", "apply_file": "@file",
    },
    "c_sign": {"no_conflict": True, "sign_decision": "同意签署"},
    "c_ruling": {"ruling_no": "（2026）行审1号", "ruling_file": "@file", "ruling": "准予执行"},
    "c_review": {"review_note": "上一级法院裁定准予执行。", "review_file": "@file", "review_action": "准予执行"},
    "c_done": {"court_done_note": "法院已经执行完毕。", "court_done_file": "@file", "court_outcome": "执行完毕"},
}  # fmt: skip
SERVED = {"svc_method": "直接送达", "served_at": "@now", "refused": "否", "receipt": "@file"}
ASSESSED = {
    "status": "已批准", "valid_from": "2026-11-01", "valid_until": "2027-05-01", "area": ["310191001"],
    "conclusion": "可实施", "measures_verified": "是",
}  # fmt: skip


def _do(matter: Matter, node: str, person: str = HANDLER, **values: Any) -> None:
    matter.do(node, person, **{**EXAMPLES.get(node, {}), **values})


def _serve(matter: Matter) -> None:
    matter.do("serve_do", "lj.duizhang", **SERVED)


def _at(bureau: Bureau, days: int, clock: str) -> str:
    return f"{bureau.day(days)}T{clock}:00+08:00"


def _assess(bureau: Bureau, days: int = 180, status: str = "已批准", area: str = "310191001") -> None:
    """Write an assessment into the register, as P06 does."""
    now = bureau.clock.now()
    data = {"conclusion": "可实施", "measures_verified": "是", "area": [area]}
    entry = RegisterEntry(
        register="risk_assessment", key=WP, unit_code="310191", status=status, valid_from=now - timedelta(days=1),
        valid_until=now + timedelta(days=days), data=data, updated_at=now,
    )  # fmt: skip
    with bureau.engine.database.transaction() as session:
        session.merge(entry)


def _tracked(bureau: Bureau, track: str, chosen: str = "", **values: Any) -> Matter:
    """Register the duty that a way fits, and choose it, or another."""
    start = {
        "title": "清除道路障碍物",
        "priority": "一般",
        "sensitivity": "S2",
        "decision_no": "沪东临罚〔2026〕第0008号",
    }
    matter = bureau.start(KEY, HANDLER, **start, **PLACE, duty_kind=DUTIES[track]["duty_kind"])
    dates = {"decision_served": bureau.day(-30), "perform_until": bureau.day(-10)}
    _do(matter, "ce_facts", **{**dates, **DUTIES[track], **{k: v for k, v in values.items() if k in dates}})
    _do(matter, "ce_track", **{"track": chosen or track, **{k: v for k, v in values.items() if k not in dates}})
    return matter


def _urged(bureau: Bureau, track: str, **values: Any) -> Matter:
    """Go on until the letter of urging is served."""
    matter = _tracked(bureau, track, **values)
    if track == "QZ11":
        _do(matter, "ce_fine", fine_from=bureau.day(-9))
    _write_urge(bureau, matter, track)
    return matter


def _write_urge(bureau: Bureau, matter: Matter, track: str = "") -> None:
    organ = "区政府" if track == "QZ14" else "本机关"
    _do(matter, "u_write", urge_deadline=bureau.day(14), urge_organ=organ)
    _serve(matter)


def _answer(matter: Matter, answer: str) -> None:
    note = {"answer_at": "@now", "answer_note": "当事人来电说明情况。", "answer_file": "@file"}
    matter.act("ce_answer_start", HANDLER, answer=answer, **note)


def _decided(bureau: Bureau, track: str = "QZ12", **values: Any) -> Matter:
    """Go on until the decision is served."""
    _assess(bureau)
    matter = _urged(bureau, track, **values)
    bureau.pass_time(days=15)
    _do(matter, "ce_wp")
    matter.do("legal_review", "lj.fazhi")
    _do(matter, "ce_decide", LEADER, enforce_time=_at(bureau, 10, "10:00"))
    _serve(matter)
    return matter


def _planned(bureau: Bureau, matter: Matter, days: int = 1) -> None:
    """Plan the execution for ten o'clock and wait until that day."""
    _do(matter, "p_write", exec_start=_at(bureau, days, "10:00"), exec_end=_at(bureau, days, "12:00"))
    _do(matter, "p_approve", LEADER)
    bureau.pass_time(days=days)


def _ready(bureau: Bureau) -> Matter:
    """Bring a building that is going up to the check on the day of its demolition."""
    matter = _decided(bureau, "QZ15")
    bureau.pass_time(days=1)
    _planned(bureau, matter)
    return matter


def _archived(matter: Matter) -> str:
    matter.do("arc_confirm", "dj.chengban1")
    matter.do("arc_accept", "lj.duiyuan2")
    return matter.status()


def test_what_is_fulfilled_after_the_urging_is_closed(bureau: Bureau) -> None:
    matter = _urged(bureau, "QZ12")
    assert (matter.variable("suggested"), matter.variable("urge_no")) == ("QZ12", "催-310191901-2026-0001")
    assert matter.steps() == []
    _answer(matter, "履行")
    _do(matter, "ce_fulfilled", fulfilled="未全部履行")
    assert matter.steps() == []
    _answer(matter, "履行")
    _do(matter, "ce_fulfilled")
    assert (_archived(matter), bureau.incidents()) == ("completed", [])


def test_a_statement_is_heard_and_reviewed(bureau: Bureau) -> None:
    matter = _urged(bureau, "QZ12")
    _answer(matter, "陈述申辩")
    with pytest.raises(InvalidSubmissionError) as refusal:
        _do(matter, "ce_reply", officer2=HANDLER)
    assert "officer2" in refusal.value.fields
    _do(matter, "ce_reply", reply_result="部分采纳")
    assert matter.steps() == []
    _answer(matter, "陈述申辩")
    _do(matter, "ce_reply", reply_result="采纳变更")
    anew = bureau.newest(KEY)
    assert (matter.steps(), anew.steps()) == (["arc_confirm"], ["ce_facts"])
    assert anew.variable("change_from") == matter.number()


def test_a_statement_that_is_adopted_ends_the_enforcement(bureau: Bureau) -> None:
    matter = _urged(bureau, "QZ12")
    _answer(matter, "陈述申辩")
    _do(matter, "ce_reply", reply_result="采纳撤销")
    assert matter.steps() == ["arc_confirm"]


def test_a_message_from_outside_only_opens_the_next_task(bureau: Bureau) -> None:
    matter = _urged(bureau, "QZ12")
    bureau.engine.run(CorrelateMessage("MSG_PERFORMED", matter.number(), {}), ENGINE)
    bureau.worker.drain()
    assert matter.steps() == ["ce_fulfilled"]


def test_decided_served_urged_again_checked_done_and_recorded(bureau: Bureau) -> None:
    matter = _decided(bureau)
    assert (matter.steps(), matter.variable("coercion_no")) == (["u_write"], "强-310191901-2026-0001")
    _write_urge(bureau, matter)
    bureau.pass_time(days=16)
    _planned(bureau, matter)
    _do(matter, "p_check")
    _do(matter, "ce_do")
    _do(
        matter,
        "rec_write",
        goods="是",
        goods_list=[{"goods_name": "货架", "goods_count": 1, "goods_state": "完好", "goods_to": "仓库"}],
    )
    _do(matter, "rec_keep", fetch_until=bureau.day(30))
    _do(matter, "ce_care")
    assert (_archived(matter), bureau.incidents()) == ("completed", [])


def test_an_assessment_of_the_bureau_is_used_up_by_the_execution(bureau: Bureau) -> None:
    assessment = _approved(bureau)
    matter = _tracked(bureau, "QZ13", ra_now="否")
    _do(matter, "ce_wp", wp_no=assessment.variable("wp_no"))
    _do(matter, "ce_do_now")
    _do(matter, "rec_write")
    _do(matter, "ce_care")
    assert assessment.steps() == ["ra_after"]


def test_the_period_opens_only_the_next_task(bureau: Bureau) -> None:
    matter = _urged(bureau, "QZ12")
    bureau.pass_time(days=13)
    assert matter.steps() == []
    bureau.pass_time(days=2)
    assert matter.steps() == ["ce_wp"]
    bureau.pass_time(days=300)
    assert (matter.steps(), matter.status()) == (["ce_wp"], "active")


def test_the_period_of_urging_may_not_be_shortened(bureau: Bureau) -> None:
    matter = _tracked(bureau, "QZ12")
    with pytest.raises(InvalidSubmissionError) as refusal:
        _do(matter, "u_write", urge_deadline=bureau.day(3))
    assert "urge_deadline" in refusal.value.fields


def test_without_a_valid_assessment_there_is_no_decision(bureau: Bureau) -> None:
    matter = _urged(bureau, "QZ12")
    bureau.pass_time(days=15)
    assert (matter.steps(), matter.variable("guard")["reason"]) == (["ce_wp"], "没有这个稳评编号")
    for given, reason in (({"days": -1}, "稳评不在有效期内"), ({"area": "310191101"}, "稳评范围不覆盖所在街镇")):
        _assess(bureau, **given)
        _do(matter, "ce_wp")
        assert (matter.steps(), matter.variable("guard")["reason"]) == (["ce_wp"], reason)
    _assess(bureau)
    _do(matter, "ce_wp")
    _assess(bureau, status="已暂停")
    matter.do("legal_review", "lj.fazhi")
    assert (matter.steps(), matter.variable("guard")["reason"]) == (["ce_mend"], "稳评已暂停")


def test_an_assessment_is_started_early_and_linked(bureau: Bureau) -> None:
    matter = _tracked(bureau, "QZ12", ra_now="是")
    assessment = bureau.newest("risk_assessment")
    assert (matter.steps(), assessment.steps()) == (["u_write"], ["ra_setup"])
    assert assessment.variable("ref_matter") == matter.number()


def test_what_others_do_not_pass_is_mended_and_sent_again(bureau: Bureau) -> None:
    _assess(bureau)
    matter = _urged(bureau, "QZ12")
    bureau.pass_time(days=15)
    _do(matter, "ce_wp")
    matter.do("legal_review", "lj.fazhi", legal_result="不通过", opinion="证据不足，请补充现场照片。")
    _do(matter, "ce_mend")
    with pytest.raises(NotACandidateError):
        matter.claim("legal_review", HANDLER)
    matter.do("legal_review", "lj.fazhi")
    with pytest.raises(NotACandidateError):
        matter.claim("ce_decide", HANDLER)
    _do(matter, "ce_decide", LEADER, enforce_decision="退回修改", opinion="请补充费用预算的依据。")
    _do(matter, "ce_mend")
    matter.do("legal_review", "lj.fazhi")
    _do(matter, "ce_decide", LEADER, enforce_decision="不批准", opinion="劝导可以达到管理目的，不予执行。")
    assert matter.steps() == ["arc_confirm"]


def test_a_large_matter_is_discussed(bureau: Bureau) -> None:
    _assess(bureau)
    matter = _urged(bureau, "QZ12", big=["涉及住宅"])
    bureau.pass_time(days=15)
    _do(matter, "ce_wp")
    matter.do("legal_review", "lj.fazhi")
    assert matter.steps() == ["col_meet"]
    matter.do("col_meet", "lj.zhuren")
    assert matter.steps() == ["ce_decide"]


def test_an_agreement_is_kept_in_instalments_or_broken(bureau: Bureau) -> None:
    matter = _urged(bureau, "QZ12")
    _answer(matter, "达成协议")
    terms = [{"stage": str(n), "stage_what": "清除一半", "stage_due": bureau.day(5 * n)} for n in (1, 2)]
    with pytest.raises(InvalidSubmissionError) as refusal:
        _do(matter, "a_write", terms=terms[::-1])
    assert "terms" in refusal.value.fields
    _do(matter, "a_write", terms=terms)
    assert matter.steps() == []
    bureau.pass_time(days=6)
    _do(matter, "a_check")
    assert matter.steps() == []
    bureau.pass_time(days=5)
    _do(matter, "a_check", kept="违约")
    _answer(matter, "达成协议")
    _do(matter, "a_write", terms=[{"stage": "一", "stage_what": "清除", "stage_due": bureau.day(3)}])
    bureau.pass_time(days=4)
    _do(matter, "a_check")
    assert matter.steps() == ["arc_confirm"]


def test_concealing_allows_an_immediate_decision_by_the_leader(bureau: Bureau) -> None:
    _assess(bureau)
    matter = _urged(bureau, "QZ12")
    _answer(matter, "转移隐匿")
    _do(matter, "ce_conceal", LEADER)
    _do(matter, "ce_wp")
    matter.do("legal_review", "lj.fazhi")
    _do(matter, "ce_decide", LEADER, enforce_time=_at(bureau, 1, "10:00"))
    assert matter.variable("coercion_doc") == "代履行决定书"


def test_a_completed_building_waits_for_both_remedies_and_is_announced(bureau: Bureau) -> None:
    matter = _urged(bureau, "QZ14", decision_served=bureau.day(-30))
    with pytest.raises(InvalidSubmissionError):
        _answer(matter, "转移隐匿")
    bureau.pass_time(days=100)
    _answer(matter, "申请复议或起诉")
    bureau.pass_time(days=200)
    assert matter.steps() == ["ce_suit"]
    _do(matter, "ce_suit", suit_final=bureau.day(0))
    bureau.pass_time(days=1)
    _assess(bureau)
    _do(matter, "ce_wp")
    matter.do("legal_review", "lj.fazhi")
    _do(matter, "ce_report", LEADER)
    _do(matter, "ce_gov", gov_date=bureau.day(0))
    _serve(matter)
    with pytest.raises(InvalidSubmissionError) as refusal:
        _do(matter, "ce_announce", self_until=bureau.day(3))
    assert "self_until" in refusal.value.fields
    _do(matter, "ce_announce", self_until=bureau.day(14))
    bureau.pass_time(days=13)
    assert matter.steps() == []
    bureau.pass_time(days=2)
    assert matter.steps() == ["p_write"]


def test_a_completed_building_waits_six_months(bureau: Bureau) -> None:
    matter = _urged(bureau, "QZ14")
    assert matter.variable("periods_end") == "2026-07-31"
    bureau.pass_time(days=150)
    assert matter.steps() == []
    bureau.pass_time(days=3)
    assert matter.steps() == ["ce_wp"]


def test_what_nobody_can_clear_is_cleared_at_once_and_told(bureau: Bureau) -> None:
    _assess(bureau)
    matter = _tracked(bureau, "QZ13")
    assert matter.steps() == ["ce_wp"]
    _do(matter, "ce_wp")
    _do(matter, "ce_do_now")
    with pytest.raises(InvalidSubmissionError) as refusal:
        _do(matter, "rec_write", party_present="否")
    assert "witness" in refusal.value.fields
    _do(matter, "rec_write", party_present="否", witness="示例居委")
    _do(matter, "rec_tell")
    assert matter.steps() == ["ce_care"]


def test_a_fine_is_surcharged_then_brought_to_court(bureau: Bureau) -> None:
    matter = _urged(bureau, "QZ11", decision_served=bureau.day(-180))
    bureau.pass_time(days=21)
    assert matter.steps() == []
    bureau.pass_time(days=9)
    _do(matter, "ce_next")
    _do(matter, "c_apply")
    with pytest.raises(NotACandidateError):
        matter.claim("c_sign", HANDLER)
    _do(matter, "c_sign", "lj.zhuren", sign_decision="退回修改", opinion="请补充申请执行标的情况。")
    _do(matter, "c_apply")
    _do(matter, "c_sign", "lj.zhuren")
    today = {"ruling_on": bureau.day(0), "ruling_got": bureau.day(0)}
    _do(matter, "c_ruling", **today, ruling="不准予执行", accepted_on=bureau.day(0))
    with pytest.raises(InvalidSubmissionError) as refusal:
        _do(matter, "c_review", review_on=bureau.day(16))
    assert "review_on" in refusal.value.fields
    _do(matter, "c_review", review_on=bureau.day(1))
    _do(matter, "c_done", court_done_on=bureau.day(0))
    _do(matter, "ce_care")
    assert (_archived(matter), bureau.incidents()) == ("completed", [])


def test_the_three_months_for_the_court_are_recalled_and_nothing_more(bureau: Bureau) -> None:
    matter = _urged(bureau, "QZ16", decision_served=bureau.day(-170))
    bureau.pass_time(days=20)
    due = matter.variable("periods_end")
    assert (due, matter.steps()) == ("2026-03-13", ["c_apply"])
    told = []
    for _ in range(3):
        told.append(_told(bureau))
        bureau.pass_time(days=35)
    assert (told[0] < told[2], matter.steps(), matter.status()) == (True, ["c_apply"], "active")
    with pytest.raises(InvalidSubmissionError) as refusal:
        _do(matter, "c_apply")
    assert "late_reason" in refusal.value.fields


def _told(bureau: Bureau) -> int:
    with bureau.engine.database.transaction(write=False) as session:
        return len(session.execute(select(Notice).where(Notice.person_id == LEADER, Notice.kind == "notify")).all())


def test_the_check_on_the_day_stops_the_execution(bureau: Bureau) -> None:
    matter = _ready(bureau)
    for fault in ("no_suit", "told", "weather_ok"):
        with pytest.raises(InvalidSubmissionError) as refusal:
            _do(matter, "p_check", **{fault: "否"})
        assert fault in refusal.value.fields
    _do(matter, "p_check", no_suit="否", go="中止", go_reason="出现应当停止的情形。")
    with pytest.raises(InvalidSubmissionError):
        _do(matter, "p_paused", paused_action="不再执行")
    _do(matter, "p_paused")
    assert matter.steps() == ["p_write"]


def test_an_assessment_suspended_on_the_day_stops_the_execution(bureau: Bureau) -> None:
    matter = _decided(bureau, "QZ15")
    bureau.pass_time(days=1)
    _assess(bureau, status="已暂停")
    _planned(bureau, matter)
    with pytest.raises(InvalidSubmissionError) as refusal:
        _do(matter, "p_check")
    assert "go" in refusal.value.fields
    _do(matter, "p_check", go="终结", go_reason="执行标的已经灭失。")
    _do(matter, "ce_close", LEADER, close_decision="不同意", opinion="标的仍然存在，继续执行。")
    bureau.pass_time(days=1)
    assert matter.steps() == ["p_write"]


def test_danger_stops_the_execution_first_and_is_recorded(bureau: Bureau) -> None:
    matter = _ready(bureau)
    _do(matter, "p_check")
    danger = {"danger_kind": "暴力抗法", "danger_at": "@now", "danger_note": "有人持械阻拦。", "stopped": True}
    matter.act("ce_danger_start", HANDLER, **danger)
    assert (matter.steps(), bureau.newest("incident_report").steps()) == (["rec_write"], ["in_offline"])
    _do(matter, "rec_write", exec_done="已停止", notice_read="否")
    bureau.pass_time(days=1)
    assert matter.steps() == ["p_write"]


def test_a_cancelled_decision_stops_everything_and_is_made_good(bureau: Bureau) -> None:
    matter = _ready(bureau)
    _do(matter, "p_check")
    changed = {
        "change_kind": "决定被撤销",
        "change_no": "复〔2026〕9号",
        "change_on": bureau.day(0),
        "change_note": "复议机关撤销了原决定。",
    }
    matter.act("ce_ch_start", "lj.fazhi", **changed, change_file="@file", no_conflict=True)
    assert matter.steps() == ["rec_write"]
    _do(matter, "rec_write", exec_done="终结", notice_read="否")
    _do(matter, "ce_restore")
    assert _archived(matter) == "completed"


def test_forbidden_times_and_means_are_refused_in_words(bureau: Bureau) -> None:
    matter = _decided(bureau, "QZ15")
    bureau.pass_time(days=1)
    night, day = _at(bureau, 1, "23:00"), _at(bureau, 1, "12:00")
    for end, cut, reason in ((night, "否", "夜间不得实施强制执行"), (day, "是", "不得停止供水、供电、供热、供燃气")):
        _do(matter, "p_write", exec_start=_at(bureau, 1, "10:00"), exec_end=end, utilities_cut=cut)
        assert matter.steps() == ["p_write"]
        assert reason in _window(bureau, matter)
    saturday = bureau.clock.now() + timedelta(days=3)
    assert saturday.weekday() == SATURDAY
    _do(matter, "p_write", exec_start=_at(bureau, 3, "10:00"), exec_end=_at(bureau, 3, "12:00"))
    with pytest.raises(NotACandidateError):
        matter.claim("p_approve", LEADER)
    _do(matter, "p_approve", "dj.fenguan")


def _window(bureau: Bureau, matter: Matter) -> str:
    """Return why the planned time was judged as it was: what the form of the plan shows."""
    asked = select(Variable.value).where(Variable.instance_id == matter.id, Variable.name == "window")
    with bureau.engine.database.transaction(write=False) as session:
        return str(session.execute(asked).scalar_one()["reason"])


def test_a_way_the_law_does_not_open_is_refused(bureau: Bureau) -> None:
    for track, chosen in (("QZ14", "QZ16"), ("QZ16", "QZ13"), ("QZ16", "QZ12"), ("QZ16", "QZ11")):
        with pytest.raises(InvalidSubmissionError) as refusal:
            _tracked(bureau, track, chosen, override_reason="另有考虑。")
        assert "track" in refusal.value.fields


@pytest.mark.parametrize(
    ("facts", "track"),
    [
        (("清除遗洒物障碍物污染物", "当事人不能清除", "是", "否"), "QZ13"),
        (("正在搭建违法建筑", "拒不停止或者拒不拆除", "是", "否"), "QZ15"),
        (("已建成违法建筑", "无", None, "否"), "QZ14"),
        (("排除妨碍或恢复原状", "无", "是", "是"), "QZ12"),
        (("排除妨碍或恢复原状", "无", "是", "否"), "QZ16"),
        (("罚款", "无", None, "否"), "QZ11"),
        (("其他", "无", "否", "否"), "QZ16"),
    ],
)
def test_the_way_is_suggested_by_the_table(facts: tuple[str | None, ...], track: str) -> None:
    given = dict(zip(("duty_kind", "duty_urgent", "own_power", "hazard"), facts, strict=True))
    assert decide(f"{KEY}/coercion_track", **given) == track


@pytest.mark.parametrize(
    ("start", "end", "given", "allow"),
    [
        ("2026-03-04T10:00", "12:00", {}, "允许"),
        ("2026-03-04T05:00", "12:00", {}, "禁止"),
        ("2026-03-04T20:00", "22:30", {}, "禁止"),
        ("2026-03-04T05:00", "12:00", {"exec_urgent": "是"}, "提示"),
        ("2026-03-04T07:00", "12:00", {}, "提示"),
        ("2026-03-04T17:00", "19:00", {}, "提示"),
        ("2026-03-07T10:00", "12:00", {}, "分管领导批准"),
        ("2026-02-28T10:00", "12:00", {}, "允许"),
        ("2026-10-01T10:00", "12:00", {}, "禁止"),
        ("2026-10-03T10:00", "12:00", {}, "禁止"),
        ("2026-04-04T10:00", "12:00", {}, "禁止"),
        ("2026-10-01T10:00", "12:00", {"exec_urgent": "是"}, "分管领导批准"),
        ("2026-03-04T10:00", "12:00", {"exec_urgent": "是", "utilities_cut": "是"}, "禁止"),
    ],
)
def test_times_of_execution_follow_the_table(start: str, end: str, given: dict[str, str], allow: str) -> None:
    window = {"exec_start": f"{start}:00+08:00", "exec_end": f"{start[:10]}T{end}:00+08:00"}
    asked = {"utilities_cut": "否", "exec_urgent": "否", **window, **given}
    table = read_dmn((ROOT / "processes/ce_plan/exec_window.dmn").read_bytes(), "exec_window", functions=functions())
    assert table.evaluate("exec_window", asked, NOW).value["allow"] == allow


BROKEN = [
    (KEY, [('${guard.pass = "是"}', "${true}")], {"enforce-assessed", "enforce-assessed-report", "enforce-assessed-now"}),
    (
        KEY, [('sourceRef="ce_kind_gw" targetRef="ce_urging"', 'sourceRef="ce_kind_gw" targetRef="ce_wait"')],
        {"enforce-urged", "enforce-urged-report", "enforce-urged-court"},
    ),
    (KEY, [('${track = "QZ13"}', "${true}")], {"enforce-now-only"}),
    (
        KEY, [('sourceRef="ce_wait" targetRef="ce_period"', 'sourceRef="ce_wait" targetRef="ce_over_gw"')],
        {"enforce-waited", "enforce-court-waited"},
    ),
    (KEY, [('${legal_result = "通过" or legal_result = "修改后通过"}', "${true}")], {"enforce-legal", "enforce-legal-report"}),
    (
        KEY, [('${enforce_decision = "批准"}', "${true}"), ('${gov_decision = "作出"}', "${true}")],
        {"enforce-decided", "enforce-gov"},
    ),
    (
        KEY,
        [
            ('sourceRef="ce_paper" targetRef="ce_serve"', 'sourceRef="ce_paper" targetRef="ce_after_gw"'),
            ('sourceRef="ce_after_gw" targetRef="ce_announce"', 'sourceRef="ce_after_gw" targetRef="ce_back_after"'),
        ],
        {"enforce-served", "enforce-announced"},
    ),
    (
        "ce_plan", [('${go = "执行" and guard.pass = "是"}', '${go = "执行"}')],
        {"enforce-checked", "enforce-checked-demolish"},
    ),
    (
        KEY, [('sourceRef="ce_field" targetRef="ce_recording"', 'sourceRef="ce_field" targetRef="ce_record_gw"')],
        {"enforce-recorded", "enforce-recorded-demolish", "enforce-recorded-now"},
    ),
    ("ce_court", [('${sign_decision = "同意签署"}', "${true}")], {"enforce-court-signed"}),
    (
        KEY, [('value="ce_facts,ce_track"', 'value="ce_begin"'), ('sourceExpression="ce_facts,ce_track"', 'sourceExpression="ce_begin"')],
        {"enforce-decide-other", "enforce-report-other", "enforce-legal-other"},
    ),
    ("ce_plan", [('value="p_write"', 'value="p_check"')], {"enforce-plan-other"}),
    ("ce_court", [('value="c_apply"', 'value="c_ruling"')], {"enforce-sign-other"}),
]  # fmt: skip


@pytest.mark.parametrize(("key", "edits", "rules"), BROKEN)
def test_a_draft_without_a_safeguard_is_refused_by_the_proof(
    key: str, edits: list[tuple[str, str]], rules: set[str]
) -> None:
    needed = [file for file in files() if file.path.endswith(".dmn") or "/c" in file.path]
    changed = [_edited(file, edits) if file.path == f"processes/{key}/{key}.bpmn" else file for file in needed]
    proof = prove(KEY, world_of_files(changed, functions()), read_rules(config("rules")))
    assert proof.verdict == REFUTED
    assert rules <= {finding.rule for finding in proof.findings}


def _edited(file: Any, edits: list[tuple[str, str]]) -> Any:
    content = file.content
    for drawn, instead in edits:
        assert drawn.encode() in content
        content = content.replace(drawn.encode(), instead.encode())
    return replace(file, content=content)


def test_every_rule_of_this_procedure_is_shown_to_refuse() -> None:
    own = {rule["id"] for rule in config("rules")["proof"] if rule["procedure"] == KEY}
    assert set().union(*(rules for _, _, rules in BROKEN)) == own
