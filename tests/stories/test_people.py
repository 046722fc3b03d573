"""Who somebody is and what he may know of: login, passwords, scope, restricted matters, administrators, no script."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page

from engine.actor import ENGINE
from engine.commands.people import AddPerson
from engine.queries.task import FindTask
from engine.task_actions.attach import AttachFile
from tests.procedures.story import Matter
from tests.stories.browser import SCREENS
from tests.stories.conftest import PASSWORD, Site
from tests.stories.steps import lead_at

RESTRICTED = {"conduct_type": "HE04", "official": "是"}


@contextmanager
def window(site: Site, screen: str, **options: bool) -> Iterator[Page]:
    """A browser in which nobody has logged in."""
    width, height = SCREENS[screen]
    context = site.browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN", **options)
    page = context.new_page()
    page.set_default_timeout(8_000)
    yield page
    context.close()


def log_in(site: Site, page: Page, person_id: str, password: str) -> None:
    page.goto(f"{site.address}/login")
    page.fill("#login", person_id)
    page.fill("#password", password)
    with page.expect_navigation():
        page.get_by_role("button", name="登录", exact=True).click()


def change(page: Page, old: str, new: str) -> None:
    for name, value in (("old_password", old), ("new_password", new), ("repeat_password", new)):
        page.fill(f"#{name}", value)
    with page.expect_navigation():
        page.get_by_role("button", name="修改密码并重新登录").click()


def test_login_a_forced_change_a_change_of_ones_own_and_logout(site: Site, screen: str):
    person_id = f"xin.{screen}"
    site.engine.run(AddPerson(person_id, "（示例）新人", "310191901", "Chushi-2026-first"), ENGINE)
    with window(site, screen) as page:
        page.goto(f"{site.address}/work")
        assert "/login" in page.url, "nobody sees anything before logging in"
        log_in(site, page, person_id, "falsch-2026-X")
        assert page.locator(".note-error").count()
        assert page.input_value("#login") == person_id
        log_in(site, page, person_id, "Chushi-2026-first")
        assert "请先修改密码" in page.inner_text("body")
        page.goto(f"{site.address}/work")
        assert "/password" in page.url, "nothing else before the change"
        change(page, "Chushi-2026-first", "kurz")
        assert page.locator(".note-error").count()
        change(page, "Chushi-2026-first", "Dierge-2026-mima")
        assert "/login" in page.url
        log_in(site, page, person_id, "Chushi-2026-first")
        assert page.locator(".note-error").count(), "the old one is gone"
        log_in(site, page, person_id, "Dierge-2026-mima")
        assert "/work" in page.url
        page.goto(f"{site.address}/password")
        change(page, "Dierge-2026-mima", "Disange-2026-mima")
        log_in(site, page, person_id, "Disange-2026-mima")
        assert "/work" in page.url
        page.locator(".top-acts details.menu summary").click()
        with page.expect_navigation():
            page.get_by_role("button", name="退出登录").locator("visible=true").click()
        assert "/login" in page.url
        page.go_back()
        page.goto(f"{site.address}/work")
        assert "/login" in page.url


def addresses(site: Site, matter: Matter, node: str) -> list[str]:
    """Return the direct links into a matter: its parts, its task, its acts and its files."""
    task = matter._task(node, "lj.duizhang")
    parts = ("", "/timeline", "/documents", "/filed", "/links", "/diagram", "/map.svg", "/audit")
    found = [f"/matters/{matter.id}{part}" for part in parts]
    return [*found, f"/tasks/{task}", f"/tasks/{task}/transfer", f"/tasks/{task}/extension", f"/work?task={task}"]


def test_another_squad_or_district_does_not_know_of_a_matter(site: Site, screen: str):
    title = f"只有临江知道（{screen}）"
    matter = lead_at(site, "lead_verify", title)
    stored = site.engine.files.keep(io.BytesIO("虚构".encode()), "示例.txt")
    attached = site.engine.run(AttachFile(matter.id, None, None, stored, "示例"), site.person("lj.duizhang"))
    files = [f"/attachments/{attached}"]
    leader = site.at(screen, "lj.duizhang")
    for address in [*addresses(site, matter, "lead_verify"), *files]:
        assert leader.status_of(address) == 200, address
    for person_id in ("yq.duizhang", "yq.duiyuan1", "ny.duizhang", "xl.zhuren", "xl.fenban"):
        stranger = site.at(screen, person_id)
        for address in [*addresses(site, matter, "lead_verify"), *files]:
            assert stranger.status_of(address) == 404, (person_id, address)
        for address in (f"/matters?search={matter.number()}", "/matters", "/work", "/work?tab=claimable", "/notices"):
            stranger.open(address)
            assert title not in stranger.text()
            assert stranger.page.locator(f"tr:has-text('{matter.number()}')").count() == 0
    idle = site.at(screen, "qx.zhenzhang")
    idle.open("/work")
    counts = idle.page.locator(".work-head .tabs .count").all_inner_texts()
    assert set(counts) == {"0"}, counts


def test_a_restricted_matter_shows_number_status_due_and_light_only(site: Site, screen: str):
    title = f"受限标题（{screen}）"
    matter = site.start(
        "lead_handling", "lj.duiyuan1", title=title, reporter_mode="实名", reporter="（示例）", wants_reply="是",
        source="06", **RESTRICTED,
    )  # fmt: skip
    matter.do("lead_confirm", "dj.zhuren")
    matter.do("lead_classify", "dj.fenban", lead_class="GW", priority="加急", lead_route="移送纪检监察")
    assert matter.sensitivity() == 3
    starter = site.at(screen, "lj.duiyuan1")
    starter.open("/work?tab=started")
    row = starter.page.locator("tr", has_text=matter.number()).inner_text()
    assert title not in row
    assert "受限事项" in row
    assert "移送" not in row.replace("移送纪检监察", "移送"), row
    discipline = site.at(screen, "dj.jijian")
    discipline.open("/work?tab=claimable")
    row = discipline.page.locator("tr", has_text=matter.number()).inner_text()
    assert title not in row
    assert "剩余" in row or "到期" in row
    for person_id in ("lj.duizhang", "dj.chengban1", "yq.duizhang"):
        stranger = site.at(screen, person_id)
        assert stranger.status_of(f"/matters/{matter.id}") == 404
        stranger.open(f"/matters?search={matter.number()}")
        assert title not in stranger.text()


@pytest.mark.parametrize("person_id", ["xitong", "anquan", "shenji"])
def test_the_three_administrators_see_no_case_content(site: Site, person_id: str):
    title = f"管理员不知（{person_id}）"
    matter = lead_at(site, "lead_verify", title)
    for screen in SCREENS:
        admin = site.at(screen, person_id)
        for address in addresses(site, matter, "lead_verify"):
            assert admin.status_of(address) == 404, address
        for address in ("/work", "/notices", f"/matters?search={matter.number()}", "/system", "/ledgers", "/reports"):
            admin.open(address)
            assert title not in admin.text(), address
            assert admin.page.locator(f"tr:has-text('{matter.number()}')").count() == 0
            assert admin.fits(), address


def test_a_task_can_be_submitted_without_javascript(site: Site, screen: str):
    matter = lead_at(site, "lead_confirm", f"无脚本（{screen}）")
    task_id = matter._task("lead_confirm", "dj.zhuren")
    with window(site, screen, java_script_enabled=False) as page:
        log_in(site, page, "dj.zhuren", PASSWORD)
        page.goto(f"{site.address}/tasks/{task_id}")
        with page.expect_navigation():
            page.get_by_role("button", name="签收").first.click()
        task = site.engine.ask(FindTask(task_id), site.person("dj.zhuren"))
        values = site.filled(task.form, task.variables, {}, site.person("dj.zhuren"), matter.id)
        with page.expect_navigation():
            page.locator("[data-main]").first.click()
        assert "处需要修改" in page.inner_text("body"), "refused by the server, in words"
        for name, value in values.items():
            fields = page.locator(f'#task-form [name="{name}"]')
            if not fields.count():
                continue
            kind = fields.first.get_attribute("type") or ""
            tag = str(fields.first.evaluate("field => field.tagName"))
            if tag == "BUTTON" or kind == "hidden" or fields.first.get_attribute("readonly") is not None:
                continue
            if tag == "SELECT":
                fields.first.select_option(str(value))
            elif kind in {"radio", "checkbox"}:
                for one in value if isinstance(value, list) else [value]:
                    picked = page.locator(f'#task-form [name="{name}"][value="{one}"]')
                    (picked if picked.count() else fields).first.check(force=True)
            elif value is not None and kind != "file" and fields.first.is_visible():
                fields.first.fill(str(value))
        with page.expect_navigation():
            page.locator("[data-main]").first.click()
        text = page.inner_text("body")
        assert "已办结" in text, re.sub(r"\s+", " ", text)[:1500]
    site.worker.drain()
    assert matter.steps() == ["lead_classify"]
