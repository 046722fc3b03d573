"""Submitting twice, at once, from an old page, without the right, and with fields one may not send."""

import threading

import pytest

from engine.errors import ConflictError
from engine.task_actions.complete import CompleteTask
from tests.rows import person
from tests.web.edge.conftest import GOOD


def test_the_same_key_gets_the_same_answer_and_another_key_is_a_conflict(desk):
    typed = {**desk.page_fields(), **GOOD}
    send = lambda **more: desk.browser.post(f"/tasks/{desk.task_id}/complete", {**typed, **more})  # noqa: E731
    first, again, other = send(), send(), send(idempotency_key="another-key")
    assert (first.status_code, first.location) == (again.status_code, again.location) == (303, "/work")
    assert other.status_code == 409
    page = other.get_data(as_text=True)
    assert "已经办结" in page
    assert desk.completions() == 1


def test_what_was_typed_into_a_second_tab_is_shown_when_the_task_is_done_already(desk):
    first = desk.page_fields()
    assert desk.submit().status_code == 303
    typed = {**first, **GOOD, "idempotency_key": "tab2", "report": "第二个标签页里写的话"}
    answer = desk.browser.post(f"/tasks/{desk.task_id}/complete", typed)
    assert answer.status_code == 409
    assert "第二个标签页里写的话" in answer.get_data(as_text=True)
    assert desk.row().submission["report"] == GOOD["report"]


def test_of_two_who_submit_at_once_one_wins_and_the_other_is_told(desk, app):
    """Two browsers of one person, through the whole stack."""
    fields, token = desk.page_fields(), desk.browser.token()
    cookies = [desk.browser.client.get_cookie(name) for name in ("bihuan", "bihuan_form")]
    barrier, answers = threading.Barrier(4), []

    def press(number):
        client = app.test_client()
        for cookie in cookies:
            client.set_cookie(cookie.key, cookie.value)
        barrier.wait()
        data = {**fields, **GOOD, "csrf_token": token, "idempotency_key": f"key-{number}"}
        answers.append(client.post(f"/tasks/{desk.task_id}/complete", data=data).status_code)

    threads = [threading.Thread(target=press, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == [303, 409, 409, 409]
    assert desk.completions() == 1


def test_two_people_at_once_at_the_engine(desk):
    """Alice and bob both post; bob has no right whoever comes first."""
    barrier, answers = threading.Barrier(3), {}
    actors = [("alice", "a"), ("alice", "b"), ("bob", "c")]

    def press(who, key):
        actor = person(desk.engine, who)
        barrier.wait()
        try:
            desk.engine.run(CompleteTask(desk.task_id, GOOD, None, key), actor)
            answers[key] = "done"
        except Exception as error:  # noqa: BLE001 - looked at below
            answers[key] = error

    threads = [threading.Thread(target=press, args=pair) for pair in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    mine = [answers["a"], answers["b"]]
    assert mine.count("done") == 1
    assert sum(isinstance(one, ConflictError) for one in mine) == 1
    assert answers["c"] != "done"
    assert desk.completions() == 1


@pytest.mark.parametrize("version", ["0", "1", "99", "-1", "x", "9" * 30, ""])
def test_an_old_page_is_told_and_keeps_every_word(desk, version):
    answer = desk.submit(row_version=version, report="写了很久的话<b>", count="7", secret="补充的话")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "已有变化" in page
    assert "写了很久的话&lt;b&gt;" in page
    assert "补充的话" in page
    assert desk.completions() == 0


def test_a_candidate_who_has_not_claimed_is_refused_and_keeps_what_was_typed(desk, browse):
    answer = desk.submit(browse("bob"), report="鲍勃写的话很长")
    assert answer.status_code == 403
    assert "不由您办理" in answer.get_data(as_text=True)
    assert "鲍勃写的话很长" in answer.get_data(as_text=True)
    assert desk.completions() == 0


@pytest.mark.parametrize("who", ["charlie", "western", "system", "security", "audit", "modeller"])
def test_whoever_is_out_of_scope_learns_of_nothing(desk, browse, who):
    other = browse(who)
    sent = desk.submit(other)
    assert sent.status_code == 404
    assert "核查" not in sent.get_data(as_text=True).replace("核查经过", "")
    assert desk.row().status == "open"


def test_extra_fields_are_dropped(desk):
    answer = desk.submit(admin="1", assignee="bob", status="x", **{"matter.status": "completed", "__class__": "x"})
    assert answer.status_code == 303
    assert set(desk.row().submission) <= {
        "report",
        "count",
        "fixed",
        "day",
        "moment",
        "instant",
        "kind",
        "papers",
        "outcome",
    }


def test_a_missing_field_is_named_and_the_rest_is_kept(desk):
    answer = desk.submit(report=None, count="3")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'href="#field-report"' in page
    assert 'value="3"' in page
    assert desk.completions() == 0


def test_a_hidden_field_is_dropped(desk):
    assert desk.submit(secret="不该存的话", count="1").status_code == 303
    assert "secret" not in desk.row().submission


def test_a_read_only_field_may_come_back_unchanged_but_not_changed(desk):
    answer = desk.submit(fixed="自己改的来源", report="很长的核查经过")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "“来源”只能查看，不能修改" in page
    assert "很长的核查经过" in page
    assert desk.submit(fixed="市局移送").status_code == 303
    assert desk.row().submission["fixed"] == "市局移送" if "fixed" in desk.row().submission else True


@pytest.mark.parametrize(
    ("field", "value"),
    [("count", "NaN"), ("count", "1e999"), ("count", "9" * 5000), ("count", "abc"), ("count", "-"), ("count", "١" * 30),
     ("count", "1" * 400), ("count", "1e-400"), ("count", "0x10"), ("count", "Infinity"),
     ("day", "0001-01-01"), ("day", "9999-12-31"), ("day", "2026-02-30"), ("day", "x"), ("day", "2026-W01-1"),
     ("moment", "0001-01-01T00:00"), ("moment", "9999-12-31T23:59"), ("moment", "x" * 3000), ("instant", "0001-01-01T00:00"),
     ("instant", "9999-12-31T23:59"), ("instant", "2026-03-02T09:00+99:99"), ("instant", "9999-12-31T23:59-08:00"),
     ("moment", "2026-03-02T09:00+24:00"), ("moment", "0001-01-01T00:00+23:59"), ("kind", "zzz"),
     ("kind", "a" * 100_000), ("outcome", "批准"), ("outcome", ""), ("papers", "x"), ("papers", "../../x/y"),
     ("papers", "7f1d3c52-1111-4222-8333-944455556666/a.pdf"), ("report", "x" * 100_000)],
)  # fmt: skip
def test_a_value_no_field_takes_is_told_at_the_field_or_taken_as_it_is_but_never_a_fault(desk, field, value):
    answer = desk.submit(**{field: value, "report": value if field == "report" else "其余内容要保留"})
    assert answer.status_code in {303, 422}, answer.status_code
    if answer.status_code == 422:
        page = answer.get_data(as_text=True)
        assert f"field-{field}" in page
        assert field == "report" or "其余内容要保留" in page
        assert desk.completions() == 0


def test_htmx_is_told_of_an_old_page_in_the_form_itself(desk):
    answer = desk.submit(headers={"HX-Request": "true"}, row_version="1", report="写了很久的话")
    part = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert part.lstrip().startswith("<form")
    assert "已有变化" in part
    assert "写了很久的话" in part


def test_htmx_leaves_the_page_alone_when_the_task_is_gone(desk):
    fields = desk.page_fields()
    assert desk.submit().status_code == 303
    typed = {**fields, **GOOD, "idempotency_key": "tab2"}
    answer = desk.browser.post(f"/tasks/{desk.task_id}/complete", typed, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (409, "#messages")
    assert "已经办结" in answer.get_data(as_text=True)


def test_a_remark_that_is_refused_is_shown_to_be_copied(desk):
    answer = desk.browser.post(f"/tasks/{desk.task_id}/comment", {"text": "长" * 3000 + "末尾"})
    assert answer.status_code == 422
    assert "长末尾" in answer.get_data(as_text=True)


def test_a_page_that_has_expired_shows_what_was_typed(desk):
    answer = desk.browser.client.post(f"/tasks/{desk.task_id}/comment", data={"text": "写好的意见"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "页面已过期" in page
    assert "写好的意见" in page


def test_a_page_from_another_site_shows_none_of_its_words(desk):
    answer = desk.browser.post(
        f"/tasks/{desk.task_id}/comment", {"text": "外站的话"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert "外站的话" not in answer.get_data(as_text=True)
