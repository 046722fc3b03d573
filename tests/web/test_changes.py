"""对比, 提请变更, 回退 and 迁移 as the process administrator sees them."""

import pytest
from sqlalchemy import insert

from engine.execution.changes import REGISTER
from engine.model import tables
from tests.factories import deploy, line, procedure, read, start, user, worker

JSON = {"Accept": "application/json"}
KEY = "check_it"


def step(key, name):
    return procedure(KEY, line(user(key, name=name) + user("reply", name="反馈"), keys=(key, "reply")))


@pytest.fixture
def matter(engine, people):
    """A matter on version 1 of a procedure whose version 2 calls its first step otherwise, migration approved."""
    deploy(engine, *step("work", "核查"))
    began = start(engine, KEY).instance_id
    deploy(engine, *step("inspect", "实地核查"))
    row = {
        "register": REGISTER, "key": f"{KEY}:2", "status": "approved", "data": {"migrate": True}, "unit_code": "",
        "updated_at": engine.clock.now(),
    }  # fmt: skip
    with engine.database.transaction() as session:
        session.connection().execute(insert(tables.register_entry), row)
    return began


def test_two_versions_are_shown_side_by_side_in_words_and_colours(browse, matter):
    page = browse("alice").text(f"/definitions/{KEY}/compare?before=1&after=2")
    assert "新增" in page
    assert "用户任务“实地核查”" in page
    assert "删除" in page
    for side in ("before", "after"):
        picture = browse("alice").get(f"/definitions/{KEY}/compare/{side}.svg?before=1&after=2")
        assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")


@pytest.mark.parametrize("query", ["before=1&after=9", "before=x&after=²", "before=99999999999&after=1"])
def test_versions_that_are_not_there_are_not_found(browse, matter, query):
    assert browse("alice").get(f"/definitions/{KEY}/compare?{query}").status_code in {200, 404}
    assert browse("alice").get("/definitions/none/compare").status_code == 404


def test_the_preview_shows_where_matters_stand_and_takes_a_mapping(browse, matter):
    browser = browse("modeller")
    page = browser.text(f"/definitions/{KEY}/migration?before=1&after=2")
    assert "需要指定对应环节" in page
    assert 'name="map.work"' in page
    page = browser.text(f"/definitions/{KEY}/migration?before=1&after=2&map.work=inspect")
    assert "可以迁移" in page
    assert browser.get(f"/definitions/{KEY}/migration/map.svg?version=1&n.work=3&mark=work").status_code == 200


def test_matters_are_migrated_and_the_batch_is_undone(engine, browse, matter):
    browser = browse("modeller")
    given = {"before": "1", "after": "2", "map.work": "inspect", "reason": "更清楚", "timers": "keep", "due": "keep"}
    begun = browser.post(f"/definitions/{KEY}/migration", given)
    assert begun.status_code == 303
    address = begun.headers["Location"]
    assert "进行中" in browser.text(address)
    assert browser.post(f"{address}/pause").status_code == 303
    assert "已暂停" in browser.text(address)
    assert browser.post(f"{address}/resume").status_code == 303
    worker(engine).drain()
    assert "已完成" in browser.text(address)
    assert [row.node_id for row in read(engine, "user_task", instance_id=matter, status="open")] == ["inspect"]
    assert address in browser.text(f"/definitions/{KEY}/migrations")
    assert browser.post(f"{address}/undo").status_code == 303
    assert "已撤销 1 件" in browser.text(address)
    assert [row.node_id for row in read(engine, "user_task", instance_id=matter, status="open")] == ["work"]


def test_a_batch_that_is_not_there_is_not_found(browse, people):
    assert browse("modeller").get("/definitions/migrations/9").status_code == 404
    assert browse("modeller").post("/definitions/migrations/9/pause").status_code == 404


def test_an_earlier_version_is_put_back(engine, browse, matter):
    browser = browse("modeller")
    assert browser.post(f"/definitions/{KEY}/rollback", {"version": "1", "reason": "有误"}).status_code == 303
    assert "第 3 版" in browser.text(f"/definitions/{KEY}")
    assert browser.post(f"/definitions/{KEY}/rollback", {"version": "x", "reason": "有误"}).status_code == 404


def save_draft(browser, old, new):
    xml = browser.text(f"/definitions/{KEY}/draft").replace(old, new)
    headers = {**JSON, "X-CSRFToken": browser.token()}
    browser.client.post(f"/definitions/{KEY}/draft", json={"xml": xml, "row_version": None}, headers=headers)


def test_without_a_procedure_of_approval_nothing_is_proposed_and_that_is_said(browse, matter):
    browser = browse("modeller")
    save_draft(browser, "实地核查", "现场核查")
    page = browser.text(f"/definitions/{KEY}/propose")
    assert "名称由“实地核查”改为“现场核查”" in page
    assert browser.get(f"/definitions/{KEY}/draft/after.svg").mimetype == "image/svg+xml"
    given = {"reason": "说明", "impact": "无", "effective_on": "2026-03-02", "row_version": "1"}
    answer = browser.post(f"/definitions/{KEY}/propose", given)
    assert answer.status_code == 409
    assert "没有部署变更审批流程" in answer.get_data(as_text=True)


def test_a_draft_that_cannot_be_proposed_says_why(browse, matter):
    browser = browse("modeller")
    assert browser.get(f"/definitions/{KEY}/propose").status_code == 404
    save_draft(browser, 'camunda:candidateGroups="squad_officer"', "")
    page = browser.text(f"/definitions/{KEY}/propose")
    assert "草稿还不能提请" in page
    assert "没有办理人" in page
    assert browser.get(f"/definitions/{KEY}/draft/after.svg").status_code == 404


@pytest.mark.parametrize("path", ["migration", "migrations", "migration/map.svg"])
def test_only_the_process_administrator_migrates(browse, matter, path):
    assert browse("alice").get(f"/definitions/{KEY}/{path}").status_code == 404
    assert browse("alice").post(f"/definitions/{KEY}/rollback", {"version": "1"}).status_code == 404


def test_the_matters_of_the_last_days_are_replayed_on_the_draft(engine, browse, matter):
    browser = browse("modeller")
    assert browser.get(f"/definitions/{KEY}/replay").status_code == 404
    xml = browser.text(f"/definitions/{KEY}/draft").replace("实地核查", "现场核查")
    browser.client.post(
        f"/definitions/{KEY}/draft",
        json={"xml": xml, "row_version": None},
        headers={**JSON, "X-CSRFToken": browser.token()},
    )
    page = browser.text(f"/definitions/{KEY}/replay?days=7")
    assert read(engine, "process_instance", id=matter)[0].number in page
    assert browser.get(f"/definitions/{KEY}/replay?days=99999").status_code == 422
