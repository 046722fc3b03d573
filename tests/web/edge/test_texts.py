"""NUL, lone surrogates, control and bidi characters, huge numbers: in fields, addresses, JSON, comments, cookies."""

import json

import pytest

from tests.factories import read
from tests.web.test_every_address import addresses

NUL, SURROGATE = "a\0b", "a\ud800b"
HUGE = 10**25


@pytest.mark.parametrize("name", ["report", "count", "day", "moment", "kind", "papers", "outcome", "odd\0name"])
def test_a_nul_in_a_field_is_told_and_the_other_words_are_shown(desk, name):
    answer = desk.submit(**{"report": "写了很多很多的话", name: NUL})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "含有无法保存的字符" in page
    assert name == "report" or "写了很多很多的话" in page
    assert desk.completions() == 0


@pytest.mark.parametrize("raw", [b"%00", b"%ED%A0%80", b"%FF%FE", b"%F4%90%80%80"])
def test_bytes_that_are_no_text_never_fail(desk, raw):
    token = desk.browser.token().encode()
    names = (b"report", b"text", b"reason", b"to_person", b"new_due", b"done", b"outcome", raw)
    body = b"&".join([b"csrf_token=" + token, *(name + b"=x" + raw for name in names)])
    for path in ("complete", "draft", "comment", "transfer", "extension", "unclaim"):
        answer = desk.browser.client.post(
            f"/tasks/{desk.task_id}/{path}", data=body, content_type="application/x-www-form-urlencoded"
        )
        assert answer.status_code < 500, path


@pytest.mark.parametrize("name", ["a\0b.pdf", "\ud800.pdf"])
def test_multipart_names_that_no_database_stores(desk, name):
    raw = name.encode("utf-8", "surrogatepass")
    body = (
        b'--X\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n' + desk.browser.token().encode()
        + b'\r\n--X\r\nContent-Disposition: form-data; name="file"; filename="' + raw
        + b'"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4\r\n--X--\r\n'
    )  # fmt: skip
    answer = desk.browser.client.post(
        "/attachments",
        data=body,
        content_type="multipart/form-data; boundary=X",
        headers={"Accept": "application/json"},
    )
    assert answer.status_code in {201, 400, 422}
    for row in read(desk.engine, "attachment"):
        assert "\0" not in row.name
        row.name.encode()


@pytest.mark.parametrize(
    "raw", ["%00", "a%00b", "%ED%A0%80", "%FF", "%F0%9F%98%80", "..%2F..%2Fx", "%E2%80%AE", "x" * 5000]
)
@pytest.mark.parametrize("who", ["alice", "modeller", "system"])
def test_no_address_with_odd_text_fails(app, desk, browse, raw, who):
    """Every address whose parts are texts, and every query string."""
    browser = browse(who)
    token = browser.token()
    for method in ("GET", "POST"):
        for endpoint, path in addresses(app, method):
            texts = [one for one in ("no_such", "Nowhere", "timeline", "/x/") if one in path]
            made = path.replace("no_such", raw).replace("Nowhere", raw).replace("timeline", raw)
            made = made.replace("/sessions/x/", f"/sessions/{raw}/").replace("css/base.css", raw)
            if not texts and "css/" not in path:
                made = f"{path}?search={raw}&sort={raw}&tab={raw}&unit={raw}&procedure={raw}&status={raw}&cursor={raw}"
                made += f"&{raw}={raw}&version={raw}&task={raw}&around={raw}&light={raw}&unit_code={raw}&next={raw}"
            data = {"csrf_token": token} if method == "POST" else None
            if endpoint in {"account.logout", "metrics.ready"}:  # the latter says 503 where no worker runs
                continue
            answer = browser.client.open(made, method=method, data=data)
            assert answer.status_code < 500, (endpoint, made[:100], answer.status_code)
            answer.close()


@pytest.mark.parametrize("number", [2**31, 2**63 - 1, 2**63, HUGE, 10**400])
def test_no_number_is_too_large_for_an_address(app, desk, browse, number):
    for who in ("alice", "system"):
        browser = browse(who)
        token = browser.token()
        for method in ("GET", "POST"):
            for endpoint, path in addresses(app, method):
                if "999999" not in path:
                    continue
                data = {"csrf_token": token, "text": "话", "reason": "话"} if method == "POST" else None
                answer = browser.client.open(path.replace("999999", str(number)), method=method, data=data)
                assert answer.status_code == 404, (endpoint, answer.status_code)


@pytest.mark.parametrize("number", ["2147483648", "9223372036854775808", "1" * 5000, "-1", "0", "x", "1e9", "٣"])
def test_numbers_in_query_and_form_never_fail(desk, number):
    for path in (
        f"/work?task={number}&light={number}",
        f"/definitions/desk?version={number}",
        f"/start/desk?unit_code={number}",
    ):
        assert desk.browser.get(path).status_code in {200, 404}, path
    upload = desk.upload("a.pdf", task_id=number, instance_id=number)
    assert upload.status_code in {201, 403, 404, 422}
    sent = desk.browser.post("/start/desk", {"unit_code": number})
    assert sent.status_code in {303, 403, 404, 422}


CURSORS = ["", "x", "bnVsbA", "W10", "W3sidiI6MX0sMV0", "W3sidCI6ICIwMDAxLTAxLTAxVDAwOjAwOjAwKzAwOjAwIn0sIDFd", "A" * 100_000,
           "W3sidCI6ICIwMDAxLTAxLTAxVDAwOjAwOjAwKzIzOjU5In0sIDFd", "W3sidCI6ICI5OTk5LTEyLTMxVDIzOjU5OjU5LTIzOjU5In0sIDFd",
           "W3sidiI6ICJcdWQ4MDAifSwgMV0", "W3sidiI6ICJcdTAwMDAifSwgMV0", "W3sidiI6IDF9LCA5OTk5OTk5OTk5OTk5OTk5OTk5OV0"]  # fmt: skip


PAGES = ("/work", "/work?tab=done", "/matters", "/ledgers/desk", "/notices", "/work?sort=number", "/matters?sort=title",
         "/matters?sort=started")  # fmt: skip


def test_a_broken_or_huge_page_mark_never_fails(desk):
    for page in PAGES:
        for cursor in CURSORS:
            answer = desk.browser.get(page + ("&" if "?" in page else "?") + f"cursor={cursor}")
            assert answer.status_code in {200, 422}, (page, cursor[:60], answer.status_code)


@pytest.mark.parametrize(
    "name", ["due;drop table user_task", "number--", "__class__", "id", "state", "row_version", "title desc", "1"]
)
def test_unknown_sorts_and_filters_show_the_usual_list(desk, name):
    for page in ("/work", "/matters", "/ledgers/desk", "/reports"):
        answer = desk.browser.get(
            f"{page}?sort={name}&status={name}&tab={name}&procedure={name}&unit={name}&{name}={name}"
        )
        assert answer.status_code == 200, page


def post_json(browser, path, text):
    headers = {"X-CSRFToken": browser.token(), "Accept": "application/json"}
    return browser.client.post(path, data=text, content_type="application/json", headers=headers)


MEANINGLESS = [
    "", "null", "[]", "1", '"x"', "{", "[" * 100_000, '{"a":' * 100_000, '{"xml": "\\u0000"}', '{"xml": "\\ud800"}',
    '{"xml": "<x/>", "row_version": 1e400}', '{"xml": "<x/>", "row_version": NaN}',
    json.dumps({"xml": "<x/>", "row_version": HUGE}), '{"xml": 5}', '{"xml": "<x>\\u0000</x>", "reason": "\\ud800"}',
    json.dumps({"row_version": HUGE, "reason": "x"}), '{"row_version": 1, "reason": "\\u0000"}',
    '{"row_version": 1, "reason": "\\ud800"}', '{"row_version": 1, "reason": {"a": 1}}', "1" * 10_000, "\0", "\ufeff{}",
]  # fmt: skip


@pytest.mark.parametrize("verb", ["draft", "check", "publish"])
def test_json_that_means_nothing_never_fails(desk, browse, verb):
    browser = browse("modeller")
    for text in MEANINGLESS:
        answer = post_json(browser, f"/definitions/desk/{verb}", text)
        assert answer.status_code in {200, 400, 404, 409, 413, 422}, (text[:60], answer.status_code)
        if answer.status_code != 200:
            assert answer.json["message"], text[:60]
        assert len(read(desk.engine, "process_definition")) == 1, text[:60]


def test_publishing_with_a_reason_no_database_stores_keeps_the_draft(desk, browse):
    browser = browse("modeller")
    xml = browser.get("/definitions/desk/file.bpmn").get_data(as_text=True)
    saved = post_json(browser, "/definitions/desk/draft", json.dumps({"xml": xml}))
    assert saved.status_code == 200
    for reason in ("\\u0000", "\\ud800"):
        text = f'{{"row_version": {saved.json["row_version"]}, "reason": "x{reason}"}}'
        assert post_json(browser, "/definitions/desk/publish", text).status_code == 422
    assert len(read(desk.engine, "process_definition")) == 1


@pytest.mark.parametrize("cookie", ["a\\000b", "\xff\xfe", "é" * 300, '"', "\ud7ff", "x" * 5000])
def test_an_odd_cookie_is_no_session(app, people, cookie):
    for name in ("bihuan", "bihuan_form", "theme", "narrow"):
        raw = f"{name}={cookie}".encode("utf-8", "surrogatepass").decode("latin-1")
        answer = app.test_client().get(
            "/work", headers={"User-Agent": "x\0"[:1]}, environ_overrides={"HTTP_COOKIE": raw}
        )
        assert answer.status_code == 302


def test_a_long_or_odd_user_agent_is_kept_short(browse, engine):
    browser = browse()
    agent = "火狐\u202e" * 500
    environ = {"HTTP_USER_AGENT": agent.encode().decode("latin-1")}
    assert browser.log_in("alice", environ_overrides=environ).status_code == 303
    assert len(read(engine, "login_session")[0].user_agent) <= 200


def test_bidi_and_control_characters_in_remarks_are_shown_as_text(desk):
    words = "<script>alert(1)</script>\u202eevil\u2066\x1b[31m' onx='"
    assert desk.browser.post(f"/tasks/{desk.task_id}/comment", {"text": words}).status_code == 303
    for path in (f"/tasks/{desk.task_id}", f"/matters/{desk.matter}/timeline"):
        page = desk.browser.text(path)
        assert "<script>alert(1)" not in page
        assert "' onx='" not in page


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "", "x", "2026-W01-1", "99999-01-01"])
def test_an_extension_to_an_impossible_day_is_told_and_keeps_the_words(desk, day):
    answer = desk.browser.post(
        f"/tasks/{desk.task_id}/extension", {"new_due": day, "reason": "案情复杂，需要补充", "done": "已走访两家"}
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code in {409, 422}
    assert "案情复杂" in page
    assert "已走访两家" in page
