"""Races: several people and workers at once, each with an engine of its own; what must happen once happens once."""

import threading

import pytest

from engine.actor import ENGINE
from engine.clock import FrozenClock
from engine.commands.messages import CorrelateMessage
from engine.database import Database
from engine.engine import Engine
from engine.errors import ConflictError
from engine.passwords import AccountRules
from engine.task_actions.claim import ClaimTask
from engine.task_actions.complete import CompleteTask
from engine.worker import Worker
from tests.factories import (
    claim,
    deploy,
    flows,
    form_file,
    line,
    open_task,
    open_tasks,
    person,
    prepare,
    procedure,
    read,
    start,
    tell_story,
    text_field,
    user,
)

CLIENTS = 6


@pytest.fixture
def engines(engine, clock, files):
    """As many engines as clients, each with its own connections, as if in processes of their own."""
    url = engine.database.url.render_as_string(hide_password=False)
    made = [
        Engine(Database(url), FrozenClock(clock.now()), files, accounts=AccountRules(memory_kib=64))
        for _ in range(CLIENTS)
    ]
    yield made
    for one in made:
        one.database.close()


def at_once(calls):
    """Run all calls at the same moment, one thread each; returns what each returned or raised."""
    barrier = threading.Barrier(len(calls))
    answers = [None] * len(calls)

    def run(place, call):
        barrier.wait()
        try:
            answers[place] = call()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            answers[place] = error

    threads = [threading.Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return answers


def failures(answers, *expected):
    """What was raised and is none of the expected kinds."""
    return [one for one in answers if isinstance(one, Exception) and not isinstance(one, expected)]


def test_of_several_who_claim_at_once_one_has_the_task(engine, engines):
    task = open_task(engine)
    people = [person(engine, name) for name in ("alice", "bob")]
    answers = at_once([lambda e=e, n=n: e.run(ClaimTask(task), people[n % 2]) for n, e in enumerate(engines)])
    assert failures(answers, ConflictError) == []
    row = read(engine, "user_task", id=task)[0]
    assert row.assignee in {"alice", "bob"}
    assert tell_story(engine, row.instance_id).count("task claimed") == 1
    assert len(read(engine, "task_access", task_id=task)) == 1


def test_of_several_submissions_of_one_task_one_counts(engine, engines):
    task = open_task(engine)
    claim(engine, task)
    alice = person(engine, "alice")
    answers = at_once(
        [lambda e=e, n=n: e.run(CompleteTask(task, {}, None, f"key-{n}"), alice) for n, e in enumerate(engines)]
    )
    assert failures(answers, ConflictError) == []
    assert sum(not isinstance(one, Exception) for one in answers) == 1
    instance = read(engine, "user_task", id=task)[0].instance_id
    assert tell_story(engine, instance).count("task completed") == 1
    assert read(engine, "process_instance", id=instance)[0].status == "completed"


def test_the_same_request_sent_several_times_at_once_gets_one_answer(engine, engines):
    task = open_task(engine)
    claim(engine, task)
    alice = person(engine, "alice")
    answers = at_once([lambda e=e: e.run(CompleteTask(task, {}, None, "same"), alice) for e in engines])
    assert failures(answers) == []
    assert len(set(answers)) == 1


def test_a_start_sent_several_times_at_once_starts_one_matter(engine, engines):
    prepare(engine)
    deploy(engine, *procedure("demo", line(user("work"), keys=("work",))))
    answers = at_once([lambda e=e: start(e, "demo", idempotency_key="same") for e in engines])
    assert failures(answers, ConflictError) == []
    assert len(read(engine, "process_instance")) == 1
    assert len({one.instance_id for one in answers if not isinstance(one, Exception)}) == 1


def test_parallel_branches_completed_at_once_all_count_and_the_join_fires_once(engine, engines):
    prepare(engine)
    names = [f"branch{number}" for number in range(CLIENTS)]
    inside = (
        '<bpmn:startEvent id="start"/><bpmn:parallelGateway id="fork"/><bpmn:parallelGateway id="join"/>'
        + "".join(user(name, 'camunda:assignee="alice" camunda:formRef="note"') for name in names) + user("after")
        + '<bpmn:endEvent id="end"/>' + flows("start>fork", "join>after", "after>end")
        + flows(*(f"fork>{name}" for name in names), *(f"{name}>join" for name in names))
    )  # fmt: skip
    deploy(engine, *procedure("demo", inside), form_file("demo", "note", text_field("note"), text_field("other")))
    matter = start(engine, "demo").instance_id
    tasks = open_tasks(engine, matter)
    alice = person(engine, "alice")
    answers = at_once(
        [lambda e=e, t=t: e.run(CompleteTask(t, {"note": f"{t}"}), alice) for e, t in zip(engines, tasks, strict=True)]
    )
    assert failures(answers) == []
    assert [row.node_id for row in read(engine, "user_task", instance_id=matter, status="open")] == ["after"]
    assert sum(len(answer.next) for answer in answers) == 1
    instance = read(engine, "process_instance", id=matter)[0]
    events = read(engine, "history_event", instance_id=matter)
    assert [event.seq for event in sorted(events, key=lambda one: one.seq)] == list(range(1, instance.chain_seq + 1))
    assert instance.row_version == 1 + CLIENTS


def test_numbers_given_at_once_are_all_different_and_none_is_lost(engine, engines):
    prepare(engine)
    deploy(engine, *procedure("demo", line(user("work"), keys=("work",))))
    answers = at_once([lambda e=e: [start(e, "demo").number for _ in range(3)] for e in engines])
    assert failures(answers) == []
    numbers = sorted(number for answer in answers for number in answer)
    assert numbers == [f"T-191901-2026-{number:05d}" for number in range(1, 3 * CLIENTS + 1)]


def test_timers_due_at_once_fire_once_with_several_workers(engine, engines, clock):
    prepare(engine)
    inside = line(
        '<bpmn:intermediateCatchEvent id="pause"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>",
        user("work"),
        keys=("pause", "work"),
    )
    deploy(engine, *procedure("demo", inside))
    matters = [start(engine, "demo").instance_id for _ in range(12)]
    for one in engines:
        one.clock.advance(hours=1)
    answers = at_once([Worker(one).drain for one in engines])
    assert failures(answers) == []
    assert sum(answers) == len(matters)
    assert [len(open_tasks(engine, matter)) for matter in matters] == [1] * len(matters)
    assert read(engine, "job") == []
    assert read(engine, "incident") == []


@pytest.mark.parametrize("turn", range(3))
def test_a_message_and_its_receiver_that_come_at_once_meet(engine, engines, turn):
    prepare(engine)
    more = '<bpmn:message id="m" name="ANSWER"/>'
    catch = '<bpmn:intermediateCatchEvent id="wait" name="等待"><bpmn:messageEventDefinition messageRef="m"/></bpmn:intermediateCatchEvent>'
    deploy(
        engine,
        *procedure("demo", line(user("before"), catch, user("work"), keys=("before", "wait", "work")), more=more),
    )
    begun = start(engine, "demo")
    claim(engine, begun.tasks[0].task_id)
    alice = person(engine, "alice")
    calls = [
        lambda: engines[0].run(CompleteTask(begun.tasks[0].task_id, {}), alice),
        lambda: engines[1].run(CorrelateMessage("ANSWER"), ENGINE),
        lambda: Worker(engines[2]).drain(),
        lambda: Worker(engines[3]).drain(),
    ]
    assert failures(at_once(calls)) == []
    Worker(engine).drain()
    assert len(open_tasks(engine, begun.instance_id, "work")) == 1
    assert [row.status for row in read(engine, "message")] == ["matched"]
    assert read(engine, "incident") == []
