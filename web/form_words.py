"""Shown texts of forms: the little Markdown that form-js texts use, as safe markup."""

import re

from markupsafe import Markup, escape

_BOLD = re.compile(r"\*\*(.+?)\*\*|__(.+?)__")
_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_ITEM = re.compile(r"[-*]\s+(.*)")


def words_markup(text: str) -> Markup:
    """Return headings, paragraphs, lists and bold words; everything else stands as it is written."""
    blocks = (block.strip("\n") for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")))
    return Markup("").join(_block(block) for block in blocks if block.strip())


def _block(block: str) -> Markup:
    lines = block.split("\n")
    heading = _HEADING.fullmatch(lines[0].strip())
    if heading:
        head = Markup("<h3>{}</h3>").format(_inline(heading[2]))
        return head + _block("\n".join(lines[1:])) if lines[1:] else head
    items = [_ITEM.fullmatch(line.strip()) for line in lines]
    if all(items):
        return Markup("<ul>{}</ul>").format(
            Markup("").join(Markup("<li>{}</li>").format(_inline(item[1])) for item in items if item)
        )
    return Markup("<p>{}</p>").format(Markup("<br>").join(_inline(line) for line in lines))


def _inline(text: str) -> Markup:
    escaped = str(escape(text))
    return Markup(_BOLD.sub(lambda match: f"<strong>{match[1] or match[2]}</strong>", escaped))  # noqa: S704 - escaped above
