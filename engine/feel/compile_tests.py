"""Unary tests: cells of decision tables and conditions of forms (DMN 1.5 §10.3.2.8, table 55)."""

from collections.abc import Callable
from typing import Any

from engine.feel.code import Code, enclosing
from engine.feel.compare import contains, equal, matches, opposite
from engine.feel.nodes import Between, Compare, In, InstanceOf, Literal, Logic, Name, Node, Quantified, Tests
from engine.feel.run import Env
from engine.feel.values import Range

Compile = Callable[[Node], Code]
_BOOLEAN_NODES = (Compare, Logic, Between, In, InstanceOf, Quantified)


def compile_tests(node: Tests, compile_node: Compile) -> Code:
    """Return the code of unary tests: it finds the tested value as `?` in the innermost layer."""
    if not node.tests:
        return Code(lambda _env: True)
    parts = [_test(test, compile_node) for test in node.tests]
    closures = tuple(part.run for part in parts)

    def run(env: Env) -> bool | None:
        result: bool | None = False
        for closure in closures:
            value = closure(env)
            if value is True:
                return True
            if value is None:
                result = None
        return result

    if not node.negated:
        return enclosing(run, *parts)
    return enclosing(lambda env: opposite(run(env)), *parts)


def _test(node: Node, compile_node: Compile) -> Code:
    code = compile_node(node)
    value, boolean = code.run, isinstance(node, _BOOLEAN_NODES) or mentions_input(node)
    if isinstance(node, Literal):
        return enclosing(lambda env: equal(env.run, env.vars["?"], node.value), code)

    def run(env: Env) -> bool | None:
        found, subject = value(env), env.vars["?"]
        if isinstance(found, bool):
            return found if boolean or not isinstance(subject, bool) else found is subject
        if boolean and found is None:
            return None
        if type(found) is Range and type(subject) is not Range:
            return contains(env.run, found, subject)
        return matches(env.run, subject, found)

    return enclosing(run, code)


def mentions_input(node: Any) -> bool:
    """Tell whether a unary test speaks of its input value `?`."""
    if isinstance(node, Name):
        return node.name == "?"
    if isinstance(node, tuple):
        return any(mentions_input(part) for part in node)
    if not isinstance(node, Node) and type(node).__name__ != "Iterator":
        return False
    return any(mentions_input(getattr(node, field)) for field in type(node).__slots__)
