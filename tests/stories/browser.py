"""People at a browser: what they open, fill in and press, on a desk screen or a phone."""

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-quic",
)  # fmt: skip
SCREENS = {"desk": (1440, 900), "phone": (390, 844)}
MISSING = "Chromium is not installed, so the browser stories cannot run: sudo apt-get install chromium fonts-noto-cjk"


def chromium() -> str:
    """Return the path of the browser; fails the test with a message that says what to install."""
    named = os.environ.get("BIHUAN_TEST_CHROMIUM")
    found = named or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.fail(MISSING)
    return found


class Person:
    """Somebody logged in, with one page open; everything the page complains about is kept."""

    def __init__(self, browser: Browser, address: str, person_id: str, screen: str, password: str) -> None:
        """Log in."""
        width, height = SCREENS[screen]
        self.id = person_id
        self.screen = screen
        self.address = address
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            has_touch=screen == "phone",
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.complaints: list[str] = []
        self.outcome: tuple[str, str] | None = None
        self.page.on("pageerror", lambda error: self.complaints.append(f"{error}"))
        self.page.on("console", self._heard)
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.open("/login")
        self.page.fill("input[name=login]", person_id)
        self.page.fill("input[name=password]", password)
        with self.page.expect_navigation():
            self.page.press("input[name=password]", "Enter")

    def open(self, path: str) -> Page:
        """Open an address of the product."""
        self.page.goto(self.address + path)
        return self.page

    def status_of(self, path: str) -> int:
        """Return the HTTP status of an address for this person."""
        return int(self.context.request.get(self.address + path).status)

    def text(self) -> str:
        """Return what can be read on the page."""
        return self.page.inner_text("body")

    def fill(self, values: Mapping[str, Any]) -> None:
        """Fill the form on the page: field values as the engine files them, nested by rows."""
        waiting = list(_leaves(values))
        for _ in range(3):  # a field may show only once a later one is filled
            waiting = [(name, value) for name, value in waiting if not self._set(name, value)]

    def submit(self, label: str | None = None) -> None:
        """Press the main button, or the outcome of this label."""
        button = self._button(label)
        try:
            with self.page.expect_navigation(timeout=8_000):
                button.click()
        except PlaywrightTimeoutError as error:
            shown = self.page.locator(".field-error:visible, .note-error:visible").all_inner_texts()
            raise AssertionError(f"nothing was submitted: {shown}") from error

    def _button(self, label: str | None) -> Locator:
        """Return the button of an outcome: by its label, by the value that was filled in, or the main one."""
        if label:
            return self.page.locator(".action-bar").get_by_role("button", name=label, exact=True).first
        if self.outcome:
            name, value = self.outcome
            self.outcome = None
            return self.page.locator(f'.action-bar button[name="{name}"][value="{value}"]').first
        return self.page.locator("[data-main]").first

    def assert_quiet(self) -> None:
        """Fail if a page raised an error, broke the security policy or could not load a part of itself."""
        assert not self.complaints, self.complaints

    def fits(self) -> bool:
        """Tell whether nothing of the page lies beyond the screen's width."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"))

    def close(self) -> None:
        """Leave."""
        self.context.close()

    def _heard(self, message: Any) -> None:
        if "Applying inline style" in message.text and re.search(r"/definitions/\w+/(editor|files/)", self.page.url):
            return  # the editors set some, the policy blocks it, and nothing is missing
        if message.type == "error" and not re.search(r"status of (4\d\d|503)", message.text):
            self.complaints.append(message.text)

    def _grow(self, name: str) -> None:
        """Add rows until the row of a field exists."""
        match = re.match(r"(.+)\[(\d+)\]\.", name)
        if not match or match[1].count("["):
            return
        for _ in range(int(match[2]) + 1):
            if self._fields(name).count() or self._fields(f"{match[1]}[{match[2]}]._row").count():
                return
            self.page.locator(f'[data-add][value="{match[1]}"]').click()

    def _set(self, name: str, value: Any) -> bool:
        """Fill one field; False while it is hidden."""
        self._grow(name)
        fields = self._fields(name)
        if not fields.count():
            return False
        first = fields.first
        kind = first.evaluate("field => field.tagName + ':' + field.type")
        if value is None or first.evaluate("field => field.readOnly || field.disabled || field.type === 'hidden'"):
            return True
        if first.evaluate("field => Boolean(field.closest('[data-field][hidden], [hidden] [data-field]'))"):
            return False
        if kind.startswith("BUTTON"):
            self.outcome = (name, str(value))
        elif kind.startswith("SELECT"):
            self._choose(first, value if isinstance(value, list) else [value])
        elif kind == "INPUT:file":
            first.set_input_files(
                {"name": "示例材料.txt", "mimeType": "text/plain", "buffer": "示例，内容虚构。".encode()}
            )
            self.page.wait_for_timeout(400)
        elif kind in {"INPUT:radio", "INPUT:checkbox"}:
            self._tick(fields, value)
        else:
            first.fill(_typed(kind, value))
        return True

    def _choose(self, field: Locator, values: list[Any]) -> None:
        """Choose in a list; the search box that a script puts over it only helps to find."""
        field.evaluate(
            "(field, values) => { for (const option of field.options) option.selected = values.includes(option.value);"
            " field.dispatchEvent(new Event('input', {bubbles: true}));"
            " field.dispatchEvent(new Event('change', {bubbles: true})); }",
            [str(value) for value in values],
        )

    def _tick(self, fields: Locator, value: Any) -> None:
        wanted = {str(one) for one in value} if isinstance(value, list) else {str(value)}
        for place in range(fields.count()):
            field = fields.nth(place)
            own = field.get_attribute("value") or "on"
            if own in wanted or (value is True and fields.count() == 1):
                field.check(force=True)

    def _fields(self, name: str) -> Locator:
        return self.page.locator(
            f"#task-form [name={json.dumps(name, ensure_ascii=False)}], form.form [name={json.dumps(name, ensure_ascii=False)}]"
        )


def _typed(kind: str, value: Any) -> str:
    """Return what is typed for a value: dates and times as the browser's own fields want them."""
    text = str(value)
    return text[:16] if kind == "INPUT:datetime-local" else text[:10] if kind == "INPUT:date" else text


def _leaves(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, list) and value and isinstance(value[0], Mapping) and "id" not in value[0]:
            for place, row in enumerate(value):
                yield from _leaves(row, f"{name}[{place}].")
        else:
            yield name, value


def picture(page: Page, folder: Path, name: str) -> None:
    """Keep a picture of a page."""
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(folder / f"{name}.png"))
