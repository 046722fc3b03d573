"""Parts of a definition with what is said of each, and the changes between two sets of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"
_LONGEST = 120


@dataclass(frozen=True)
class Part:
    """One thing people know by name: a node, a row of a table, a field.

    `facts` maps what is said of it, in Chinese, to text; `place` is where it is drawn, which is no fact of the
    procedure. `of` is the id of the part within which the order of such parts matters. `links` maps what is said of
    other parts to their ids and labels: that one of them is called otherwise now is no change of this one.
    """

    label: str
    facts: Mapping[str, str]
    place: str = ""
    of: str = ""
    links: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


_NOTHING = Part("", {})


@dataclass(frozen=True)
class Fact:
    """One thing said of a part, before and after; None where it was not or is not said."""

    name: str
    before: str | None
    after: str | None

    @property
    def words(self) -> str:
        """Return it as a Chinese clause."""
        if self.before is None:
            return f"增加{self.name}“{_short(self.after)}”"
        if self.after is None:
            return f"去掉{self.name}“{_short(self.before)}”"
        return f"{self.name}由“{_short(self.before)}”改为“{_short(self.after)}”"


@dataclass(frozen=True)
class Change:
    """A part that is added, removed, changed or only drawn elsewhere (moved); `element` is its id."""

    kind: str
    element: str
    label: str
    facts: tuple[Fact, ...] = field(default=())

    @property
    def words(self) -> str:
        """Return it as a Chinese sentence."""
        if self.kind == ADDED:
            return f"新增{self.label}"
        if self.kind == REMOVED:
            return f"删除{self.label}"
        if self.kind == MOVED:
            return f"{self.label}只移动了位置"
        return f"{self.label}：{'；'.join(fact.words for fact in self.facts)}"


def compare_parts(before: Mapping[str, Part], after: Mapping[str, Part]) -> tuple[Change, ...]:
    """Return the changes between two sets of parts by id: what is gone first, then in the order of the newer one."""
    gone = [
        Change(REMOVED, key, part.label, _facts(part, _NOTHING)) for key, part in before.items() if key not in after
    ]
    rest = [change for key, part in after.items() if (change := _change(key, before.get(key), part)) is not None]
    return (*gone, *rest, *_reordered(before, after))


def _reordered(before: Mapping[str, Part], after: Mapping[str, Part]) -> list[Change]:
    """Return what holds parts whose order matters and is another now."""
    places = {key: index for index, key in enumerate(before)}
    common: dict[str, list[int]] = {}
    for key, part in after.items():
        if part.of and key in places:
            common.setdefault(part.of, []).append(places[key])
    moved = Fact("行的次序", "原次序", "新次序")
    return [
        Change(CHANGED, key, after[key].label, (moved,))
        for key, order in common.items()
        if any(one > other for one, other in pairwise(order))
    ]


def _change(key: str, before: Part | None, after: Part) -> Change | None:
    if before is None:
        return Change(ADDED, key, after.label, _facts(_NOTHING, after))
    facts = _facts(before, after)
    if facts:
        return Change(CHANGED, key, after.label, facts)
    return Change(MOVED, key, after.label) if before.place != after.place else None


def _facts(before: Part, after: Part) -> tuple[Fact, ...]:
    names = dict.fromkeys([*before.facts, *after.facts])
    said = [Fact(name, before.facts.get(name), after.facts.get(name)) for name in names]
    links = dict.fromkeys([*before.links, *after.links])
    said += [_linked(name, before.links.get(name, {}), after.links.get(name, {})) for name in links]
    return tuple(fact for fact in said if fact.before != fact.after)


def _linked(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> Fact:
    """Return which parts are linked no more and which newly."""
    gone = "、".join(label for key, label in before.items() if key not in after)
    new = "、".join(label for key, label in after.items() if key not in before)
    return Fact(name, gone or None, new or None)


def _short(text: str | None) -> str:
    line = " ".join((text or "").split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
