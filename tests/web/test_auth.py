"""Who is asking: the cookie, its rotation, and where one may be sent after logging in (security S16, S21)."""

import pytest

from engine.actor import ENGINE
from engine.commands.positions import EndPosition
from engine.queries.people import ListPeople
from tests.rows import EAST, person
from web.auth import local_target

ELSEWHERE = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\t/evil.example",
    "\t//evil.example", "/\n/evil.example", "/\r\nLocation: x", "http://evil.example", "https://evil.example/",
    "HTTPS://evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "ftp://x",
    "file:///etc/passwd", "evil.example", "evil.example/work", "@evil.example", "user@evil.example", ":80", "?next=x",
    "#x", "", " ", " /work", "/work\\x", "/\x00", "/\x7f", "/\u2028work", "/\u202ework", "//", "///", "/\\", "/\\/x",
    "work", "./work", "../work", None,
]  # fmt: skip
HERE = ["/work", "/tasks/12?tab=mine", "/matters/1/timeline#end", "/start/x?unit=310100", "/搜索?q=占道"]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_sent_to_another_site(target):
    assert local_target(target, "/work") == "/work"


@pytest.mark.parametrize("target", HERE)
def test_one_is_sent_where_one_wanted_to_go_on_this_site(target):
    assert local_target(target, "/default") == target


def cookie_of(answer):
    return next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("bihuan="))


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites_and_ends_with_the_browser(browse):
    browser = browse()
    cookie = cookie_of(browser.log_in("intake"))
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Path=/"))
    assert not any(word in cookie for word in ("Expires", "Max-Age", "Domain"))


def test_each_login_gives_a_new_session_and_ends_the_one_presented(browse):
    browser = browse()
    first = cookie_of(browser.log_in("intake")).split(";")[0]
    second = cookie_of(browser.log_in("intake")).split(";")[0]
    assert first != second
    browser.client.delete_cookie("bihuan")
    stale = browser.client.get("/work", headers={"Cookie": first})
    assert stale.status_code == 302
    assert "/login" in stale.headers["Location"]


def test_a_planted_session_is_not_taken_over(browse):
    browser = browse()
    browser.client.set_cookie("bihuan", "planted")
    assert "planted" not in cookie_of(browser.log_in("intake"))


def test_a_right_that_was_taken_away_is_gone_with_the_next_page(engine, browse):
    browser = browse()
    browser.log_in("intake")
    before = browser.text("/account")
    found = engine.ask(ListPeople(search="intake", unit=EAST), ENGINE)[0]
    engine.run(EndPosition(found.positions[0].id), person(engine, "security"))
    after = browser.text("/account")
    assert "收件分办岗" in before
    assert "收件分办岗" not in after
