"""The process administrator picks messages, units and correlation keys by name, and the server reads what was picked."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Locator, Page

from engine.bpmn.reader import read_bpmn
from engine.commands.drafts import CheckDraft, DiscardDefinitionDraft, DraftNotFoundError
from engine.queries.definitions import FindDefinition
from engine.tokens.definition import Node
from tests.stories.conftest import Site

KEY = "cs_notice"
CATCH, STEP = "not_statement", "not_make"


@pytest.fixture
def page(site: Site) -> Iterator[Page]:
    """The editor of a procedure that waits for messages; its draft is thrown away afterwards."""
    person = site.at("desk", "liucheng")
    person.open(f"/definitions/{KEY}/editor")
    person.page.wait_for_selector("[data-editor][data-ready]")
    yield person.page
    with suppress(DraftNotFoundError):
        site.engine.run(DiscardDefinitionDraft(KEY), site.person("liucheng"))


def select(page: Page, element: str) -> None:
    """Choose an element on the drawing, and open every group of its properties."""
    page.click(f'.djs-element[data-element-id="{element}"] .djs-hit', force=True)
    open_groups(page, element)


def open_groups(page: Page, element: str) -> None:
    """Open every group of the properties of the chosen element."""
    page.wait_for_function(
        "(id) => document.querySelector('#bio-properties-panel-id')?.value === id"
        " && [...document.querySelectorAll('.bio-properties-panel-group-header:not(.open)')].every((one) => one.click() ?? 1)",
        arg=element,
    )


def field(page: Page, entry: str) -> Locator:
    return page.locator(f'[data-entry-id="{entry}"] input')


def options(page: Page) -> list[str]:
    return page.locator("[role=listbox] [role=option]").all_inner_texts()


def saved(site: Site, page: Page) -> dict[str, Node]:
    """Save the draft, and return its nodes as the server reads them; the check finds nothing to mend."""
    page.click("[data-act=save]")
    page.locator("[data-status]", has_text="草稿已保存").wait_for()
    person = site.person("liucheng")
    xml = site.engine.ask(FindDefinition(KEY), person).draft_xml or ""
    problems = site.engine.ask(CheckDraft(KEY, xml), person)
    assert not [one for one in problems if one.severity == "error"]
    return dict(read_bpmn(xml.encode(), f"{KEY}.bpmn").processes[KEY].nodes)


def message(node: Node) -> str:
    """Return the name of the one message of a node."""
    (event,) = node.events
    assert event.kind == "message"
    assert event.name
    return event.name.text


def test_a_message_of_another_procedure_is_found_by_its_chinese_name(site: Site, page: Page):
    select(page, CATCH)
    picker = field(page, "bihuan-message")
    assert picker.input_value() == "收到陈述申辩"
    picker.click()
    assert len(options(page)) > 10
    picker.fill("终止办理")
    (found,) = options(page)
    assert found.splitlines()[:2] == ["终止办理", "MSG_TERMINATE"]
    assert "接收：" in found
    page.click("[role=option]")
    assert picker.input_value() == "终止办理"
    assert page.locator('[data-entry-id="bihuan-message"] code').inner_text() == "MSG_TERMINATE"
    nodes = saved(site, page)
    assert message(nodes[CATCH]) == "MSG_TERMINATE"
    assert message(nodes["not_waiver"]) == "MSG_STATEMENT_WAIVED"


def test_a_new_message_is_typed_and_undone_in_one_step(site: Site, page: Page):
    select(page, CATCH)
    field(page, "bihuan-message").fill("MSG_STATEMENT_LATE")
    page.keyboard.press("Control+s")
    assert message(saved(site, page)[CATCH]) == "MSG_STATEMENT_LATE"
    select(page, "not_waiver")
    field(page, "bihuan-message").click()
    assert "MSG_STATEMENT_LATE\n只在这张图中" in options(page)
    page.keyboard.press("Escape")
    page.click("[data-act=undo]")
    assert message(saved(site, page)[CATCH]) == "MSG_STATEMENT"


@pytest.mark.parametrize(("task", "words"), [("receive", "接收任务"), ("send", "发送任务")])
def test_a_task_waits_for_or_sends_a_message_known_elsewhere(site: Site, page: Page, task: str, words: str):
    select(page, STEP)
    page.click('.djs-context-pad .entry[data-action="replace"]')
    page.click(f'.djs-popup [data-id="replace-with-{task}-task"]')
    page.locator(".bio-properties-panel-header", has_text=words).wait_for()
    open_groups(page, STEP)
    picker = field(page, "bihuan-message")
    picker.fill("突发")
    picker.press("ArrowDown")
    picker.press("Enter")
    key = field(page, "bihuan-correlation")
    key.fill("文号")
    (found,) = options(page)
    assert found.splitlines()[1] == "${notice_no}"
    key.press("ArrowDown")
    key.press("Enter")
    node = saved(site, page)[STEP]
    assert node.task == task
    assert message(node) == "MSG_INCIDENT"
    assert node.events[0].correlation
    assert node.events[0].correlation.text == "${notice_no}"


@pytest.mark.parametrize(
    ("typed", "written"), [("served_date", "${served_date}"), ("=matter.number", "${matter.number}")]
)
def test_a_correlation_key_is_a_variable_in_force_or_typed(site: Site, page: Page, typed: str, written: str):
    select(page, CATCH)
    key = field(page, "bihuan-correlation")
    assert key.input_value() == "告知书文号"
    key.click()
    offered = [text.splitlines() for text in options(page)]
    assert ["事项编号", "${matter_no}"] in [lines[:2] for lines in offered]
    assert ["告知书文号", "${notice_no}", "已用于消息：收到陈述申辩、书面放弃"] in offered
    key.fill("事项编号")
    page.click("[role=option]")
    correlation = saved(site, page)[CATCH].events[0].correlation
    assert correlation
    assert correlation.text == "${matter_no}"
    key.fill(typed)
    key.press("Enter")
    correlation = saved(site, page)[CATCH].events[0].correlation
    assert correlation
    assert correlation.text == written


def test_a_unit_is_picked_by_name_and_a_field_or_expression_may_name_it(site: Site, page: Page):
    select(page, STEP)
    unit = field(page, "bihuan-bihuan-unit")
    unit.fill("临江")
    assert [text.splitlines() for text in options(page)] == [["临江街道", "310191001"], ["临江中队", "310191901"]]
    page.click('[role=option] >> text="临江中队"')
    assert page.locator('[data-entry-id="bihuan-bihuan-unit"] code').inner_text() == "310191901"
    excluded = field(page, "bihuan-bihuan-excludeUnit")
    excluded.fill("事项所属")
    page.click("[role=option]")
    properties = saved(site, page)[STEP].extensions
    assert properties.property("unit") == "310191901"
    assert properties.property("excludeUnit") == "${matter_unit}"
    unit.fill("=if true then matter_unit else null")
    excluded.fill("")
    excluded.blur()
    properties = saved(site, page)[STEP].extensions
    assert properties.property("unit") == "${if true then matter_unit else null}"
    assert properties.property("excludeUnit") is None


def test_what_is_typed_stays_with_the_element_it_was_typed_for(site: Site, page: Page):
    select(page, CATCH)
    field(page, "bihuan-message").fill("MSG_HALF")
    select(page, "not_waiver")
    assert field(page, "bihuan-message").input_value() == "书面放弃"
    nodes = saved(site, page)
    assert message(nodes[CATCH]) == "MSG_HALF"
    assert message(nodes["not_waiver"]) == "MSG_STATEMENT_WAIVED"


def test_an_expression_of_candidates_is_one_chip_and_not_cut_at_its_commas(page: Page, site: Site):
    select(page, STEP)
    chips = page.locator('[data-group-id="group-bihuan"] [data-entry-id="bihuan-camunda-candidateGroups"] .editor-chip')
    assert chips.count() == 1
    assert "squad_leader,dist_handler" in chips.inner_text()
    field(page, "bihuan-bihuan-submitLabel").fill("制作")
    groups = saved(site, page)[STEP].extensions.candidate_groups
    assert groups
    assert not groups.is_literal


def test_who_registers_a_message_by_hand_and_in_which_form_is_picked(site: Site, page: Page) -> None:
    select(page, CATCH)
    page.locator('[data-entry-id="bihuan-bihuan-startableBy"] select').select_option("participants")
    page.locator('[data-entry-id="bihuan-camunda-formRef"] select').select_option("statement_waived")
    field(page, "bihuan-bihuan-label").fill("登记来信")
    found = saved(site, page)[CATCH].extensions
    assert (found.form_ref, found.property("label")) == ("statement_waived", "登记来信")
    assert (found.property("startableBy") or "").endswith(",participants")
    select(page, "not_elapsed")
    assert page.locator('[data-entry-id="bihuan-bihuan-startableBy"]').count() == 0
