"""The task page: claim, fill, be refused without losing a word, submit, and all other acts on a task."""

import io
import re

import pytest

from tests.factories import (
    DEADLINES,
    LADDER,
    DefinitionFile,
    deploy,
    form_file,
    line,
    open_tasks,
    procedure,
    props,
    read,
    start,
    text_field,
    user,
)
from tests.rows import PASSWORD, load_people

OUTCOME = {
    "type": "radio", "id": "f_outcome", "key": "outcome", "label": "意见", "values": [
        {"value": "同意", "label": "同意并办结"}, {"value": "退回", "label": "退回"}],
    "validate": {"required": True}, "properties": {"bihuan:outcome": "true"},
}  # fmt: skip
REPORT = text_field("report", "核查经过", type="textarea", validate={"required": True, "minLength": 4})


@pytest.fixture
def people(engine):
    """The organisation with its deadlines, everybody with the same password."""
    load_people(engine, PASSWORD)
    deploy(
        engine,
        DefinitionFile("config/deadlines.toml", DEADLINES.encode()),
        DefinitionFile("config/ladder.toml", LADDER.read_bytes()),
    )


@pytest.fixture
def task_id(engine, people):
    """A task with a form, which alice and bob may claim."""
    step = user("work", name="核查", more='camunda:candidateGroups="squad_officer" camunda:formRef="check" '
                'camunda:formRefBinding="latest"', inside=props(deadline="T-LAW"))  # fmt: skip
    deploy(engine, *procedure("check_it", line(step, keys=("work",))), form_file("check_it", "check", REPORT, OUTCOME))
    return start(engine, "check_it").tasks[0].task_id


def matter_of(engine, task_id):
    return read(engine, "user_task", id=task_id)[0].instance_id


def claimed(browse, task_id, person_id="alice"):
    """The browser of somebody who has claimed the task."""
    browser = browse(person_id)
    assert browser.post(f"/tasks/{task_id}/claim").status_code == 303
    return browser


def page_fields(browser, task_id):
    """What the form of the page posts besides what is typed."""
    page = browser.text(f"/tasks/{task_id}")
    return dict(re.findall(r'<input type="hidden" name="(row_version|idempotency_key)" value="([^"]+)">', page))


def test_a_task_says_what_until_when_why_and_who_is_next(browse, task_id):
    page = browse("alice").text(f"/tasks/{task_id}")
    for words in (
        "步骤",
        "核查",
        "剩余 10 个工作日",
        "法定 T-LAW",
        "为什么是我",
        "下一步由谁办理",
        "依据",
        "签收后由您办理",
    ):
        assert words in page, words
    assert "同意并办结" not in page


def test_who_claimed_it_gets_the_outcomes_as_buttons(browse, task_id):
    page = claimed(browse, task_id).text(f"/tasks/{task_id}")
    assert re.search(r'<button class="btn btn-primary" name="outcome" value="同意" data-main>同意并办结</button>', page)
    assert 'name="outcome" value="退回"' in page


def test_submitting_ends_the_step_and_says_what_follows(browse, engine, task_id):
    browser = claimed(browse, task_id)
    fields = page_fields(browser, task_id)
    answer = browser.post(f"/tasks/{task_id}/complete", {**fields, "report": "现场已核实", "outcome": "同意"})
    assert (answer.status_code, answer.location) == (303, "/work")
    assert "“核查”已办结" in browser.text("/work")
    assert read(engine, "user_task", id=task_id)[0].submission == {"report": "现场已核实", "outcome": "同意"}


def test_a_refused_form_keeps_every_word_and_names_the_field(browse, engine, task_id):
    browser = claimed(browse, task_id)
    fields = page_fields(browser, task_id)
    answer = browser.post(f"/tasks/{task_id}/complete", {**fields, "report": "短<", "outcome": "同意"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "有 1 处需要修改，已填内容都在" in page
    assert 'href="#field-report"' in page
    assert "短&lt;" in page
    assert open_tasks(engine, matter_of(engine, task_id)) == [task_id]


def test_htmx_gets_the_form_alone_when_refused_and_is_sent_on_when_done(browse, task_id):
    browser = claimed(browse, task_id)
    fields = page_fields(browser, task_id)
    headers = {"HX-Request": "true"}
    refused = browser.post(f"/tasks/{task_id}/complete", {**fields, "outcome": "同意"}, headers=headers)
    assert refused.status_code == 422
    assert refused.get_data(as_text=True).lstrip().startswith("<form")
    done = browser.post(
        f"/tasks/{task_id}/complete", {**fields, "report": "现场已核实", "outcome": "同意"}, headers=headers
    )
    assert (done.status_code, done.headers["HX-Redirect"]) == (204, "/work")


def test_pressing_twice_is_done_once_and_told_twice_the_same(browse, engine, task_id):
    browser = claimed(browse, task_id)
    typed = {**page_fields(browser, task_id), "report": "现场已核实", "outcome": "同意"}
    answers = [browser.post(f"/tasks/{task_id}/complete", typed).status_code for _ in range(2)]
    assert answers == [303, 303]
    assert len(read(engine, "user_task", id=task_id)) == 1


def test_an_old_page_keeps_its_words_and_is_told_so(browse, task_id):
    browser = claimed(browse, task_id)
    typed = {**page_fields(browser, task_id), "report": "我写了很多很多", "outcome": "同意", "row_version": "0"}
    answer = browser.post(f"/tasks/{task_id}/complete", typed)
    assert answer.status_code == 409
    assert "我写了很多很多" in answer.get_data(as_text=True)


def test_another_person_cannot_submit_or_claim_what_is_taken(browse, task_id):
    claimed(browse, task_id)
    bob = browse("bob")
    assert bob.post(f"/tasks/{task_id}/claim").status_code == 409
    answer = bob.post(f"/tasks/{task_id}/complete", {"report": "现场已核实", "outcome": "同意", "row_version": "2"})
    assert answer.status_code == 403


def test_somebody_elses_task_does_not_exist(browse, task_id):
    charlie = browse("charlie")
    for path in (f"/tasks/{task_id}", f"/tasks/{task_id}/transfer", f"/tasks/{task_id}/extension"):
        assert charlie.get(path).status_code == 404
    for act in ("claim", "unclaim", "complete", "draft", "comment", "transfer", "extension"):
        assert charlie.post(f"/tasks/{task_id}/{act}", {"text": "x"}).status_code == 404, act


def test_a_draft_comes_back_and_is_ones_own(browse, task_id):
    browser = claimed(browse, task_id)
    saved = browser.post(f"/tasks/{task_id}/draft", {"report": "写到一半"}, headers={"Accept": "application/json"})
    assert saved.json["saved"]
    page = browser.text(f"/tasks/{task_id}")
    assert "写到一半" in page
    assert "草稿保存于" in page
    assert "写到一半" not in browse("bob").text(f"/tasks/{task_id}")


def test_a_task_goes_back_to_the_group_and_to_a_colleague(browse, engine, task_id):
    browser = claimed(browse, task_id)
    assert browser.post(f"/tasks/{task_id}/unclaim").location == "/work?tab=claimable"
    browser.post(f"/tasks/{task_id}/claim")
    assert "bob（示例）" in browser.text(f"/tasks/{task_id}/transfer")
    refused = browser.post(f"/tasks/{task_id}/transfer", {"to_person": "charlie", "reason": "请假"})
    assert refused.status_code == 403
    assert "请假" in refused.get_data(as_text=True)
    browser.post(f"/tasks/{task_id}/transfer", {"to_person": "bob", "reason": "请假一周"})
    assert read(engine, "user_task", id=task_id)[0].assignee == "bob"


def test_an_impossible_extension_is_refused_with_what_was_typed(browse, task_id):
    browser = claimed(browse, task_id)
    assert "申请延期" in browser.text(f"/tasks/{task_id}/extension")
    typed = {"new_due": "2099-01-01", "reason": "等待检测结果", "done": "已送检"}
    refused = browser.post(f"/tasks/{task_id}/extension", typed)
    assert refused.status_code in {409, 422}
    assert "等待检测结果" in refused.get_data(as_text=True)
    assert browser.post(f"/tasks/{task_id}/extension", {"new_due": "x"}).status_code == 422


def test_a_remark_is_text_and_seen_by_who_takes_part(browse, task_id):
    browser = claimed(browse, task_id)
    browser.post(f"/tasks/{task_id}/comment", {"text": "<b>请两人到场</b>"})
    assert "&lt;b&gt;请两人到场" in browser.text(f"/tasks/{task_id}")


def test_a_file_is_attached_handed_out_as_a_download_and_hidden_from_others(browse, engine, task_id):
    browser = claimed(browse, task_id)
    file = (io.BytesIO(b"%PDF-1.4 test"), "../../核查 报告.pdf")
    answer = browser.post(
        "/attachments", {"file": file, "task_id": task_id, "instance_id": matter_of(engine, task_id)},
        headers={"Accept": "application/json"}, content_type="multipart/form-data",
    )  # fmt: skip
    assert answer.status_code == 201
    download = browser.get(answer.json["url"])
    assert download.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in download.headers["Content-Security-Policy"]
    assert download.headers["X-Content-Type-Options"] == "nosniff"
    download.close()
    assert "核查 报告.pdf" in browser.text(f"/tasks/{task_id}")
    assert browse("charlie").get(answer.json["url"]).status_code == 404


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.exe", "a.pdf"])
def test_a_file_that_is_not_what_it_says_is_refused(browse, engine, task_id, name):
    browser = claimed(browse, task_id)
    answer = browser.post(
        "/attachments", {"file": (io.BytesIO(b"<script>alert(1)</script>"), name), "task_id": task_id,
                         "instance_id": matter_of(engine, task_id)},
        headers={"Accept": "application/json"}, content_type="multipart/form-data",
    )  # fmt: skip
    assert answer.status_code == 422
    assert answer.json["message"]


def test_the_map_and_every_part_of_the_file_can_be_read(browse, engine, task_id):
    browser = claimed(browse, task_id)
    matter = matter_of(engine, task_id)
    for part in ("", "/timeline", "/documents", "/filed", "/links", "/diagram", "/audit"):
        assert "check_it流程" in browser.text(f"/matters/{matter}{part}"), part
        assert browse("charlie").get(f"/matters/{matter}{part}").status_code == 404
    picture = browser.get(f"/matters/{matter}/map.svg")
    assert picture.content_type.startswith("image/svg+xml")
    assert "sandbox" in picture.headers["Content-Security-Policy"]
