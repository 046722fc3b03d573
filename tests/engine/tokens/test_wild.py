"""Whatever is drawn and whatever comes in any order: no exception, and a state in which all that is there has a place."""

import os
import random
from datetime import timedelta

import pytest

from engine.tokens import StaleEventError, events
from engine.tokens.moving import SurgeryRefusedError
from engine.tokens.surgery import AddSign, DropSign, SendBack, operate
from tests.engine.tokens.wild_process import Wild
from tests.engine.tokens.world import Instance

PARTS = 4
NUMBER = 20_000 if os.environ.get("BIHUAN_TEST_LONG") else 200
FIRST = int(os.environ.get("BIHUAN_RANDOM_SEED", "0"))
MOST_STEPS = 25
MOST_TOKENS = 60


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_wild_processes_never_break(part):
    for seed in range(FIRST + part, FIRST + NUMBER, PARTS):
        run(seed)


def run(seed):
    """Let random things happen to one wild process."""
    dice = random.Random(f"order {seed}")
    instance = Instance(Wild(seed).deploy(), a=0).start()
    check(instance.state, seed)
    for _ in range(MOST_STEPS):
        if instance.status != "active" or len(instance.state["tokens"]) > MOST_TOKENS:
            return
        try:
            happen(instance, dice)
        except (StaleEventError, SurgeryRefusedError):
            continue
        check(instance.state, seed)


def happen(instance, dice):
    """Complete, fail, send back, trigger, change data or retry: whatever is possible now."""
    tokens = instance.state["tokens"]
    awaited = [(owner, at) for kind in ("due", "subs") for owner, at, _ in instance.armed(kind)]
    stopped = [key for key, token in tokens.items() if "incident" in token]
    choices = [("work", key) for key in instance.open()] + [("trigger", each) for each in awaited]
    kind, what = dice.choice([*choices, *(("retry", key) for key in stopped), ("data", None), ("signal", None)])
    if kind == "work":
        work(instance, what, dice)
    elif kind == "trigger":
        catcher, _, index = what[1].rpartition("/")
        instance.now += timedelta(hours=1)
        instance.send(events.Trigger(what[0], catcher, int(index), {}))
    elif kind == "retry":
        instance.send(events.Retry(what))
    elif kind == "data":
        instance.set(a=dice.randint(0, 3))
    else:
        instance.signal("s")


def work(instance, key, dice):
    chance = dice.random()
    if chance < 0.8:
        instance.send(events.Complete(key, {"a": dice.randint(0, 2)}))
    elif chance < 0.88:
        instance.send(events.ThrowError(key, dice.choice(["e", "other"])))
    elif chance < 0.92:
        instance.send(events.Fail(key, "坏了"))
    elif chance < 0.95:
        instance.send(events.ThrowEscalation(key, "x"))
    else:
        targets = list(instance.deployed.processes["p"].nodes)
        operation = dice.choice([SendBack(key, dice.choice(targets)), AddSign(key), DropSign(key)])
        instance.state = operate(instance.deployed, instance.state, operation, instance.now).state


def check(state, seed):
    """Demand that counts, hosts and scopes fit together, and that every token waits or says why it does not."""
    tokens, scopes = state["tokens"], state["scopes"]
    inside = dict.fromkeys(scopes, 0)
    for key, token in tokens.items():
        inside[token["s"]] += 1
        assert token.get("sub", token["s"]) in scopes, f"seed {seed}: token {key}"
        assert "w" in token or "incident" in token or "queue" in state, f"seed {seed}: token {key} {token}"
    for key, scope in scopes.items():
        assert scope["c"] == inside[key], f"seed {seed}: scope {key}"
        assert "up" not in scope or tokens[scope["up"]].get("sub") == key, f"seed {seed}: scope {key}"
        stopped = "queue" in state or "incident" in tokens.get(scope.get("up"), ())
        assert scope["c"] or stopped or state["status"] != "active", f"seed {seed}: scope {key} {scope}"
