"""Timer start events: a procedure begins by itself, each round once, and only by its newest version."""

import pytest

from tests.factories import deploy, flows, pass_time, prepare, procedure, read, user, worker


def monthly(cycle, name="月报"):
    """A procedure that a timer starts."""
    return (
        f'<bpmn:startEvent id="start"><bpmn:timerEventDefinition><bpmn:timeCycle>{cycle}</bpmn:timeCycle>'
        "</bpmn:timerEventDefinition></bpmn:startEvent>"
        + user("work", name=name)
        + '<bpmn:endEvent id="end"/>'
        + flows("start>work", "work>end")
    )


@pytest.fixture(autouse=True)
def organisation(engine):
    prepare(engine)


def test_each_round_begins_one_matter_until_the_cycle_ends(engine, clock):
    deploy(engine, *procedure("monthly", monthly("R2/P1D")))
    assert read(engine, "process_instance") == []
    pass_time(engine, clock, days=5)
    assert [row.started_by for row in read(engine, "process_instance")] == ["engine", "engine"]
    assert [row.name for row in read(engine, "user_task")] == ["月报", "月报"]
    assert read(engine, "job", kind="start") == []


def test_rounds_missed_in_downtime_are_not_made_up(engine, clock):
    deploy(engine, *procedure("monthly", monthly("R/P1D")))
    clock.advance(days=4, hours=1)
    worker(engine).drain()
    assert len(read(engine, "process_instance")) == 1
    assert len(read(engine, "job", kind="start")) == 1


def test_a_new_version_takes_the_timer_over(engine, clock):
    deploy(engine, *procedure("monthly", monthly("R/P1D")))
    deploy(engine, *procedure("monthly", monthly("R/P7D", "周报")))
    pass_time(engine, clock, days=8)
    assert [row.name for row in read(engine, "user_task")] == ["周报"]
