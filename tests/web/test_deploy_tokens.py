"""The page of deploy tokens, and what a desktop modeler may do with one: bring drafts, and nothing else."""

import io
import re

import pytest

from tests.factories import deploy, line, procedure, user

PAGE = "/deploy-tokens"


@pytest.fixture
def desk(engine, people):
    deploy(engine, *procedure("desk", line(user("work"), keys=("work",))))


def make(browser, label="办公室电脑", days="30"):
    answer = browser.post(PAGE, {"label": label, "days": days})
    assert answer.status_code == 200
    return re.search(r'id="token" value="([^"]+)"', answer.get_data(as_text=True))[1]


def bearer(token):
    return {"Authorization": f"Bearer {token}", "Accept": "application/json"}


def send(app, token, content, name="desk.bpmn"):
    files = {"data": (content, name)}
    return app.test_client().post("/engine-rest/deployment/create", data=files, headers=bearer(token))


def test_a_token_is_shown_once_and_brings_drafts(app, browse, desk):
    browser = browse("modeller")
    token = make(browser)
    assert token not in browser.text(PAGE)
    assert "没有用过" in browser.text(PAGE)
    assert app.test_client().get("/engine-rest/version", headers=bearer(token)).json["version"].startswith("7.")
    changed = browser.get("/definitions/desk/file.bpmn").data.replace(b'name="desk', b'name="new desk')
    assert send(app, token, io.BytesIO(changed)).status_code == 200
    assert browser.get("/definitions/desk/draft").data == changed
    assert "没有用过" not in browser.text(PAGE)


def test_a_token_opens_no_other_address(app, browse):
    token = make(browse("modeller"))
    client, other = app.test_client(), 0
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and not rule.arguments and not rule.endpoint.startswith("modeler."):
            other += 1
            plain = client.get(rule.rule)
            shown = client.get(rule.rule, headers={"Authorization": f"Bearer {token}"})
            assert (shown.status_code, shown.location) == (plain.status_code, plain.location), rule.rule
    assert other > 10
    browser = browse()
    assert browser.post("/login", {"login": "modeller", "password": token}).status_code == 422


def test_a_revoked_token_and_one_never_made_are_refused_alike(app, browse):
    browser = browse("modeller")
    token = make(browser)
    (revoke,) = re.findall(r'action="(/deploy-tokens/\d+/revoke)"', browser.text(PAGE))
    assert browser.post(revoke).status_code == 303
    assert "已失效" in browser.text(PAGE)
    for shown in (token, "modeller~guess", "x" * 300):
        answer = app.test_client().get("/engine-rest/version", headers=bearer(shown))
        assert answer.status_code == 401
        assert "令牌" in answer.json["message"]


def test_a_token_brings_nothing_once_its_owner_keeps_the_procedures_no_more(app, browse, desk, engine):
    browser = browse("modeller")
    token = make(browser)
    xml = browser.get("/definitions/desk/file.bpmn").data
    with engine.database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE position SET valid_to = '2026-03-01' WHERE person_id = 'modeller'")
    assert send(app, token, io.BytesIO(xml)).status_code == 403


@pytest.mark.parametrize(
    ("label", "days", "words"), [("", "30", "用途"), ("电脑", "91", "1 至 90 天"), ("电脑", "x", "90")]
)
def test_what_is_wrong_is_said_on_the_page(browse, label, days, words):
    answer = browse("modeller").post(PAGE, {"label": label, "days": days})
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)


def test_the_page_is_for_process_administrators(browse):
    for person_id in ("alice", "system", "security", "audit"):
        browser = browse(person_id)
        assert browser.get(PAGE).status_code == 404
        assert browser.post(PAGE, {"label": "电脑", "days": "30"}).status_code == 404


def test_the_list_of_procedures_leads_to_the_tokens(browse):
    assert f'href="{PAGE}"' in browse("modeller").text("/definitions")
