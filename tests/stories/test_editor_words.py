"""Everything the three editors show is Chinese: every palette, context pad, menu, tab and group of properties."""

import re

import pytest
from playwright.sync_api import Page

from tests.stories.conftest import Site

KEY = "lead_handling"
# What is a name in any language: notations, their maker's mark, formats, and examples of what is typed.
NAMES = re.compile(
    r"\b(BPMN(\.iO)?|bpmn\.io|DMN|FEEL|ISO 8601|ID|Camunda( Modeler)?|JSON|Markdown|HTML|URL|MIME|Java|Ctrl|E\.164|"
    r"Enter|Esc|PMML|UTC|Powered by bpmn\.io)\b",
    re.IGNORECASE,
)
# Ids, variables and expressions of the procedure: one word with an underscore or digit, or written in code.
WORD = re.compile(r"[A-Za-z][A-Za-z'’-]+")
SHOWN = """() => {
  const found = [];
  const own = (node) => node.closest('.djs-element, .djs-label, textarea, .cm-editor, .dmn-icon-x, .tjs-table td, [data-own], '
    + '.fjs-form-field, .fjs-drop-container-vertical .fjs-element, h1, .editor-files, .definition-properties');
  const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walk.currentNode; node; node = walk.nextNode()) {
    if (node.nodeType === 3) {
      const element = node.parentElement;
      if (!node.data.trim() || own(element) || ['SCRIPT', 'STYLE', 'CODE', 'OPTION'].includes(element.tagName)) continue;
      if (element.getClientRects().length) found.push(node.data.trim());
    } else if (!own(node) && node.getClientRects().length) {
      for (const name of ['title', 'aria-label', 'placeholder', 'alt', 'data-title']) {
        if (node.getAttribute(name)) found.push(node.getAttribute(name));
      }
    }
  }
  for (const option of document.querySelectorAll('main option')) {
    if (option.getClientRects().length || option.closest('select')?.getClientRects().length) found.push(option.textContent);
  }
  return [...new Set(found)];
}"""


def english(page: Page, known: set[str]) -> set[str]:
    """Return what on the page holds an English word that is no name of the procedure itself."""
    found = set()
    for text in page.evaluate(SHOWN):
        rest = NAMES.sub("", text)
        words = [word for word in WORD.findall(re.sub(r"\S*[_:${}=<>./@]\S*", "", rest)) if word not in known]
        if words:
            found.add(text)
    return found


def names_in(text: str) -> set[str]:
    """Return every word that a definition file uses itself."""
    return set(WORD.findall(text))


def test_the_diagram_editor_speaks_chinese(site: Site):
    page = opened(site, f"/definitions/{KEY}/editor")
    known = names_in(site.at("desk", "liucheng").context.request.get(f"{site.address}/definitions/{KEY}/draft").text())
    known |= names_in(page.locator("[data-choices]").text_content() or "")
    found = english(page, known)
    kinds: dict[str, str] = page.evaluate(
        "() => Object.fromEntries([...document.querySelectorAll('.djs-element[data-element-id]')].map((each) =>"
        " [each.dataset.elementId.replace(/_label$/, ''), each.className.baseVal]))"
    )
    for element in one_of_each(page, kinds):
        select(page, element)
        open_groups(page)
        found |= english(page, known)
        for pad in ("replace", "append"):
            entry = page.locator(f'.djs-context-pad .entry[data-action="{pad}"]')
            if entry.count():
                entry.first.click(force=True)
                found |= english(page, known)
                page.keyboard.press("Escape")
    assert not found, "\n".join(sorted(found))


def one_of_each(page: Page, kinds: dict[str, str]) -> list[str]:
    """Return one element of each type in the diagram."""
    types = page.evaluate(
        "(ids) => { const registry = bihuanEditor.modeler.get('elementRegistry');"
        " return Object.fromEntries(ids.filter((id) => registry.get(id)).map((id) => [id, registry.get(id).type])); }",
        list(kinds),
    )
    return list({kind: element for element, kind in types.items()}.values())


def select(page: Page, element: str) -> None:
    page.evaluate(
        "(id) => bihuanEditor.modeler.get('selection').select(bihuanEditor.modeler.get('elementRegistry').get(id))",
        element,
    )
    page.wait_for_timeout(30)


def open_groups(page: Page) -> None:
    """Open every group of the properties panel, and every list in it."""
    for header in page.query_selector_all(
        ".bio-properties-panel-group-header:not(.open), .bio-properties-panel-collapsible-entry-header:not(.open)"
    ):
        header.evaluate("header => header.click()")
    page.wait_for_timeout(30)


def opened(site: Site, path: str) -> Page:
    """The page of an editor, ready to be used."""
    page = site.at("desk", "liucheng").open(path)
    page.wait_for_selector("[data-editor][data-ready]")
    page.locator("[data-count]:not([data-count=unknown])").wait_for()
    return page


@pytest.mark.parametrize("name", ["lead_triage.dmn"])
def test_the_decision_editor_speaks_chinese(site: Site, name: str):
    page = opened(site, f"/definitions/{KEY}/files/{name}")
    known = names_in(file_of(site, name))
    found = english(page, known)
    page.locator(".djs-shape .djs-hit").first.click(force=True)
    found |= english(page, known)
    for entry in page.locator(".djs-context-pad .entry").all():
        assert not english_title(entry.get_attribute("title") or "")
    page.locator("[data-views] .chip").nth(1).click()
    page.wait_for_selector(".tjs-table")
    found |= english(page, known)
    for cell in (".input-cell", ".output-cell", "td.input-cell", "td.output-cell", ".hit-policy"):
        target = page.locator(cell).first
        target.click()
        found |= english(page, known)
        target.click(button="right")
        found |= english(page, known)
        page.keyboard.press("Escape")
    page.locator(".input-cell").first.dblclick()
    page.wait_for_timeout(100)
    found |= english(page, known)
    assert not found, "\n".join(sorted(found))


def english_title(text: str) -> bool:
    return bool(WORD.search(NAMES.sub("", text)))


def test_the_form_editor_speaks_chinese(site: Site):
    page = opened(site, f"/definitions/{KEY}/files/lead_register.form")
    known = names_in(file_of(site, "lead_register.form"))
    found = english(page, known)
    seen = set()
    for field in page.query_selector_all(".fjs-form-editor .fjs-children [data-field-type]"):
        kind = field.get_attribute("data-field-type")
        if kind in seen:
            continue
        seen.add(kind)
        field.evaluate("field => field.click()")
        open_groups(page)
        found |= english(page, known)
    assert len(seen) > 5
    assert not found, "\n".join(sorted(found))


def file_of(site: Site, name: str) -> str:
    request = site.at("desk", "liucheng").context.request
    return str(request.get(f"{site.address}/definitions/{KEY}/files/{name}/draft").text())
