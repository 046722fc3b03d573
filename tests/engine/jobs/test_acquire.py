"""Acquiring and settling: leases, order, backoff, and the incident after the last attempt."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from engine.actor import ENGINE
from engine.commands.incidents import IncidentNotFoundError, IncidentResolvedError, RetryIncident
from engine.jobs.acquire import BACKOFF, LEASE, AcquireJobs, SettleFailure, take
from engine.model import tables
from tests.factories import read, worker


def add_jobs(engine, *jobs):
    rows = [{"kind": "nonsense", "payload": {}, "priority": 0, "attempts": 0, "retries": 3, **job} for job in jobs]
    with engine.database.transaction() as session:
        for row in rows:
            session.execute(insert(tables.job), row)


class Take:
    """Take a job as its command does."""

    def __init__(self, job):
        self.job = job

    def execute(self, context):
        return take(context, self.job)


def test_only_due_jobs_are_acquired_in_the_order_they_are_due(engine, clock):
    now = clock.now()
    add_jobs(
        engine,
        {"due_at": now - timedelta(minutes=1), "topic": "second"},
        {"due_at": now + timedelta(seconds=1), "topic": "later"},
        {"due_at": now - timedelta(minutes=2), "topic": "first"},
        {"due_at": None, "topic": "given up"},
    )
    assert [job.topic for job in engine.run(AcquireJobs("one"), ENGINE)] == ["first", "second"]


def test_urgent_jobs_come_first_where_not_all_fit(engine, clock):
    add_jobs(engine, *({"due_at": clock.now(), "topic": str(priority), "priority": priority} for priority in (0, 5, 1)))
    assert {job.topic for job in engine.run(AcquireJobs("one", limit=2), ENGINE)} == {"5", "1"}


def test_a_leased_job_belongs_to_one_worker_until_the_lease_ends(engine, clock):
    add_jobs(engine, {"due_at": clock.now()})
    assert len(engine.run(AcquireJobs("one"), ENGINE)) == 1
    clock.advance(seconds=LEASE.total_seconds())
    assert engine.run(AcquireJobs("two"), ENGINE) == ()
    clock.advance(seconds=1)
    assert len(engine.run(AcquireJobs("two"), ENGINE)) == 1
    assert read(engine, "job")[0].lease_by == "two"


def test_a_job_is_taken_once(engine, clock):
    add_jobs(engine, {"due_at": clock.now()})
    (job,) = engine.run(AcquireJobs("one"), ENGINE)
    assert engine.run(Take(job), ENGINE) is True
    assert engine.run(Take(job), ENGINE) is False


def test_a_failure_is_tried_again_later_and_later_and_then_becomes_an_incident(engine, clock):
    add_jobs(engine, {"due_at": clock.now(), "retries": 3})
    for attempt in (1, 2):
        (job,) = engine.run(AcquireJobs("one"), ENGINE)
        assert engine.run(SettleFailure(job, "不通"), ENGINE) is False
        row = read(engine, "job")[0]
        assert (row.attempts, row.last_error, row.lease_until) == (attempt, "不通", None)
        assert row.due_at == clock.now() + BACKOFF[attempt - 1]
        clock.advance(seconds=BACKOFF[attempt - 1].total_seconds())
    (job,) = engine.run(AcquireJobs("one"), ENGINE)
    assert engine.run(SettleFailure(job, "不通"), ENGINE) is True
    (incident,) = read(engine, "incident")
    assert (incident.job_id, incident.message, incident.resolved_at) == (job.id, "不通", None)
    clock.advance(days=30)
    assert engine.run(AcquireJobs("one"), ENGINE) == ()


def test_a_permanent_failure_becomes_an_incident_at_once(engine, clock):
    add_jobs(engine, {"due_at": clock.now()})
    (job,) = engine.run(AcquireJobs("one"), ENGINE)
    assert engine.run(SettleFailure(job, "地址无效", permanent=True), ENGINE) is True


def test_an_operator_retries_an_incident_once(engine, clock):
    add_jobs(engine, {"due_at": clock.now()})
    (job,) = engine.run(AcquireJobs("one"), ENGINE)
    engine.run(SettleFailure(job, "地址无效", permanent=True), ENGINE)
    (incident,) = read(engine, "incident")
    engine.run(RetryIncident(incident.id), ENGINE)
    row = read(engine, "job")[0]
    assert (row.due_at, row.attempts) == (clock.now(), 0)
    assert read(engine, "incident")[0].resolved_by == "engine"
    with pytest.raises(IncidentResolvedError):
        engine.run(RetryIncident(incident.id), ENGINE)
    with pytest.raises(IncidentNotFoundError):
        engine.run(RetryIncident(404), ENGINE)


def test_one_broken_job_does_not_stop_the_others(engine, clock, caplog):
    add_jobs(
        engine,
        {"due_at": clock.now() - timedelta(minutes=1)},
        {"due_at": clock.now(), "kind": "house", "dedupe_key": "house"},
    )
    worker(engine).drain(most=2)
    assert [row.attempts for row in read(engine, "job", kind="nonsense")] == [1]
    assert read(engine, "job", kind="house")[0].due_at > clock.now()
