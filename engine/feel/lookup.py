"""Names to values: inner layers first, then the variables given, then the built-ins."""

from typing import Any, Final

from engine.feel.code import Closure
from engine.feel.functions import BUILTINS
from engine.feel.run import Env
from engine.feel.values import Function

MISSING: Final = object()


def find(env: Env, name: str) -> Any:
    """Return the value of a name, MISSING when it is unknown."""
    layer: Env | None = env
    while layer is not None:
        if name in layer.vars:
            return layer.vars[name]
        layer = layer.parent
    return MISSING


def name_closure(name: str) -> Closure:
    """Return a closure that looks a name up."""
    builtin = BUILTINS.get(name)

    def look_up(env: Env) -> Any:
        layer: Env | None = env
        while layer is not None:
            if name in layer.vars:
                return layer.vars[name]
            layer = layer.parent
        if builtin is None:
            env.run.warn(f"没有变量“{name}”")
        return builtin

    return look_up


def partial_closure(env: Env) -> Any:
    """Return the results so far of a loop, as they are now."""
    found = find(env, "partial")
    if not isinstance(found, list):
        return None if found is MISSING else found
    env.run.charge(1 + len(found))
    return list(found)


def function_closure(name: str) -> Closure:
    """Return a closure for a called name: a variable that is no function does not hide a built-in."""
    builtin = BUILTINS.get(name)
    look_up = name_closure(name)
    if builtin is None:
        return look_up

    def look_up_function(env: Env) -> Any:
        found = find(env, name)
        return found if type(found) is Function else builtin

    return look_up_function
