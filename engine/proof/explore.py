"""Exploring: every state a procedure can come to, nearest first, within a budget of states and time."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from json import JSONEncoder
from time import monotonic
from typing import Any

from engine.proof.abstraction import Abstract
from engine.proof.enough import Enough
from engine.proof.futures import Ahead, Futures
from engine.proof.moves import HUMAN, Move, Moves
from engine.proof.run import Oracle, ProofRun
from engine.proof.symbols import ANYTHING
from engine.proof.watching import Bits, Mark, Watch
from engine.tokens import new_state
from engine.tokens.advance import receive, settle
from engine.tokens.effects import Effect, Finished, IncidentRaised, Passed, TaskOpened
from engine.tokens.events import Start, Trigger
from engine.tokens.state import ENDED, Record, State

_UNTOLD = frozenset({"s", "sub", "o", "for", "up", "c", "seq"})
_TELL = JSONEncoder(sort_keys=True, ensure_ascii=False).encode
_MOST_TOKENS = 40
_MOST_WAYS = 400


class BudgetSpentError(Exception):
    """There are more states than the budget allows; the message is Chinese."""


@dataclass(frozen=True)
class Went:
    """One way a move went: the state after it, what happened, and what the rules say.

    `touched` are the variables (scope, name) it wrote or learnt of; `early` says that it was put before moves that it
    has nothing to do with.
    """

    state: State
    effects: tuple[Effect, ...]
    marks: tuple[Mark, ...]
    learnt: tuple[Any, ...]
    touched: frozenset[tuple[str, str]]
    words: str
    early: bool = False


@dataclass
class Place:
    """A state that was found: how it was come to, and where it leads; `whole` says that all its moves were tried."""

    state: State
    bits: Bits
    parent: int | None
    went: Went
    ahead: Ahead
    next: list[int] = field(default_factory=list)
    over: bool = False
    whole: bool = False


class Explorer:
    """Finds every state. `places` holds them, nearest to the start first."""

    def __init__(self, abstract: Abstract, moves: Moves, watch: Watch, most_states: int, seconds: float) -> None:
        """Keep what to explore and the budget."""
        self._abstract = abstract
        self.moves = moves
        self.watch = watch
        self._most = most_states
        self._until = monotonic() + seconds
        self._told_before: dict[int, tuple[Record, str]] = {}
        self._futures = Futures(abstract, watch)
        self._enough = Enough(abstract, self._futures, watch)
        self._seen: dict[Any, int] = {}
        # By node, how much oftener its moves were not enough than enough: what was enough before is tried first.
        self._seldom: Counter[str] = Counter()
        self.places: list[Place] = []
        self.broken: dict[str, tuple[int | None, Went, Mark]] = {}
        self.stuck: dict[tuple[str, str], tuple[int | None, Went]] = {}
        self.passed: set[tuple[str, str]] = set()

    def explore(self, ref: str) -> None:
        """Find every state from every way to begin. Raises BudgetSpentError."""
        for start in self._starts(ref):
            for went in self.ways(new_state(ref), start):
                self._keep(None, frozenset(), went)
        at = 0
        while at < len(self.places):
            if not self.places[at].over:
                self._expand(at)
            at += 1
            while at == len(self.places) and (late := self._put_off()) is not None:
                self._expand_wholly(late)

    def run_to(self, place: int | None, last: Went | None = None) -> list[Went]:
        """Return the moves from a start to a place, and a last one from there."""
        found = [] if last is None else [last]
        while place is not None:
            found.append(self.places[place].went)
            place = self.places[place].parent
        return found[::-1]

    def _starts(self, ref: str) -> Iterator[Move]:
        process = self._abstract.process(ref)
        triggers = process.graph.triggers
        plain = [node for node in process.graph.starts(process.id) if not node.events]
        if plain or not triggers:
            answers = {name: value for node in plain for name, value in self.moves.started(node, ref).items()}
            yield Move("", Start(answers), "发起")
        for node, index, event in triggers:
            if event.kind != "none" and node.events:
                yield Move("", Start(self.moves.started(node, ref), node.id, index), f"由“{node.name or node.id}”发起")

    def _expand(self, at: int) -> None:
        """Find what may happen next: of some owners, where that is enough, or else of all."""
        place = self.places[at]
        groups = self._by_owner(place.state)
        at_node = {key: place.state["tokens"].get(key[0], {}).get("n", "") for key in groups}
        found: dict[tuple[str, str], list[Went]] = {}
        apart: list[list[Went]] = []
        for key in sorted(groups, key=lambda key: self._seldom[at_node[key]]):
            group = found[key] = [went for move in groups[key] for went in self.ways(place.state, move)]
            is_apart = self._enough.is_apart(place.state, place.ahead, key[0], group)
            goes_on = is_apart and self._enough.goes_on(place.state, key[0], group)
            self._seldom[at_node[key]] += -1 if goes_on else 1
            if goes_on:
                apart = [group]
                break
            if is_apart and all(len(went.state["tokens"]) <= len(place.state["tokens"]) for went in group):
                apart.append(group)  # what goes back and adds to what is there would pile it up
        else:
            apart += self._together(place, found)
        place.whole = not apart
        for went in min(apart, key=len) if apart else [went for group in found.values() for went in group]:
            self._keep(at, place.bits, went if place.whole else replace(went, early=True))

    def _expand_wholly(self, at: int) -> None:
        """Find all that may happen next."""
        place = self.places[at]
        place.whole = True
        for move in self.moves.of(place.state):
            for went in self.ways(place.state, move):
                self._keep(at, place.bits, went)

    def _put_off(self) -> int | None:
        """Return the nearest place from which no row of moves leads to one where all moves were tried."""
        fine = self.leading_to(at for at, place in enumerate(self.places) if place.whole or place.over)
        return next((at for at in range(len(self.places)) if at not in fine), None)

    def leading_to(self, wanted: Iterable[int]) -> set[int]:
        """Return the places from which one of these can be reached, and these."""
        before: dict[int, list[int]] = {}
        for at, place in enumerate(self.places):
            for after in place.next:
                before.setdefault(after, []).append(at)
        todo = list(wanted)
        found = set(todo)
        while todo:
            for at in before.get(todo.pop(), ()):
                if at not in found:
                    found.add(at)
                    todo.append(at)
        return found

    def _together(self, place: Place, found: dict[tuple[str, str], list[Went]]) -> Iterator[list[Went]]:
        """Yield all that runs in a sub-process or call, where it has nothing to do with what is outside of it."""
        for scope, record in place.state["scopes"].items():
            if "up" in record:
                owners = self._enough.together(place.state, scope)
                group = [went for (owner, _), each in found.items() if owner in owners for went in each]
                if group and self._enough.are_apart(place.state, place.ahead, scope, owners, group):
                    yield group

    def _by_owner(self, state: State) -> dict[tuple[str, str], list[Move]]:
        groups: dict[tuple[str, str], list[Move]] = {}
        for move in self.moves.of(state):
            groups.setdefault((move.owner, move.apart), []).append(move)
        return groups

    def _keep(self, parent: int | None, bits: Bits, went: Went) -> None:
        after, broken = self.watch.follow(bits, went.marks)
        ahead = self._futures.of(went.state)
        self._forget(went.state, ahead)
        if after:
            after = self.watch.kept(after, ahead.live.values())
        key = self._key(went.state, after)
        at = self._seen.get(key)
        if at is None:
            at = self._seen[key] = len(self.places)
            over = went.state["status"] in ENDED or any("incident" in each for each in went.state["tokens"].values())
            self.places.append(Place(went.state, after, parent, went, ahead, over=over))
            self._check_budget(went.state)
        if parent is not None:
            self.places[parent].next.append(at)
        for mark in broken:
            self.broken.setdefault(mark.rule, (parent, went, mark))
        self.passed.update((effect.process, effect.node) for effect in went.effects if isinstance(effect, Passed))
        for effect in went.effects:
            if isinstance(effect, IncidentRaised):
                self.stuck.setdefault((effect.node, effect.message), (parent, went))

    def _forget(self, state: State, ahead: Ahead) -> None:
        """Drop the variables that nobody will read, and those of which nothing is known in the outermost scope."""
        for key, record in state["scopes"].items():
            if not record["vars"]:
                continue
            names = ahead.live[ahead.around[key][0]]
            kept = {name: value for name, value in record["vars"].items() if name in names}
            if "up" not in record:
                kept = {name: value for name, value in kept.items() if value != ANYTHING}
            if len(kept) < len(record["vars"]):
                state["scopes"][key] = {**record, "vars": kept}

    def _check_budget(self, state: State) -> None:
        if len(self.places) > self._most:
            raise BudgetSpentError(f"可能的状态超过 {self._most} 个")
        if len(state["tokens"]) > _MOST_TOKENS:
            raise BudgetSpentError(f"同时办理的步骤超过 {_MOST_TOKENS} 个，可能不断增多")
        if monotonic() > self._until:
            raise BudgetSpentError("计算时间超过限额")

    def ways(self, state: State, move: Move) -> Iterator[Went]:
        """Yield each way a move can go."""
        script: list[int] | None = []
        for _ in range(_MOST_WAYS):
            if script is None:
                return
            oracle = Oracle(script)
            yield self._go(state, move, oracle)
            script = oracle.following()
        raise BudgetSpentError("一步之内的走法太多")

    def _go(self, state: State, move: Move, oracle: Oracle) -> Went:
        run = ProofRun(self._abstract, state, oracle, self.watch, hot=move.hot)
        self._note_once(run, state, move)
        receive(move.event, run)
        settle(run)
        marks = list(run.marks)
        for effect in run.effects:
            if move.hot and isinstance(effect, TaskOpened) and effect.kind not in HUMAN and effect.token in run.tokens:
                run.token(effect.token)["hot"] = True
            if move.hot and isinstance(effect, Finished):
                marks += [Mark(rule, "closed", good=False, words="计时器使事项办结") for rule in self.watch.closing()]
        touched = frozenset(run.changed | run.narrowed)
        return Went(run.state, tuple(run.effects), tuple(marks), tuple(run.learnt), touched, move.words)

    def _note_once(self, run: ProofRun, state: State, move: Move) -> None:
        """Let what does not interrupt come once for each time it is waited for, so that there is an end to it."""
        event = move.event
        if not isinstance(event, Trigger):
            return
        owner = state["tokens"].get(event.owner)
        ref = state["scopes"][owner["s"] if owner else event.owner]["p"]
        if not self._abstract.plain(ref).nodes[event.catcher].interrupting:
            record = run.record(event.owner)
            record["once"] = sorted({*record.get("once", ()), f"{event.catcher}/{event.index}"})

    def _key(self, state: State, bits: Bits) -> Any:
        """Return what two states have in common that differ only in the numbers of their tokens."""
        inside: dict[str, list[str]] = {}
        for key, token in state["tokens"].items():
            inside.setdefault(token["s"], []).append(key)
        root: str = state["root"]
        return (state["status"], bits, self._scope_key(state, root, inside) if root in state["scopes"] else None)

    def _scope_key(self, state: State, key: str, inside: dict[str, list[str]]) -> Any:
        tokens = sorted((self._token_key(state, each, inside) for each in inside.get(key, ())), key=hash)
        return (self._told(state["scopes"][key]), tuple(tokens))

    def _token_key(self, state: State, key: str, inside: dict[str, list[str]]) -> Any:
        token = state["tokens"][key]
        sub = token.get("sub")
        held = self._scope_key(state, sub, inside) if sub in state["scopes"] else None
        return (self._told(token), "for" in token, held)

    def _told(self, record: Record) -> str:
        """Return a record as it is compared; records are shared by many states and never change."""
        known = self._told_before.get(id(record))
        if known is None:
            told = _TELL({name: value for name, value in record.items() if name not in _UNTOLD})
            known = self._told_before[id(record)] = (record, told)
        return known[1]
