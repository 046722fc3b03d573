"""Timers of several matters in one transaction: what they do is the same as alone, also where one of them fails."""

import pytest

from engine.actor import ENGINE
from engine.errors import InvalidError
from engine.jobs.acquire import AcquireJobs
from engine.jobs.fire_timer import FireTimer
from engine.jobs.run_together import together
from engine.queries.chains import ListBrokenChains
from engine.queries.invariants import ListViolations
from tests.factories import deploy, flows, line, open_tasks, prepare, procedure, read, start, user, worker

PAUSE = '<bpmn:{kind} id="{key}"{more}><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:{kind}>'
WAITS = line(PAUSE.format(kind="intermediateCatchEvent", key="pause", more=""), user("work"), keys=("pause", "work"))
WATCHED = (
    '<bpmn:startEvent id="start"/><bpmn:endEvent id="end"/>' + user("work") + user("first") + user("second")
    + PAUSE.format(kind="boundaryEvent", key="one", more=' attachedToRef="work" cancelActivity="false"')
    + PAUSE.format(kind="boundaryEvent", key="two", more=' attachedToRef="work" cancelActivity="false"')
    + flows("start>work", "work>end", "one>first", "two>second", "first>end", "second>end")
)  # fmt: skip


@pytest.fixture(autouse=True)
def procedures(engine):
    prepare(engine)
    deploy(engine, *procedure("waits", WAITS))
    deploy(engine, *procedure("watched", WATCHED))


def seen(engine):
    """Names of the commands that were run, with the error each ended with."""
    found = []
    engine.observers.append(lambda one: found.append((type(one.command).__name__, one.error)))
    return found


def steps(engine, matter):
    return [row.node_id for row in read(engine, "user_task", instance_id=matter, status="open")]


@pytest.mark.counts
def test_timers_of_several_matters_cost_one_commit_and_each_is_seen(engine, clock):
    matters = [start(engine, "waits").instance_id for _ in range(5)]
    clock.advance(hours=1)
    commands, commits = seen(engine), []
    own = worker(engine)
    turn = engine.database._begin
    engine.database._begin = lambda write: (commits.append(write), turn(write))[1]
    assert own.tick() == 5
    assert commits == [True, True]
    assert commands == [("AcquireJobs", ""), *[("FireTimer", "")] * 5]
    assert [steps(engine, matter) for matter in matters] == [["work"]] * 5
    assert read(engine, "job", kind="timer") == []
    assert engine.ask(ListViolations()) == ()
    assert engine.ask(ListBrokenChains(b"")).broken == ()


def test_one_that_fails_takes_nothing_from_the_others_and_nothing_is_done_twice(engine, clock, monkeypatch):
    matters = [start(engine, "waits").instance_id for _ in range(4)]
    clock.advance(hours=1)
    fire = FireTimer.execute

    def stumble(self, context):
        if self.job.instance_id == matters[2]:
            raise InvalidError
        fire(self, context)

    monkeypatch.setattr(FireTimer, "execute", stumble)
    worker(engine).tick()
    assert [steps(engine, matter) for matter in matters] == [["work"], ["work"], [], ["work"]]
    fired = [row.instance_id for row in read(engine, "history_event", action="timer fired")]
    assert sorted(fired) == sorted({*matters} - {matters[2]})
    (left,) = read(engine, "job", kind="timer")
    assert (left.instance_id, left.attempts) == (matters[2], 1)
    monkeypatch.undo()
    clock.move_to(left.due_at)
    worker(engine).drain()
    assert steps(engine, matters[2]) == ["work"]
    assert engine.ask(ListViolations()) == ()


def test_two_timers_of_one_matter_run_one_after_the_other(engine, clock):
    matters = [start(engine, "watched").instance_id for _ in range(3)]
    clock.advance(hours=1)
    worker(engine).drain()
    for matter in matters:
        assert sorted(steps(engine, matter)) == ["first", "second", "work"]
        assert len(open_tasks(engine, matter)) == 3
    assert engine.ask(ListViolations()) == ()


def test_only_what_changes_nothing_elsewhere_runs_together_one_of_each_matter(engine, clock):
    for _ in range(3):
        start(engine, "watched")
    clock.advance(hours=1)
    jobs = engine.run(AcquireJobs("worker", 20), ENGINE)
    chosen = together(jobs)
    assert [job.kind for job in chosen] == ["timer"] * 3
    assert [job.instance_id for job in chosen] == sorted({job.instance_id for job in jobs if job.kind == "timer"})
