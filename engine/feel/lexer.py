"""Text into tokens (DMN 1.5 §10.3.1.2, grammar rules 27-66)."""

import re
from typing import Final, NamedTuple

from engine.feel.errors import FeelSyntaxError
from engine.feel.run import TEXT_LIMIT, TOKEN_LIMIT

_START: Final = (
    "?A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\ufffd\U00010000-\U000effff"
)
_PART: Final = "0-9\u00b7\u0300-\u036f\u203f-\u2040"
_SPACE: Final = (
    r"[\t-\r \x85\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]+"
    r"|//[^\n\r]*|/\*(?:[^*]|\*(?!/))*\*/"
)
_TOKENS: Final = re.compile(
    rf"(?P<space>{_SPACE})"
    r"|(?P<op>\.\.|->|\*\*|[<>!]=|[-+*/=<>()\[\]{},:.@'])"
    r"|(?P<string>\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<name>[{_START}][{_START}{_PART}]*)",
    re.DOTALL,
)
_SHORT_NUMBER: Final = re.compile(r"\.[0-9]+(?:[eE][+-]?[0-9]+)?")
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\", "b": "\b", "f": "\f", "/": "/"}
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)

KEYWORDS: Final = frozenset({
    "and", "between", "else", "every", "external", "false", "for", "function", "if", "in", "instance", "not", "null",
    "or", "return", "satisfies", "some", "then", "true",
})  # fmt: skip


class Token(NamedTuple):
    """One token: its kind (name, number, string, op, end), its text and where it stands."""

    kind: str
    text: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """Return the tokens with an end token; raises FeelSyntaxError."""
    if len(text) > TEXT_LIMIT:
        raise FeelSyntaxError(f"表达式超过 {TEXT_LIMIT} 个字符", TEXT_LIMIT, text[:80])
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        token = _next(text, position, tokens)
        position = token.end
        if token.kind != "space":
            tokens.append(token)
            if len(tokens) > TOKEN_LIMIT:
                raise FeelSyntaxError("表达式过长", position, text)
    tokens.append(Token("end", "", position, position))
    return tokens


def _next(text: str, position: int, before: list[Token]) -> Token:
    if text[position] == "." and not (before and before[-1].end == position and before[-1].kind == "name"):
        short = _SHORT_NUMBER.match(text, position)
        if short and not (before and before[-1].end == position and before[-1].text in {")", "]", "}", "."}):
            return Token("number", "0" + short.group(), position, short.end())
    found = _TOKENS.match(text, position)
    if not found or not found.lastgroup:
        what = "文本缺少右引号" if text[position] == '"' else f"不认识的字符“{text[position]}”"
        raise FeelSyntaxError(what, position, text)
    return Token(found.lastgroup, found.group(), position, found.end())


def unquote(literal: str) -> str:
    """Return the text of a string literal."""
    if "\\" not in literal:
        return literal[1:-1]
    text = _ESCAPE.sub(_unescape, literal[1:-1])
    return _join_surrogates(text)


def _unescape(found: re.Match[str]) -> str:
    code = found.group(1) or found.group(2)
    if code:
        point = int(code, 16)
        return chr(point) if point < 0x110000 else found.group()
    return _ESCAPES.get(found.group(3), found.group())


def _join_surrogates(text: str) -> str:
    if not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
