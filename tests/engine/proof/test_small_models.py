"""The proof answers as a plain walk over all states does, on random processes, sound and broken."""

from collections import Counter
from importlib import import_module
from itertools import count

import pytest

from engine.proof import ComplianceRule, prove
from engine.proof.result import SOUNDNESS, UNDECIDED
from tests.engine.proof.small_models import LONG, Drawing, walk, world

CHECKED = 20_000 if LONG else 2_000
PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
def test_proofs_of_random_processes_are_what_walking_finds(part, monkeypatch):
    # Loops without a wait end sooner, for both: most of the time would go into running each a thousand times round.
    monkeypatch.setattr(import_module("engine.tokens.advance"), "MOST_REPEATED", 100)
    told = Counter()
    for seed in count(part, PARTS):
        if told["sound"] + told["broken"] == CHECKED // PARTS:
            break
        small = Drawing(seed).draw()
        tasks = small.tasks or ["n0"]
        step, before = tasks[-1], tasks[0]
        found = walk(small, step, before)
        if found is None:
            continue  # too many states for walking
        rule = ComplianceRule("first", "before", "p", "先后", step, before)
        proof = prove("p", world(small), [rule] if len(tasks) > 1 else [], seconds=60)
        assert proof.verdict != UNDECIDED, seed
        kinds = Counter(one.rule for one in proof.findings)
        stuck = {one.element for one in proof.findings if one.rule in {"deadlock", "left-over", "no-way-out"}}
        assert stuck == found.stuck, seed
        assert bool(kinds["endless"]) == found.endless, seed
        assert bool(kinds["first"]) == (found.unsafe and len(tasks) > 1), seed
        told["broken" if any(kinds[kind] for kind in SOUNDNESS) else "sound"] += 1
        told["unsafe"] += found.unsafe
    assert told["sound"] > 20
    assert told["broken"] > 20
    assert told["unsafe"] > 20
