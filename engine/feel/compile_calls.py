"""Calls and function definitions (DMN 1.5 §10.3.2.13)."""

from collections.abc import Callable
from decimal import DecimalException
from typing import Any

from engine.feel.code import Closure, Code, enclosing
from engine.feel.compare import kind
from engine.feel.errors import FeelError
from engine.feel.lookup import function_closure
from engine.feel.nodes import Call, FunctionOf, Name, Node
from engine.feel.run import Env, Run
from engine.feel.types import Type, coerce
from engine.feel.values import Function

Compile = Callable[[Node], Code]
_NO_VALUE = (FeelError, DecimalException, ValueError, OverflowError)


def invoke(run: Run, function: Any, arguments: list[Any]) -> Any:
    """Call a function with arguments in order; null with a warning when it has no value."""
    if not isinstance(function, Function):
        run.warn(f"{kind(function)}不能作为函数调用")
        return None
    run.steps -= 3
    if function.check_count and len(arguments) != len(function.parameters):
        run.warn(f"函数“{function.name}”的参数个数不对")
        return None
    try:
        return function.call(run, arguments)
    except _NO_VALUE as problem:
        return _no_value(run, function, problem)


def _no_value(run: Run, function: Function, problem: Exception) -> None:
    run.warn(f"{function.name}：{problem}" if isinstance(problem, FeelError) else f"{function.name}：没有结果")


def invoke_named(run: Run, function: Any, arguments: dict[str, Any]) -> Any:
    """Call a function with named arguments."""
    if not isinstance(function, Function):
        return invoke(run, function, [])
    if function.call_named is None:
        if set(arguments) != set(function.parameters):
            return run.warn(f"函数“{function.name}”的参数名称不对")
        return invoke(run, function, [arguments[name] for name in function.parameters])
    try:
        return function.call_named(run, arguments)
    except _NO_VALUE as problem:
        return _no_value(run, function, problem)


def compile_call(node: Call, compile_node: Compile) -> Code:
    """Return the code of a call."""
    name = node.target.name if isinstance(node.target, Name) else None
    target = compile_node(node.target) if name is None else Code(function_closure(name))
    arguments = [compile_node(argument) for argument in node.arguments]
    closures = tuple(argument.run for argument in arguments)
    names = node.names
    if names is None:
        return enclosing(_positional(target.run, closures), target, *arguments, extra=4)

    def run(env: Env) -> Any:
        values = {name: closure(env) for name, closure in zip(names, closures, strict=True)}
        return invoke_named(env.run, target.run(env), values)

    return enclosing(run, target, *arguments, extra=4)


def _positional(target: Closure, closures: tuple[Closure, ...]) -> Closure:
    return lambda env: invoke(env.run, target(env), [closure(env) for closure in closures])


def compile_function(node: FunctionOf, compile_node: Compile) -> Code:
    """Return the code of a function definition; functions in other languages have no value here."""
    if node.body is None:
        outside = Function("external", node.parameters, _external, node.types)
        return Code(lambda _env: outside)
    body = compile_node(node.body)

    def run(env: Env) -> Function:
        return user_function("function", node.parameters, node.types, body, env)

    return enclosing(run, body)


def _external(run: Run, _arguments: list[Any]) -> None:
    run.warn("不支持用其他语言编写的外部函数")


def user_function(
    name: str, parameters: tuple[str, ...], types: tuple[Type | None, ...], body: Code, env: Env
) -> Function:
    """Return a function whose body sees `env` and its parameters."""

    def call(run: Run, arguments: list[Any]) -> Any:
        values = bound_arguments(run, parameters, types, arguments)
        run.charge(5 + body.size)
        run.enter(body.depth + 2)
        try:
            return body.run(Env(values, env, run))
        finally:
            run.leave(body.depth + 2)

    return Function(name, parameters, call, types)


def bound_arguments(
    run: Run, parameters: tuple[str, ...], types: tuple[Type | None, ...], arguments: list[Any]
) -> dict[str, Any]:
    """Return the arguments by name, each made to fit its type; raises FeelError when one does not."""
    values: dict[str, Any] = {}
    for name, wanted, argument in zip(parameters, types, arguments, strict=True):
        fits, value = coerce(run, argument, wanted)
        if not fits:
            raise FeelError(f"参数“{name}”的类型不对")
        values[name] = value
    return values
