"""Built-ins that take any number of lists."""

from collections.abc import Callable
from typing import Any

from engine.feel.errors import FeelError
from engine.feel.functions import lists
from engine.feel.functions.registry import BUILTINS
from engine.feel.run import Run
from engine.feel.values import Function


def _append(run: Run, arguments: list[Any]) -> list[Any]:
    if not arguments or arguments[0] is None:
        raise FeelError("需要列表")
    first = arguments[0] if isinstance(arguments[0], list) else [arguments[0]]
    return lists.append(run, first, *arguments[1:])


def _over_lists(body: Callable[..., list[Any]]) -> Callable[[Run, list[Any]], list[Any]]:
    def call(run: Run, arguments: list[Any]) -> list[Any]:
        if not arguments or any(argument is None for argument in arguments):
            raise FeelError("需要列表")
        return body(run, *(one if isinstance(one, list) else [one] for one in arguments))

    return call


def _register(name: str, parameters: tuple[str, ...], call: Callable[[Run, list[Any]], Any]) -> None:
    def call_named(run: Run, arguments: dict[str, Any]) -> Any:
        if set(arguments) != set(parameters):
            raise FeelError("参数名称不对")
        return call(run, [arguments[parameter] for parameter in parameters])

    BUILTINS[name] = Function(name, parameters, call, call_named=call_named, check_count=False)


_register("append", ("list", "item"), _append)
_register("concatenate", ("list",), _over_lists(lists.concatenate))
_register("union", ("list",), _over_lists(lists.union))
