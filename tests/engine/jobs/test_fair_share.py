"""Fair share: a procedure with thousands of due jobs keeps no other waiting, and workers say that they live."""

import threading
from datetime import timedelta

import pytest

from engine.actor import ENGINE
from engine.jobs.acquire import TURNS_AMONG, AcquireJobs
from engine.jobs.heartbeat import Beat
from engine.model import tables
from engine.queries.health import AskHealth
from engine.worker import FAIR_TURN, Worker
from tests.benchmarks.filling import fill, next_id
from tests.engine.jobs.test_acquire import add_jobs
from tests.factories import deploy, prepare, procedure, read, start
from tests.statements import steps_of

STEP = '<bpmn:startEvent id="s"/><bpmn:userTask id="t" camunda:candidateGroups="squad_officer"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="t"/>'


@pytest.fixture
def crowded(engine, clock):
    """Forty jobs of one matter's procedure, then one of another's that is due last."""
    prepare(engine)
    deploy(engine, *procedure("busy", STEP), *procedure("calm", STEP))
    matters = [start(engine, key).instance_id for key in ("busy", "calm")]
    jobs = [{"due_at": clock.now() - timedelta(hours=1), "instance_id": matters[0]} for _ in range(40)]
    add_jobs(engine, *jobs, {"due_at": clock.now(), "instance_id": matters[1]})
    return matters


def test_procedures_take_turns(engine, crowded):
    taken = [job.instance_id for job in engine.run(AcquireJobs("one", 4, fair=True), ENGINE)]
    assert crowded[1] in taken
    assert len(taken) == 4


def test_without_turns_the_oldest_come_first(engine, crowded):
    taken = {job.instance_id for job in engine.run(AcquireJobs("one", 4), ENGINE)}
    assert taken == {crowded[0]}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fair", [False, True])
def test_a_batch_costs_the_same_however_many_are_due(engine, clock, crowded, fair):
    (job, *_), steps = read(engine, "job", kind="nonsense"), []
    for more in (3 * TURNS_AMONG, 6 * TURNS_AMONG):
        first = next_id(engine, tables.job)
        fill(engine, tables.job, more, job._asdict(), id=lambda n, first=first: n + first)
        steps.append(steps_of(engine, AcquireJobs("one", 4, fair), ENGINE))
    few, many = steps
    assert many <= 1.2 * few + 2


def test_what_came_last_has_its_turn_before_thousands_that_came_at_once(engine, crowded):
    (job, *_) = read(engine, "job", instance_id=crowded[0], kind="nonsense")
    first = next_id(engine, tables.job)
    fill(engine, tables.job, 3 * TURNS_AMONG, job._asdict(), id=lambda n: n + first)
    taken = [job.instance_id for job in engine.run(AcquireJobs("one", 4, fair=True), ENGINE)]
    assert crowded[1] in taken


def test_a_worker_takes_turns_while_there_is_more_than_a_batch(engine, clock, crowded):
    worker = Worker(engine)
    done = 0
    for _ in range(FAIR_TURN):
        worker.tick(4)
        done += 4
    left = {row.instance_id for row in read(engine, "job") if row.kind == "nonsense" and row.attempts == 0}
    assert crowded[1] not in left
    assert crowded[0] in left
    assert done < 40


def test_urgent_jobs_come_before_any_turn(engine, clock, crowded):
    add_jobs(engine, {"due_at": clock.now(), "instance_id": crowded[0], "priority": 9, "topic": "urgent"})
    assert engine.run(AcquireJobs("one", 1, fair=True), ENGINE)[0].topic == "urgent"


def test_workers_that_meet_in_a_turn_get_different_jobs_until_none_is_left(engine, crowded):
    meeting, got = threading.Barrier(4), []

    def take(name):
        meeting.wait(10)
        while taken := engine.run(AcquireJobs(name, 4, fair=True), ENGINE):
            got.extend(job.id for job in taken)

    workers = [threading.Thread(target=take, args=(f"worker {number}",)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(got) == sorted(row.id for row in read(engine, "job", kind="nonsense"))


def test_a_worker_is_seen_while_it_runs_and_gone_when_it_ended(engine, clock):
    worker = Worker(engine)
    worker.start(3600)
    worker.stop()
    assert read(engine, "worker_heartbeat") == []
    engine.run(Beat("w", clock.now(), clock.now()), ENGINE)
    assert engine.ask(AskHealth(clock.now() + timedelta(seconds=9))).heartbeat_age == 9


def test_workers_not_seen_for_a_day_are_forgotten(engine, clock):
    engine.run(Beat("old", clock.now(), clock.now()), ENGINE)
    engine.run(Beat("new", clock.now(), clock.now() + timedelta(days=2)), ENGINE)
    assert [row.worker for row in read(engine, "worker_heartbeat")] == ["new"]


def test_health_counts_what_is_due_and_how_long_it_waits(engine, clock, crowded):
    found = engine.ask(AskHealth(clock.now()))
    assert (found.due_jobs, found.oldest_due_age) == (41, 3600)
    assert found.heartbeat_age is None
    assert found.running_matters == 2
