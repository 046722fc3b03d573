"""Shortening: leave out of a run what happened beside it, so that a counter-example shows what matters only.

Moves that touch nothing others look at were put first while exploring, whether or not they had to happen.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.proof.explore import Explorer, Went
from engine.proof.watching import Bits
from engine.tokens.effects import Passed
from engine.tokens.state import State

Shows = Callable[[Went, Bits], bool]
_START: Bits = frozenset()


def shortened(explorer: Explorer, run: Sequence[Went], shows: Shows) -> list[Went]:
    """Return a run without the moves that `shows` (of the last move and the bits before it) does not need."""
    kept = list(run)
    for place in range(len(run) - 2, 0, -1):
        if kept[place].early:
            kept = _replay(explorer, kept[:place] + kept[place + 1 :], shows) or kept
    return kept


def _replay(explorer: Explorer, wanted: Sequence[Went], shows: Shows) -> list[Went] | None:
    """Return these moves as they go from the start, or None where they cannot go or the last shows nothing."""
    went, bits = wanted[0], _START
    made = [went]
    for number, want in enumerate(wanted[1:], 2):
        bits, _ = explorer.watch.follow(bits, went.marks)
        found = _same(explorer, went.state, want)
        if found is None:
            return None
        went = replace(found, early=want.early)
        made.append(went)
        if number == len(wanted) and not shows(went, bits):
            return None
    return made


def _same(explorer: Explorer, state: State, want: Went) -> Went | None:
    """Return the way a move goes from another state that passes the same nodes."""
    passed = _passed(want)
    for move in explorer.moves.of(state):
        if move.words == want.words:
            for went in explorer.ways(state, move):
                if _passed(went) == passed:
                    return went
    return None


def _passed(went: Went) -> list[tuple[str, str | None]]:
    return [(effect.node, effect.flow) for effect in went.effects if isinstance(effect, Passed)]
