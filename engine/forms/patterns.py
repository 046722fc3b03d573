"""Patterns: regular expressions of form definitions, written for JavaScript, run by RE2 in linear time."""

import re
from typing import Any

import re2

MAX_PATTERN = 500
# JavaScript's \s and . know more of Unicode than RE2's (ECMA-262 §22.2.2).
_JS_SPACE = r"\t\n\v\f\r \x{00a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}"
_TOKEN = re.compile(r"\\u\{([0-9A-Fa-f]{1,6})\}|\\u([0-9A-Fa-f]{4})|\\(.)|(\[\^?|\]|\.)", re.DOTALL)


# A number with its country (ITU-T E.164: at most 15 digits), and an address as the HTML standard has it (§4.10.5.1.5).
PHONE = r"^(\+|00)[1-9]\d{6,14}$"
EMAIL = (
    r"^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+"
    r"@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$"
)


class PatternError(ValueError):
    """A pattern is broken, too long, or needs more than RE2 offers (look-around, back references)."""


def compile_pattern(pattern: str) -> Any:
    """Compile a JavaScript pattern; its `search(text)` finds what `new RegExp(pattern).test(text)` does.

    Differs for characters beyond U+FFFF, which count as one here and as two in JavaScript. Raises PatternError.
    """
    if len(pattern) > MAX_PATTERN:
        raise PatternError("表达式过长")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 22
    try:
        return re2.compile(_translated(pattern), options)
    except re2.error as error:
        raise PatternError(str(error)) from error


def _translated(pattern: str) -> str:
    """Return the pattern in RE2's notation."""
    inside = False

    def translate(match: re.Match[str]) -> str:
        nonlocal inside
        braced, four, escaped, special = match.groups()
        if braced or four:
            return rf"\x{{{braced or four}}}"
        if escaped:
            return _escape(escaped, inside=inside)
        if special == ".":
            return "." if inside else r"[^\n\r\x{2028}\x{2029}]"
        if special == "]":
            inside = False
            return "]"
        if inside:
            return rf"\{special[0]}" + special[1:]
        inside = True
        return special

    return _TOKEN.sub(translate, pattern)


def _escape(letter: str, *, inside: bool) -> str:
    if letter == "s":
        return _JS_SPACE if inside else f"[{_JS_SPACE}]"
    if letter == "S" and not inside:
        return f"[^{_JS_SPACE}]"
    return rf"\{letter}"
