"""Random processes, completed in random order, saved and restored after every step, against an independent model."""

import os
import random
from collections import Counter

import pytest

from engine.tokens.events import Complete, Trigger
from engine.tokens.migration import Migrate
from engine.tokens.surgery import operate
from tests.engine.tokens.random_process import Model, Xml, generate
from tests.engine.tokens.world import Instance

PARTS = 8
NUMBER = int(os.environ.get("BIHUAN_RANDOM_PROCESSES") or (50_000 if os.environ.get("BIHUAN_TEST_LONG") else 4_000))
FIRST = int(os.environ.get("BIHUAN_RANDOM_SEED", "0"))
MOST_STEPS = 120


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_random_processes_do_what_the_independent_model_says(part):
    for seed in range(FIRST + part, FIRST + NUMBER, PARTS):
        run(seed)


@pytest.mark.parametrize("part", range(2))
def test_going_over_to_an_equal_definition_at_any_time_changes_nothing(part):
    for seed in range(part, 300, 2):
        run(seed, migrates=True)


def run(seed, *, migrates=False):
    """Complete one random process."""
    block = generate(seed)
    deployed, model, dice = Xml().deploy(block), Model(block), random.Random(f"order {seed}")
    kinds = kinds_of(block)
    instance = Instance(deployed).start()
    for step in range(MOST_STEPS):
        assert Counter(place(instance, key) for key in instance.open()) == model.tasks(), f"seed {seed} step {step}"
        assert guards(instance, model.armed()), f"seed {seed} step {step}"
        if model.finished:
            break
        if migrates and dice.random() < 0.3:
            go_over(instance, seed)
        move(instance, model, kinds, dice, calm=step > MOST_STEPS // 2)
    assert model.finished == (instance.status == "completed"), f"seed {seed}"
    assert not instance.incidents, f"seed {seed}: {instance.incidents}"


def go_over(instance, seed):
    """Put the instance on another version that says the same."""
    old = instance.state["p"]
    new = "p:2" if old == "p:1" else "p:1"
    step = operate(instance.deployed, instance.state, Migrate(old, new), instance.now)
    assert not step.effects, f"seed {seed}: {step.effects}"
    instance.state = step.state


def move(instance, model, kinds, dice, *, calm):
    """Complete a task or let a boundary event happen."""
    armed = [(owner, at) for kind in ("due", "subs") for owner, at, _ in instance.armed(kind)]
    if armed and not calm and dice.random() < 0.15:
        owner, at = dice.choice(armed)
        catcher, _, index = at.rpartition("/")
        where = indexes(instance, owner)
        instance.send(Trigger(owner, catcher, int(index)))
        model.trigger((catcher, where))
        return
    key = dice.choice(instance.open())
    name, where = place(instance, key)
    value = choose(kinds.get(name), dice, calm=calm)
    instance.send(Complete(key, {} if value is None else {name: value}))
    model.complete((name, where), value)


def choose(block, dice, *, calm):
    """Return what a deciding task answers."""
    if block is None:
        return None
    if block.kind == "xor":
        return dice.randrange(len(block.parts))
    if block.kind == "or":
        return sorted(dice.sample(range(len(block.parts)), dice.randint(1, len(block.parts))))
    if block.kind == "loop":
        return 0 if calm else int(dice.random() < 0.4)
    return None


def kinds_of(block):
    """Return the blocks by name."""
    return {block.name: block, **{name: each for part in block.parts for name, each in kinds_of(part).items()}}


def indexes(instance, key):
    """Return the indexes of the repetitions around a token, outermost first."""
    found = []
    while key is not None:
        token = instance.state["tokens"][key]
        found += [token["i"]] if "i" in token else []
        key = instance.state["scopes"][token["s"]].get("up")
    return tuple(reversed(found))


def place(instance, key):
    """Return (node, indexes) of a token."""
    return instance.state["tokens"][key]["n"], indexes(instance, key)


def guards(instance, expected):
    """Tell whether the boundary events that listen are those the model has."""
    armed = [(owner, at) for kind in ("due", "subs") for owner, at, _ in instance.armed(kind)]
    return Counter((at.rpartition("/")[0], indexes(instance, owner)) for owner, at in armed) == expected
