"""流程管理, 系统, 台账 and 统计: who may open them, and what they do."""

import pytest

from tests.factories import deploy, form_file, line, procedure, start, text_field, user
from tests.rows import add_definition, add_matter

JSON = {"Accept": "application/json"}


@pytest.fixture
def deployed(engine, people):
    """A procedure with one step and a ledger column, and one matter of it."""
    about = '[[ledger]]\nlabel = "线索标题"\nvalue = "title"\n'
    matter = f'title = "title"\n{about}'
    begin = '<bpmn:startEvent id="start" camunda:formRef="begin" camunda:formRefBinding="latest"/>'
    inside = line(user("work", name="核查"), keys=("work",)).replace('<bpmn:startEvent id="start"/>', begin)
    deploy(engine, *procedure("check_it", inside, matter=matter), form_file("check_it", "begin", text_field("title")))
    return start(engine, "check_it", title="=cmd()").instance_id


def post_json(browser, path, data):
    return browser.client.post(path, json=data, headers={**JSON, "X-CSRFToken": browser.token()})


def test_only_the_process_administrator_opens_the_procedures(browse, deployed):
    assert "check_it流程" in browse("modeller").text("/definitions")
    for person_id in ("alice", "system", "security", "audit"):
        assert browse(person_id).get("/definitions").status_code == 404
        assert browse(person_id).get("/definitions/check_it/editor").status_code == 404


def test_a_diagram_is_edited_checked_and_published_as_a_new_version(browse, deployed):
    browser = browse("modeller")
    assert "data-editor" in browser.text("/definitions/check_it/editor")
    xml = browser.text("/definitions/check_it/draft").replace("核查", "复查")
    saved = post_json(browser, "/definitions/check_it/draft", {"xml": xml, "row_version": None})
    assert (saved.status_code, saved.json["row_version"]) == (200, 1)
    assert post_json(browser, "/definitions/check_it/draft", {"xml": xml, "row_version": None}).status_code == 409
    checked = post_json(browser, "/definitions/check_it/check", {"xml": xml})
    assert not [one for one in checked.json["problems"] if one["severity"] == "error"]
    published = post_json(browser, "/definitions/check_it/publish", {"row_version": 1, "reason": "改名"})
    assert published.json == {"version": 2, "url": "/definitions/check_it"}
    assert "复查" in browser.text("/definitions/check_it/draft")
    assert "复查" not in browser.get("/definitions/check_it/file.bpmn?version=1").get_data(as_text=True)


@pytest.mark.parametrize("xml", ["", "not xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "\0", "<x/>"])
def test_a_broken_or_hostile_file_is_refused_and_nothing_stays(browse, deployed, xml):
    browser = browse("modeller")
    checked = post_json(browser, "/definitions/check_it/check", {"xml": xml})
    assert checked.status_code == 422 or [one for one in checked.json["problems"] if one["severity"] == "error"]
    post_json(browser, "/definitions/check_it/draft", {"xml": xml, "row_version": None})
    published = post_json(browser, "/definitions/check_it/publish", {"row_version": 1, "reason": "测试"})
    assert published.status_code in {404, 422}
    assert published.json["message"]
    assert "第 1 版" in browser.text("/definitions/check_it")


def test_a_draft_can_be_thrown_away(browse, deployed):
    browser = browse("modeller")
    xml = browser.text("/definitions/check_it/draft")
    post_json(browser, "/definitions/check_it/draft", {"xml": xml, "row_version": None})
    assert "放弃草稿" in browser.text("/definitions/check_it")
    browser.post("/definitions/check_it/discard")
    assert "放弃草稿" not in browser.text("/definitions/check_it")


def test_administrators_see_their_own_pages_only(browse):
    allowed = {"people": {"system", "security"}, "incidents": {"system", "modeller"}}
    for page, people in allowed.items():
        for person_id in ("system", "security", "audit", "modeller", "alice"):
            expected = 200 if person_id in people else 404
            assert browse(person_id).get(f"/system/{page}").status_code == expected, (page, person_id)


def test_the_examples_clock_moves_forward_only_by_the_system_administrator(browse, engine):
    engine.example = True
    assert browse("alice").post("/system/clock", {"step": "1d"}).status_code == 404
    browser = browse("system")
    before = browser.text("/system/clock")
    assert browser.post("/system/clock", {"step": "1h"}).status_code == 303
    after = browser.text("/system/clock")
    assert "09:00" in before
    assert "10:00" in after
    assert browser.post("/system/clock", {"step": "7d"}).status_code == 303
    assert browser.text("/work")
    assert browser.post("/system/clock", {"step": "-1d"}).status_code == 422


def test_the_ledger_is_exported_within_scope_and_without_formulas(browse, deployed):
    page = browse("alice").text("/ledgers/check_it")
    assert "线索标题" in page
    export = browse("alice").get("/ledgers/check_it.csv").get_data(as_text=True)
    assert "'=cmd()" in export
    assert ",=cmd()" not in export
    assert "=cmd()" not in browse("western").get("/ledgers/check_it.csv").get_data(as_text=True)
    assert browse("alice").get("/ledgers/no_such.csv").status_code == 404


def test_the_figures_count_only_what_one_may_see(browse, engine, people):
    definition = add_definition(engine)
    for number in range(3):
        add_matter(
            engine, definition, f"A-{number}", status="completed", ended_at=engine.clock.now(), overdue=number == 0
        )
    mine = browse("alice").get("/reports/timeliness.csv").get_data(as_text=True)
    assert "合计,3,2,66.7%,0,1,33.3%" in mine
    assert "合计" not in browse("western").get("/reports/timeliness.csv").get_data(as_text=True)
    assert "按期办结" in browse("alice").text("/reports?since=2026-01-01&until=x")


def test_a_matter_is_started_by_who_may_and_from_its_page(browse, deployed):
    browser = browse("alice")
    assert "check_it流程" in browser.text("/start")
    assert "事项" in browser.text("/start/check_it")
    answer = browser.post("/start/check_it", {"title": "夜间噪声", "unit_code": "191901"})
    assert answer.status_code == 303
    assert "夜间噪声" in browser.text(answer.location)
    assert browse("western").post("/start/check_it", {"title": "x"}).status_code in {403, 404}
