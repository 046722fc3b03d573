"""The administrator's desk in the browser: tried, compared, approved by two people, migrated, rolled back."""

import re

from engine.commands.drafts import SaveDefinitionDraft
from engine.queries.definitions import FindDefinition
from tests.procedures.story import Matter
from tests.stories.conftest import Site
from tests.stories.steps import do

ADMIN, LEGAL, CHIEF = "liucheng", "shi.fazhi", "shi.zhuren"


def definition(site: Site, key: str):
    return site.engine.ask(FindDefinition(key), site.person(ADMIN))


def draft(site: Site, key: str, old: str, new: str) -> None:
    found = definition(site, key)
    assert old in found.xml
    command = SaveDefinitionDraft(key, found.xml.replace(old, new), found.draft_row_version)
    site.engine.run(command, site.person(ADMIN))


def propose(site: Site, key: str, *, migrate: bool = False) -> Matter:
    """Propose the draft on its page."""
    admin = site.at("desk", ADMIN)
    admin.open(f"/definitions/{key}/propose")
    admin.page.fill("[name=reason]", "名称更清楚")
    admin.page.fill("[name=impact]", "不影响在办事项")
    if migrate:
        admin.page.check("[name=migrate][value=是]")
    with admin.page.expect_navigation():
        admin.page.click("button:has-text('提请变更')")
    site.worker.drain()
    return site.newest("config_change")


def approve(site: Site, matter: Matter) -> None:
    """Let the others check, test and approve."""
    do(site, "desk", matter, "change_legal", LEGAL, "同意", law_checked=True, no_conflict=True)
    do(site, "desk", matter, "change_test", ADMIN, None, test_note="试运行无误", test_report="@file")
    do(site, "desk", matter, "change_approve", CHIEF, "批准变更", no_conflict=True)
    site.worker.drain()


def test_a_change_is_approved_by_two_people_migrated_and_rolled_back(site: Site):
    key = "ledger_item"
    step = next(node for node in _steps(site, key))
    running = [site.start(key, "dj.chengban1", title=f"协作事项 {number}") for number in range(50)]
    before = definition(site, key)
    name = re.search(rf'id="{step}" name="([^"]+)"', before.xml)[1]
    draft(site, key, f'id="{step}" name="{name}"', f'id="{step}" name="{name}（新）"')

    matter = propose(site, key, migrate=True)
    admin = site.at("desk", ADMIN)
    admin.open(f"/definitions/changes/{matter.id}")
    assert f"名称由“{name}”改为“{name}（新）”" in admin.text()
    approve(site, matter)
    assert definition(site, key).version == before.version + 1
    assert matter.status() == "completed"

    admin.open(f"/definitions/{key}/migration")
    assert "可以迁移" in admin.text()
    admin.page.fill("[name=reason]", "统一到新版本")
    admin.page.once("dialog", lambda dialog: dialog.accept())
    with admin.page.expect_navigation():
        admin.page.click("button:has-text('开始迁移')")
    site.worker.drain()
    admin.page.reload()
    assert "已完成" in admin.text()
    assert {_name(site, one, step) for one in running} == {f"{name}（新）"}

    admin.open(f"/definitions/{key}?version={before.version}")
    admin.page.fill("[name=reason]", "新名称引起误会")
    admin.page.once("dialog", lambda dialog: dialog.accept())
    with admin.page.expect_navigation():
        admin.page.click("button:has-text('回退到第')")
    assert definition(site, key).version == before.version + 2
    assert definition(site, key).xml == before.xml


def test_a_draft_is_tried_as_anybody_and_kept_as_a_scenario(site: Site):
    key = "dispute_resolution"
    step = next(iter(_steps(site, key)))
    admin = site.at("desk", ADMIN)
    admin.open(f"/definitions/{key}")
    with admin.page.expect_navigation():
        admin.page.click("button:has-text('试运行')")
    assert "试运行" in admin.text()
    admin.page.fill("[name=title]", "试一试")
    view = _start_form(site, key)
    admin.fill({**view, "title": "试一试"})
    admin.submit()
    admin.page.wait_for_selector(".trial-bar button:has-text('办理“')")
    with admin.page.expect_navigation():
        admin.page.click(".trial-bar button:has-text('办理“')")
    assert "/tasks/" in admin.page.url
    with admin.page.expect_navigation():
        admin.page.click(".trial-bar button:has-text('1 天')")
    admin.page.fill("#trial-name", f"到{step}")
    with admin.page.expect_navigation():
        admin.page.click(".trial-bar button:has-text('保存为场景')")
    assert f"到{step}" in admin.text()


def _start_form(site: Site, key: str):
    from engine.queries.starting import FindStartForm

    actor = site.person("dj.chengban1")
    view = site.engine.ask(FindStartForm(key), actor)
    return site.filled(view.form, view.variables, {}, actor, None)


def _steps(site: Site, key: str) -> list[str]:
    """The ids of a procedure's user tasks."""
    return re.findall(r'<bpmn:userTask id="([^"]+)"', definition(site, key).xml)


def _name(site: Site, matter: Matter, step: str) -> str:
    from engine.model import UserTask

    with site.engine.database.transaction(write=False) as session:
        return session.query(UserTask.name).filter_by(instance_id=matter.id, node_id=step, status="open").scalar()
