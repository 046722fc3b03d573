"""试运行: a draft is tried as anybody, with a clock that moves, and nothing of it reaches the bureau."""

import re

import pytest

from tests.factories import deploy, form_file, line, procedure, read, text_field, user

JSON = {"Accept": "application/json"}
KEY = "try_it"


@pytest.fixture
def deployed(engine, people):
    """A procedure of two steps that begins with a form."""
    begin = '<bpmn:startEvent id="start" camunda:formRef="begin" camunda:formRefBinding="latest"/>'
    inside = line(user("work", name="核查") + user("reply", name="反馈"), keys=("work", "reply"))
    files = procedure(KEY, inside.replace('<bpmn:startEvent id="start"/>', begin))
    deploy(engine, *files, form_file(KEY, "begin", text_field("title", "标题")))


@pytest.fixture
def trial(browse, deployed):
    """A browser in a trial of a draft that calls the first step otherwise; returns it with the trial's address."""
    browser = browse("modeller")
    xml = browser.text(f"/definitions/{KEY}/draft").replace("核查", "实地核查")
    token = {**JSON, "X-CSRFToken": browser.token()}
    browser.client.post(f"/definitions/{KEY}/draft", json={"xml": xml, "row_version": None}, headers=token)
    begun = browser.post(f"/definitions/{KEY}/play")
    assert begun.status_code == 303
    return browser, re.match(r"(/play/[^/]+)/", begun.headers["Location"])[1]


def inner(browser, page):
    """The token of the sandbox's own pages."""
    return re.search(r'name="csrf-token" content="([^"]+)"', browser.text(page))[1]


def begin(browser, base):
    page = browser.text(f"{base}/start/{KEY}")
    action = re.search(r'<form[^>]*action="([^"]*/start/[^"]*)"', page)[1]
    answer = browser.client.post(action, data={"csrf_token": inner(browser, f"{base}/start/{KEY}"), "title": "试一试"})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return browser.text(f"{base}/work")


def outer(browser, page, act, **data):
    """Press a button of the bar."""
    found = re.search(rf'action="([^"]*/{act})"[^>]*>\s*<input type="hidden" name="csrf_token" value="([^"]+)"', page)
    return browser.client.post(found[1], data={"csrf_token": found[2], **data})


def test_a_draft_is_begun_done_and_saved_as_a_scenario(engine, browse, trial):
    browser, base = trial
    page = begin(browser, base)
    assert "办理“实地核查”" in page
    task = re.search(r'name="person" value="([^"]+)"><input type="hidden" name="task" value="(\d+)"', page)
    gone = outer(browser, page, "person", person=task[1], task=task[2])
    assert gone.headers["Location"] == f"{base}/tasks/{task[2]}"
    shown = browser.text(f"{base}/tasks/{task[2]}")
    assert "实地核查" in shown
    saved = outer(browser, page, "scenario", name="一路到底")
    assert saved.status_code == 303
    listed = browser.text(f"/definitions/{KEY}/scenarios")
    assert "一路到底" in listed
    assert read(engine, "scenario")[0].key == KEY
    assert read(engine, "process_instance") == []


def test_the_clock_of_a_trial_moves_alone(engine, trial):
    browser, base = trial
    page = begin(browser, base)
    before = engine.clock.now()
    assert outer(browser, page, "clock", step="7d").status_code == 303
    assert outer(browser, page, "clock", step="x").status_code == 404
    assert engine.clock.now() == before
    assert read(engine, "setting", name="clock_offset") == []


def test_only_who_began_a_trial_sees_it(browse, trial):
    _, base = trial
    for person in ("alice", "system", None):
        assert browse(person).get(f"{base}/work").status_code in {302, 404}
    assert browse("modeller").get("/play/none/work").status_code == 404
    assert browse("modeller").get("/play/..%2f..%2fx/work").status_code == 404


def test_no_header_makes_anybody_somebody_else(browse, deployed):
    answer = browse("alice").get("/definitions", headers={"bihuan.person": "modeller", "Bihuan-Person": "modeller"})
    assert answer.status_code == 404


def test_nothing_is_posted_into_a_trial_without_its_token(trial):
    browser, base = trial
    assert browser.client.post(f"{base}/start/{KEY}", data={"title": "x"}).status_code in {400, 403}


def test_a_trial_ends_and_leaves_nothing(app, trial, tmp_path):
    browser, base = trial
    page = browser.text(f"{base}/start/{KEY}")
    assert outer(browser, page, "end").status_code == 303
    assert browser.get(f"{base}/work").status_code == 404
    assert list((tmp_path / "play").iterdir()) == []


def test_a_scenario_is_thrown_away(engine, browse, trial):
    browser, base = trial
    page = begin(browser, base)
    outer(browser, page, "scenario", name="甲")
    number = read(engine, "scenario")[0].id
    assert browser.post(f"/definitions/scenarios/{number}/drop").status_code == 303
    assert read(engine, "scenario") == []
    assert browser.post(f"/definitions/scenarios/{number}/drop").status_code == 404
