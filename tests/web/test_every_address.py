"""What holds for every address, read from the URL map: login, headers, forgery, and that reading changes nothing."""

import pytest

from web.security import HEADERS

VALUES = {
    "task_id": 999_999, "instance_id": 999_999, "notice_id": 999_999, "incident_id": 999_999, "key": "no_such",
    "node_id": "Nowhere", "part": "timeline", "name": "no_such", "session_id": "x", "filename": "css/base.css",
    "attachment_id": "7f1d3c52-1111-4222-8333-944455556666",
    "side": "before",
    "batch": 1,
    "token": "none",
    "token_id": 999_999,
    "rest": "work",
    "scenario_id": 1,
}  # fmt: skip
OPEN = {"account.login", "account.help", "account.health", "static", "metrics.show", "metrics.ready"}


def addresses(app, method):
    """Every address that answers a method, with values for its parts."""
    found = []
    for rule in app.url_map.iter_rules():
        if method in rule.methods:
            with app.test_request_context():
                made = rule.build({name: VALUES[name] for name in rule.arguments}, append_unknown=False)
            found.append((rule.endpoint, made[1]))
    return found


def test_every_answer_carries_the_headers(app, browse):
    browser = browse("alice")
    for endpoint, path in addresses(app, "GET"):
        answer = browser.get(path)
        missing = [name for name in HEADERS if name not in answer.headers]
        assert not missing, (endpoint, missing)
        assert answer.status_code < 500 or endpoint == "metrics.ready", (endpoint, answer.status_code)
        answer.close()


def test_nobody_reads_without_a_login(app, browse):
    for endpoint, path in addresses(app, "GET"):
        if endpoint not in OPEN:
            assert browse().get(path).status_code in {302, 401}, endpoint


def test_nobody_writes_without_a_login(app, browse):
    for endpoint, path in addresses(app, "POST"):
        if endpoint not in OPEN:
            assert browse().post(path).status_code == 401, endpoint


def test_nothing_is_written_without_the_token(app, browse):
    browser = browse("alice")
    for endpoint, path in addresses(app, "POST"):
        # The pages of a trial ask for a token of their own; there is no trial here (tests/web/test_play.py).
        # A desktop modeler sends no cookie and no token, but a name and a password with each call.
        refused = {"play.inside": 404, "modeler.create": 401}.get(endpoint, 400)
        assert browser.client.post(path, data={"a": "b"}).status_code == refused, endpoint


def test_nothing_is_written_for_another_site(app, browse):
    browser = browse("alice")
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
    ):
        for endpoint, path in addresses(app, "POST"):
            assert browser.post(path, headers=headers).status_code == 403, (endpoint, headers)


@pytest.mark.parametrize("person_id", ["alice", "modeller", "system", "security", "audit"])
def test_what_does_not_exist_is_404_for_everybody_and_never_a_fault(app, browse, person_id):
    browser = browse(person_id)
    for endpoint, path in addresses(app, "GET"):
        if any(str(value) in path for value in (999_999, "no_such")):
            assert browser.get(path).status_code == 404, endpoint


@pytest.mark.parametrize("path", ["/work?search=%00", "/matters?search=a%00b", "/system/people?search=%00"])
def test_nul_in_an_address_is_refused(browse, path):
    assert browse("system").get(path).status_code == 400


def test_nul_in_a_form_names_the_field(browse):
    answer = browse("alice").post("/login", {"login": "a\0b", "password": "x"})
    assert answer.status_code == 422
    assert "login" in answer.get_data(as_text=True)


def test_a_form_of_many_megabytes_is_refused(browse):
    answer = browse("alice").post("/tasks/1/comment", {"text": "x" * (5 * 1024 * 1024)})
    assert answer.status_code == 413
    assert "超过" in answer.get_data(as_text=True)


@pytest.mark.parametrize("cursor", ["x", "W10", "%F0%9F%98%80", "a" * 3000, "bnVsbA"])
def test_a_broken_page_mark_is_told_and_no_fault(browse, cursor):
    assert browse("alice").get(f"/work?cursor={cursor}").status_code in {200, 422}


@pytest.mark.parametrize(
    "query", ["sort=due;drop", "sort=number--", "tab=x", "light=9", "light=-1", "light=a", "descending=x"]
)
def test_an_unknown_choice_shows_the_usual_list(browse, query):
    assert browse("alice").get(f"/work?{query}").status_code == 200
