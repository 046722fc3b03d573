"""A draft that goes round a safeguard: refused, by the editor, the approval, the roll-back and the command line alike."""

import pytest

from engine.actor import ENGINE
from engine.bpmn.checks import DefinitionFile
from engine.commands.changes import ProposeChange
from engine.commands.deployments import Deploy
from engine.commands.drafts import DiscardDefinitionDraft, SaveDefinitionDraft
from engine.errors import InvalidDefinitionError
from engine.queries.definitions import FindDefinition
from tests.stories.conftest import Site
from tests.stories.test_editor import opened

KEY, ADMIN = "special_campaign", "liucheng"


@pytest.fixture
def without_gate(site: Site):
    """A draft of the campaign that goes from the approval straight to its number, past the second look."""
    found = site.engine.ask(FindDefinition(KEY), site.person(ADMIN))
    xml = found.xml.replace('targetRef="sc_get_again"', 'targetRef="sc_no"')
    assert xml != found.xml
    site.engine.run(SaveDefinitionDraft(KEY, xml, found.draft_row_version), site.person(ADMIN))
    yield xml
    site.engine.run(DiscardDefinitionDraft(KEY), site.person(ADMIN))


def test_the_editor_plays_the_run_that_starts_a_campaign_without_assessment(site: Site, without_gate):
    page = opened(site, KEY).page
    page.click("[data-act=check]")
    problem = page.locator('[data-problems] li.is-error[data-rule="campaign-assessed"]')
    problem.wait_for()
    assert "行动不得开始" in problem.inner_text()
    problem.get_by_role("button", name="播放反例").click()
    steps = page.locator("[data-trace] li")
    assert steps.first.inner_text() == "发起"
    page.click("[data-trace] button:has-text('暂停')")
    while page.locator("[data-trace] button:has-text('下一步')").is_enabled():
        page.click("[data-trace] button:has-text('下一步')")
    assert page.locator('.djs-element.trace-at[data-element-id="sc_publish"]').count() == 1
    assert "登记专项行动" in steps.last.inner_text()
    page.click("[data-trace] button:has-text('关闭')")
    assert page.locator(".trace-at").count() == 0


def test_the_page_of_proposing_says_why_it_cannot_be(site: Site, without_gate):
    admin = site.at("desk", ADMIN)
    admin.open(f"/definitions/{KEY}/propose")
    assert "草稿还不能提请" in admin.text()
    assert "没有批准、有效、覆盖行动的社会稳定风险评估" in admin.text()
    admin.page.click("text=在流程图上查看")
    admin.page.wait_for_selector("[data-problems]:not([hidden]) li.is-error")


def test_nobody_deploys_or_proposes_it(site: Site, without_gate):
    file = DefinitionFile(f"processes/{KEY}/{KEY}.bpmn", without_gate.encode())
    found = site.engine.ask(FindDefinition(KEY), site.person(ADMIN))
    proposing = ProposeChange(KEY, found.draft_row_version, "去掉一步", "无", "2027-01-01")
    for command, who in ((Deploy((file,), "命令行"), ENGINE), (proposing, site.person(ADMIN))):
        with pytest.raises(InvalidDefinitionError) as refused:
            site.engine.run(command, who)
        assert "campaign-assessed" in {problem.rule for problem in refused.value.problems}
