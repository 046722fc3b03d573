"""Abstraction: a process as a proof runs it, without instants, collections and data that no condition reads.

The kernel of the engine runs it: what tokens do is what they do in earnest. Timers, messages, signals and conditional
events become messages that may come at any time; decisions and conditions become choices; a repetition has none or two
instances (none or one where the instances are more than a task), a loop at most two rounds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from engine.feel import Expression
from engine.forms import Form
from engine.proof.domains import Domains
from engine.proof.symbols import ANYTHING, OTHER
from engine.proof.world import World, decision_answers
from engine.tokens.definition import (
    Assignment,
    Definitions,
    EventDefinition,
    Extensions,
    Loop,
    Node,
    Parameter,
    Process,
)
from engine.tokens.values import Value

_OUTSIDE = frozenset({"timer", "message", "signal", "conditional"})
_CATCHING = frozenset({"start", "catch", "boundary"})
_MOST_ROUNDS = "2"


class Stand:
    """Stands where the kernel wants an expression; the run of a proof answers in its place."""

    names: frozenset[str] = frozenset()
    text = ""
    is_literal = False


@dataclass(frozen=True)
class Choice(Stand):
    """One of these values, whichever."""

    options: tuple[Any, ...]


@dataclass(frozen=True)
class Given(Stand):
    """This symbol."""

    value: Any


@dataclass
class Abstract(Definitions):
    """The processes of a proof, for the kernel; `missing` collects what kept something from being looked at."""

    world: World
    domains: Domains
    missing: dict[str, None] = field(default_factory=dict)
    _made: dict[str, Process] = field(default_factory=dict)
    _plain: dict[str, Process] = field(default_factory=dict)

    def process(self, ref: str) -> Process:
        """Return a process as a proof runs it. Raises KeyError."""
        found = self._made.get(ref)
        if found is None:
            plain = self.plain(ref)
            nodes = {key: self._node(node) for key, node in plain.nodes.items()}
            found = self._made[ref] = replace(plain, nodes=nodes, data=())
        return found

    def plain(self, ref: str) -> Process:
        """Return a process as it is. Raises KeyError."""
        found = self._plain.get(ref) or self.world.process(ref.rpartition(":")[0] or ref)
        if found is None:
            raise KeyError(ref)
        self._plain[ref] = found
        return found

    def latest(self, key: str) -> str:
        """Return the ref of a called process. Raises KeyError."""
        self.plain(f"{key}:0")
        return f"{key}:0"

    def bound(self, key: str, binding: Any) -> str:  # noqa: ARG002 - the protocol of the kernel
        """Return the ref of a called process, whichever version is meant. Raises KeyError."""
        return self.latest(key)

    def stored(self, name: str) -> Any:  # noqa: ARG002 - the protocol of the kernel
        """Return what a data store holds: anything."""
        return ANYTHING

    def decide(self, decision_key: str, *_: Any) -> Any:
        """Never asked: decisions have become choices."""
        raise KeyError(decision_key)

    def _node(self, node: Node) -> Node:
        made = replace(
            node,
            events=tuple(self._event(node, index, event) for index, event in enumerate(node.events)),
            inputs=tuple(self._assignments(node.inputs)),
            outputs=tuple(self._assignments(node.outputs)),
            script=tuple((name, one) for name, one in node.script if name in self.domains.tracked),
            extensions=self._extensions(node.extensions),
            loop=None if node.loop is None else _loop(node),
            condition=_any_truth() if node.task == "adhoc" and node.condition is not None else node.condition,
            data=(),
        )
        if node.task == "rule" and node.extensions.topic is None:
            return replace(made, task="script", script=tuple(self._decided(node)))
        if node.task == "call":
            return self._call(node, made)
        return made

    def _event(self, node: Node, index: int, event: EventDefinition) -> EventDefinition:
        if (node.kind in _CATCHING or node.task == "receive") and event.kind in _OUTSIDE:
            name = f"{node.id}/{index}"
            return replace(event, kind="message", name=Value(name, (name,)), correlation=None, extensions=Extensions())
        return replace(event, correlation=None)

    def _call(self, node: Node, made: Node) -> Node:
        key = node.called.text if node.called is not None and node.called.is_literal else ""
        key = key.rpartition(":")[2]
        if not key or self.world.process(key) is None:
            self.missing[f"“{node.name or node.id}”调用的流程事先不能确定"] = None
            return replace(made, task="none")
        return replace(made, called=Value(key, (key,)))

    def _assignments(self, assignments: tuple[Assignment, ...]) -> Iterator[Assignment]:
        for one in assignments:
            if one.target in self.domains.tracked and not one.stores:
                yield replace(one, reads=())

    def _extensions(self, extensions: Extensions) -> Extensions:
        return replace(
            extensions,
            inputs=tuple(self._parameters(extensions.inputs)),
            outputs=tuple(self._parameters(extensions.outputs)),
            in_=tuple(one for one in extensions.in_ if one.business_key is None),
            out=tuple(one for one in extensions.out if one.all or one.target in self.domains.tracked),
            decision_binding="latest",
            called_binding="latest",
        )

    def _parameters(self, parameters: tuple[Parameter, ...]) -> Iterator[Parameter]:
        for one in parameters:
            if one.name in self.domains.tracked:
                known = isinstance(one.value, Value)
                yield one if known else Parameter(one.name, _stand_in(Given(ANYTHING)))

    def _decided(self, node: Node) -> Iterator[tuple[str, Expression]]:
        """Yield what a decision writes: its answers as far as they are known."""
        key = node.extensions.decision_ref
        decision = key.text if key is not None and key.is_literal else ""
        answers = decision_answers(self.world.decision(decision), decision)
        target, shape = node.extensions.result_variable, node.extensions.map_decision_result
        if target is None:
            found = {name or decision: value for name, value in (answers or {}).items()}
        elif answers is None or shape not in {"singleResult", "singleEntry"}:
            found = {target: ANYTHING}
        elif shape == "singleEntry" and len(answers) == 1:
            found = {target: next(iter(answers.values()))}
        else:
            found = {target: {**ANYTHING, **answers}}
        for name, value in found.items():
            if name in self.domains.tracked:
                yield name, _stand_in(Given(self.fitted(name, value)))

    def form_of(self, node: Node, ref: str) -> Form | None:
        """Return the form of a node, if it names one that is there."""
        own = node.extensions
        if own.form_ref is not None:
            return self.world.form(f"{ref.rpartition(':')[0]}/{own.form_ref}") or self.world.form(own.form_ref)
        key = own.form_key
        return self.world.form(key.text) if key is not None and key.is_literal else None

    def fitted(self, name: str, value: Any) -> Any:
        """Return a symbol in which what nothing tells apart is one value."""
        if not isinstance(value, dict) or "?" not in value:
            return value if value is None or value in self.domains.of((name,)) else OTHER
        fields = {key: self.fitted(name, inner) for key, inner in value.items() if key != "?"}
        known = value["?"]
        return {"?": known if known is None else self.domains.fitted(name, known), **fields}


def _loop(node: Node) -> Loop:
    """Return a repetition that has few instances and may end after any of them."""
    loop = node.loop
    if loop is None:
        raise TypeError(node.id)
    deep = node.is_sub_process or node.task == "call"
    if loop.kind == "standard":
        again = None if loop.condition is None else _any_truth()
        return replace(loop, condition=again, count=Value(_MOST_ROUNDS, (_MOST_ROUNDS,)))
    fixed = loop.count.text if loop.count is not None and loop.count.is_literal else ""
    most = 1 if deep else 2
    options = (min(int(fixed), most),) if fixed.isdigit() else (most, 0)
    return replace(
        loop,
        count=_stand_in(Choice(options)),
        items=None,
        item=None,
        output=None,
        output_item=None,
        condition=None if loop.condition is None else _any_truth(),
        complex=tuple((_any_truth(), event) for _, event in loop.complex),
    )


def _any_truth() -> Any:
    return _stand_in(Choice((True, False)))


def _stand_in(stand: Stand) -> Any:
    """Return a stand-in where the types ask for an expression or a value."""
    return stand
