"""The checker of invariants: silent where all is well, and it finds each thing that can be wrong."""

import pytest
from sqlalchemy import text, update

from engine.actor import ENGINE
from engine.model import tables
from engine.queries.invariants import ListViolations
from tests.factories import (
    claim,
    deploy,
    do,
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

CATCH = (
    '<bpmn:intermediateCatchEvent id="wait" name="等待"><bpmn:messageEventDefinition messageRef="m"/></bpmn:intermediateCatchEvent>'
    '<bpmn:intermediateCatchEvent id="pause"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration>'
    "</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
)


@pytest.fixture
def matters(engine):
    """One matter that waits for a person, an hour and a message, and one that has ended."""
    prepare(engine)
    waits = (
        '<bpmn:startEvent id="start"/><bpmn:parallelGateway id="fork"/>'
        + user("work", inside=props(deadline="T-WD")) + CATCH
        + '<bpmn:endEvent id="end"/>'
        + flows("start>fork", "fork>work", "fork>wait", "fork>pause", "work>end", "wait>end", "pause>end")
    )  # fmt: skip
    deploy(engine, *procedure("waits", waits, more='<bpmn:message id="m" name="ANSWER"/>'))
    deploy(engine, *procedure("short", line(user("work"), keys=("work",))))
    waiting, ended = start(engine, "waits").instance_id, start(engine, "short").instance_id
    do(engine, ended, "work")
    claim(engine, open_tasks(engine, waiting, "work")[0])
    return waiting, ended


def rules(engine):
    """The names of the rules that are broken."""
    return {one.rule for one in engine.ask(ListViolations())}


def damage(engine, statement):
    """Change rows behind the engine's back; unique keys are no hindrance to who has the file."""
    with engine.database.transaction() as session:
        assert session.execute(text(statement)).rowcount > 0


def test_where_all_is_well_it_is_silent(engine, clock, matters):
    assert rules(engine) == set()
    clock.advance(hours=2)
    worker(engine).drain()
    assert rules(engine) == set()


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("DELETE FROM history_event WHERE action = 'task completed'", "completed once"),
        ("UPDATE user_task SET status = 'cancelled' WHERE status = 'completed'", "completed once"),
        ("DELETE FROM job WHERE kind = 'timer'", "timers of a matter"),
        ("UPDATE job SET token = 'other' WHERE kind = 'timer'", "timers of a matter"),
        ("DELETE FROM subscription", "subscriptions of a matter"),
        ("UPDATE subscription SET name = 'OTHER'", "subscriptions of a matter"),
        ("UPDATE user_task SET token = '99' WHERE status = 'open'", "work of a matter"),
        ("UPDATE user_task SET status = 'cancelled' WHERE status = 'open'", "work of a matter"),
        ("UPDATE user_task SET status = 'cancelled' WHERE status = 'open'", "access follows the task"),
        ("UPDATE user_task SET status = 'cancelled' WHERE status = 'open'", "one light to come"),
        ("UPDATE user_task SET assignee = 'bob' WHERE status = 'open'", "access follows the task"),
        ("UPDATE user_task SET assignee = NULL WHERE status = 'open'", "access follows the task"),
        ("DELETE FROM task_access", "an assigned task is in a worklist"),
        ("UPDATE process_instance SET status = 'completed' WHERE ended_at IS NULL", "ended at an instant"),
        (
            "UPDATE process_instance SET status = 'completed' WHERE ended_at IS NULL",
            "nothing open after the end (task)",
        ),
        (
            "UPDATE process_instance SET status = 'completed' WHERE ended_at IS NULL",
            "nothing open after the end (job)",
        ),
        (
            "UPDATE process_instance SET status = 'completed' WHERE ended_at IS NULL",
            "nothing open after the end (subscription)",
        ),
        ("UPDATE process_instance SET number = 'same'", "one number per matter"),
        ("UPDATE process_instance SET chain_seq = chain_seq + 1", "history is counted"),
        ("DELETE FROM history_event WHERE seq = 1", "history is counted"),
        ("UPDATE job SET lease_by = 'dead'", "a lease has holder and end"),
        ("UPDATE job SET lease_until = due_at", "a lease has holder and end"),
        (
            (
                "INSERT INTO message (name, variables, status, created_at, expires_at) "
                "SELECT 'X', '{}', 'matched', due_at, due_at FROM job WHERE kind = 'timer'"
            ),
            "a message is taken by a matter",
        ),
        (
            (
                "INSERT INTO incident (job_id, kind, message, created_at) "
                "SELECT 999, 'timer', 'X', due_at FROM job WHERE kind = 'timer'"
            ),
            "an incident has its job",
        ),
    ],
)
def test_checker_detects_what_contradicts_something_else(engine, matters, statement, rule):
    damage(engine, statement)
    assert rule in rules(engine)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda state: state["tokens"].popitem(), "tokens are counted"),
        (lambda state: state["tokens"].clear(), "a running matter has a token"),
        (lambda state: next(iter(state["tokens"].values())).update(s="99"), "a token has its scope"),
        (lambda state: next(iter(state["scopes"].values())).update(up="99"), "a scope has its host"),
    ],
)
def test_checker_detects_a_state_that_is_not_whole(engine, matters, change, rule):
    row = tables.process_instance
    state = read(engine, "process_instance", id=matters[0])[0].state
    change(state)
    with engine.database.transaction() as session:
        session.execute(update(row).where(row.c.id == matters[0]).values(state=state))
    assert rule in rules(engine)


@pytest.mark.parametrize("table", ["notice", "outbox", "job"])
def test_checker_detects_an_effect_that_happened_twice_where_its_key_was_lost(engine, matters, table):
    key = f"uq_{table}_dedupe_key"
    row = {
        "notice": "(person_id, kind, text, created_at, dedupe_key) SELECT id, 'x', 'x', '2026-03-02 01:00:00', 'same' FROM person LIMIT 2",
        "outbox": "(channel, address, subject, body, created_at, attempts, dedupe_key) "
        "SELECT 'x', 'x', 'x', 'x', '2026-03-02 01:00:00', 0, 'same' FROM person LIMIT 2",
        "job": "(kind, payload, priority, attempts, retries, dedupe_key) SELECT 'x', '{}', 0, 0, 0, 'same' FROM person LIMIT 2",
    }[table]
    assert engine.ask(ListViolations()) == ()
    with engine.database.transaction() as session:
        if engine.database.is_sqlite:
            drop_key_of_sqlite(session, table, key)
        else:
            session.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {key}"))
        session.execute(text(f"INSERT INTO {table} {row}"))
        found = [str(one) for one in ListViolations().execute(engine.context(session, ENGINE))]
        session.rollback()
    assert any("dedupe_key=same" in one for one in found)


def drop_key_of_sqlite(session, table, key):
    """SQLite drops no constraint: the table is made anew without it."""
    made = session.execute(text(f"SELECT sql FROM sqlite_master WHERE name = '{table}'")).scalar()
    lines = [one for one in made.splitlines() if key not in one]
    fresh = "\n".join(lines).replace(f"CREATE TABLE {table}", f"CREATE TABLE {table}_without", 1)
    fresh = fresh.replace(", \n)", "\n)").rstrip()
    session.execute(text(fresh))
    session.execute(text(f"INSERT INTO {table}_without SELECT * FROM {table}"))
    session.execute(text(f"DROP TABLE {table}"))
    session.execute(text(f"ALTER TABLE {table}_without RENAME TO {table}"))
