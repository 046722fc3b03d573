"""Watching: what the rules of compliance ask of a run, as marks that one advance leaves and bits that states keep."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.proof.conditions import Condition, statements
from engine.proof.rules import ComplianceRule

Bits = frozenset[str]
_BIT = "rule {}"
"""How a bit is named among variables, whose names have no space: it is live or forgotten as they are."""


@dataclass(frozen=True)
class Mark:
    """Something a rule looks at happened: `kind` left, reached, closed or decided; `good` whether as it should."""

    rule: str
    kind: str
    good: bool
    words: str = ""


@dataclass
class Watch:
    """Which nodes and variables the rules look at."""

    rules: Mapping[str, ComplianceRule]
    outcomes: Mapping[str, Condition | None]
    decisions: frozenset[str]
    _left: dict[str, list[ComplianceRule]] = field(default_factory=lambda: defaultdict(list))
    _reached: dict[str, list[ComplianceRule]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        """Index the rules by the nodes they look at."""
        for rule in self.rules.values():
            for node in rule.leaving:
                self._left[node].append(rule)
            for node in rule.reaching:
                self._reached[node].append(rule)

    @property
    def nodes(self) -> frozenset[str]:
        """Return the ids of all nodes that rules look at."""
        return frozenset(self._left) | frozenset(self._reached)

    def left(self, node: str) -> Iterator[tuple[str, Condition | None]]:
        """Yield the rules that look at a token leaving a node, with the outcome they want."""
        for rule in self._left.get(node, ()):
            yield rule.id, self.outcomes.get(rule.id)

    def names_of(self, outcome: Condition | None) -> Iterator[str]:
        """Yield the variables an outcome reads."""
        for statement in statements(outcome) if outcome is not None else ():
            yield from (path[0] for path in statement.paths)

    def reached(self, node: str, *, hot: bool) -> Iterator[str]:
        """Yield the rules that look at a token coming to a node."""
        for rule in self._reached.get(node, ()):
            if rule.kind != "never_by_timer" or hot:
                yield rule.id

    def written(self, values: Mapping[str, Any]) -> Iterator[Mark]:
        """Yield a mark for each decision that is written although only a timer has acted."""
        names = [name for name, value in values.items() if name in self.decisions and value is not None]
        for rule in self.rules.values():
            if rule.kind == "never_by_timer":
                for name in names:
                    yield Mark(rule.id, "decided", good=False, words=f"计时器使“{name}”有了结论")

    def first_of(self, rule: str) -> str:
        """Return the first step of a rule that keeps two steps apart."""
        return self.rules[rule].before

    def closing(self) -> Iterator[str]:
        """Yield the rules that no timer may close a matter by."""
        for rule in self.rules.values():
            if rule.kind == "never_by_timer" and rule.closes:
                yield rule.id

    def follow(self, bits: Bits, marks: Iterable[Mark]) -> tuple[Bits, Sequence[Mark]]:
        """Return the bits after marks, in their order, and the marks that break a rule."""
        now, broken = set(bits), []
        for mark in marks:
            rule = self.rules[mark.rule]
            if rule.kind == "always_followed_by" and mark.kind == "reached":
                now.add(rule.id)
            elif rule.kind == "always_followed_by":
                now.discard(rule.id if mark.good else "")
            elif mark.kind == "left":
                (now.add if mark.good else now.discard)(rule.id)
            elif self._breaks(rule, mark, now):
                broken.append(mark)
        return frozenset(now), broken

    def kept(self, bits: Bits, live: Iterable[frozenset[str]]) -> Bits:
        """Return the bits that still matter: what must follow, and what is asked for before it is set again."""
        asked = frozenset[str]().union(*live)
        return frozenset(
            bit for bit in bits if self.rules[bit].kind == "always_followed_by" or _BIT.format(bit) in asked
        )

    def bits_asked(self, node: str) -> frozenset[str]:
        """Return, as names of variables, the bits that a token coming to a node asks for."""
        return frozenset(_BIT.format(rule.id) for rule in self._reached.get(node, ()))

    def bits_set(self, node: str) -> frozenset[str]:
        """Return, as names of variables, the bits that a token leaving a node sets or takes away."""
        return frozenset(_BIT.format(rule.id) for rule in self._left.get(node, ()))

    def is_bit(self, name: str) -> bool:
        """Tell whether a name is that of a bit."""
        return name.startswith(_BIT.format(""))

    def _breaks(self, rule: ComplianceRule, mark: Mark, now: set[str]) -> bool:
        if rule.kind == "before":
            return rule.id not in now
        if rule.kind == "other_person":
            return rule.id in now and not mark.good
        return True
