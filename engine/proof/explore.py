"""Exploring: every state a procedure can come to, nearest first, within a budget of states and time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

from engine.proof.abstraction import Abstract
from engine.proof.futures import Futures, Uses, process_scope
from engine.proof.moves import HUMAN, Move, Moves
from engine.proof.order import ranks
from engine.proof.run import Oracle, ProofRun
from engine.proof.symbols import ANYTHING, freeze
from engine.proof.watching import Bits, Mark, Watch
from engine.tokens import new_state
from engine.tokens.advance import receive, settle
from engine.tokens.effects import Effect, Finished, IncidentRaised, Passed, TaskOpened
from engine.tokens.events import Start, Trigger
from engine.tokens.state import ENDED, Record, State

_UNTOLD = frozenset({"s", "sub", "o", "for", "up", "c", "seq"})
_MOST_TOKENS = 40
_MOST_WAYS = 400


class BudgetSpentError(Exception):
    """There are more states than the budget allows; the message is Chinese."""


@dataclass(frozen=True)
class Went:
    """One way a move went: the state after it, what happened, and what the rules say.

    `early` says that it was put before moves that it has nothing to do with.
    """

    state: State
    effects: tuple[Effect, ...]
    marks: tuple[Mark, ...]
    learnt: tuple[Any, ...]
    touched: frozenset[str]
    words: str
    early: bool = False


@dataclass
class Place:
    """A state that was found: how it was come to, and where it leads."""

    state: State
    bits: Bits
    parent: int | None
    went: Went
    futures: dict[str, Uses]
    next: list[int] = field(default_factory=list)
    over: bool = False


class Explorer:
    """Finds every state. `places` holds them, nearest to the start first."""

    def __init__(self, abstract: Abstract, moves: Moves, watch: Watch, most_states: int, seconds: float) -> None:
        """Keep what to explore and the budget."""
        self._abstract = abstract
        self.moves = moves
        self.watch = watch
        self._most = most_states
        self._until = monotonic() + seconds
        self._frozen: dict[int, tuple[Record, Any]] = {}
        self._ranks: dict[str, dict[str, int]] = {}
        self._futures = Futures(abstract, watch)
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
        """Find what may happen next; one token's moves are enough where they touch nothing that others look at."""
        place = self.places[at]
        found: list[Went] = []
        groups = self._by_owner(place.state)
        at_node = {key: place.state["tokens"].get(key[0], {}).get("n", "") for key in groups}
        for key in sorted(groups, key=lambda key: self._seldom[at_node[key]]):
            group = [went for move in groups[key] for went in self.ways(place.state, move)]
            enough = self._is_enough(place, key[0], group)
            self._seldom[at_node[key]] += -1 if enough else 1
            if enough:
                found = [replace(went, early=True) for went in group]
                break
            found += group
        for went in found:
            self._keep(at, place.bits, went)

    def _by_owner(self, state: State) -> dict[tuple[str, str], list[Move]]:
        groups: dict[tuple[str, str], list[Move]] = {}
        for move in self.moves.of(state):
            groups.setdefault((move.owner, move.apart), []).append(move)
        return groups

    def _is_enough(self, place: Place, owner: str, group: list[Went]) -> bool:
        """Tell whether it does not matter when the moves of an owner come, so that they may come first."""
        if any(went.marks for went in group):
            return False
        others = frozenset[str]().union(
            *(uses.all for key, uses in place.futures.items() if key != owner or key in place.state["scopes"])
        )
        return all(self._is_quiet(place, owner, went, others) for went in group)

    def _is_quiet(self, place: Place, owner: str, went: Went, others: frozenset[str]) -> bool:
        """Tell whether a move can be put before whatever others do, and leads on."""
        before, after = place.state, went.state
        if not others.isdisjoint(went.touched) or after["status"] in ENDED:
            return False
        if any(isinstance(effect, IncidentRaised) for effect in went.effects):
            return False
        if owner in before["scopes"]:  # an event sub-process that interrupts changes everything
            more = owner in after["scopes"] and before["scopes"][owner]["c"] < after["scopes"][owner]["c"]
            return more and self._adds(before, after, others)
        inside = before["tokens"][owner].get("sub")
        if inside in before["scopes"]:  # an event at the edge of what is at work, which may end before it comes
            return inside in after["scopes"] and self._adds(before, after, others)
        ended = self._ended(before, after, owner)
        return ended is not None and self._goes_on(before, after, ended)

    def _adds(self, before: State, after: State, others: frozenset[str]) -> bool:
        """Tell whether what an event begins changes nothing for others, so that they go on as if it had not come."""
        made = [token for key, token in after["tokens"].items() if key not in before["tokens"]]
        branches = [self._futures.from_node(after["scopes"][token["s"]]["p"], token["n"]) for token in made]
        return all(not one.nodes and not one.joins and others.isdisjoint(one.all) for one in branches)

    def _ended(self, before: State, after: State, key: str) -> str | None:
        """Return the token that went on, the host of what it ended; None where others may look at what ended."""
        token = before["tokens"][key]
        while token["s"] not in after["scopes"]:
            scope = before["scopes"][token["s"]]
            key = scope.get("up", "")
            token = before["tokens"].get(key)
            if token is None or _listens(token) or _listens(scope) or scope["c"] > 1:
                return None
        return key

    def _goes_on(self, before: State, after: State, key: str) -> bool:
        """Tell whether a move leads on in its scope, so that no row of such moves can go round in a circle."""
        token = before["tokens"][key]
        ref = before["scopes"][token["s"]]["p"]
        if ref not in self._ranks:
            self._ranks[ref] = ranks(self._abstract.process(ref))
        rank = self._ranks[ref]
        made = [each for key, each in after["tokens"].items() if key not in before["tokens"]]
        return all(rank[each["n"]] > rank[token["n"]] for each in made if each["s"] == token["s"])

    def _keep(self, parent: int | None, bits: Bits, went: Went) -> None:
        after, broken = self.watch.follow(bits, went.marks)
        self._forget(went.state)
        futures = self._futures.of_tokens(went.state)
        after = self.watch.kept(after, frozenset[str]().union(*(each.nodes for each in futures.values())))
        key = self._key(went.state, after)
        at = self._seen.get(key)
        if at is None:
            at = self._seen[key] = len(self.places)
            over = went.state["status"] in ENDED or any("incident" in each for each in went.state["tokens"].values())
            self.places.append(Place(went.state, after, parent, went, futures, over=over))
            self._check_budget(went.state)
        if parent is not None:
            self.places[parent].next.append(at)
        for mark in broken:
            self.broken.setdefault(mark.rule, (parent, went, mark))
        self.passed.update((effect.process, effect.node) for effect in went.effects if isinstance(effect, Passed))
        for effect in went.effects:
            if isinstance(effect, IncidentRaised):
                self.stuck.setdefault((effect.node, effect.message), (parent, went))

    def _forget(self, state: State) -> None:
        """Drop the variables that nobody will read, and those of which nothing is known in the outermost scope."""
        live = self._futures.live(state)
        for key, record in state["scopes"].items():
            names = live.get(process_scope(state, key), frozenset())
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
        touched = frozenset(name for _, name in run.changed) | run.narrowed
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

    def _told(self, record: Record) -> Any:
        """Return a record as it is compared; records are shared by many states and never change."""
        known = self._frozen.get(id(record))
        if known is None:
            frozen = freeze({name: value for name, value in record.items() if name not in _UNTOLD})
            known = self._frozen[id(record)] = (record, frozen)
        return known[1]


def _listens(record: Record) -> bool:
    """Tell whether a token or scope waits for a timer, an event or a condition, which comes no more once it ended."""
    return not record.keys().isdisjoint({"due", "subs", "cond"})
