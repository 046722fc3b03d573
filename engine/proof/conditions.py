"""Conditions taken apart: what is joined by and, or and not, and statements about variables that can be told apart.

A statement is *finite* when its truth depends only on which of a few values a variable has: it compares a variable with
constants, looks for it in a list of constants, or tests its place in one. Any other statement may be true or false.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

from engine.feel import Expression, FeelBudgetError, FeelSyntaxError, to_json
from engine.feel import nodes as feel
from engine.feel.compiler import compile_node
from engine.feel.functions import BUILTINS
from engine.feel.parser import name_table, parse
from engine.proof.symbols import Path, freeze

_MOST_COMBINED = 512
_MOST_APART = 4
_ORDERING = frozenset({"<", "<=", ">", ">="})
_LISTS = frozenset({"list contains", "index of"})
Narrowed = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, eq=False)
class Statement:
    """A statement without and, or, not in it: the paths it looks at; `test` is None where nothing is known of it."""

    paths: tuple[Path, ...] = ()
    constants: tuple[Any, ...] = ()
    test: Expression | None = None
    _seen: dict[str, tuple[tuple[bool | None, Narrowed], ...]] = field(default_factory=dict)

    def answers(self, values: Sequence[list[Any]]) -> tuple[tuple[bool | None, Narrowed], ...]:
        """Return each answer it can give, and what values of its paths it leaves possible then."""
        key = repr(values)
        if key not in self._seen:
            self._seen[key] = tuple(self._work_out(values))
        return self._seen[key]

    def _work_out(self, values: Sequence[Sequence[Any]]) -> Iterator[tuple[bool | None, Narrowed]]:
        if self.test is None or prod(map(len, values)) > _MOST_COMBINED:
            same = tuple(tuple(each) for each in values)
            yield from ((True, same), (False, same))
            return
        groups: dict[bool | None, list[tuple[Any, ...]]] = {}
        for combined in product(*values):
            groups.setdefault(self._answer(combined), []).append(combined)
        for answer, found in groups.items():
            columns = [_distinct(column) for column in zip(*found, strict=True)]
            if not found[0] or prod(map(len, columns)) == len(found) or len(found) > _MOST_APART:
                yield answer, tuple(columns)
            else:
                yield from ((answer, tuple((value,) for value in combined)) for combined in found)

    def _answer(self, combined: tuple[Any, ...]) -> bool | None:
        variables: dict[str, Any] = {}
        for path, value in zip(self.paths, combined, strict=True):
            place = variables
            for name in path[:-1]:
                place = place.setdefault(name, {})
            place[path[-1]] = value
        answer = self.test.evaluate(variables) if self.test is not None else None
        return answer if isinstance(answer, bool) else None


@dataclass(frozen=True)
class Joined:
    """Statements joined: `how` is and, or, not, or if (condition, then, else)."""

    how: str
    parts: "tuple[Statement | Joined, ...]"

    def decide(self, ask: Callable[[Statement], bool | None]) -> bool | None:
        """Return the answer in the three-valued logic of FEEL, asking for that of each statement needed."""
        if self.how == "not":
            inner = decide(self.parts[0], ask)
            return None if inner is None else not inner
        if self.how == "if":
            return decide(self.parts[1 if decide(self.parts[0], ask) is True else 2], ask)
        deciding = self.how == "or"
        answer: bool | None = not deciding
        for part in self.parts:
            found = decide(part, ask)
            if found is deciding:
                return deciding
            answer = None if found is None else answer
        return answer


Condition = Statement | Joined


def decide(condition: Condition, ask: Callable[[Statement], bool | None]) -> bool | None:
    """Return the answer of a condition."""
    return condition.decide(ask) if isinstance(condition, Joined) else ask(condition)


def statements(condition: Condition) -> Iterator[Statement]:
    """Yield the statements of a condition."""
    if isinstance(condition, Statement):
        yield condition
    else:
        for part in condition.parts:
            yield from statements(part)


def read_condition(expression: Expression, functions: frozenset[str]) -> Condition:
    """Take a condition apart; `functions` are the host functions it may call."""
    return _read_condition(expression.text, frozenset(expression.names), functions)


def path_of(expression: Expression, functions: frozenset[str]) -> Path | None:
    """Return the path an expression names if it does nothing else."""
    node = _tree(expression.text, frozenset(expression.names), functions)
    return None if node is None else _path(node)


def results_of(expression: Expression, functions: frozenset[str]) -> tuple[Any, ...] | None:
    """Return the constants one of which an if … then … else gives, or None where it gives something else."""
    node = _tree(expression.text, frozenset(expression.names), functions)
    return _results(node) if isinstance(node, feel.If) else None


def _results(node: feel.Node) -> tuple[Any, ...] | None:
    if not isinstance(node, feel.If):
        found = _constant(node)
        return found if found is not None and not isinstance(node, feel.ListOf) else None
    yes, no = _results(node.yes), _results(node.no)
    return None if yes is None or no is None else _distinct((*yes, *no))


@lru_cache(maxsize=4096)
def _read_condition(text: str, names: frozenset[str], functions: frozenset[str]) -> Condition:
    node = _tree(text, names, functions)
    return Statement() if node is None else _take_apart(node)


@lru_cache(maxsize=4096)
def _tree(text: str, names: frozenset[str], functions: frozenset[str]) -> feel.Node | None:
    try:
        return parse(text, name_table(frozenset(BUILTINS) | names | functions))[0]
    except (FeelSyntaxError, FeelBudgetError):
        return None


def _take_apart(node: feel.Node) -> Condition:
    if isinstance(node, feel.Logic):
        return Joined(node.operator, tuple(_take_apart(part) for part in node.parts))
    if isinstance(node, feel.If):
        return Joined("if", tuple(_take_apart(part) for part in (node.condition, node.yes, node.no)))
    if _calls(node, "not") and isinstance(node, feel.Call) and len(node.arguments) == 1:
        return Joined("not", (_take_apart(node.arguments[0]),))
    found = _Reading()
    if not (found.is_finite(node) or found.is_path(node, (True, False))):
        return Statement()
    paths = tuple(dict.fromkeys(found.paths))
    code = compile_node(node)
    test = Expression("", code.run, frozenset(path[0] for path in paths), {})
    return Statement(paths, tuple(found.constants), test)


class _Reading:
    """Finds out whether a statement is finite, with the paths and constants in it."""

    def __init__(self) -> None:
        self.paths: list[Path] = []
        self.constants: list[Any] = []

    def is_finite(self, node: feel.Node) -> bool:
        if isinstance(node, feel.Literal):
            return True
        if isinstance(node, feel.Compare):
            return self._is_comparison(node)
        if isinstance(node, feel.In):
            constants = [_constant(test) for test in node.tests]
            return None not in constants and self.is_path(node.value, [one for each in constants for one in each or ()])
        if isinstance(node, feel.Between):
            ends = [_constant(node.low), _constant(node.high)]
            return all(map(_is_number, ends)) and self.is_path(node.value, [one for each in ends for one in each or ()])
        if isinstance(node, feel.Filter):
            return isinstance(node.condition, feel.Literal) and self.is_finite(node.value)
        return self._is_place(node)

    def is_path(self, node: feel.Node, constants: Sequence[Any]) -> bool:
        """Tell whether a node names a variable; it is told apart by these constants then."""
        path = _path(node)
        if path is None:
            return False
        self.paths.append(path)
        self.constants += constants
        return True

    def _is_comparison(self, node: feel.Compare) -> bool:
        for one, other in ((node.left, node.right), (node.right, node.left)):
            constant = _constant(other)
            if constant is not None and _path(one) is not None:
                fits = node.operator not in _ORDERING or _is_number(constant)
                return fits and self.is_path(one, constant)
        return self.is_finite(node.left) and self.is_finite(node.right)

    def _is_place(self, node: feel.Node) -> bool:
        """Tell whether a node looks for a variable in a list of constants."""
        if not isinstance(node, feel.Call) or node.names is not None or len(node.arguments) != 2:
            return False
        held, looked_for = node.arguments
        constants = _constant(held)
        known = any(_calls(node, name) for name in _LISTS) and constants is not None
        return known and self.is_path(looked_for, constants or ())


def _calls(node: feel.Node, name: str) -> bool:
    return isinstance(node, feel.Call) and isinstance(node.target, feel.Name) and node.target.name == name


def _path(node: feel.Node) -> Path | None:
    if isinstance(node, feel.Name):
        return (node.name,) if node.name not in BUILTINS else None
    if isinstance(node, feel.Path):
        around = _path(node.value)
        return None if around is None else (*around, node.name)
    return None


def _constant(node: feel.Node) -> tuple[Any, ...] | None:
    """Return the constants a node is made of, or None where it is no constant or list of constants."""
    if isinstance(node, feel.Literal):
        value = to_json(node.value)
        return (value,) if value is None or isinstance(value, str | bool | int | float) else None
    if isinstance(node, feel.Negate):
        inner = _constant(node.operand)
        return (-inner[0],) if _is_number(inner) and inner is not None else None
    if isinstance(node, feel.ListOf):
        parts = [_constant(item) for item in node.items]
        return None if None in parts else tuple(one for part in parts for one in part or ())
    return None


def _is_number(constants: tuple[Any, ...] | None) -> bool:
    return constants is not None and all(isinstance(one, int | float) and one is not True for one in constants)


def _distinct(column: Sequence[Any]) -> tuple[Any, ...]:
    return tuple({freeze(value): value for value in column}.values())
