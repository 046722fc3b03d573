"""Drafts of decisions and forms beside a diagram, and what a desktop modeler sends: saved, checked, told, published."""

import base64
import io
import json

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.factories import deploy, form_file, line, procedure, text_field, user
from tests.rows import PASSWORD

JSON = {"Accept": "application/json"}
FORM = "/definitions/desk/files/begin.form"


@pytest.fixture
def desk(engine, people):
    """A procedure with one form."""
    begin = '<bpmn:startEvent id="start" camunda:formRef="begin" camunda:formRefBinding="latest"/>'
    inside = line(user("work"), keys=("work",)).replace('<bpmn:startEvent id="start"/>', begin)
    deploy(engine, *procedure("desk", inside), form_file("desk", "begin", text_field("title")))


def post_json(browser, path, data):
    return browser.client.post(path, json=data, headers={**JSON, "X-CSRFToken": browser.token()})


def labelled(browser, label):
    """The form as the editor gets it, with another label."""
    schema = json.loads(browser.text(f"{FORM}/draft"))
    schema["components"][0]["label"] = label
    return json.dumps(schema, ensure_ascii=False)


def test_a_form_is_edited_and_published_with_the_whole_draft(browse, desk):
    browser = browse("modeller")
    assert "data-editor" in browser.text(FORM)
    changed = labelled(browser, "新标签")
    assert post_json(browser, f"{FORM}/draft", {"xml": changed, "row_version": None}).json["row_version"] == 1
    assert "已修改" in browser.text(FORM)
    xml = browser.text("/definitions/desk/draft")
    assert post_json(browser, "/definitions/desk/draft", {"xml": xml, "row_version": None}).status_code == 200
    published = post_json(browser, "/definitions/desk/publish", {"row_version": 1, "reason": "改标签"})
    assert published.status_code == 200
    assert "新标签" in browser.text(f"{FORM}/draft")
    assert "已修改" not in browser.text(FORM)


def test_of_two_who_edit_one_form_the_second_is_told(browse, desk):
    first, second = browse("modeller"), browse("modeller")
    text = labelled(first, "甲")
    assert post_json(first, f"{FORM}/draft", {"xml": text, "row_version": None}).status_code == 200
    told = post_json(second, f"{FORM}/draft", {"xml": labelled(second, "乙"), "row_version": None})
    assert told.status_code == 409
    assert "没有保存" in told.json["message"]
    assert "甲" in first.text(f"{FORM}/draft")


def test_a_draft_of_a_form_alone_is_shown_and_thrown_away(browse, desk):
    browser = browse("modeller")
    post_json(browser, f"{FORM}/draft", {"xml": labelled(browser, "甲"), "row_version": None})
    assert "提请变更" in browser.text("/definitions/desk")
    assert browser.post("/definitions/desk/discard").status_code == 303
    assert "提请变更" not in browser.text("/definitions/desk")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("{", "json"),
        ('{"components": [{"type": "html", "content": "x"}]}', None),
        ('{"components": 1}', "form"),
    ],
)
def test_the_check_says_what_is_wrong_with_a_form(browse, desk, text, rule):
    checked = post_json(browse("modeller"), f"{FORM}/check", {"xml": text}).json["problems"]
    errors = [one for one in checked if one["severity"] == "error"]
    assert errors
    assert all(one["message"] for one in errors)
    assert rule is None or rule in {one["rule"] for one in errors}


def test_the_check_of_a_draft_refuses_a_form_that_is_not_there(browse, desk):
    browser = browse("modeller")
    xml = browser.text("/definitions/desk/draft")
    unknown = xml.replace('camunda:formRef="begin"', 'camunda:formRef="nowhere"')
    rules = {one["rule"] for one in post_json(browser, "/definitions/desk/check", {"xml": xml}).json["problems"]}
    refused = {one["rule"] for one in post_json(browser, "/definitions/desk/check", {"xml": unknown}).json["problems"]}
    assert refused - rules


def test_a_new_decision_table_begins_empty_and_takes_no_name_that_is_taken(browse, desk):
    browser = browse("modeller")
    made = browser.post("/definitions/desk/files", {"name": "route", "kind": "dmn"})
    assert made.headers["Location"].endswith("/definitions/desk/files/route.dmn")
    assert "<decisionTable" in browser.text("/definitions/desk/files/route.dmn/draft")
    assert browser.post("/definitions/desk/files", {"name": "route", "kind": "dmn"}).status_code == 409
    assert browser.post("/definitions/desk/files", {"name": "../x", "kind": "dmn"}).status_code == 404


def test_only_the_process_administrator_edits_files(browse, desk):
    for person_id in ("alice", "system", "audit"):
        assert browse(person_id).get(FORM).status_code == 404


def call(app, path, files=None, person_id="modeller", password=PASSWORD):
    """Call as the desktop modeler does: no cookie, basic authentication, files under their own names."""
    login = base64.b64encode(f"{person_id}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {login}", **JSON}
    if files is None:
        return app.test_client().get(path, headers=headers)
    data = {"deployment-name": "desk", "deployment-source": "Camunda Modeler", "deploy-changed-only": "true"}
    data.update({name: FileStorage(io.BytesIO(content), name) for name, content in files.items()})
    boundary, body = encode_multipart(data)
    kind = f"multipart/form-data; boundary={boundary}"
    return app.test_client().post(path, data=body, headers=headers, content_type=kind)


def test_a_desktop_modeler_asks_for_the_version_and_deploys_a_draft(app, browse, desk):
    assert call(app, "/engine-rest/version").json["version"].startswith("7.")
    browser = browse("modeller")
    before = browser.text("/definitions/desk/file.bpmn")
    changed = before.replace('name="desk', 'name="新 desk').encode() + b"<!-- kept as it came -->\n"
    form = labelled(browser, "来自桌面").encode()
    answer = call(app, "/engine-rest/deployment/create", {"desk.bpmn": changed, "begin.form": form})
    assert answer.status_code == 200
    assert answer.json["name"] == "desk"
    assert answer.json["links"][0]["href"].endswith("/definitions/desk/editor")
    assert browser.get("/definitions/desk/draft").data == changed
    assert browser.get(f"{FORM}/draft").data == form
    assert browser.text("/definitions/desk/file.bpmn") == before


def test_a_desktop_modeler_overwrites_nobody_and_learns_why(app, browse, desk, engine):
    xml = browse("modeller").get("/definitions/desk/draft").data
    assert call(app, "/engine-rest/deployment/create", {"desk.bpmn": xml}).status_code == 200
    with engine.database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE definition_draft SET saved_by = 'alice'")
    told = call(app, "/engine-rest/deployment/create", {"desk.bpmn": xml + b" "})
    assert told.status_code == 409
    assert "alice" in told.json["message"]


@pytest.mark.parametrize(
    "files",
    [
        {"x.bpmn": b"<x"},
        {"x.bpmn": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"},
        {"x.form": b"{}"},
        {"x.exe": b"MZ"},
        {"x.dmn": b"<x/>" + b" " * 2_100_000},
        {},
    ],
    ids=["broken", "entity", "unknown-form", "kind", "large", "none"],
)
def test_what_a_modeler_may_not_send_is_refused_by_name(app, desk, files):
    refused = call(app, "/engine-rest/deployment/create", files)
    assert refused.status_code == 422
    assert all(name in refused.json["message"] for name in files)


def test_without_password_or_office_a_modeler_gets_nothing(app, browse, desk):
    xml = browse("modeller").get("/definitions/desk/draft").data
    assert call(app, "/engine-rest/version", password="wrong").status_code == 401
    assert call(app, "/engine-rest/deployment/create", {"desk.bpmn": xml}, "alice").status_code == 403
