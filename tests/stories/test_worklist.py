"""A person finds the work: tabs, columns, filters, search, keyboard, and what a task page and a matter page tell."""

import re

import pytest
from playwright.sync_api import expect

from tests.stories.browser import Person
from tests.stories.conftest import Site
from tests.stories.steps import lead_at

DRAWN = "image => image.decode().then(() => image.naturalWidth)"


def tab(person: Person, label: str) -> int:
    """Open a tab; return its count."""
    link = person.page.locator(".work-head .tabs a").filter(has_text=label)
    count = int(re.sub(r"\D", "", link.inner_text()) or 0)
    with person.page.expect_navigation():
        link.click()
    assert person.fits(), f"{label} is too wide"
    return count


def shown(person: Person) -> list[str]:
    """Return the numbers in the list."""
    return person.page.locator("#list td.cell-number").all_inner_texts()


def test_each_tab_counts_and_shows_what_it_promises(site: Site, screen: str):
    waiting = lead_at(site, "lead_confirm", f"待领线索（{screen}）")
    mine = lead_at(site, "lead_verify", f"待办线索（{screen}）")
    leader = site.at(screen, "lj.duizhang")
    leader.open("/work")
    assert tab(leader, "待办") == len(shown(leader))
    assert mine.number() in shown(leader)
    row = leader.page.locator("tr", has_text=mine.number())
    assert "剩余" in row.inner_text()
    heads = leader.page.locator("#list thead").text_content() or ""
    for head in ("编号", "标题", "步骤", "流程", "单位", "时限", "剩余时间"):
        assert head in heads
    if screen == "desk":
        assert all(text in row.inner_text() for text in ("核查报告", "线索", "临江"))
    assert tab(leader, "已办") >= 2
    assert mine.number() in shown(leader)

    supervisor = site.at(screen, "dj.zhuren")
    supervisor.open("/work")
    before = tab(supervisor, "待领")
    assert waiting.number() in shown(supervisor)
    with supervisor.page.expect_navigation():
        supervisor.page.locator("tr", has_text=waiting.number()).get_by_role("button", name="签收").click()
    assert "已签收，由您办理" in supervisor.text()
    supervisor.open("/work?tab=claimable")
    assert waiting.number() not in shown(supervisor)
    assert tab(supervisor, "待领") == before - 1

    starter = site.at(screen, "lj.duiyuan1")
    starter.open("/work")
    assert tab(starter, "我发起") >= 2
    assert {waiting.number(), mine.number()} <= set(shown(starter))
    assert tab(starter, "抄送") == len(shown(starter))


def test_the_list_is_sorted_filtered_and_searched_within_scope(site: Site, screen: str):
    first = lead_at(site, "lead_verify", f"甲·违法搭建（{screen}）")
    second = lead_at(site, "lead_check", f"乙·占道设摊（{screen}）")
    leader = site.at(screen, "lj.duizhang")
    page = leader.open("/work?tab=mine&sort=number")
    numbers = shown(leader)
    assert numbers == sorted(numbers)
    if screen == "desk":
        with page.expect_navigation():
            page.locator("thead a", has_text="编号").click()
        assert shown(leader) == numbers[::-1]
    for words in (f"甲·违法搭建（{screen}）", first.number()):
        leader.open("/work")
        field = "#search" if screen == "phone" else "#work-search"  # a phone has one search, at the top
        page.fill(field, words)
        with page.expect_navigation():
            page.press(field, "Enter")
        assert shown_matters(leader) == [first.number()]
    leader.open(f"/work?search={first.number()}")
    assert shown(leader) == [first.number()]
    with page.expect_navigation():
        page.locator("#work-procedure").select_option("cs_supervise")
    assert "没有符合条件的任务。" in leader.text()
    with page.expect_navigation():
        page.locator(".work-filter").get_by_role("link", name="清除筛选").click()
    assert {first.number(), second.number()} <= set(shown(leader))
    with page.expect_navigation():
        page.locator("a.chip", has_text="绿灯").click()
    assert {first.number(), second.number()} <= set(shown(leader))
    leader.open("/work?search=华建国")
    assert shown(leader) == [], "a person's name finds nothing"

    stranger = site.at(screen, "ny.duizhang")
    for address in (
        f"/work?search={first.number()}",
        f"/matters?search={first.number()}",
        "/matters?search=甲·违法搭建",
    ):
        stranger.open(address)
        assert "没有" in stranger.text()
        assert stranger.page.locator("tr[data-href]").count() == 0
    leader.open(f"/matters?search={first.number()}")
    assert first.number() in shown_matters(leader)
    leader.open("/matters?search=金一鸣")
    assert shown_matters(leader) == [], "nor among the matters"


def shown_matters(person: Person) -> list[str]:
    return person.page.locator("tr[data-href] td.cell-number").all_inner_texts()


def test_the_keyboard_opens_a_task(site: Site):
    lead_at(site, "lead_check", "键盘一")
    lead_at(site, "lead_check", "键盘二")
    leader = site.at("desk", "lj.duizhang")
    page = leader.open("/work?search=键盘")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.locator("#search").blur()
    rows = page.locator("#list tr[data-href]")
    page.keyboard.press("j")
    expect(rows.nth(0).locator("a")).to_be_focused()
    page.keyboard.press("j")
    expect(rows.nth(1).locator("a")).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(0).locator("a")).to_be_focused()
    title = rows.nth(0).locator("a").inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("#pane h1")).to_have_text(title)
    assert "task=" in page.url
    page.reload()
    expect(page.locator("#pane h1")).to_have_text(title)


@pytest.mark.parametrize(
    ("name", "words"),
    [("mine", "今天没有待办。"), ("claimable", "没有等待签收的任务。"), ("done", "还没有办结的任务。"),
     ("started", "还没有发起过事项。"), ("cc", "没有抄送给您的事项。")],
)  # fmt: skip
def test_an_empty_tab_says_so(site: Site, name: str, words: str):
    for screen in ("desk", "phone"):
        person = site.at(screen, "qx.zhenzhang")
        person.open(f"/work?tab={name}")
        assert words in person.text()
        assert person.fits()


def test_a_task_page_tells_everything_needed_to_decide(site: Site, screen: str):
    matter = lead_at(site, "lead_verify", f"任务页（{screen}）")
    leader = site.at(screen, "lj.duizhang")
    page = leader.open(f"/tasks/{matter._task('lead_verify', 'lj.duizhang')}")
    head = page.locator(".task-head").inner_text()
    assert matter.number() in head
    assert "核查报告" in head
    assert re.search(r"剩余 \d+ 个工作日", head), head
    assert "LD-04" in head, "the rule stands beside the time left"
    assert page.locator("#task-form").is_visible()
    assert "实地核查" in page.locator("#history").inner_text()
    assert "审核" in page.locator("#next").inner_text()
    assert "东江区局 区局平安办主任" in page.locator("#next").inner_text()
    page.locator("#map").scroll_into_view_if_needed()
    assert page.locator("#map img").evaluate(DRAWN) > 0
    assert page.locator("#files a.number, #files a").count()
    assert leader.fits()

    leader.open(f"/matters/{matter.id}/diagram")
    assert page.locator("[data-map] img").evaluate(DRAWN) > 0
    steps = page.locator("ol.steps li").all_inner_texts()
    assert any("受理确认" in step and "已经过" in step for step in steps), steps
    assert "核查报告" in page.locator("ol.steps li.is-active").last.inner_text(), steps
    drawn = leader.context.request.get(page.locator("[data-map] img").evaluate("image => image.src")).text()
    assert "<svg" in drawn
    assert "核查" in drawn


def test_a_matter_page_tells_where_it_stands(site: Site, screen: str):
    matter = lead_at(site, "lead_verify", f"事项页（{screen}）")
    leader = site.at(screen, "lj.duizhang")
    leader.open(f"/matters/{matter.id}")
    text = leader.text()
    for words in (matter.number(), "正在办理", "核查报告", "华建国", "参与人", "最近过程", "材料"):
        assert words in text
    for part, words in (("timeline", "受理确认"), ("filed", "受理确认"), ("documents", "材料"), ("links", "")):
        leader.open(f"/matters/{matter.id}/{part}")
        assert words in leader.text(), part
        assert leader.fits(), part
