"""The process administrator changes a diagram in the browser, publishes it, and what runs goes on as it was."""

import gzip
import re

import pytest

from engine.commands.changes import ProposeChange
from engine.commands.draft_files import FindDraftFile
from engine.commands.drafts import DiscardDefinitionDraft, SaveDefinitionDraft
from engine.proposals import OutdatedDraftError
from engine.queries.definitions import FindDefinition
from tests.stories.conftest import Site
from tests.stories.steps import start
from tests.stories.test_desk import approve, propose

KEY = "cs_supervise"
STEP = "sup_answer"


def opened(site: Site, key: str):
    """The editor of a procedure, ready to be used."""
    admin = site.at("desk", "liucheng")
    admin.open(f"/definitions/{key}/editor")
    admin.page.wait_for_selector("[data-editor][data-ready]")
    return admin


def definition(site: Site, key: str):
    return site.engine.ask(FindDefinition(key), site.person("liucheng"))


def test_a_candidate_group_is_changed_and_a_task_inserted_and_published(site: Site):
    before = definition(site, KEY)
    running = start(site, "desk", KEY, "dj.zhuren")
    step = running.steps()[0]

    admin = opened(site, KEY)
    page = admin.page
    page.click(f'.djs-element[data-element-id="{step}"] .djs-hit', force=True)
    group = page.locator('[data-group-id="group-bihuan"]')
    if "open" not in (group.locator(".bio-properties-panel-group-header").get_attribute("class") or ""):
        group.locator(".bio-properties-panel-group-header").click()
    picker = page.locator('[data-group-id="group-bihuan"] [data-entry-id="bihuan-camunda-candidateGroups"]')
    for _ in range(picker.locator(".editor-chip").count()):
        picker.locator(".editor-chip button").first.click()
    picker.locator("select").select_option("dist_leader")

    flow = page.locator(".djs-connection").first.bounding_box()
    entry = page.locator(".djs-palette .entry.bpmn-icon-task").bounding_box()
    page.mouse.move(entry["x"] + 10, entry["y"] + 10)
    page.mouse.down()
    page.mouse.move(flow["x"] + flow["width"] / 2, flow["y"] + flow["height"] / 2, steps=8)
    page.mouse.up()

    page.click("[data-act=save]")
    page.locator("[data-status]", has_text="草稿已保存").wait_for()
    page.click("[data-act=check]")
    page.wait_for_selector("[data-problems]:not([hidden]) h2")
    assert "必须改正" not in page.inner_text("[data-problems]")
    with page.expect_navigation():
        page.click("[data-publish]")
    approve(site, propose(site, KEY))

    after = definition(site, KEY)
    assert after.version == before.version + 1
    assert len(re.findall(r"<bpmn:task ", after.xml)) == len(re.findall(r"<bpmn:task ", before.xml)) + 1
    assert running.candidates(step) != ["r:dist_leader@310191"]
    later = start(site, "desk", KEY, "dj.zhuren")
    assert later.candidates(step) == ["r:dist_leader@310191"]


@pytest.mark.parametrize(
    "hostile",
    [
        "<not-xml",
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'><process id='other' isExecutable='true'/></definitions>",
    ],
    ids=["broken", "entity", "another-process"],
)
def test_a_broken_or_hostile_file_is_refused_and_nothing_of_it_stays(site: Site, hostile: str):
    before = definition(site, "cs_recusal")
    admin = site.at("desk", "liucheng")
    admin.open("/definitions/cs_recusal")
    token = admin.page.get_attribute("meta[name=csrf-token]", "content")
    headers = {"X-CSRFToken": token, "Origin": site.address}
    address = f"{site.address}/definitions/cs_recusal"
    checked = admin.context.request.post(f"{address}/check", data={"xml": hostile}, headers=headers)
    assert checked.status in {200, 422}
    assert checked.json()["problems"][0]["message"]
    saved = admin.context.request.post(f"{address}/draft", data={"xml": hostile, "row_version": None}, headers=headers)
    published = admin.context.request.post(
        f"{address}/publish", data={"row_version": saved.json().get("row_version"), "reason": "试一试"}, headers=headers
    )
    assert published.status == 409  # changes go through approval, whatever they are
    after = definition(site, "cs_recusal")
    assert (after.version, after.xml) == (before.version, before.xml)
    admin.context.request.post(f"{address}/discard", form={"csrf_token": token}, headers=headers)


def test_of_two_who_change_the_same_draft_the_second_is_told_and_keeps_the_work(site: Site):
    admin = opened(site, "cs_collective")
    xml = definition(site, "cs_collective").xml
    site.engine.run(SaveDefinitionDraft("cs_collective", xml, None), site.person("liucheng"))
    admin.page.click("[data-act=save]")
    admin.page.wait_for_selector("[data-copy]")
    assert "修改" in admin.page.inner_text("[data-status]")


def test_a_draft_of_an_older_version_cannot_undo_a_newer_one(site: Site):
    person = site.person("liucheng")
    found = definition(site, "cs_service")
    edited = found.xml.replace("文书送达", "文书送达（修改）", 1)
    version = site.engine.run(SaveDefinitionDraft("cs_service", edited, None), person)
    with site.engine.database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE definition_draft SET base_version = 0 WHERE key = 'cs_service'")
    with pytest.raises(OutdatedDraftError):
        site.engine.run(ProposeChange("cs_service", version, "试一试", "无影响", "2026-12-01"), person)
    site.engine.run(DiscardDefinitionDraft("cs_service"), person)


def test_the_list_shows_procedures_with_their_versions(site: Site, screen: str):
    admin = site.at(screen, "liucheng")
    admin.open("/definitions")
    assert "涉黑涉恶涉乱线索办理" in admin.text()
    assert "第 1 版" in admin.text()
    assert admin.fits()


# Gzipped bytes of everything an editor page loads (issue: at most 600 kB each).
MOST_BYTES = 600 * 1024


@pytest.mark.parametrize("path", ["editor", "files/lead_triage.dmn", "files/lead_register.form"])
def test_an_editor_page_loads_no_more_than_its_budget(site: Site, path: str):
    page = site.at("desk", "liucheng").page
    loaded: dict[str, bytes] = {}
    page.on("response", lambda answer: loaded.setdefault(answer.url, b"") if answer.status == 200 else None)
    page.goto(f"{site.address}/definitions/lead_handling/{path}")
    page.wait_for_selector("[data-editor][data-ready]")
    request = site.at("desk", "liucheng").context.request
    assets = [url for url in loaded if "/static/" in url]
    assert assets
    assert sum(len(gzip.compress(request.get(url).body(), 6)) for url in assets) < MOST_BYTES


def test_a_form_and_a_decision_are_edited_with_undo_and_saved(site: Site):
    admin = site.at("desk", "liucheng")
    page = admin.open("/definitions/lead_handling/files/lead_register.form")
    page.wait_for_selector("[data-editor][data-ready]")
    page.locator('.fjs-form-editor .fjs-children [data-field-type="textfield"]').first.click()
    for header in page.query_selector_all(".bio-properties-panel-group-header:not(.open)"):
        header.evaluate("header => header.click()")
    page.fill("#bio-properties-panel-label [contenteditable], #bio-properties-panel-label", "事项的名称")
    page.locator("[data-act=undo]:not([disabled])").wait_for()
    page.click("[data-act=save]")
    page.locator("[data-status]", has_text="草稿已保存").wait_for()
    file = site.engine.ask(FindDraftFile("lead_handling", "lead_register.form"), site.person("liucheng"))
    assert "事项的名称" in file.text
    assert file.row_version == 1

    page = admin.open("/definitions/lead_handling/files/lead_triage.dmn")
    page.wait_for_selector("[data-editor][data-ready]")
    page.locator("[data-views] .chip").nth(1).click()
    rules = page.locator(".tjs-table tbody tr").count()
    page.click(".tjs-table .add-rule")
    page.locator("[data-act=undo]:not([disabled])").wait_for()
    assert page.locator(".tjs-table tbody tr").count() == rules + 1
    page.click("[data-act=undo]")
    assert page.locator(".tjs-table tbody tr").count() == rules
    page.click("[data-act=save]")
    page.locator("[data-status]", has_text="草稿已保存").wait_for()
    site.engine.run(DiscardDefinitionDraft("lead_handling"), site.person("liucheng"))
