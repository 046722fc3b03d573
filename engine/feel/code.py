"""What the compiler makes of a node: a closure, with its size and depth for the budget."""

from collections.abc import Callable
from typing import Any, NamedTuple

from engine.feel.run import Env

Closure = Callable[[Env], Any]


class Code(NamedTuple):
    """`run(env)` gives the value; `size` is the number of nodes, `depth` how many of them nest."""

    run: Closure
    size: int = 1
    depth: int = 1


def enclosing(run: Closure, *parts: Code, extra: int = 1) -> Code:
    """Return the code of a node that evaluates `parts`."""
    size = extra + sum(part.size for part in parts)
    return Code(run, size, 1 + max((part.depth for part in parts), default=0))
