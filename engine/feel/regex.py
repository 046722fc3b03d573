"""Regular expressions of XPath/XQuery functions, carried out by RE2."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import re2

from engine.feel.errors import FeelError
from engine.feel.run import Run

PATTERN_LIMIT: Final = 1_000
MEMORY_LIMIT: Final = 2 << 20
_FLAGS: Final = frozenset("smixq")
_DOLLAR: Final = re.compile(r"\\(.)|\$([0-9]+)|([\\$])", re.DOTALL)
_NAME_CLASSES: Final = {
    "i": r"\p{L}_:",
    "c": r"\p{L}\p{N}\p{M}_:.\-·",
}


def compile_pattern(run: Run, pattern: str, flags: Any) -> Any:
    """Return the compiled pattern; raises FeelError when it or its flags are wrong."""
    if flags is not None and not isinstance(flags, str):
        raise FeelError("标志应为文本")
    if len(pattern) > PATTERN_LIMIT:
        raise FeelError("正则表达式过长")
    run.charge(5 + len(pattern))
    compiled = _compiled(pattern, flags or "")
    if compiled is None:
        raise FeelError("正则表达式有误")
    return compiled


@lru_cache(maxsize=128)
def _compiled(pattern: str, flags: str) -> Any:
    if not _FLAGS.issuperset(flags):
        return None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MEMORY_LIMIT
    options.case_sensitive = "i" not in flags
    options.dot_nl = "s" in flags
    options.one_line = "m" not in flags
    try:
        if "q" in flags:
            return re2.compile(re2.escape(pattern), options)
        translated = _translated(pattern, extended="x" in flags)
        return None if translated is None else re2.compile(_prefix(flags) + translated, options)
    except (re2.error, ValueError, OverflowError):
        return None


def _prefix(flags: str) -> str:
    return "(?m)" if "m" in flags else ""


def _translated(pattern: str, *, extended: bool) -> str | None:
    """Turn the syntax of XPath into that of RE2; None when it is not XPath."""
    parts: list[str] = []
    index, inside = 0, 0
    while index < len(pattern):
        character = pattern[index]
        if character == "\\":
            index += 1
            if index == len(pattern):
                return None
            escaped = _escape(pattern[index], inside=bool(inside))
            if escaped is None:
                return None
            parts.append(escaped)
        elif character == "[":
            if inside:
                return None
            inside = 1
            parts.append(character)
        else:
            inside = 0 if character == "]" else inside
            if not (extended and character.isspace() and not inside):
                parts.append(character)
        index += 1
    return "".join(parts)


def _escape(character: str, *, inside: bool) -> str | None:
    if character.lower() in _NAME_CLASSES:
        members = _NAME_CLASSES[character.lower()]
        if character.isupper():
            return None if inside else f"[^{members}]"
        return members if inside else f"[{members}]"
    if character == "d":
        return r"\p{Nd}"
    if character == "D":
        return r"\P{Nd}"
    if character in "wW":
        return _word(inside=inside, negated=character == "W")
    if character in r"nrtsSpP\|.?*+(){}[]^$-":
        return "\\" + character
    return None


def _word(*, inside: bool, negated: bool) -> str | None:
    if inside:
        return None if negated else r"\p{L}\p{M}\p{N}\p{S}"
    return r"[\p{P}\p{Z}\p{C}]" if negated else r"[^\p{P}\p{Z}\p{C}]"


def expand_replacement(replacement: str, groups: int, *, literal: bool) -> Callable[[Any], str]:
    """Return what writes the replacement of a match; raises FeelError for a stray `$` or backslash."""
    if literal:
        return lambda _found: replacement
    pieces: list[str | int] = []
    position = 0
    for found in _DOLLAR.finditer(replacement):
        pieces.append(replacement[position : found.start()])
        position = found.end()
        pieces += _piece(found, groups)
    pieces.append(replacement[position:])
    return lambda match: "".join(piece if isinstance(piece, str) else match.group(piece) or "" for piece in pieces)


def _piece(found: re.Match[str], groups: int) -> list[str | int]:
    escaped, number, stray = found.groups()
    if stray or (escaped and escaped not in "\\$"):
        raise FeelError("替换文本有误")
    if escaped:
        return [escaped]
    digits = number
    while len(digits) > 1 and int(digits) > groups:
        digits = digits[:-1]
    index = int(digits)
    return [index if index <= groups else "", number[len(digits) :]]
