"""Conditions and expressions of a form: FEEL behind `=`, compiled once; what is broken becomes a Problem."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine.feel import Expression, FeelSyntaxError, compile_expression, compile_unary_tests
from engine.forms.model import Condition

MAX_EXPRESSION = 4000


def is_expression(text: Any) -> bool:
    """Say whether a value of a form definition is an expression, as form-js does."""
    return isinstance(text, str) and text.startswith("=")


def compile_form_expression(text: str, functions: Mapping[str, Callable[..., Any]]) -> Expression:
    """Compile `=feel`; the leading `=` may be missing where only an expression can stand. Raise FeelSyntaxError."""
    source = text.removeprefix("=").strip()
    return compile_expression(source, dict(functions))


def compile_condition(text: str, functions: Mapping[str, Callable[..., Any]]) -> Condition:
    """Compile a hide condition: a unary test with `?` = null. Raise FeelSyntaxError.

    An expression's own answer counts when it is true or false; a list holds if it contains null; any other value holds
    if it equals null. So `days <= 3` holds while `days` is empty. What is no expression (`> 3`, `not(…)`, `-`) is a
    unary test proper. An error leaves the field visible.
    """
    source = text.removeprefix("=").strip()
    if source == "-":
        return Condition(source, _always, frozenset())
    negated = _negated(source)
    if negated is not None:
        inner = compile_condition(negated, functions)
        return Condition(source, _Negation(inner), inner.names)
    try:
        expression = compile_expression(source, dict(functions))
    except FeelSyntaxError:
        tests = compile_unary_tests(source)
        return Condition(source, lambda names, now: tests.test(None, names, now) is True, frozenset())
    return Condition(source, _Truth(expression), expression.names)


def _always(_names: Mapping[str, Any], _now: datetime) -> bool:
    return True


def _negated(source: str) -> str | None:
    """Return X of a whole `not(X)`: a unary test negates whether X matches, it does not negate X's value."""
    if not (source.startswith("not") and source.endswith(")")):
        return None
    inner = source[3:].lstrip()
    if not inner.startswith("("):
        return None
    depth, quoted = 0, False
    for position, character in enumerate(inner):
        if character == '"' and inner[position - 1] != "\\":
            quoted = not quoted
        depth += 0 if quoted else {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return inner[1:-1] if position == len(inner) - 1 else None
    return None


class _Truth:
    """Whether the value of an expression matches null."""

    def __init__(self, expression: Expression) -> None:
        self.expression = expression

    def __call__(self, names: Mapping[str, Any], now: datetime) -> bool:
        value = self.expression.evaluate({"?": None, **names}, now)
        if isinstance(value, list):
            return any(item is None or item is True for item in value)
        return value is None or value is True


class _Negation:
    """The opposite of another condition."""

    def __init__(self, condition: Condition) -> None:
        self.condition = condition

    def __call__(self, names: Mapping[str, Any], now: datetime) -> bool:
        return not self.condition.holds(names, now)
