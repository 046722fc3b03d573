"""Trees into closures."""

from collections.abc import Callable
from typing import Any

from engine.feel import arithmetic
from engine.feel.code import Code, enclosing
from engine.feel.compare import equal, kind, matches, opposite, order
from engine.feel.compile_calls import compile_call, compile_function
from engine.feel.compile_loops import compile_filter, compile_for, compile_quantified
from engine.feel.compile_tests import compile_tests
from engine.feel.errors import FeelSyntaxError
from engine.feel.lookup import name_closure, partial_closure
from engine.feel.nodes import (
    Between,
    Call,
    Chain,
    Comparator,
    Compare,
    Compiled,
    Context,
    Filter,
    For,
    FunctionOf,
    If,
    In,
    InstanceOf,
    Interval,
    ListOf,
    Literal,
    Logic,
    Name,
    Negate,
    Node,
    Path,
    Quantified,
    Tests,
)
from engine.feel.properties import property_of
from engine.feel.run import FRAME_LIMIT, Env, Run
from engine.feel.types import conforms
from engine.feel.values import Range


def compile_node(node: Node) -> Code:
    """Return the code of a tree; raises FeelSyntaxError when it nests too deep."""
    code = _COMPILERS[type(node)](node)
    if code.depth > FRAME_LIMIT // 2:
        raise FeelSyntaxError("表达式嵌套过深")
    return code


def _literal(node: Literal) -> Code:
    value = node.value
    return Code(lambda _env: value)


def _name(node: Name) -> Code:
    return Code(partial_closure if node.name == "partial" else name_closure(node.name))


def _negate(node: Negate) -> Code:
    if isinstance(node.operand, Literal) and kind(node.operand.value) == "number":
        return _literal(Literal(-node.operand.value if node.operand.value else node.operand.value))
    operand = compile_node(node.operand)
    return enclosing(lambda env: arithmetic.negate(env.run, operand.run(env)), operand)


_ARITHMETIC: dict[str, Callable[[Run, Any, Any], Any]] = {
    "+": arithmetic.add,
    "-": arithmetic.subtract,
    "*": arithmetic.multiply,
    "/": arithmetic.divide,
    "**": arithmetic.power,
}


def _chain(node: Chain) -> Code:
    first = compile_node(node.first)
    rest = [(_ARITHMETIC[operator], compile_node(operand)) for operator, operand in node.rest]
    steps = tuple((operation, operand.run) for operation, operand in rest)
    start = first.run

    def run(env: Env) -> Any:
        value = start(env)
        for operation, operand in steps:
            value = operation(env.run, value, operand(env))
        return value

    return enclosing(run, first, *(operand for _, operand in rest), extra=len(steps))


def _logic(node: Logic) -> Code:
    parts = [compile_node(part) for part in node.parts]
    closures = tuple(part.run for part in parts)
    decisive = node.operator == "or"
    neutral = not decisive

    def run(env: Env) -> bool | None:
        result: bool | None = neutral
        for closure in closures:
            value = closure(env)
            if value is decisive:
                return not neutral
            if value is not neutral:
                result = None
        return result

    return enclosing(run, *parts)


def _equals(run: Run, left: Any, right: Any) -> bool | None:
    result = equal(run, left, right)
    if result is None:
        run.warn(f"{kind(left)}不能与{kind(right)}比较")
    return result


def _differs(run: Run, left: Any, right: Any) -> bool | None:
    result = _equals(run, left, right)
    return opposite(result)


def _ordered(test: Callable[[int], bool]) -> Callable[[Run, Any, Any], bool | None]:
    def compare(run: Run, left: Any, right: Any) -> bool | None:
        sign = order(left, right)
        if sign is None:
            run.warn(f"{kind(left)}不能与{kind(right)}比较大小")
            return None
        return test(sign)

    return compare


_COMPARISONS: dict[str, Callable[[Run, Any, Any], bool | None]] = {
    "=": _equals,
    "!=": _differs,
    "<": _ordered(lambda sign: sign < 0),
    "<=": _ordered(lambda sign: sign <= 0),
    ">": _ordered(lambda sign: sign > 0),
    ">=": _ordered(lambda sign: sign >= 0),
}


def _compare(node: Compare) -> Code:
    left, right = compile_node(node.left), compile_node(node.right)
    one, other, comparison = left.run, right.run, _COMPARISONS[node.operator]
    return enclosing(lambda env: comparison(env.run, one(env), other(env)), left, right)


def _between(node: Between) -> Code:
    parts = [compile_node(part) for part in (node.value, node.low, node.high)]
    value, low, high = (part.run for part in parts)

    def run(env: Env) -> bool | None:
        middle = value(env)
        above, below = order(middle, low(env)), order(middle, high(env))
        return None if above is None or below is None else above >= 0 >= below

    return enclosing(run, *parts)


def _in(node: In) -> Code:
    value = compile_node(node.value)
    tests = [compile_node(test) for test in node.tests]
    closures = tuple(test.run for test in tests)

    def run(env: Env) -> bool | None:
        subject = value.run(env)
        return _any_of(env.run, subject, [closure(env) for closure in closures])

    return enclosing(run, value, *tests)


def _any_of(run: Run, subject: Any, tests: list[Any]) -> bool | None:
    found = [matches(run, subject, test) for test in tests]
    if True in found:
        return True
    return None if all(one is None for one in found) else False


def _instance_of(node: InstanceOf) -> Code:
    value, wanted = compile_node(node.value), node.type
    return enclosing(lambda env: conforms(env.run, value.run(env), wanted), value)


def _path(node: Path) -> Code:
    value, name = compile_node(node.value), node.name
    closure = value.run

    def run(env: Env) -> Any:
        found = closure(env)
        if type(found) is dict:
            if name in found:
                return found[name]
            env.run.warn(f"没有成员“{name}”")
            return None
        return property_of(env.run, found, name)

    return enclosing(run, value)


def _interval(node: Interval) -> Code:
    start, end = compile_node(node.start), compile_node(node.end)
    shape = (node.start_included, node.end_included)

    def run(env: Env) -> Range | None:
        low, high = start.run(env), end.run(env)
        if low is None and high is None:
            return Range(None, None, *shape)
        if low is not None and high is not None and order(low, high) is None:
            env.run.warn("区间的两端无法比较")
            return None
        return Range(low, high, *shape)

    return enclosing(run, start, end)


def range_of(operator: str, value: Any) -> Range:
    """Return what a comparison used as a value stands for (DMN 1.5 §10.3.2.7)."""
    if operator[0] == "<":
        return Range(None, value, start_included=False, end_included=operator == "<=", operator=operator)
    if operator[0] == ">":
        return Range(value, None, start_included=operator == ">=", end_included=False, operator=operator)
    return Range(value, value, start_included=True, end_included=True, operator=operator)


def _comparator(node: Comparator) -> Code:
    operand, operator = compile_node(node.operand), node.operator
    return enclosing(lambda env: range_of(operator, operand.run(env)), operand)


def _list(node: ListOf) -> Code:
    items = [compile_node(item) for item in node.items]
    closures = tuple(item.run for item in items)
    return enclosing(lambda env: [closure(env) for closure in closures], *items)


def _context(node: Context) -> Code:
    parts = [compile_node(value) for _, value in node.entries]
    names = [name for name, _ in node.entries]
    if len(set(names)) != len(names):
        return enclosing(lambda env: env.run.warn("上下文中名称重复"), *parts)
    entries = tuple(zip(names, (part.run for part in parts), strict=True))

    def run(env: Env) -> dict[str, Any]:
        values: dict[str, Any] = {}
        inner = env.child(values)
        for name, closure in entries:
            values[name] = closure(inner)
        return values

    return enclosing(run, *parts)


def _if(node: If) -> Code:
    parts = [compile_node(part) for part in (node.condition, node.yes, node.no)]
    condition, yes, no = (part.run for part in parts)
    return enclosing(lambda env: yes(env) if condition(env) is True else no(env), *parts)


_COMPILERS: dict[type[Node], Callable[[Any], Code]] = {
    Literal: _literal,
    Name: _name,
    Negate: _negate,
    Chain: _chain,
    Logic: _logic,
    Compare: _compare,
    Between: _between,
    In: _in,
    InstanceOf: _instance_of,
    Path: _path,
    Interval: _interval,
    Comparator: _comparator,
    ListOf: _list,
    Context: _context,
    If: _if,
    Tests: lambda node: compile_tests(node, compile_node),
    Compiled: lambda node: node.code,
    Filter: lambda node: compile_filter(node, compile_node),
    For: lambda node: compile_for(node, compile_node),
    Quantified: lambda node: compile_quantified(node, compile_node),
    Call: lambda node: compile_call(node, compile_node),
    FunctionOf: lambda node: compile_function(node, compile_node),
}
