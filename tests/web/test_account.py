"""Login, logout, passwords and what the browser keeps."""

import pytest

from engine.commands.people import SetPassword
from tests.rows import PASSWORD, person


def test_whoever_is_not_logged_in_is_sent_to_the_login_page_and_back(browse):
    browser = browse()
    answer = browser.get("/work?tab=done")
    assert answer.status_code == 302
    assert answer.location == "/login?next=/work?tab%3Ddone"
    login = browser.post(answer.location, {"login": "alice", "password": PASSWORD})
    assert (login.status_code, login.location) == (303, "/work?tab=done")


def test_a_wrong_password_keeps_the_login_and_says_no_more_than_an_unknown_one(browse):
    browser = browse()
    wrong = browser.log_in("alice", "wrong")
    unknown = browser.log_in("nobody-at-all", "wrong")
    assert wrong.status_code == unknown.status_code == 422
    assert 'value="alice"' in wrong.get_data(as_text=True)
    words = "用户名或密码不正确"
    assert words in wrong.get_data(as_text=True)
    assert words in unknown.get_data(as_text=True)


def test_the_session_cookie_is_out_of_reach_of_scripts(browse):
    cookies = browse().log_in("alice").headers.getlist("Set-Cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("bihuan="))
    assert "HttpOnly" in session
    assert "SameSite=Lax" in session


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_login_never_leads_to_another_site(browse, target):
    browser = browse()
    answer = browser.post("/login?next=" + target, {"login": "alice", "password": PASSWORD})
    assert answer.location == "/work"


def test_logging_out_ends_the_session_on_the_server(browse):
    browser = browse("alice")
    answer = browser.post("/logout")
    assert answer.headers["Clear-Site-Data"]
    assert browser.get("/work").status_code == 302


def test_a_password_that_was_set_for_one_must_be_changed_first(browse, engine):
    engine.run(SetPassword("alice", "Wm5#kranich-neu"), person(engine, "system"))
    browser = browse()
    assert browser.log_in("alice", "Wm5#kranich-neu").location == "/password"
    assert browser.get("/work").location == "/password"
    new = "Zr9!uferlos-heute"
    wrong = browser.post("/password", {"old_password": "x", "new_password": new, "repeat_password": new})
    assert wrong.status_code == 422
    assert "原密码不正确" in wrong.get_data(as_text=True)
    differing = browser.post("/password", {"old_password": "x", "new_password": new, "repeat_password": "y"})
    assert "两次输入的新密码不一致" in differing.get_data(as_text=True)
    changed = browser.post(
        "/password", {"old_password": "Wm5#kranich-neu", "new_password": new, "repeat_password": new}
    )
    assert changed.location == "/login"
    assert browser.log_in("alice", new).location == "/work"


def test_one_sees_and_ends_ones_other_sessions(browse):
    first, second = browse("alice"), browse("alice")
    page = second.text("/account")
    assert page.count("本次登录") == 1
    session_id = page.split("/account/sessions/")[1].split("/end")[0]
    assert second.post(f"/account/sessions/{session_id}/end").status_code == 303
    assert first.get("/work").status_code == 302
    assert second.get("/work").status_code == 200


def test_the_theme_is_kept_and_only_known_ones_are(browse):
    browser = browse("alice")
    browser.post("/account/appearance", {"theme": "dark"})
    assert 'data-theme="dark"' in browser.text("/work")
    browser.post("/account/appearance", {"theme": '"><script>'})
    assert "data-theme" not in browser.text("/work")


def test_help_is_open_to_all_and_more_lists_what_one_may_open(browse):
    assert "帮助" in browse().text("/help")
    assert "台账" in browse("alice").text("/more")
    assert "台账" not in browse("system").text("/more")
