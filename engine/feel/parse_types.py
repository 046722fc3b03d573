"""Types as written in `instance of` and function parameters (DMN 1.5 §10.3.1.2, rules 64-70)."""

from typing import Final

from engine.feel.cursor import Cursor
from engine.feel.lexer import KEYWORDS
from engine.feel.names import spell
from engine.feel.types import ALIASES, Type

_LONG: Final = (
    ("date", "and", "time"),
    ("days", "and", "time", "duration"),
    ("years", "and", "months", "duration"),
)


def parse_type(cursor: Cursor) -> Type:
    """Read a type; raises FeelSyntaxError."""
    cursor.descend()
    found = _parse(cursor)
    cursor.ascend()
    return found


def _parse(cursor: Cursor) -> Type:
    for words in _LONG:
        if tuple(token.text for token in cursor.tokens[cursor.at : cursor.at + len(words)]) == words:
            cursor.at += len(words)
            return Type(" ".join(words))
    word = cursor.token.text
    generic = cursor.tokens[min(cursor.at + 1, len(cursor.tokens) - 1)].text == "<"
    if generic and word in _GENERICS:
        cursor.at += 2
        return _GENERICS[word](cursor)
    name = _qualified_name(cursor)
    return Type(ALIASES.get(name, name))


def _qualified_name(cursor: Cursor) -> str:
    if cursor.token.kind != "name" and not cursor.is_word("function", "null"):
        cursor.fail("此处应为类型名称")
    first = last = cursor.take()
    while cursor.is_op(".") or (cursor.token.kind == "name" and cursor.token.text not in KEYWORDS):
        last = cursor.take()
    return spell(cursor.text[first.start : last.end])


def _list(cursor: Cursor) -> Type:
    inner = parse_type(cursor)
    cursor.expect(">")
    return Type("list", (inner,))


def _range(cursor: Cursor) -> Type:
    inner = parse_type(cursor)
    cursor.expect(">")
    return Type("range", (inner,))


def _context(cursor: Cursor) -> Type:
    members: list[tuple[str, Type]] = []
    for _ in cursor.items(">"):
        name = cursor.read_declared_name(":")
        cursor.take()
        members.append((name, parse_type(cursor)))
    return Type("context", members=tuple(members))


def _function(cursor: Cursor) -> Type:
    arguments = tuple(parse_type(cursor) for _ in cursor.items(">"))
    cursor.expect("->")
    return Type("function", arguments, result=parse_type(cursor))


_GENERICS: Final = {"list": _list, "range": _range, "context": _context, "function": _function}
