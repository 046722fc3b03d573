"""P34: a procedure changes only by proposal, legal check, test and approval; who proposes does not approve."""

from typing import Any

import pytest

from engine.actor import ENGINE
from engine.commands.changes import ProposalOpenError, ProposeChange, RollBack
from engine.commands.drafts import SaveDefinitionDraft, StaleDraftError
from engine.commands.migration_batches import StartMigration
from engine.errors import EngineError, InvalidError, InvalidSubmissionError, NotAllowedError
from engine.execution.changes import MigrationNotApprovedError
from engine.model import ChangeProposal, ProcessDefinition
from engine.proposals import NoDraftError, NothingChangedError, OutdatedDraftError
from engine.queries.definitions import FindDefinition
from engine.queries.sessions import FindPersonAsActor
from tests.procedures.story import Bureau, Matter

KEY = "ledger_item"
ADMIN, LEGAL, CHIEF = "liucheng", "shi.fazhi", "shi.zhuren"


def newest(bureau: Bureau) -> Any:
    return bureau.engine.ask(FindDefinition(KEY), bureau.person(ADMIN))


def draft(bureau: Bureau, old: str = 'name="', new: str = 'name="新') -> int:
    found = newest(bureau)
    xml = found.draft_xml or found.xml
    assert old in xml
    command = SaveDefinitionDraft(KEY, xml.replace(old, new, 1), found.draft_row_version)
    return bureau.engine.run(command, bureau.person(ADMIN))


def propose(bureau: Bureau, row_version: int, **more: Any) -> Matter:
    given = {"reason": "写得更清楚", "impact": "不影响在办事项", "effective_on": bureau.day(), **more}
    started = bureau.engine.run(ProposeChange(KEY, row_version, **given), bureau.person(ADMIN))
    bureau.worker.drain()
    return Matter(bureau, started.instance_id)


def agree(matter: Matter) -> None:
    matter.do("change_legal", LEGAL, legal_decision="同意", law_checked=True, no_conflict=True)
    matter.do("change_test", ADMIN, test_note="试运行无误", test_report="@file")
    matter.do("change_approve", CHIEF, change_decision="批准", no_conflict=True)


def proposal(bureau: Bureau, matter: Matter) -> Any:
    with bureau.engine.database.transaction(write=False) as session:
        found = session.query(ChangeProposal).filter_by(instance_id=matter.id).one()
        session.expunge(found)
        return found


def test_an_approved_change_becomes_the_next_version(bureau: Bureau) -> None:
    matter = propose(bureau, draft(bureau))
    assert matter.steps() == ["change_legal"]
    agree(matter)
    assert (matter.status(), newest(bureau).version) == ("completed", 2)
    assert matter.variable("published_version") == "第 2 版"
    assert 'name="新' in newest(bureau).xml
    assert newest(bureau).draft_id is None
    assert proposal(bureau, matter).status == "published"
    assert bureau.register("approved_change", f"{KEY}:2")["migrate"] is False
    assert bureau.incidents() == []


def test_the_file_of_the_matter_holds_what_differs(bureau: Bureau) -> None:
    matter = propose(bureau, draft(bureau))
    assert "名称由" in str(matter.variable("new_value"))
    assert proposal(bureau, matter).changes


@pytest.mark.parametrize(("node", "person"), [("change_legal", ADMIN), ("change_approve", ADMIN)])
def test_who_proposed_neither_checks_nor_approves(bureau: Bureau, node: str, person: str) -> None:
    matter = propose(bureau, draft(bureau))
    if node == "change_approve":
        matter.do("change_legal", LEGAL, legal_decision="同意", law_checked=True, no_conflict=True)
        matter.do("change_test", ADMIN, test_note="试运行无误", test_report="@file")
    with pytest.raises(EngineError):
        matter.claim(node, person)


def test_it_comes_into_force_on_the_day_that_was_set(bureau: Bureau) -> None:
    matter = propose(bureau, draft(bureau), effective_on=bureau.day(3))
    agree(matter)
    assert newest(bureau).version == 1
    bureau.pass_time(days=3)
    assert (newest(bureau).version, matter.status()) == (2, "completed")


def test_sent_back_it_is_improved_in_the_editor_and_sent_again(bureau: Bureau) -> None:
    matter = propose(bureau, draft(bureau))
    matter.do(
        "change_legal", LEGAL, legal_decision="退回修改", opinion="请写明依据和理由，再送核对。", no_conflict=True
    )
    assert matter.steps() == ["change_revise"]
    draft(bureau, 'name="新', 'name="再新')
    matter.do("change_revise", ADMIN, revise_note="已改", revise_choice="再送")
    assert matter.steps() == ["change_legal"]
    assert "再新" in str(matter.variable("new_value"))
    agree(matter)
    assert 'name="再新' in newest(bureau).xml


@pytest.mark.parametrize("way", ["不同意", "撤回"])
def test_refused_or_taken_back_nothing_changes_and_the_draft_stays(bureau: Bureau, way: str) -> None:
    matter = propose(bureau, draft(bureau))
    if way == "不同意":
        matter.do("change_legal", LEGAL, legal_decision="不同意", opinion="没有新的法律文本支持。", no_conflict=True)
    else:
        matter.do(
            "change_legal", LEGAL, legal_decision="退回修改", opinion="请写明依据和理由，再送核对。", no_conflict=True
        )
        matter.do("change_revise", ADMIN, revise_note="不改了", revise_choice="撤回")
    assert (matter.status(), newest(bureau).version) == ("completed", 1)
    assert newest(bureau).draft_id is not None
    assert proposal(bureau, matter).status == "closed"


def test_a_draft_changed_after_its_proposal_is_not_what_is_published(bureau: Bureau) -> None:
    matter = propose(bureau, draft(bureau))
    draft(bureau, 'name="新', 'name="偷换')
    agree(matter)
    assert "偷换" not in newest(bureau).xml
    assert newest(bureau).draft_id is not None


def test_one_proposal_of_a_procedure_at_a_time(bureau: Bureau) -> None:
    version = draft(bureau)
    propose(bureau, version)
    with pytest.raises(ProposalOpenError, match="CF-"):
        propose(bureau, version)


def test_what_cannot_be_proposed_is_said(bureau: Bureau) -> None:
    with pytest.raises(NoDraftError):
        propose(bureau, 1)
    with pytest.raises(NothingChangedError):
        propose(bureau, draft(bureau, 'name="', 'name="'))
    draft(bureau)
    with pytest.raises(StaleDraftError):
        propose(bureau, 1)
    with pytest.raises(InvalidSubmissionError):
        propose(bureau, 2, effective_on=bureau.day(-1))
    with pytest.raises(InvalidSubmissionError):
        propose(bureau, 2, impact="")


def test_only_who_keeps_the_procedures_proposes(bureau: Bureau) -> None:
    draft(bureau)
    with pytest.raises(NotAllowedError):
        bureau.engine.run(ProposeChange(KEY, 1, "理由", "影响", bureau.day()), bureau.person(CHIEF))
    with pytest.raises(NotAllowedError):
        bureau.engine.run(RollBack(KEY, 1, "理由"), bureau.person(CHIEF))


def publish(bureau: Bureau, **more: Any) -> Matter:
    matter = propose(bureau, draft(bureau), **more)
    agree(matter)
    return matter


def test_running_matters_keep_their_version_unless_migration_was_approved(bureau: Bureau) -> None:
    running = bureau.start(KEY, "lj.duiyuan1", title="户外广告隐患")
    publish(bureau)
    with pytest.raises(MigrationNotApprovedError):
        bureau.engine.run(StartMigration(KEY, 1, 2, "统一"), bureau.person(ADMIN))
    publish(bureau, migrate=True)
    bureau.engine.run(StartMigration(KEY, 1, 3, "统一"), bureau.person(ADMIN))
    bureau.worker.drain()
    with bureau.engine.database.transaction(write=False) as session:
        from engine.model import ProcessInstance

        held = session.get_one(ProcessDefinition, session.get_one(ProcessInstance, running.id).definition_id)
        assert held.version == 3


def test_an_earlier_version_is_in_force_again_after_one_act(bureau: Bureau) -> None:
    first = newest(bureau).xml
    publish(bureau)
    assert bureau.engine.run(RollBack(KEY, 1, "新版有误"), bureau.person(ADMIN)) == 3
    assert newest(bureau).xml == first
    assert bureau.register("approved_change", f"{KEY}:3")["rolled_back_to"] == 1
    chief = bureau.engine.ask(FindPersonAsActor(CHIEF))
    assert chief is not None
    from engine.queries.notices import ListNotices

    assert any("已回退到第 1 版" in notice.text for notice in bureau.engine.ask(ListNotices(), chief))
    with pytest.raises(InvalidError):
        bureau.engine.run(RollBack(KEY, 3, "再来一次"), ENGINE)


def test_a_change_approved_after_another_version_came_is_not_published(bureau: Bureau) -> None:
    publish(bureau)
    matter = propose(bureau, draft(bureau, 'name="新', 'name="更新'))
    bureau.engine.run(RollBack(KEY, 1, "新版有误"), bureau.person(ADMIN))
    agree(matter)
    assert matter.steps() == ["change_revise"]
    assert "第 2 版上修改的" in str(matter.variable("change_problem"))
    assert OutdatedDraftError.words
