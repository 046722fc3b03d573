"""Text from outside, checked once at the edge: what no database stores is refused (security S28)."""

import re
from collections.abc import Mapping
from typing import Any

from engine.errors import InvalidError, TextNotStorableError

_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
_DEEPEST = 40


class TextTooLongError(InvalidError):
    """A text is longer than is accepted."""

    words = "“{field}”不能超过 {limit} 个字。"


class TextMissingError(InvalidError):
    """A text that must be given is empty."""

    words = "请填写“{field}”。"


def check_text(value: Any, field: str) -> None:
    """Raise TextNotStorableError if a text, or one anywhere in a JSON value, holds NUL or a lone surrogate."""
    _walk(value, field, 0)


def read_text(text: str, field: str, *, least: int = 0, most: int = 2000) -> str:
    """Return a text without blanks around it; raises if it is too short, too long or not storable."""
    check_text(text, field)
    stripped = text.strip()
    if len(stripped) > most:
        raise TextTooLongError(field=field, limit=most)
    if not stripped and least:
        raise TextMissingError(field=field)
    if len(stripped) < least:
        raise TextTooShortError(field=field, limit=least)
    return stripped


class TextTooShortError(InvalidError):
    """A text is shorter than is asked for."""

    words = "“{field}”至少 {limit} 个字。"


def _walk(value: Any, field: str, depth: int) -> None:
    if depth > _DEEPEST:
        raise TextNotStorableError(field=field)
    if isinstance(value, str):
        if _NOT_STORABLE.search(value):
            raise TextNotStorableError(field=field)
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            _walk(key, field, depth + 1)
            _walk(entry, str(key) if isinstance(key, str) and not _NOT_STORABLE.search(key) else field, depth + 1)
    elif isinstance(value, list | tuple):
        for entry in value:
            _walk(entry, field, depth + 1)
