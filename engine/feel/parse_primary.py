"""Literals, names, lists, intervals, contexts, conditionals, loops and functions."""

from __future__ import annotations

from decimal import DecimalException
from typing import TYPE_CHECKING

from engine.feel.arithmetic import NUMBERS
from engine.feel.lexer import KEYWORDS, unquote
from engine.feel.nodes import (
    Context,
    For,
    FunctionOf,
    If,
    Interval,
    Iterator,
    ListOf,
    Literal,
    Name,
    Node,
    Quantified,
)
from engine.feel.parse_types import parse_type
from engine.feel.temporal import parse_temporal

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.feel.parser import Parser
    from engine.feel.types import Type


def parse_primary(parser: Parser) -> Node:
    """Read what no operator divides; raises FeelSyntaxError."""
    token = parser.token
    if token.kind == "number":
        return _number(parser)
    if token.kind == "string":
        return Literal(unquote(parser.take().text))
    if token.kind == "op":
        reader = _OPERATORS.get(token.text)
        return reader(parser) if reader else parser.unexpected()
    if token.kind == "end":
        parser.unexpected()
    return _word(parser)


def _word(parser: Parser) -> Node:
    word = parser.token.text
    count, _ = parser.known.match(parser.tokens, parser.at)
    if word in _WORDS and not count:
        return _WORDS[word](parser)
    if word in KEYWORDS and not count and word != "not":
        parser.unexpected()
    name = parser.read_name()
    if not parser.is_bound(name):
        parser.free.add(name)
    return Name(name)


def _number(parser: Parser) -> Node:
    token = parser.token
    try:
        value = NUMBERS.create_decimal(token.text)
    except DecimalException:
        parser.fail("数值超出范围")
    parser.take()
    return Literal(value)


def _constant(value: object) -> Callable[[Parser], Node]:
    def read(parser: Parser) -> Node:
        parser.take()
        return Literal(value)

    return read


def _at(parser: Parser) -> Node:
    parser.take()
    if parser.token.kind != "string":
        parser.unexpected()
    return Literal(parse_temporal(unquote(parser.take().text)))


def _parenthesis(parser: Parser) -> Node:
    parser.take()
    first = _inside(parser)
    if parser.is_op(".."):
        return _interval(parser, first, included=False)
    parser.expect(")")
    return first


def _inside(parser: Parser) -> Node:
    """Inside brackets of its own, a bracket is a filter again."""
    outer, parser.in_interval = parser.in_interval, 0
    node = parser.parse_expression()
    parser.in_interval = outer
    return node


def _interval(parser: Parser, start: Node, *, included: bool) -> Node:
    parser.expect("..")
    outer, parser.in_interval = parser.in_interval, 1
    end = parser.parse_expression()
    parser.in_interval = outer
    if not parser.is_op(")", "]", "["):
        parser.unexpected()
    return Interval(start, end, included, parser.take().text == "]")


def _open_interval(parser: Parser) -> Node:
    parser.take()
    return _interval(parser, _inside(parser), included=False)


def _list(parser: Parser) -> Node:
    parser.take()
    items: list[Node] = []
    for _ in parser.items("]"):
        items.append(_inside(parser))
        if len(items) == 1 and parser.is_op(".."):
            return _interval(parser, items[0], included=True)
    return ListOf(tuple(items))


def _context(parser: Parser) -> Node:
    parser.take()
    parser.bind(())
    outer, parser.in_interval = parser.in_interval, 0
    entries: list[tuple[str, Node]] = []
    for _ in parser.items("}"):
        key = unquote(parser.take().text) if parser.token.kind == "string" else parser.read_declared_name(":")
        parser.expect(":")
        entries.append((key, parser.parse_expression()))
        parser.known.add(key)
        parser.bound[-1].add(key)
    parser.in_interval = outer
    parser.unbind()
    return Context(tuple(entries))


def _if(parser: Parser) -> Node:
    parser.take()
    condition = parser.parse_expression()
    parser.expect("then")
    yes = parser.parse_expression()
    parser.expect("else")
    return If(condition, yes, parser.parse_expression())


def _iterators(parser: Parser) -> tuple[Iterator, ...]:
    iterators: list[Iterator] = []
    while True:
        name = parser.read_declared_name("in")
        parser.expect("in")
        domain = parser.parse_expression()
        end = parser.parse_expression() if parser.accept("..") else None
        iterators.append(Iterator(name, domain, end))
        parser.bind({name})
        if not parser.accept(","):
            return tuple(iterators)


def _for(parser: Parser) -> Node:
    parser.take()
    iterators = _iterators(parser)
    parser.expect("return")
    parser.bind({"partial"})
    body = parser.parse_expression()
    _close(parser, len(iterators) + 1)
    return For(iterators, body)


def _quantified(parser: Parser) -> Node:
    every = parser.take().text == "every"
    iterators = _iterators(parser)
    parser.expect("satisfies")
    condition = parser.parse_expression()
    _close(parser, len(iterators))
    return Quantified(every, iterators, condition)


def _close(parser: Parser, count: int) -> None:
    for _ in range(count):
        parser.unbind()


def _function(parser: Parser) -> Node:
    parser.take()
    parser.expect("(")
    names: list[str] = []
    types: list[Type | None] = []
    for _ in parser.items(")"):
        names.append(parser.read_declared_name(":", ",", ")"))
        types.append(parse_type(parser) if parser.accept(":") else None)
    parser.bind(names)
    external = parser.accept("external")
    body = parser.parse_expression()
    parser.unbind()
    return FunctionOf(tuple(names), tuple(types), None if external else body)


_OPERATORS: dict[str, Callable[[Parser], Node]] = {
    "(": _parenthesis,
    "[": _list,
    "]": _open_interval,
    "{": _context,
    "@": _at,
}
_WORDS: dict[str, Callable[[Parser], Node]] = {
    "true": _constant(value=True),
    "false": _constant(value=False),
    "null": _constant(value=None),
    "if": _if,
    "for": _for,
    "some": _quantified,
    "every": _quantified,
    "function": _function,
}
