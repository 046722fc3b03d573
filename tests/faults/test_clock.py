"""The clock jumps, stands still for days, or lies in another zone: what is due has a defined answer, and there is no storm."""

import time
from collections import Counter
from datetime import UTC, datetime

import pytest

from engine.actor import ENGINE
from engine.calendar import SHANGHAI
from engine.jobs.acquire import AcquireJobs
from engine.queries.invariants import ListViolations
from engine.tokens import catching
from engine.tokens.timers import Schedule, add, read_duration, schedule
from tests.factories import (
    deploy,
    flows,
    line,
    open_tasks,
    prepare,
    procedure,
    props,
    read,
    start,
    user,
    worker,
)

MATTERS = 5


def reminded(every="<bpmn:timeCycle>R100/PT1H</bpmn:timeCycle>"):
    """A step with a deadline and an hourly reminder beside it."""
    return (
        '<bpmn:startEvent id="start"/>' + user("work", inside=props(deadline="T-WD")) + user("reminder", name="提醒")
        + '<bpmn:boundaryEvent id="edge" attachedToRef="work" cancelActivity="false">'
        + f"<bpmn:timerEventDefinition>{every}</bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        + '<bpmn:endEvent id="end"/><bpmn:endEvent id="other"/>'
        + flows("start>work", "work>end", "edge>reminder", "reminder>other")
    )  # fmt: skip


@pytest.fixture
def matters(engine):
    """Some matters with hourly reminders."""
    prepare(engine)
    deploy(engine, *procedure("demo", reminded()))
    return [start(engine, "demo").instance_id for _ in range(MATTERS)]


def reminders(engine):
    """How many reminders each matter has had."""
    return Counter(row.instance_id for row in read(engine, "user_task", node_id="reminder"))


@pytest.mark.parametrize("hours", [24, 72.5])
def test_after_a_jump_or_a_downtime_each_reminder_comes_once_and_the_next_in_its_hour(engine, clock, matters, hours):
    clock.advance(hours=hours)
    jobs = worker(engine).drain()
    assert reminders(engine) == dict.fromkeys(matters, 1)
    assert jobs <= 3 * MATTERS  # reminder and light of each, and its message; not 72 times as many
    lights = Counter((row.person_id, row.task_id) for row in read(engine, "notice"))
    assert set(lights.values()) <= {1}
    assert all(row.due_at > clock.now() for row in read(engine, "job", kind="timer"))
    assert engine.ask(ListViolations()) == ()
    clock.advance(hours=1)
    worker(engine).drain()
    assert reminders(engine) == dict.fromkeys(matters, 2)


def test_checker_detects_a_storm(engine, clock, matters, monkeypatch):
    """With every missed round made up, three days of downtime give 72 reminders each."""

    def made_up(due, left, every, now):
        return Schedule(add(due, read_duration(every)), left - 1, every)

    monkeypatch.setattr(catching, "following", made_up)
    clock.advance(hours=72.5)
    worker(engine).drain(5000)
    assert reminders(engine) == dict.fromkeys(matters, 72)


def test_a_clock_that_was_set_back_repeats_nothing_and_loses_nothing(engine, clock, matters):
    clock.advance(hours=1)
    worker(engine).drain()
    clock.advance(hours=-24)
    assert worker(engine).drain() == 0
    clock.advance(hours=24.5)
    worker(engine).drain()
    assert reminders(engine) == dict.fromkeys(matters, 1)
    clock.advance(hours=1)
    worker(engine).drain()
    assert reminders(engine) == dict.fromkeys(matters, 2)


def test_the_job_of_a_dead_worker_is_not_held_for_a_day_because_the_clock_was_set_back(engine, clock, matters):
    clock.advance(hours=1)
    held = engine.run(AcquireJobs("dead", MATTERS), ENGINE)
    assert len(held) == MATTERS
    assert engine.run(AcquireJobs("another"), ENGINE) == ()
    clock.advance(hours=25)
    taken = engine.run(AcquireJobs("dead too", 3 * MATTERS), ENGINE)
    assert {job.id for job in held} <= {job.id for job in taken}
    clock.advance(hours=-24)
    again = engine.run(AcquireJobs("another", 3 * MATTERS), ENGINE)
    assert {job.id for job in held} <= {job.id for job in again}


def test_the_31st_of_january_and_a_month_is_the_last_day_of_february():
    for year, day in ((2026, 28), (2028, 29)):
        morning = datetime(year, 1, 31, 9, tzinfo=SHANGHAI)
        due = schedule("duration", "P1M", morning.astimezone(UTC)).due
        assert due.astimezone(SHANGHAI) == datetime(year, 2, day, 9, tzinfo=SHANGHAI)


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Shanghai"])
def machine_in(request, monkeypatch):
    """The machine's own zone, which must not matter."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_in_a_container_of_any_zone_a_date_without_one_is_chinese_time(machine_in, engine, clock):
    prepare(engine)
    date = "<bpmn:timeDate>2026-03-03T09:00:00</bpmn:timeDate>"
    deploy(engine, *procedure("demo", reminded(date)))
    matter = start(engine, "demo").instance_id
    (timer,) = read(engine, "job", kind="timer")
    assert timer.due_at == datetime(2026, 3, 3, 1, tzinfo=UTC)
    (task,) = read(engine, "user_task", instance_id=matter)
    assert task.due_at.astimezone(SHANGHAI).date().isoformat() == "2026-03-09"
    clock.advance(days=1)
    worker(engine).drain()
    assert len(open_tasks(engine, matter, "reminder")) == 1


def test_a_timer_start_event_begins_one_matter_after_a_downtime(engine, clock):
    prepare(engine)
    inside = line(user("work"), keys=("work",)).replace(
        '<bpmn:startEvent id="start"/>',
        '<bpmn:startEvent id="start"><bpmn:timerEventDefinition><bpmn:timeCycle>R/PT1H</bpmn:timeCycle>'
        "</bpmn:timerEventDefinition></bpmn:startEvent>",
    )
    deploy(engine, *procedure("demo", inside))
    clock.advance(hours=72, minutes=1)
    worker(engine).drain()
    assert len(read(engine, "process_instance")) == 1
    clock.advance(hours=1)
    worker(engine).drain()
    assert len(read(engine, "process_instance")) == 2
