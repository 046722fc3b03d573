"""Text into a tree: precedence climbing over the grammar of DMN 1.5 §10.3.1.2."""

from collections.abc import Callable
from functools import lru_cache

from engine.feel.cursor import Cursor
from engine.feel.errors import FeelSyntaxError
from engine.feel.names import NameTable
from engine.feel.nodes import (
    Between,
    Call,
    Chain,
    Comparator,
    Compare,
    Filter,
    In,
    InstanceOf,
    Logic,
    Negate,
    Node,
    Path,
    Tests,
)
from engine.feel.parse_primary import parse_primary
from engine.feel.parse_types import parse_type
from engine.feel.run import NESTING_LIMIT

_OR, _AND, _COMPARE, _ADD, _MULTIPLY, _POWER = 1, 2, 3, 4, 5, 6
_LEVELS = {
    "or": _OR, "and": _AND, "=": _COMPARE, "!=": _COMPARE, "<": _COMPARE, "<=": _COMPARE, ">": _COMPARE,
    ">=": _COMPARE, "between": _COMPARE, "in": _COMPARE, "+": _ADD, "-": _ADD, "*": _MULTIPLY, "/": _MULTIPLY,
    "**": _POWER,
}  # fmt: skip
COMPARATORS = ("<", "<=", ">", ">=", "=", "!=")


class Parser(Cursor):
    """Parses one text."""

    def parse_expression(self) -> Node:
        """Read a whole expression."""
        return self.parse_level(_OR)

    def parse_level(self, lowest: int) -> Node:
        """Read operators that bind at least as tightly as `lowest`."""
        self.descend()
        left = self.parse_unary()
        for _ in range(NESTING_LIMIT * 4):
            token = self.token
            level = _LEVELS.get(token.text, 0) if token.kind in {"op", "name"} else 0
            if level < lowest or not level:
                self.ascend()
                return left
            left = self._parse_operator(left, level)
        raise FeelSyntaxError("表达式嵌套过深", self.token.start, self.text)

    def _parse_operator(self, left: Node, level: int) -> Node:
        if level <= _AND:
            return self._parse_logic(left, level)
        if level >= _ADD:
            return self._parse_chain(left, level)
        operator = self.take().text
        if operator == "between":
            low = self._parse_operand(_ADD)
            self.expect("and")
            return Between(left, low, self._parse_operand(_ADD))
        if operator == "in":
            return In(left, self._parse_tests())
        return Compare(operator, left, self._parse_operand(_ADD))

    def _parse_operand(self, level: int) -> Node:
        """Read what an operator works on: a comparison without its left side (`= 1`) is a test, and none."""
        if self.is_op(*COMPARATORS):
            self.unexpected()
        return self.parse_level(level)

    def _parse_logic(self, left: Node, level: int) -> Node:
        operator = self.token.text
        parts = [left]
        while self.is_word(operator):
            self.take()
            parts.append(self.parse_level(level + 1))
        return Logic(operator, tuple(parts))

    def _parse_chain(self, left: Node, level: int) -> Node:
        rest: list[tuple[str, Node]] = []
        while self.token.kind == "op" and _LEVELS.get(self.token.text) == level:
            operator = self.take().text
            rest.append((operator, self._parse_operand(level + 1)))
        return Chain(left, tuple(rest))

    def _parse_tests(self) -> tuple[Node, ...]:
        """Read what follows `in`: one test, or several in parentheses."""
        start = self.at
        if self.accept("("):
            first = self.parse_expression()
            if self.is_op(","):
                tests = [first]
                while self.accept(","):
                    tests.append(self.parse_expression())
                self.expect(")")
                return tuple(tests)
            self.at = start
        return (self.parse_level(_ADD),)

    def parse_unary(self) -> Node:
        """Read a negation, a comparison used as a value, or what binds tighter."""
        if self.is_op("-"):
            self.take()
            self.descend()
            if self.is_op(*COMPARATORS):
                self.unexpected()
            operand = self.parse_unary()
            self.ascend()
            return Negate(operand)
        if self.is_op(*COMPARATORS):
            operator = self.take().text
            return Comparator(operator, self.parse_level(_ADD))
        return self.parse_postfix(parse_primary(self))

    def parse_postfix(self, node: Node) -> Node:
        """Read the paths, filters, calls and `instance of` after a primary."""
        for _ in range(NESTING_LIMIT * 2):
            if self.is_op("."):
                node = self._parse_path(node)
            elif self.is_op("("):
                node = self._parse_call(node)
            elif self.is_op("["):
                filtered = self._parse_filter(node)
                if filtered is None:
                    return node
                node = filtered
            elif self.is_word("instance"):
                self.take()
                self.expect("of")
                node = InstanceOf(node, parse_type(self))
            else:
                return node
        raise FeelSyntaxError("表达式嵌套过深", self.token.start, self.text)

    def _parse_path(self, node: Node) -> Node:
        self.take()
        if self.token.kind != "name":
            self.unexpected()
        return Path(node, self.read_name())

    def _parse_filter(self, node: Node) -> Node | None:
        """Read a filter; None where the bracket closes an interval such as [1..10[."""
        start, depth = self.at, self.depth
        scopes = len(self.bound)
        free = set(self.free)
        self.take()
        self.bind({"item"})
        try:
            condition = self.parse_expression()
            self.expect("]")
        except FeelSyntaxError:
            if not self.in_interval:
                raise
            self.at, self.depth, self.free = start, depth, free
            del self.bound[scopes:]
            return None
        self.unbind()
        return Filter(node, condition)

    in_interval = 0

    def _parse_call(self, node: Node) -> Node:
        self.take()
        arguments: list[Node] = []
        names: list[str] = []
        named = self.named_ahead()
        for _ in self.items(")"):
            if named:
                names.append(self.read_declared_name(":"))
                self.take()
            arguments.append(self.parse_expression())
        return Call(node, tuple(arguments), tuple(names) if named else None)


def _finish(parser: Parser, node: Node) -> Node:
    if parser.token.kind != "end":
        parser.unexpected()
    return node


def parse(text: str, names: NameTable) -> tuple[Node, frozenset[str]]:
    """Return the tree and the free names of an expression; raises FeelSyntaxError."""
    return _guarded(text, names, lambda parser: parser.parse_expression())


def parse_tests(text: str, names: NameTable) -> tuple[Tests, frozenset[str]]:
    """Return the tree and the free names of unary tests; raises FeelSyntaxError."""
    node, free = _guarded(text, names, _unary_tests)
    assert isinstance(node, Tests)
    return node, free - {"?"}


def _guarded(text: str, names: NameTable, read: Callable[[Parser], Node]) -> tuple[Node, frozenset[str]]:
    parser = Parser(text, names)
    try:
        return _finish(parser, read(parser)), frozenset(parser.free)
    except RecursionError:
        raise FeelSyntaxError("表达式嵌套过深", parser.token.start, text) from None


def _unary_tests(parser: Parser) -> Node:
    if parser.is_op("-") and parser.tokens[parser.at + 1].kind == "end":
        parser.take()
        return Tests((), negated=False)
    parser.bind({"?"})
    if parser.is_word("not") and parser.tokens[parser.at + 1].text == "(":
        start = parser.at
        parser.at += 2
        tests = _tests_list(parser)
        parser.expect(")")
        if parser.token.kind == "end":
            return Tests(tests, negated=True)
        parser.at = start
    return Tests(_tests_list(parser), negated=False)


def _tests_list(parser: Parser) -> tuple[Node, ...]:
    tests = [parser.parse_expression()]
    while parser.accept(","):
        tests.append(parser.parse_expression())
    return tuple(tests)


@lru_cache(maxsize=256)
def name_table(names: frozenset[str]) -> NameTable:
    """Return the names known from outside: variables, decisions, host functions."""
    return NameTable(names)
