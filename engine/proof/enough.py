"""Enough: which moves of a state need be tried only, because all others may as well come after them.

Owners are enough (a persistent set) where no move of theirs has anything to do with what others may still do: it writes
or narrows no variable that others see and use, passes no step of a rule others pass steps of, takes away nothing that
waits, and ends nothing others listen to. Others are all tokens, the events at the edge of what a token runs in, and the
event sub-processes that scopes wait for. A run in which others move first then has a twin in which these moves come
first, with the same incidents, broken rules and ends. Nobody may be put off for ever by that: exploring goes on until
from every state a row of moves leads to one in which all moves were tried (explore.py).
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from engine.proof.abstraction import Abstract
from engine.proof.futures import Ahead, Futures, Names
from engine.proof.order import ranks
from engine.proof.watching import Mark, Watch
from engine.tokens.effects import Effect, IncidentRaised
from engine.tokens.gateways import GATHERING
from engine.tokens.state import ENDED, Record, State


class Way(Protocol):
    """What is looked at of a way that a move went."""

    @property
    def state(self) -> State:
        """Return the state after it."""

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Return what happened."""

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Return what the rules look at of it."""

    @property
    def touched(self) -> frozenset[tuple[str, str]]:
        """Return the variables (scope, name) it wrote or learnt of."""


class Enough:
    """Tells which moves are enough."""

    def __init__(self, abstract: Abstract, futures: Futures, watch: Watch) -> None:
        """Keep what is asked about."""
        self._abstract = abstract
        self._futures = futures
        self._watch = watch
        self._ranks: dict[str, dict[str, int]] = {}

    def together(self, state: State, scope: str) -> frozenset[str]:
        """Return who belongs to what runs in a scope: its tokens and scopes, and the token that hosts it."""
        tokens, scopes = state["tokens"], state["scopes"]
        within = {scope}
        for key, one in scopes.items():
            if "up" in one and tokens[one["up"]]["s"] in within:
                within.add(key)
        inside = {key for key, token in tokens.items() if token["s"] in within}
        return frozenset({scopes[scope]["up"], *within, *inside})

    def is_apart(self, before: State, ahead: Ahead, owner: str, group: Sequence[Way]) -> bool:
        """Tell whether the moves of one owner have nothing to do with what others may still do."""
        others = [key for key in ahead.uses if key != owner or key in before["scopes"]]
        seen = _Seen(self._watch, ahead, others)
        return all(seen.nothing_of(way) and self._is_quiet(before, owner, way, seen) for way in group)

    def are_apart(self, before: State, ahead: Ahead, scope: str, owners: frozenset[str], group: Sequence[Way]) -> bool:
        """Tell whether all that runs in a scope has nothing to do with what others may still do."""
        seen = _Seen(self._watch, ahead, [key for key in ahead.uses if key not in owners])
        host = before["scopes"][scope]["up"]
        return all(
            seen.nothing_of(way)
            and (host in way.state["tokens"] or _ended(before, way.state, host) is not None)
            and _leaves_alone(before, way.state, {*owners, *_hosts(before, host)})
            for way in group
        )

    def _is_quiet(self, before: State, owner: str, way: Way, seen: "_Seen") -> bool:
        """Tell whether a move of one owner can be put before whatever others do."""
        after = way.state
        if owner in before["scopes"]:  # an event sub-process that interrupts changes everything
            more = owner in after["scopes"] and before["scopes"][owner]["c"] < after["scopes"][owner]["c"]
            return more and self._adds(before, after, seen.used())
        inside = before["tokens"][owner].get("sub")
        if inside in before["scopes"]:  # an event at the edge of what is at work, which may end before it comes
            return inside in after["scopes"] and self._adds(before, after, seen.used())
        return _ended(before, after, owner) is not None and _leaves_alone(
            before, after, {owner, *_hosts(before, owner)}
        )

    def _adds(self, before: State, after: State, others: Names) -> bool:
        """Tell whether what an event begins changes nothing for others, so that they go on as if it had not come."""
        made = [token for key, token in after["tokens"].items() if key not in before["tokens"]]
        branches = [self._futures.from_node(after["scopes"][token["s"]]["p"], token["n"]) for token in made]
        return all(not one.nodes and not one.joins and others.isdisjoint(one.all) for one in branches)

    def goes_on(self, before: State, owner: str, group: Sequence[Way]) -> bool:
        """Tell whether moves lead forward in their scope; such come first, as they do not go round in circles."""
        if owner in before["scopes"] or before["tokens"][owner].get("sub") in before["scopes"]:
            return True  # an event that does not interrupt comes once
        return all(self._goes_on(before, way.state, _ended(before, way.state, owner) or owner) for way in group)

    def _goes_on(self, before: State, after: State, key: str) -> bool:
        token = before["tokens"][key]
        ref = before["scopes"][token["s"]]["p"]
        if ref not in self._ranks:
            self._ranks[ref] = ranks(self._abstract.process(ref))
        rank = self._ranks[ref]
        made = [each for key, each in after["tokens"].items() if key not in before["tokens"]]
        return all(rank[each["n"]] > rank[token["n"]] for each in made if each["s"] == token["s"])


class _Seen:
    """What others may see of a move."""

    def __init__(self, watch: Watch, ahead: Ahead, others: Sequence[str]) -> None:
        self._watch = watch
        self._ahead = ahead
        self._others = others

    def nothing_of(self, way: Way) -> bool:
        """Tell whether others see nothing of a move that goes on without an incident."""
        if way.state["status"] in ENDED or any(isinstance(effect, IncidentRaised) for effect in way.effects):
            return False
        return not any(self._is_used(*one) for one in way.touched) and not any(map(self._matters, way.marks))

    def used(self) -> Names:
        """Return all variables that others use."""
        return frozenset[str]().union(*(self._ahead.uses[key].all for key in self._others))

    def _is_used(self, scope: str, name: str) -> bool:
        """Tell whether others use a variable; only who is in its process sees it, and nobody yet in a new scope."""
        uses, around = self._ahead.uses, self._ahead.around
        if scope not in around:
            return False
        place = around[scope][0]
        return any(name in uses[key].all and place in around[key] for key in self._others)

    def _matters(self, mark: Mark) -> bool:
        """Tell whether it matters to a rule when a mark is made: others pass a step of it, or end the matter first."""
        rule = self._watch.rules[mark.rule]
        if rule.kind == "always_followed_by" and mark.kind != "reached":
            return True
        steps = {*rule.leaving, *rule.reaching}
        return any(not steps.isdisjoint(self._ahead.uses[key].nodes) for key in self._others)


def _ended(before: State, after: State, key: str) -> str | None:
    """Return the token that went on, the host of what it ended; None where others may look at what ended."""
    token = before["tokens"][key]
    while token["s"] not in after["scopes"]:
        scope = before["scopes"][token["s"]]
        key = scope.get("up", "")
        token = before["tokens"].get(key)
        if token is None or _listens(token) or _listens(scope) or scope["c"] > 1:
            return None
    return key


def _leaves_alone(before: State, after: State, own: set[str]) -> bool:
    """Tell whether a move changes no token of others, except that a join takes it, and nothing that can be undone."""
    for key, token in before["tokens"].items():
        if key not in own and after["tokens"].get(key) is not token and token.get("w") not in GATHERING:
            return False
    kept = (key for key in before["scopes"] if key in after["scopes"])
    return all(before["scopes"][key].get("done") == after["scopes"][key].get("done") for key in kept)


def _hosts(state: State, key: str) -> Iterator[str]:
    """Yield the tokens that host what a token runs in."""
    scope = state["scopes"][state["tokens"][key]["s"]]
    while "up" in scope:
        yield scope["up"]
        scope = state["scopes"][state["tokens"][scope["up"]]["s"]]


def _listens(record: Record) -> bool:
    """Tell whether a token or scope waits for a timer, an event or a condition, which comes no more once it ended."""
    return not record.keys().isdisjoint({"due", "subs", "cond"})
