"""What a person does with a task besides submitting it, and what happens when a page has become old."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from engine.queries.task import FindTask
from engine.task_actions.claim import ClaimTask
from engine.task_actions.unclaim import UnclaimTask
from tests.procedures.story import Matter
from tests.stories.browser import Person
from tests.stories.conftest import Site
from tests.stories.steps import do, lead_at

APPROVAL = {"party_notice": "无", "extension_decision": "同意", "opinion": "同意延期。", "no_conflict": True}


def press(person: Person, label: str) -> None:
    """Press the button of this name and wait for the page that follows."""
    with person.page.expect_navigation():
        person.page.get_by_role("button", name=label, exact=True).locator("visible=true").first.click()


def menu(person: Person, label: str) -> None:
    """Choose an entry of the other acts."""
    person.page.locator("#task-form details.menu summary").click()
    with person.page.expect_navigation():
        person.page.locator("#task-form .menu-list").get_by_role("link", name=label).click()
    assert person.fits(), label


def task_of(site: Site, matter: Matter, node: str, person_id: str) -> int:
    return matter._task(node, person_id)


def test_a_task_is_claimed_and_given_back_to_the_group(site: Site, screen: str):
    matter = lead_at(site, "lead_confirm", f"签收退回（{screen}）")
    task_id = task_of(site, matter, "lead_confirm", "dj.zhuren")
    supervisor = site.at(screen, "dj.zhuren")
    supervisor.open(f"/tasks/{task_id}")
    press(supervisor, "签收")
    assert "已签收，由您办理" in supervisor.text()
    other = site.at(screen, "dj.fenban")
    other.open("/work?tab=claimable")
    assert matter.number() not in other.text()
    menu(supervisor, "退回待领")
    supervisor.page.fill("#reason", "出差，由同事办理。")
    press(supervisor, "退回待领")
    assert "任务已退回待领" in supervisor.text()
    other.open("/work?tab=claimable")
    assert matter.number() in other.text()


def test_a_draft_is_there_after_reloading_and_nobody_else_sees_it(site: Site, screen: str):
    matter = lead_at(site, "lead_verify", f"草稿（{screen}）")
    task_id = task_of(site, matter, "lead_verify", "lj.duizhang")
    leader = site.at(screen, "lj.duizhang")
    page = leader.open(f"/tasks/{task_id}")
    field = page.locator("#task-form textarea:visible").first
    name = field.get_attribute("name")
    field.fill("写了一半的核查情况。")
    if screen == "phone":
        page.locator("#task-form details.menu summary").click()
    page.locator("#task-form").get_by_role("button", name="保存草稿").locator("visible=true").first.click()
    page.locator("[data-saved]", has_text="草稿已保存").wait_for(state="attached")
    page.reload()
    assert page.locator(f'#task-form textarea[name="{name}"]').input_value() == "写了一半的核查情况。"
    handler = site.at(screen, "dj.zhuren")
    handler.open(f"/tasks/{task_id}")
    assert "写了一半" not in handler.page.content()
    do(site, screen, matter, "lead_verify", "lj.duizhang")
    assert "lead_review" in matter.steps()


def test_a_task_goes_only_to_a_colleague_who_may_have_it(site: Site, screen: str):
    own = site.start("lead_handling", "dj.fenban", title=f"转交（{screen}）", source="06")
    task_id = task_of(site, own, "lead_confirm", "dj.zhuren")
    site.engine.run(ClaimTask(task_id), site.person("dj.zhuren"))
    supervisor = site.at(screen, "dj.zhuren")
    page = supervisor.open(f"/tasks/{task_id}")
    menu(supervisor, "转交")
    assert page.locator('input[value="dj.fenban"]').is_disabled(), "who registered it may not confirm it"

    matter = lead_at(site, "lead_confirm", f"转交二（{screen}）")
    task_id = task_of(site, matter, "lead_confirm", "dj.zhuren")
    site.engine.run(ClaimTask(task_id), site.person("dj.zhuren"))
    supervisor.open(f"/tasks/{task_id}")
    menu(supervisor, "转交")
    assert page.locator('input[name="to_person"]').evaluate_all("all => all.map(one => one.value)") == ["dj.fenban"]
    page.check('input[value="dj.fenban"]', force=True)
    page.locator('input[value="dj.fenban"]').evaluate("one => { one.value = 'xl.fenban'; }")
    page.fill("#reason", "对方更熟悉情况。")
    press(supervisor, "转交")
    assert "不能办理这项任务" in supervisor.text()
    page.check('input[value="dj.fenban"]', force=True)
    press(supervisor, "转交")
    assert "任务已转交" in supervisor.text()
    colleague = site.at(screen, "dj.fenban")
    colleague.open("/work?tab=mine")
    assert matter.number() in colleague.text()
    colleague.open("/notices")
    assert matter.number() in colleague.text()


def test_remarks_and_files_stay_with_the_matter(site: Site, screen: str, tmp_path: Path):
    matter = lead_at(site, "lead_verify", f"意见材料（{screen}）")
    task_id = task_of(site, matter, "lead_verify", "lj.duizhang")
    leader = site.at(screen, "lj.duizhang")
    page = leader.open(f"/tasks/{task_id}")
    page.fill("#remark", "<b>已电话联系</b>物业。")
    press(leader, "记入")
    assert "<b>已电话联系</b>物业。" in page.locator("#remarks").inner_text()
    page.locator("#files details summary").click()
    page.set_input_files(
        "#extra-file", {"name": "现场 照片说明.txt", "mimeType": "text/plain", "buffer": "虚构".encode()}
    )
    press(leader, "上传")
    assert "已上传" in leader.text()
    with page.expect_download() as loading:
        page.locator("#files").get_by_role("link", name=re.compile("照片说明")).first.click()
    assert loading.value.suggested_filename == "现场 照片说明.txt"
    loading.value.save_as(tmp_path / "got.txt")
    assert (tmp_path / "got.txt").read_text() == "虚构"
    leader.open(f"/matters/{matter.id}/documents")
    assert "照片说明" in leader.text()
    handler = site.at(screen, "dj.zhuren")
    handler.open(f"/tasks/{task_id}")
    assert "已电话联系" in handler.page.locator("#remarks").inner_text()


def test_more_time_is_asked_for_within_the_rule_and_given_by_the_right_person(site: Site, screen: str):
    matter = lead_at(site, "lead_verify", f"延期（{screen}）")
    task_id = task_of(site, matter, "lead_verify", "lj.duizhang")
    old = site.engine.ask(FindTask(task_id), site.person("lj.duizhang")).row.due.due_at
    leader = site.at(screen, "lj.duizhang")
    page = leader.open(f"/tasks/{task_id}")
    menu(leader, "申请延期")
    latest = date.fromisoformat(page.get_attribute("#new_due", "max") or "")
    beyond = (latest + timedelta(days=7)).isoformat()
    page.fill("#new_due", beyond)
    page.fill("#reason", "检测机构排期较晚，结果须等到下月中旬才能取得，故申请延期。")
    page.fill("#done", "已完成现场检查和两次询问。")
    page.get_by_role("button", name="提交延期申请").click()
    assert page.evaluate("document.querySelector('#new_due').validity.rangeOverflow"), "refused at the field"
    page.evaluate("document.querySelector('#new_due').removeAttribute('max')")
    press(leader, "提交延期申请")
    assert "不能延期" in leader.text(), "and by the server"
    assert page.input_value("#new_due") == beyond
    assert page.input_value("#done") == "已完成现场检查和两次询问。"
    page.fill("#new_due", latest.isoformat())
    press(leader, "提交延期申请")
    assert "延期申请已提交" in leader.text()
    site.worker.drain()

    request = site.newest("cs_extension")
    assert request.candidates("ext_approve") == ["r:dist_leader@310191"]
    assert (
        site.at(screen, "dj.juzhang").status_of(f"/tasks/{request._task('ext_approve', 'dj.fenguan')}/unclaim") != 200
    )
    assert site.engine.ask(FindTask(task_id), site.person("lj.duizhang")).row.due.due_at == old, "until approved"
    do(site, screen, request, "ext_approve", "dj.fenguan", **APPROVAL)
    new = site.engine.ask(FindTask(task_id), site.person("lj.duizhang")).row.due.due_at
    assert old is not None
    assert new is not None
    assert new > old
    leader.open(f"/matters/{matter.id}/timeline")
    said = leader.text()
    assert "延期" in said
    assert f"{old.astimezone().month}月" in said or old.date().isoformat() in said, "the old date is kept"


@contextmanager
def old_page(site: Site, screen: str, title: str) -> Iterator[tuple[Person, Matter, int, str]]:
    """A form with words typed into it, for a story to make old."""
    matter = lead_at(site, "lead_confirm", title)
    task_id = task_of(site, matter, "lead_confirm", "dj.zhuren")
    site.engine.run(ClaimTask(task_id), site.person("dj.zhuren"))
    supervisor = site.at(screen, "dj.zhuren")
    page = supervisor.open(f"/tasks/{task_id}")
    task = site.engine.ask(FindTask(task_id), site.person("dj.zhuren"))
    supervisor.fill(site.filled(task.form, task.variables, {}, site.person("dj.zhuren"), matter.id))
    field = page.locator("#task-form textarea:visible").first
    field.fill("旧页面上写的话。")
    yield supervisor, matter, task_id, field.get_attribute("name") or ""


def test_an_old_page_keeps_what_was_typed(site: Site, screen: str):
    with old_page(site, screen, f"旧页面（{screen}）") as (supervisor, _, task_id, name):
        actor = site.person("dj.zhuren")
        site.engine.run(UnclaimTask(task_id, "另一个窗口退回"), actor)
        site.engine.run(ClaimTask(task_id), actor)
        supervisor._button(None).click()
        supervisor.page.locator("[data-focus]").wait_for()
        assert "您填写的内容仍在本页" in supervisor.text() or "保留" in supervisor.text()
        assert supervisor.page.locator(f'#task-form textarea[name="{name}"]').input_value() == "旧页面上写的话。"


def test_a_page_whose_task_was_done_in_another_window_keeps_its_words(site: Site, screen: str):
    with old_page(site, screen, f"两个窗口（{screen}）") as (supervisor, matter, _, name):
        matter.do("lead_confirm", "dj.zhuren")
        supervisor._button(None).click()
        supervisor.page.locator(".note-warn, .note-error, .toast").locator("visible=true").first.wait_for()
        assert supervisor.page.locator(f'textarea[name="{name}"]').input_value() == "旧页面上写的话。"
        assert matter.steps() == ["lead_classify"]


def test_leaving_a_page_with_unsaved_words_asks_first(site: Site, screen: str):
    matter = lead_at(site, "lead_verify", f"离开（{screen}）")
    leader = site.at(screen, "lj.duizhang")
    page = leader.open(f"/tasks/{task_of(site, matter, 'lead_verify', 'lj.duizhang')}")
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.type))
    field = page.locator("#task-form textarea:visible").first
    field.click()
    page.keyboard.type("还没有保存")
    with page.expect_navigation():
        page.locator(".brand").click()
    assert asked == ["beforeunload"]
