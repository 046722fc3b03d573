"""What a step begins and ends under one key is written as the order of its effects says."""

from dataclasses import dataclass
from typing import Any

import pytest

from engine.actor import ENGINE
from engine.execution.applying import apply
from engine.execution.matter import load
from engine.tokens import effects as fx
from tests.factories import deploy, line, prepare, procedure, read, start, user

OPENED = fx.TaskOpened("3", "1", "demo:1", "work", "user")
CLOSED = fx.TaskClosed("3", "work", "cancelled")
ON = fx.Subscribed("3", "work", 0, "message", "news", None, "demo:1")
OFF = fx.Unsubscribed("3", "work", 0)


@dataclass(frozen=True)
class Write:
    """Write effects to a matter, as the command that got them from the kernel does."""

    instance: int
    effects: tuple[Any, ...]

    def execute(self, context):
        apply(context, load(context, self.instance), self.effects)


@pytest.fixture
def matter(engine):
    prepare(engine)
    deploy(engine, *procedure("demo", line(user("work"), keys=("work",))))
    start(engine, "demo")
    return read(engine, "process_instance")[0].id


def states(engine):
    return sorted(row.status for row in read(engine, "user_task"))


def test_a_task_that_is_cancelled_and_opened_anew_is_another_one(engine, matter):
    engine.run(Write(matter, (CLOSED, OPENED)), ENGINE)
    assert states(engine) == ["cancelled", "open"]


def test_a_task_that_opens_and_is_cancelled_at_once_is_never_there(engine, matter):
    engine.run(Write(matter, (OPENED, CLOSED)), ENGINE)
    assert states(engine) == ["open"]


def test_a_subscription_that_is_given_up_and_taken_again_is_there_once(engine, matter):
    engine.run(Write(matter, (ON,)), ENGINE)
    engine.run(Write(matter, (OFF, fx.Subscribed("3", "work", 0, "message", "other", None, "demo:1"))), ENGINE)
    assert [row.name for row in read(engine, "subscription")] == ["other"]
    engine.run(Write(matter, (OFF, ON, OFF)), ENGINE)
    assert read(engine, "subscription") == []
