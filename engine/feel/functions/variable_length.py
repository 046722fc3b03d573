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


def _arrange_append(arguments: dict[str, Any]) -> list[Any]:
    if set(arguments) != {"list", "item"}:
        raise FeelError("参数名称不对")
    return [arguments["list"], arguments["item"]]


def _arrange_list(arguments: dict[str, Any]) -> list[Any]:
    if set(arguments) != {"list"}:
        raise FeelError("参数名称不对")
    return [arguments["list"]]


BUILTINS["append"] = Function("append", ("list", "item"), _append, arrange=_arrange_append, check_count=False)
for _name, _body in (("concatenate", lists.concatenate), ("union", lists.union)):
    BUILTINS[_name] = Function(_name, ("list",), _over_lists(_body), arrange=_arrange_list, check_count=False)
