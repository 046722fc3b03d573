"""Moves: everything that may happen next in a state: work that is done, messages, timers, errors."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.proof.abstraction import Abstract
from engine.proof.symbols import ANYTHING
from engine.proof.world import form_answers
from engine.tokens.definition import Node
from engine.tokens.events import Complete, Event, StartActivity, ThrowError, ThrowEscalation, Trigger
from engine.tokens.listening import label
from engine.tokens.mappings import keeps_results
from engine.tokens.state import Record, State

HUMAN = frozenset({"user", "manual"})
_CAUGHT = frozenset({"error", "escalation"})
_WORDS = {"timer": "到时", "message": "收到消息", "signal": "收到信号", "conditional": "条件成立"}


@dataclass(frozen=True)
class Move:
    """One thing that may happen: to whom, which event, in words; `hot`: without a person since a timer.

    `apart` names the start of an event sub-process that runs beside everything else, so that its owner goes on.
    """

    owner: str
    event: Event
    words: str
    hot: bool = False
    apart: str = ""


class Moves:
    """Finds the moves of states; what a form may answer is worked out once."""

    def __init__(self, abstract: Abstract, unwritten: frozenset[str]) -> None:
        """Keep the definitions; `unwritten` are variables that only messages can bring."""
        self._abstract = abstract
        self._brought = dict.fromkeys(sorted(unwritten), ANYTHING)
        self._answers: dict[tuple[str, str], dict[str, Any]] = {}

    def of(self, state: State) -> Iterator[Move]:
        """Yield the moves of a state, those of one token or scope after each other."""
        for key, token in state["tokens"].items():
            scope = state["scopes"][token["s"]]
            if "incident" in token:
                continue
            if token.get("w") == "task":
                yield from self._work(key, token, scope["p"])
            yield from self._events(key, token, scope["p"])
            node = self._abstract.plain(scope["p"]).nodes[token["n"]]
            if node.task == "adhoc" and "sub" in token and "multi" not in state["scopes"][token["sub"]]:
                yield from self._by_hand(state, key, node, scope["p"])
        for key, scope in state["scopes"].items():
            yield from self._events(key, scope, scope["p"])

    def started(self, node: Node, ref: str) -> dict[str, Any]:
        """Return what the form of a start event writes, as far as it matters."""
        return self._answered(node, ref)

    def _work(self, key: str, token: Record, ref: str) -> Iterator[Move]:
        node = self._abstract.plain(ref).nodes[token["n"]]
        human = node.task in HUMAN
        hot = bool(token.get("hot")) and not human
        words = f"{'办理' if human else '执行'}{label(node)}"
        yield Move(key, Complete(key, self._answered(node, ref)), words, hot)
        for name in node.boundary:
            edge = self._abstract.plain(ref).nodes[name]
            for event in edge.events:
                if event.kind in _CAUGHT:
                    thrown = ThrowError if event.kind == "error" else ThrowEscalation
                    yield Move(key, thrown(key, event.code or "?"), f"{label(node)}出错：{label(edge)}", hot)

    def _answered(self, node: Node, ref: str) -> dict[str, Any]:
        """Return what the work of a node writes, as far as it matters."""
        key = (ref, node.id)
        if key not in self._answers:
            self._answers[key] = dict(self._written(node, ref))
        return self._answers[key]

    def _written(self, node: Node, ref: str) -> Iterator[tuple[str, Any]]:
        domains = self._abstract.domains
        if keeps_results(node) and not self._abstract.process(ref).nodes[node.id].extensions.outputs:
            return
        for name, value in answers_of(self._abstract, node, ref).items():
            if name in domains.tracked:
                yield name, self._abstract.fitted(name, value)

    def _events(self, owner: str, record: Record, ref: str) -> Iterator[Move]:
        nodes = self._abstract.plain(ref).nodes
        for at in record.get("subs", ()):
            catcher, _, index = at.rpartition("/")
            if at in record.get("once", ()):
                continue
            kind = nodes[catcher].events[int(index)].kind
            brought = self._carried(nodes[catcher], kind, ref)
            words = f"{_WORDS.get(kind, '发生')}：{label(nodes[catcher])}"
            apart = catcher if nodes[catcher].kind == "start" and not nodes[catcher].interrupting else ""
            yield Move(owner, Trigger(owner, catcher, int(index), brought), words, kind == "timer", apart)

    def _carried(self, catcher: Node, kind: str, ref: str) -> dict[str, Any]:
        """Return what an event brings: the answers of its form, or else whatever no step of the procedures writes."""
        if self._abstract.form_of(catcher, ref) is not None:
            return self._answered(catcher, ref)
        return self._brought if kind in {"message", "signal"} else {}

    def _by_hand(self, state: State, key: str, node: Node, ref: str) -> Iterator[Move]:
        """Yield the activities of an ad-hoc sub-process that may be started and are not under way."""
        inner = state["tokens"][key]["sub"]
        busy = {token["n"] for token in state["tokens"].values() if token["s"] == inner}
        for start in self._abstract.process(ref).graph.starts(node.id):
            if start.id not in busy:
                yield Move(key, StartActivity(key, start.id), f"手动开始{label(start)}")


def written_by(abstract: Abstract, node: Node, ref: str) -> Iterator[str]:
    """Yield the variables that the work of a node, or the process it calls, may write around it."""
    made = abstract.process(ref).nodes[node.id]
    yield from answers_of(abstract, abstract.plain(ref).nodes[node.id], ref)
    yield from (name for name, _ in made.script)
    yield from (one.target for one in (*made.inputs, *made.outputs))
    yield from (one.name for one in (*made.extensions.inputs, *made.extensions.outputs))
    yield from (one.target for one in made.extensions.out if one.target)


def answers_of(abstract: Abstract, node: Node, ref: str) -> dict[str, Any]:
    """Return what the work of a node may write: the answers of its form, or the result of its topic."""
    found: dict[str, Any] = {}
    extensions = node.extensions
    if node.task in HUMAN or node.kind == "start":
        found.update(form_answers(abstract.form_of(node, ref)))
    for parameter in extensions.inputs:
        text = getattr(parameter.value, "text", "")
        if parameter.name == "result" and text and "${" not in text:
            found[text] = ANYTHING
    return found
