"""The tree of an expression."""

from dataclasses import dataclass
from typing import Any

from engine.feel.code import Code
from engine.feel.types import Type


class Node:
    """Any expression."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A constant."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable or built-in."""

    name: str


@dataclass(frozen=True, slots=True)
class Negate(Node):
    """-operand."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """first op operand op operand …, from the left."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """Parts joined by `and` or `or`."""

    operator: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """left operator right."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """value between low and high."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """value in (tests)."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """value instance of type."""

    value: Node
    type: Type


@dataclass(frozen=True, slots=True)
class Path(Node):
    """value.name."""

    value: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """value[condition]."""

    value: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """target(arguments); `names` are given for named arguments."""

    target: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Interval(Node):
    """[start..end]."""

    start: Node
    end: Node
    start_included: bool
    end_included: bool


@dataclass(frozen=True, slots=True)
class Comparator(Node):
    """operator operand: a unary test used as a value."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """[items]."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Context(Node):
    """{name: value}."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    """if condition then yes else no."""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Iterator:
    """name in domain, or name in domain..end."""

    name: str
    domain: Node
    end: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    """for iterators return body."""

    iterators: tuple[Iterator, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """some/every iterators satisfies condition."""

    every: bool
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class FunctionOf(Node):
    """function(parameters) body; the body is None for external functions."""

    parameters: tuple[str, ...]
    types: tuple[Type | None, ...]
    body: Node | None


@dataclass(frozen=True, slots=True)
class Tests(Node):
    """Unary tests: true when one of them holds for `?`, none is `-`; `negated` for not(…)."""

    tests: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Compiled(Node):
    """Something compiled already: a boxed expression of DMN inside an expression."""

    code: Code
