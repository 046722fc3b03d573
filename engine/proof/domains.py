"""Domains: which variables matter for the way a procedure takes, and the values of each that must be told apart."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from engine.feel import Expression
from engine.proof.conditions import Condition, path_of, read_condition, statements
from engine.proof.symbols import OTHER, Path, freeze
from engine.tokens.definition import Node, Parameter, Process
from engine.tokens.values import Value


class Domains:
    """What is read of the variables of some processes.

    Variables that are copied into each other are told apart by the same values, so that a value that nothing tells
    apart from others here is not one that matters there.
    """

    def __init__(self, functions: frozenset[str]) -> None:
        """Begin with nothing; `functions` are the host functions of expressions."""
        self._functions = functions
        self._group: dict[str, str] = {}
        self._copied: dict[str, set[str]] = defaultdict(set)
        self._constants: dict[str, dict[Any, Any]] = defaultdict(dict)
        self._values: dict[str, list[Any]] = {}
        self._read: set[str] = set()
        self._opaque: set[str] = set()
        self.tracked: frozenset[str] = frozenset()
        self.nested: set[str] = set()

    def add_condition(self, condition: Condition) -> None:
        """Take note of what a condition reads."""
        for statement in statements(condition):
            for path in statement.paths:
                self._read.add(path[0])
                if len(path) > 1:
                    self.nested |= {path[0]}
                held = self._constants[path[0]]
                held.update((freeze(value), value) for one in statement.constants for value in _around(one))

    def add_watched(self, names: Iterable[str]) -> None:
        """Take note of variables that a rule looks at when they are written."""
        self._read |= set(names)

    def add_process(self, process: Process) -> None:
        """Take note of the conditions and of what is copied in a process."""
        for flow in process.flows.values():
            if flow.condition is not None:
                self.add_condition(read_condition(flow.condition, self._functions))
        for node in process.nodes.values():
            for target, expression in _written(node):
                self._copy(target, path_of(expression, self._functions))
            for mapping in (*node.extensions.in_, *node.extensions.out):
                if mapping.target and mapping.source is not None:
                    for expression in _expressions(mapping.source):
                        self._copy(mapping.target, path_of(expression, self._functions))
            if node.loop is not None:
                self._opaque |= {name for name in (node.loop.item, node.loop.output) if name}
            self._add_names(node.extensions.properties.get("bihuan:notSameAs"))

    def settle(self) -> None:
        """Find out which variables matter: those that are read, and those that are copied into them."""
        todo, seen = list(self._read), set[str]()
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += self._copied[name]
        self.tracked = frozenset(seen - self._opaque)
        merged: dict[str, dict[Any, Any]] = defaultdict(dict)
        for name, held in self._constants.items():
            merged[self._of(name)].update(held)
        self._constants = merged

    def of(self, path: Path) -> list[Any]:
        """Return the values of a variable that must be told apart: those named, any other text, and null."""
        known = self._values.get(path[0])
        if known is None:
            found = dict(self._constants.get(self._of(path[0]), {}))
            found.update({freeze(value): value for value in (OTHER, None)})
            known = self._values[path[0]] = list(found.values())
        return known

    def fitted(self, name: str, values: Iterable[Any]) -> list[Any]:
        """Return values with those that nothing tells apart as one."""
        known = self._constants.get(self._of(name), {})
        fitted = (value if value is None or freeze(value) in known else OTHER for value in values)
        return list({freeze(value): value for value in fitted}.values())

    def _add_names(self, value: Value | None) -> None:
        if value is not None:
            self._read |= {name for name in value.names if name}

    def _copy(self, target: str, source: Path | None) -> None:
        if source is not None:
            self._copied[target].add(source[0])
            self._group[self._of(target)] = self._of(source[0])

    def _of(self, name: str) -> str:
        while name in self._group and self._group[name] != name:
            name = self._group[name]
        return name


def _around(constant: Any) -> Iterator[Any]:
    """Yield a constant; a number with one below and one above it, for comparisons of order."""
    if isinstance(constant, int | float) and not isinstance(constant, bool):
        yield from (constant - 1, constant + 1)
    yield constant


def _written(node: Node) -> Iterator[tuple[str, Expression]]:
    yield from node.script
    for assignment in (*node.inputs, *node.outputs):
        yield assignment.target, assignment.source
    for parameter in (*node.extensions.inputs, *node.extensions.outputs):
        for expression in _expressions(parameter.value):
            yield parameter.name, expression


def _expressions(value: "Value | tuple[Parameter, ...] | Any") -> Iterator[Expression]:
    if isinstance(value, Value) and len(value.parts) == 1 and isinstance(value.parts[0], Expression):
        yield value.parts[0]
