"""Timers: they fire once, coalesce after downtime, and go when nobody waits for them."""

from datetime import timedelta

import pytest

from tests.factories import (
    complete,
    deploy,
    do,
    flows,
    line,
    open_tasks,
    prepare,
    procedure,
    read,
    start,
    tell_story,
    user,
    worker,
)


def boundary(time, *, interrupting="true"):
    """A task with a timer on its edge that leads to another task."""
    return (
        '<bpmn:startEvent id="start"/>' + user("work") + user("late", name="催办")
        + f'<bpmn:boundaryEvent id="edge" attachedToRef="work" cancelActivity="{interrupting}">'
        f"<bpmn:timerEventDefinition>{time}</bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        + '<bpmn:endEvent id="end"/><bpmn:endEvent id="late_end"/>'
        + flows("start>work", "work>end", "edge>late", "late>late_end")
    )  # fmt: skip


DURATION = "<bpmn:timeDuration>PT2H</bpmn:timeDuration>"
CYCLE = "<bpmn:timeCycle>R5/PT1H</bpmn:timeCycle>"


@pytest.fixture(autouse=True)
def organisation(engine):
    prepare(engine)


def begin(engine, inside):
    deploy(engine, *procedure("demo", inside))
    return start(engine, "demo").instance_id


def test_a_timer_waits_for_its_instant(engine, clock):
    matter = begin(engine, boundary(DURATION))
    clock.advance(hours=1, minutes=59)
    assert worker(engine).drain() == 0
    clock.advance(minutes=1)
    assert worker(engine).drain() == 1
    assert [row.node_id for row in read(engine, "user_task", instance_id=matter, status="open")] == ["late"]
    assert read(engine, "user_task", node_id="work")[0].status == "cancelled"
    assert "timer fired" in tell_story(engine, matter)


def test_a_timer_goes_with_what_it_watches(engine, clock):
    matter = begin(engine, boundary(DURATION))
    do(engine, matter, "work")
    assert read(engine, "job") == []
    clock.advance(days=1)
    assert worker(engine).drain() == 0


def test_a_cycle_fires_each_time(engine, clock):
    matter = begin(engine, boundary(CYCLE, interrupting="false"))
    for hour in range(1, 8):
        clock.advance(hours=1)
        worker(engine).drain()
        assert len(open_tasks(engine, matter, "late")) == min(hour, 5)


def test_after_three_days_of_downtime_a_cycle_fires_once(engine, clock):
    matter = begin(engine, boundary("<bpmn:timeCycle>R72/PT1H</bpmn:timeCycle>", interrupting="false"))
    clock.advance(hours=72, minutes=30)
    worker(engine).drain()
    assert len(open_tasks(engine, matter, "late")) == 1


def test_a_timer_acquired_by_two_workers_fires_once(engine, clock):
    from engine.actor import ENGINE
    from engine.jobs.acquire import AcquireJobs
    from engine.jobs.fire_timer import FireTimer

    matter = begin(engine, boundary(DURATION, interrupting="false"))
    clock.advance(hours=2)
    (job,) = engine.run(AcquireJobs("one"), ENGINE)
    assert engine.run(AcquireJobs("two"), ENGINE) == ()
    clock.advance(minutes=5)
    (again,) = engine.run(AcquireJobs("two"), ENGINE)
    engine.run(FireTimer(job), ENGINE)
    engine.run(FireTimer(again), ENGINE)
    assert len(open_tasks(engine, matter, "late")) == 1


def test_an_intermediate_timer_lets_the_matter_go_on(engine, clock):
    inside = line(
        '<bpmn:intermediateCatchEvent id="pause"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>",
        user("work"),
        keys=("pause", "work"),
    )
    matter = begin(engine, inside)
    assert open_tasks(engine, matter) == []
    assert read(engine, "job")[0].due_at == clock.now() + timedelta(days=1)
    clock.advance(days=1)
    worker(engine).drain()
    assert complete(engine, open_tasks(engine, matter)[0]).finished
