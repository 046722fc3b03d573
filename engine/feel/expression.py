"""Compiled expressions and unary tests: what the rest of the engine uses of FEEL."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from engine.errors import EngineError
from engine.feel.code import Closure, Code
from engine.feel.compiler import compile_node
from engine.feel.errors import FeelBudgetError, FeelError
from engine.feel.functions import BUILTINS
from engine.feel.json_values import from_python, to_json
from engine.feel.parser import name_table, parse, parse_tests
from engine.feel.run import Env, Run
from engine.feel.values import Function

Functions = Mapping[str, Callable[..., Any]]
_CACHE_SIZE: Final = 4096
_BUILTIN_TABLE: Final = frozenset(BUILTINS)
_HOST_ERRORS: Final = (TypeError, ValueError, LookupError, ArithmeticError, AttributeError, EngineError, FeelError)


@dataclass(frozen=True)
class Evaluation:
    """A value with what it was made of: JSON inputs by name, and why anything in it became null."""

    value: Any
    inputs: dict[str, Any]
    warnings: tuple[str, ...]


class Variables(dict[str, Any]):
    """The variables given, turned into FEEL values when first read."""

    def __init__(self, given: Mapping[str, Any], run: Run) -> None:
        super().__init__()
        self._given = given
        self._run = run

    def __contains__(self, name: object) -> bool:
        return name in self._given

    def __missing__(self, name: str) -> Any:
        value = self._given[name]
        # Plain texts and constants, the most frequent, need no conversion and no copy.
        if type(value) is not str and value is not None and value is not True and value is not False:
            value = from_python(self._run, value)
        self[name] = value
        return value


class _Compiled:
    """What expressions and tests share: the text, the closure, the free names and the host functions."""

    __slots__ = ("_closure", "_functions", "names", "text")

    def __init__(self, text: str, closure: Closure, names: frozenset[str], functions: dict[str, Function]) -> None:
        self.text = text
        self.names = names
        self._closure = closure
        self._functions = functions

    def _env(self, variables: Mapping[str, Any], run: Run) -> Env:
        outer = Env(self._functions, None, run) if self._functions else None
        return Env(Variables(variables, run), outer, run)

    def _value(self, env: Env) -> Any:
        try:
            return self._closure(env)
        except RecursionError:
            raise FeelBudgetError("嵌套过深") from None

    def _inputs(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        return {name: to_json(variables[name]) for name in sorted(self.names) if name in variables}


class Expression(_Compiled):
    """A compiled expression; `names` are its free names."""

    __slots__ = ()

    def evaluate(self, variables: Mapping[str, Any], now: datetime | None = None) -> Any:
        """Return the value, null where it has none; raises FeelBudgetError."""
        return self._value(self._env(variables, Run(now)))

    def evaluate_in(self, run: Run, variables: Mapping[str, Any]) -> Any:
        """Return the value as part of a larger evaluation, whose budget it shares; raises FeelBudgetError."""
        return self._value(self._env(variables, run))

    def explain(self, variables: Mapping[str, Any], now: datetime | None = None) -> Evaluation:
        """Return the value with its inputs and warnings; raises FeelBudgetError."""
        run = Run(now)
        value = self._value(self._env(variables, run))
        return Evaluation(value, self._inputs(variables), tuple(run.warnings))


class UnaryTests(_Compiled):
    """Compiled unary tests of a decision table's cell or a form's condition."""

    __slots__ = ()

    def test(self, value: Any, variables: Mapping[str, Any], now: datetime | None = None) -> bool | None:
        """Return whether one of the tests holds for `value` (`?`), null where that cannot be told."""
        return self.test_in(Run(now), value, variables)

    def test_in(self, run: Run, value: Any, variables: Mapping[str, Any]) -> bool | None:
        """Test as part of a larger evaluation, whose budget it shares; raises FeelBudgetError."""
        env = self._env(variables, run).child({"?": from_python(run, value)})
        found: bool | None = self._value(env)
        return found


def host_function(name: str, body: Callable[..., Any]) -> Function:
    """Return a Python callable as a FEEL function: it gets FEEL values, and its errors are null."""

    def call(run: Run, arguments: list[Any]) -> Any:
        try:
            return from_python(run, body(*arguments))
        except FeelBudgetError:
            raise
        except _HOST_ERRORS:
            raise FeelError("参数不对") from None

    return Function(name, (), call, check_count=False)


@lru_cache(maxsize=16)
def _hosts(functions: tuple[tuple[str, Callable[..., Any]], ...]) -> dict[str, Function]:
    """Return the host functions of a set of callables, made once for the many expressions that get the same set."""
    return {name: host_function(name, body) for name, body in functions}


def compile_expression(text: str, functions: Functions | None = None, names: Iterable[str] = ()) -> Expression:
    """Compile an expression; `names` are variables whose names hold operators. Raises FeelSyntaxError."""
    if functions:
        known = _BUILTIN_TABLE.union(names, functions)
        code, free = _expression(text, known)
        return Expression(text, code, free - functions.keys(), _hosts(tuple(functions.items())))
    return _cached_expression(text, frozenset(names))


@lru_cache(maxsize=_CACHE_SIZE)
def _cached_expression(text: str, names: frozenset[str]) -> Expression:
    code, free = _expression(text, _BUILTIN_TABLE | names)
    return Expression(text, code, free, {})


def compile_code(text: str, names: frozenset[str]) -> tuple[Code, frozenset[str]]:
    """Return the bare code of an expression, for boxed expressions, and its free names. Raises FeelSyntaxError."""
    node, free = parse(text, name_table(_BUILTIN_TABLE | names))
    return compile_node(node), free - BUILTINS.keys()


def compile_tests_code(text: str, names: frozenset[str]) -> tuple[Code, frozenset[str]]:
    """Return the bare code of unary tests: it finds the tested value as `?` in the innermost layer."""
    node, free = parse_tests(text, name_table(_BUILTIN_TABLE | names))
    return compile_node(node), free - BUILTINS.keys()


@lru_cache(maxsize=_CACHE_SIZE)
def _expression(text: str, known: frozenset[str]) -> tuple[Closure, frozenset[str]]:
    node, free = parse(text, name_table(known))
    return compile_node(node).run, free - (BUILTINS.keys() - (known - _BUILTIN_TABLE))


def compile_unary_tests(text: str, functions: Functions | None = None, names: Iterable[str] = ()) -> UnaryTests:
    """Compile unary tests such as `> 10, [1..5]`, `not("是")` or `-`. Raises FeelSyntaxError."""
    hosts = _hosts(tuple((functions or {}).items()))
    code, free = _tests(text, _BUILTIN_TABLE.union(names, hosts))
    return UnaryTests(text, code, free - hosts.keys(), hosts)


@lru_cache(maxsize=_CACHE_SIZE)
def _tests(text: str, known: frozenset[str]) -> tuple[Closure, frozenset[str]]:
    node, free = parse_tests(text, name_table(known))
    return compile_node(node).run, free - BUILTINS.keys()
