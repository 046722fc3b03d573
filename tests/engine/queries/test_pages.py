"""What the pages of a task, a matter and a start form are told."""

import pytest

from engine.errors import MatterNotFoundError, NotAllowedError, ProcessDefinitionNotFoundError, UserTaskNotFoundError
from engine.queries.choices import ListUnitsInScope, ListVisibleProcedures
from engine.queries.definitions import FindDefinition, ListProcedures
from engine.queries.diagrams import FindDiagram
from engine.queries.matter import FindMatter, ListTimeline
from engine.queries.starting import FindStartForm, FindTrigger, ListStartable
from engine.queries.task import FindTask
from engine.task_actions.claim import ClaimTask
from tests.factories import (
    claim,
    deploy,
    do,
    flows,
    form_file,
    open_tasks,
    prepare,
    procedure,
    props,
    start,
    text_field,
    user,
)
from tests.rows import SQUAD, add_participant, person

STEPS = (
    '<bpmn:startEvent id="start" name="登记" camunda:formRef="register"/>'
    + user("check", more='camunda:candidateGroups="squad_officer" camunda:formRef="checked"', name="核查",
           inside=props(deadline="T-WD", submitLabel="提交核查"))
    + '<bpmn:exclusiveGateway id="way" default="way_review"/>'
    + user("review", more='camunda:candidateGroups="dist_leader"', name="审批")
    + user("again", more='camunda:assignee="${starter}"', name="补充")
    + '<bpmn:endEvent id="end"/>'
    + flows("start>check", "check>way", "way>again?${result = &quot;退回&quot;}", "way>review", "again>check", "review>end")
    + '<bpmn:subProcess id="stop" triggeredByEvent="true">'
    '<bpmn:startEvent id="withdraw" name="撤回" isInterrupting="true" camunda:formRef="reasons">'
    + props(startableBy="participants", label="撤回事项")
    + '<bpmn:messageEventDefinition messageRef="m1"/></bpmn:startEvent><bpmn:endEvent id="stopped"/>'
    + flows("withdraw>stopped")
    + "</bpmn:subProcess>"
)  # fmt: skip


@pytest.fixture
def matter(engine):
    prepare(engine)
    files = procedure("pages", STEPS, more='<bpmn:message id="m1" name="WITHDRAW"/>', about='documents = ["登记表"]')
    forms = (
        form_file("pages", "register", text_field("title", "标题")),
        form_file("pages", "checked", text_field("result", "结果")),
        form_file("pages", "reasons", text_field("why", "理由")),
    )
    deploy(engine, *files, *forms)
    return start(engine, "pages", "alice", title="占道经营").instance_id


@pytest.fixture
def alice(engine, matter):
    return person(engine, "alice")


@pytest.fixture
def task_id(engine, matter):
    return open_tasks(engine, matter, "check")[0]


def test_a_task_page_says_what_it_is_until_when_and_why_it_is_here(engine, alice, task_id):
    view = engine.ask(FindTask(task_id), alice)
    assert (view.row.title, view.row.step, view.row.procedure_title) == ("占道经营", "核查", "pages流程")
    assert (view.row.due.time_left, view.row.due.text, view.row.due.what) == ("剩余 5 个工作日", "内部 T-WD", "核查")
    assert "临江中队“中队队员”" in view.why
    assert view.form.key == "pages/checked"
    assert (view.node_id, view.submit_label, view.read_only) == ("check", "提交核查", True)
    assert view.variables["title"] == "占道经营"
    assert view.variables["matter"]["unit_name"] == "临江中队"
    assert view.variables["actor"] == {
        "id": "alice", "name": "alice（示例）", "unit": SQUAD, "unit_name": "临江中队", "roles": ["squad_officer"],
    }  # fmt: skip
    assert view.variables["task"]["deadline"] == "T-WD"


def test_a_task_page_says_who_is_next_on_each_branch(engine, alice, task_id):
    following = engine.ask(FindTask(task_id), alice).next
    assert {(step.name, step.who) for step in following} == {
        ("补充", "alice（示例）"),
        ("审批", "东江区局 区局分管领导"),
    }


def test_every_act_that_is_not_allowed_says_why(engine, alice, task_id):
    acts = engine.ask(FindTask(task_id), alice).acts
    assert acts["claim"].allowed
    assert not acts["complete"].allowed
    assert all(act.reason for act in acts.values() if not act.allowed)
    engine.run(ClaimTask(task_id), alice)
    view = engine.ask(FindTask(task_id), alice)
    allowed = {name for name, act in view.acts.items() if act.allowed}
    assert allowed == {"unclaim", "complete", "save_draft", "transfer", "comment", "attach"}
    assert not view.read_only
    assert "不允许延期" in view.acts["extension"].reason
    assert "他人签收" in engine.ask(FindTask(task_id), person(engine, "bob")).acts["claim"].reason


def test_a_completed_task_shows_what_was_filed_and_by_whom(engine, alice, task_id, matter):
    do(engine, matter, "check", "alice", result="通过")
    view = engine.ask(FindTask(task_id), person(engine, "bob"))
    assert (view.submission, view.completed_by_name, view.next) == ({"result": "通过"}, "alice（示例）", ())
    assert not any(act.allowed for name, act in view.acts.items() if name != "comment")


def test_a_task_of_a_matter_one_may_not_know_of_is_not_found(engine, task_id):
    for who in ("western", "charlie", "system"):
        with pytest.raises(UserTaskNotFoundError):
            engine.ask(FindTask(task_id), person(engine, who))


def test_a_matter_page_holds_everything_that_belongs_to_it(engine, alice, matter):
    do(engine, matter, "check", "alice", result="通过")
    view = engine.ask(FindMatter(matter), alice)
    assert (view.row.title, view.row.step, view.row.status_text, view.version) == ("占道经营", "审批", "办理中", 1)
    assert [(filed.step, filed.values) for filed in view.filed] == [
        ("登记", {"title": "占道经营"}),
        ("核查", {"result": "通过"}),
    ]
    assert all(filed.form for filed in view.filed)
    assert {(one.name, one.kind_text) for one in view.participants} == {
        ("alice（示例）", "登记人"), ("alice（示例）", "办理人"),
    }  # fmt: skip
    assert (view.documents, view.retention) == (("登记表",), "10年")


def test_the_timeline_tells_the_matter_in_words(engine, alice, matter):
    do(engine, matter, "check", "alice", result="通过")
    told = [(entry.actor_name, entry.text) for entry in engine.ask(ListTimeline(matter), alice)]
    assert told == [
        ("alice（示例）", "登记事项"),
        ("alice（示例）", "签收“核查”"),
        ("alice（示例）", "办结“核查”"),
    ]


def test_the_newest_entries_are_the_end_of_the_timeline_also_behind_much_that_is_no_news(engine, alice, matter):
    class Hush:
        def execute(self, context):
            for _ in range(25):
                context.record("silent", matter)

    for _ in range(3):
        whole = engine.ask(ListTimeline(matter), alice)
        newest = [engine.ask(ListTimeline(matter, newest=count), alice) for count in (1, 2, 99)]
        assert newest == [whole[-1:], whole[-2:], whole]
        engine.run(Hush(), alice)


def test_the_diagram_shows_where_the_matter_stands_and_the_way_so_far(engine, alice, matter):
    do(engine, matter, "check", "alice", result="退回")
    view = engine.ask(FindDiagram(matter), alice)
    assert view.active == ("again",)
    assert set(view.passed_nodes) >= {"start", "check", "way"}
    assert set(view.passed_flows) == {"start_check", "check_way", "way_again"}
    assert view.steps == (("核查", "已经过"), ("补充", "正在办理"))
    assert "<bpmn:process" in view.xml


def test_acts_of_the_matter_are_offered_to_those_who_may(engine, alice, matter):
    (act,) = engine.ask(FindMatter(matter), alice).acts
    assert (act.label, act.allowed, act.node_id, act.form_key) == ("撤回事项", True, "withdraw", "pages/reasons")
    view = engine.ask(FindTrigger(matter, "withdraw"), alice)
    assert (view.form.key, view.variables["title"]) == ("pages/reasons", "占道经营")
    (refused,) = engine.ask(FindMatter(matter), person(engine, "bob")).acts
    assert (refused.allowed, refused.reason) == (False, "这一操作由参与办理的人员办理。")
    with pytest.raises(NotAllowedError):
        engine.ask(FindTrigger(matter, "withdraw"), person(engine, "bob"))
    for node in ("start", "nothing"):
        with pytest.raises(MatterNotFoundError):
            engine.ask(FindTrigger(matter, node), alice)


def test_an_ended_matter_offers_no_act(engine, alice, matter):
    do(engine, matter, "check", "alice", result="通过")
    do(engine, matter, "review", "chief")
    view = engine.ask(FindMatter(matter), alice)
    assert (view.row.status_text, view.tasks) == ("已办结", ())
    assert [act.reason for act in view.acts] == ["事项已经结束。"]


def test_one_may_start_what_ones_position_allows(engine, alice, matter):
    assert [(one.key, one.group) for one in engine.ask(ListStartable(), alice)] == [("pages", "测试")]
    view = engine.ask(FindStartForm("pages"), alice)
    assert ([unit.code for unit in view.units], view.form.key, view.draft_key) == (
        [SQUAD],
        "pages/register",
        "start:pages",
    )
    assert engine.ask(ListStartable(), person(engine, "chief")) == ()
    with pytest.raises(NotAllowedError):
        engine.ask(FindStartForm("pages"), person(engine, "chief"))
    with pytest.raises(ProcessDefinitionNotFoundError):
        engine.ask(FindStartForm("nothing"), alice)


def test_procedures_are_listed_for_their_keeper_with_running_matters(engine, matter):
    modeller = person(engine, "modeller")
    card = next(one for one in engine.ask(ListProcedures(), modeller) if one.key == "pages")
    assert (card.title, card.version, card.running, card.deployed_by) == ("pages流程", 1, 1, "系统")
    view = engine.ask(FindDefinition("pages"), modeller)
    assert (view.version, view.versions, set(view.forms)) == (
        1,
        (1,),
        {"pages/register", "pages/checked", "pages/reasons"},
    )
    with pytest.raises(NotAllowedError):
        engine.ask(ListProcedures(), person(engine, "alice"))
    for key, version in (("nothing", None), ("pages", 7)):
        with pytest.raises(ProcessDefinitionNotFoundError):
            engine.ask(FindDefinition(key, version), modeller)


def test_filters_offer_procedures_and_the_units_below_ones_own(engine, alice, matter):
    assert [one.value for one in engine.ask(ListVisibleProcedures(), alice)] == ["pages"]
    assert [one.label for one in engine.ask(ListUnitsInScope(), person(engine, "town"))] == ["临江街道", "临江中队"]


def test_who_is_copied_to_reads_along(engine, matter):
    reader = person(engine, "charlie")
    with pytest.raises(MatterNotFoundError):
        engine.ask(FindMatter(matter), reader)
    add_participant(engine, matter, "charlie", "cc")
    assert engine.ask(FindMatter(matter), reader).row.title == "占道经营"
    assert not engine.ask(FindMatter(matter), reader).acts[0].allowed


def test_a_claimed_task_is_mine_until_done(engine, alice, task_id):
    claim(engine, task_id, "alice")
    assert engine.ask(FindTask(task_id), alice).row.assignee_name == "alice（示例）"
