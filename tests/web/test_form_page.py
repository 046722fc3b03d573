"""The form's script in Chromium: what it shows, computes and refuses is what the server shows, computes and refuses."""

import os
import threading
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from tests.engine.forms.builder import choices, field, form
from tests.web.form_pages import FORMS, NOW, VARIABLES, files, form_app, options, posted, shipped, shipped_form
from web import build

PARTS = 6
ROUNDS = 12 if os.environ.get("BIHUAN_TEST_LONG") else 2

FILL = """seed => {
  let state = seed * 2654435761 >>> 0;
  const random = (count) => { state = (state * 1664525 + 1013904223) >>> 0; return Math.floor(state / 4294967296 * count); };
  const pick = (list) => list[random(list.length)];
  const texts = ["", "甲", "无", "现场核查时当事人配合，已当场改正并拍照留存，后续按规定复查。", "abc"];
  for (const control of document.querySelectorAll("#task-form [data-form] [name]:not([type=hidden]):not(button):not([type=file])")) {
    if (control.type === "checkbox" || control.type === "radio") control.checked = random(2) === 1;
    else if (control.tagName === "SELECT") control.value = pick([...control.options]).value;
    else if (control.type === "date") control.value = pick(["", "2026-11-20", "2026-12-01", "2027-03-01"]);
    else if (control.type === "datetime-local") control.value = pick(["", "2026-11-20T09:30", "2026-12-01T10:00"]);
    else if (control.type === "time") control.value = pick(["", "09:30"]);
    else if (control.inputMode === "decimal") control.value = pick(["", "0", "1", "3", "12", "25", "x"]);
    else control.value = pick(texts);
  }
  document.querySelector("[data-form]").dispatchEvent(new Event("change", { bubbles: true }));
}"""
STATE = """() => ({
  entries: [...new FormData(document.querySelector("#task-form"))].filter(([, value]) => typeof value === "string"),
  visible: [...document.querySelectorAll("[data-field]")].filter((field) => !field.closest("[hidden]")).map((field) => field.dataset.field),
  computed: Object.fromEntries([...document.querySelectorAll("[data-compute]")].filter((field) => !field.closest("[hidden]"))
    .map((field) => [field.dataset.field, JSON.parse(field.querySelector("output").dataset.value)])),
  marked: [...document.querySelectorAll("[data-required-mark]")].filter((mark) => !mark.hidden && !mark.closest("[hidden]"))
    .map((mark) => mark.closest("[data-field]").dataset.field),
})"""
TOLD = (
    """() => [...document.querySelectorAll(".field-error")].map((note) => note.closest("[data-field]").dataset.field)"""
)


@contextmanager
def served():
    server = make_server("127.0.0.1", 0, form_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def site(browser):
    build.install()
    build.bundle()
    with served() as address:
        yield browser, address


@pytest.fixture
def visit(site):
    """Open a form; nothing may go wrong in the page's script or be blocked by its policy."""
    browser, address = site
    contexts, wrong = [], []

    def open_form(key: str, one=None, **more) -> Page:
        if one is not None:
            FORMS[key] = one
        context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **more)
        contexts.append(context)
        page = context.new_page()
        page.clock.set_fixed_time(NOW)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.goto(f"{address}/forms/{key}")
        if more.get("java_script_enabled", True):
            page.wait_for_selector("[data-form][data-ready]", state="attached")
        return page

    yield open_form
    for context in contexts:
        context.close()
    assert not [text for text in wrong if "422" not in text and "favicon" not in text and "404" not in text]


def settled(page: Page):
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait_for_selector("[data-form][data-ready]", state="attached")
    return page.evaluate(STATE)


@pytest.mark.parametrize("part", range(PARTS))
def test_the_page_shows_computes_and_refuses_what_the_server_does(visit, part):
    """One page goes through a part of all shipped forms, fills them at random and is compared with the server."""
    page, differing = visit("live", form(field("textfield", "a"))), []
    address = page.url.removesuffix("/live")
    for key in list(shipped())[part::PARTS]:
        page.goto(f"{address}/{key}")
        page.wait_for_selector("[data-form][data-ready]", state="attached")
        for seed in range(ROUNDS):
            page.evaluate(FILL, seed + 1)
            differing += [(key, seed, *found) for found in compared(shipped_form(key), settled(page))]
        differing += [(key, "refused", path) for path in refused_by_the_page_only(page, shipped_form(key))]
    assert not differing, f"{len(differing)} differ: {differing[:4]}"


def compared(one, state):
    """Yield how what the page shows and computes differs from what the server does with the same entries."""
    values = posted(one, state["entries"])
    drawn = [each for each in one.prepare(VARIABLES, options, NOW, values) if each.visible]
    expected = {each.path for each in drawn if "[" not in each.path and each.field.kind not in {"spacer", "button"}}
    shown = {path for path in state["visible"] if "[" not in path}
    if shown != expected:
        yield "visible", shown ^ expected, values
    computed = {each.path: None if each.value == "" else each.value for each in drawn if each.path in state["computed"]}
    if computed != {path: None if value == "" else value for path, value in state["computed"].items()}:
        yield "computed", computed, state["computed"], values


def refused_by_the_page_only(page, one):
    entries = page.evaluate(STATE)["entries"]
    page.evaluate("document.querySelector('#task-form').addEventListener('submit', (event) => event.preventDefault())")
    button = page.locator(".action-bar button").first
    name, value = button.get_attribute("name"), button.get_attribute("value")
    button.click()
    told = set(page.evaluate(TOLD))
    values = posted(one, [*entries, *([(name, value)] if name else [])])
    return told - set(one.check(values, VARIABLES, options, NOW, files).errors)


def test_conditions_sums_and_what_is_required_follow_the_typing(visit):
    row = [field("number", "n", "数量")]
    page = visit(
        "live",
        form(
            field("number", "days", "天数"),
            field("textfield", "note", "说明", conditional={"hide": "=days <= 3"}),
            field("radio", "met", "是否", values=choices("是", "否")),
            field("textarea", "why", "理由", **{"bihuan:requiredIf": '=met = "否"'}),
            field("dynamiclist", "rows", "清单", components=row),
            field("expression", "total", "合计", expression="=sum(rows.n)"),
        ),
    )
    expect(page.get_by_label("说明")).to_be_hidden()
    page.get_by_label("天数").fill("5")
    expect(page.get_by_label("说明")).to_be_visible()
    page.get_by_label("否").check()
    expect(page.locator("[data-field=why] [data-required-mark]")).to_be_visible()
    page.get_by_role("button", name="增加一行").click()
    page.locator("[name='rows[0].n']").fill("2")
    page.locator("[name='rows[1].n']").fill("40")
    expect(page.locator("[data-field=total] output")).to_have_text("42")
    page.locator("[data-remove]").first.click()
    page.on("dialog", lambda dialog: dialog.accept())
    expect(page.locator("[name='rows[0].n']")).to_be_visible()


def test_rows_are_renumbered_when_one_goes(visit):
    row = [field("textfield", "x", "名称"), field("checkbox", "c", "核对")]
    page = visit("rows", form(field("dynamiclist", "rows", "清单", components=row)))
    for _ in range(3):
        page.get_by_role("button", name="增加一行").click()
    for index, text in enumerate(("a", "b", "c", "d")):
        page.locator(f"[name='rows[{index}].x']").fill(text)
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("[data-remove]").nth(1).click()
    state = settled(page)
    values = posted(FORMS["rows"], state["entries"])
    assert [line["x"] for line in values["rows"]] == ["a", "c", "d"]
    ids = page.evaluate("() => [...document.querySelectorAll('[id]')].map((element) => element.id)")
    assert len(ids) == len(set(ids))


def test_a_refusal_jumps_to_the_first_field_at_fault_and_keeps_everything(visit):
    page = visit(
        "refusal",
        form(
            field("textfield", "a", "甲"),
            field("textfield", "b", "乙", validate={"required": True}),
            field("textarea", "c", "丙", validate={"minLength": 10}),
        ),
    )
    page.get_by_label("甲").fill("留着")
    page.get_by_label("丙").fill("太短")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_label("乙")).to_be_focused()
    expect(page.locator("[data-field=b] .field-error")).to_have_text("请填写“乙”。")
    expect(page.locator("[data-field=c] .field-error")).to_contain_text("不能少于 10 字，现在是 2 字")
    expect(page.get_by_label("甲")).to_have_value("留着")


def test_the_pressed_outcome_decides_whether_an_opinion_is_owed(visit):
    page = visit(
        "outcome",
        form(
            field("radio", "decision", "意见", values=choices("同意", "退回"), **{"bihuan:outcome": "true"}),
            field("textarea", "opinion", "说明", **{"bihuan:type": "opinion"}),
        ),
    )
    page.get_by_role("button", name="退回").click()
    expect(page.locator("[data-field=opinion] .field-error")).to_have_text("请填写“说明”。")
    page.get_by_role("button", name="同意").click()
    expect(page.locator("body")).to_contain_text('"decision"')


def test_deciding_otherwise_asks_for_the_reason_at_once(visit):
    page = visit(
        "advice",
        form(
            field("number", "score", "得分"),
            field(
                "radio", "level", "等级", values=choices("低", "中"),
                **{"bihuan:suggestion": '=if score > 7 then "中" else "低"'},
            ),
        ),
    )  # fmt: skip
    page.get_by_label("得分").fill("9")
    expect(page.locator("[data-advice-text]")).to_have_text("中")
    page.get_by_label("低").check()
    expect(page.get_by_label("不采纳系统建议理由")).to_be_visible()
    page.get_by_label("中", exact=True).check()
    expect(page.get_by_label("不采纳系统建议理由")).to_be_hidden()


def test_long_lists_can_be_searched_by_keyboard(visit):
    page = visit("people", form(field("select", "who", "人员", **{"bihuan:type": "person"})))
    box = page.get_by_role("combobox", name="人员")
    box.click()
    box.fill("陈守一")
    box.press("ArrowDown")
    box.press("Enter")
    expect(page.locator("select[name=who]")).to_have_value("dj.fenban")
    assert posted(FORMS["people"], settled(page)["entries"]) == {"who": "dj.fenban"}


def test_files_are_sent_as_they_are_chosen(visit):
    page = visit("upload", form(field("filepicker", "f", "附件", multiple=True)))
    page.locator("[data-pick]").set_input_files({"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": b"x"})
    expect(page.locator("[data-file] a")).to_have_text("现场.jpg")
    assert posted(FORMS["upload"], settled(page)["entries"])["f"] == [{"id": "up-1", "name": "现场.jpg"}]
    page.locator("[data-pick]").set_input_files({"name": "bad.exe", "mimeType": "x/y", "buffer": b"x"})
    expect(page.locator("[data-progress]")).to_contain_text("没有上传成功：不接受这种文件")
    page.get_by_role("button", name="移除").click()
    expect(page.locator("[data-file]")).to_have_count(0)


def test_enter_in_a_line_of_text_sends_nothing(visit):
    page = visit("enter", form(field("textfield", "a", "甲")))
    page.get_by_label("甲").press("Enter")
    expect(page.get_by_label("甲")).to_be_visible()


def test_a_form_works_without_script(visit):
    row = [field("textfield", "x", "名称", validate={"required": True})]
    page = visit(
        "plain",
        form(
            field("radio", "met", "是否", values=choices("是", "否"), validate={"required": True}),
            field("textfield", "why", "理由", conditional={"hide": '=met != "否"'}, validate={"required": True}),
            field("dynamiclist", "rows", "清单", components=row),
        ),
        java_script_enabled=False,
    )
    page.get_by_label("否").check()
    page.locator("[name='rows[0].x']").fill("一")
    page.get_by_role("button", name="增加一行").click()
    expect(page.locator("[name='rows[0].x']")).to_have_value("一")
    page.locator("[name='rows[1].x']").fill("二")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("#error-summary")).to_contain_text("理由")
    page.get_by_label("理由").fill("因为")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("body")).to_contain_text('"why"')


def test_targets_on_a_phone_are_large_enough(visit):
    for key in ("lead_handling/lead_register", "lead_handling/lead_verify"):
        page = visit(key, viewport={"width": 390, "height": 844})
        small = page.evaluate("""() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button, .choice")]
          .filter((one) => one.checkVisibility() && !(one.matches(".choice input")))
          .map((one) => [one.name || one.className, one.getBoundingClientRect().height]).filter(([, height]) => height < 43.5)""")
        assert small == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
