"""Messages and signals: stored before they are matched, matched again when a receiver opens, never twice."""

from datetime import timedelta

import pytest

from engine.actor import ENGINE
from engine.commands.messages import CorrelateMessage, MoveExampleClock
from engine.engine import Engine
from engine.errors import EngineError, InvalidError, TextNotStorableError
from tests.factories import (
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
    tell_story,
    user,
    worker,
)

MESSAGES = (
    '<bpmn:message id="m" name="ANSWER"/><bpmn:message id="begin" name="BEGIN"/><bpmn:signal id="s" name="DONE:${no}"/>'
)


def catch(key="wait", definition='<bpmn:messageEventDefinition messageRef="m"/>', correlation="${no}"):
    inside = props(correlation=correlation) if correlation else ""
    return f'<bpmn:intermediateCatchEvent id="{key}" name="等待">{inside}{definition}</bpmn:intermediateCatchEvent>'


def receiver(engine, *, first=False):
    """A procedure that waits for ANSWER with correlation `no`, after a step `before` if `first`."""
    keys = ("before", "wait", "work") if first else ("wait", "work")
    steps = [user("before")] if first else []
    deploy(engine, *procedure("demo", line(*steps, catch(), user("work"), keys=keys), more=MESSAGES))


def begin(engine, no):
    """Start a matter whose variable `no` comes with the message that starts it."""
    engine.run(CorrelateMessage("BEGIN", None, {"no": no, "unit": "191901"}), ENGINE)
    worker(engine).drain()
    return read(engine, "process_instance")[-1].id


@pytest.fixture
def waiting(engine):
    """Two matters, A and B, that wait for ANSWER."""
    prepare(engine)
    inside = (
        '<bpmn:startEvent id="start"><bpmn:messageEventDefinition messageRef="begin"/></bpmn:startEvent>'
        + catch() + user("work") + '<bpmn:endEvent id="end"/>' + flows("start>wait", "wait>work", "work>end")
    )  # fmt: skip
    deploy(engine, *procedure("demo", inside, more=MESSAGES, roles=""))
    return begin(engine, "A"), begin(engine, "B")


def test_a_message_start_event_starts_a_matter_of_the_unit_it_names(engine, waiting):
    row = read(engine, "process_instance", id=waiting[0])[0]
    assert (row.unit_code, row.started_by, row.number) == ("191901", "engine", "T-191901-2026-00001")
    assert [one.status for one in read(engine, "message")] == ["matched", "matched"]


def test_a_message_reaches_the_matter_it_is_correlated_with(engine, waiting):
    engine.run(CorrelateMessage("ANSWER", "B", {"answer": 7}), ENGINE)
    worker(engine).drain()
    assert open_tasks(engine, waiting[0]) == []
    assert len(open_tasks(engine, waiting[1], "work")) == 1
    values = {row.name: row.value for row in read(engine, "variable", instance_id=waiting[1])}
    assert values["answer"] == 7
    assert "message received" in tell_story(engine, waiting[1])


def test_a_message_without_its_key_reaches_nobody_who_waits_for_one(engine, waiting):
    message = engine.run(CorrelateMessage("ANSWER", None, {}), ENGINE)
    worker(engine).drain()
    assert read(engine, "message", id=message)[0].status == "stored"
    assert [open_tasks(engine, one) for one in waiting] == [[], []]
    begin(engine, "C")
    assert read(engine, "message", id=message)[0].status == "stored"


def test_a_message_nobody_waits_for_is_kept_and_listed(engine, waiting):
    message = engine.run(CorrelateMessage("ANSWER", "C", {}), ENGINE)
    worker(engine).drain()
    assert read(engine, "message", id=message)[0].status == "stored"


def test_a_message_that_came_first_is_matched_when_its_receiver_opens(engine):
    prepare(engine)
    inside = (
        '<bpmn:startEvent id="start"><bpmn:messageEventDefinition messageRef="begin"/></bpmn:startEvent>'
        + user("before") + catch() + user("work") + '<bpmn:endEvent id="end"/>'
        + flows("start>before", "before>wait", "wait>work", "work>end")
    )  # fmt: skip
    deploy(engine, *procedure("demo", inside, more=MESSAGES, roles=""))
    matter = begin(engine, "A")
    message = engine.run(CorrelateMessage("ANSWER", "A", {}), ENGINE)
    worker(engine).drain()
    assert read(engine, "message", id=message)[0].status == "stored"
    do(engine, matter, "before")
    worker(engine).drain()
    assert len(open_tasks(engine, matter, "work")) == 1
    assert read(engine, "message", id=message)[0].matched_instance == matter


def test_one_message_is_delivered_once_even_if_two_wait(engine):
    prepare(engine)
    deploy(engine, *procedure("demo", line(catch(correlation=""), user("work"), keys=("wait", "work")), more=MESSAGES))
    matters = [start(engine, "demo").instance_id for _ in range(2)]
    engine.run(CorrelateMessage("ANSWER"), ENGINE)
    worker(engine).drain()
    assert [len(open_tasks(engine, one)) for one in matters] == [1, 0]


def test_a_message_expires(engine, clock, waiting):
    from engine.jobs.keep_house import EnsureHouse

    engine.run(EnsureHouse(), ENGINE)
    message = engine.run(CorrelateMessage("ANSWER", "C", {}), ENGINE)
    worker(engine).drain()
    clock.advance(days=31)
    worker(engine).drain()
    assert read(engine, "message", id=message)[0].status == "expired"


def test_a_message_with_text_no_database_stores_is_refused(engine):
    for name, variables in (("A\x00", {}), ("A", {"x": "\ud800"})):
        with pytest.raises(TextNotStorableError):
            engine.run(CorrelateMessage(name, None, variables), ENGINE)
    with pytest.raises(TextNotStorableError):
        engine.run(CorrelateMessage("A", "\x00", {}), ENGINE)


@pytest.fixture
def signalled(engine):
    """Two matters that wait for the signal DONE:A, one for DONE:B."""
    prepare(engine)
    inside = (
        '<bpmn:startEvent id="start"><bpmn:messageEventDefinition messageRef="begin"/></bpmn:startEvent>'
        + catch(definition='<bpmn:signalEventDefinition signalRef="s"/>', correlation="")
        + user("work") + '<bpmn:endEvent id="end"/>' + flows("start>wait", "wait>work", "work>end")
    )  # fmt: skip
    thrower = line(
        user("before"),
        '<bpmn:intermediateThrowEvent id="throw"><bpmn:signalEventDefinition signalRef="s"/></bpmn:intermediateThrowEvent>',
        keys=("before", "throw"),
    ).replace(
        '<bpmn:startEvent id="start"/>',
        '<bpmn:startEvent id="start"><bpmn:messageEventDefinition messageRef="other"/></bpmn:startEvent>',
    )
    more = MESSAGES + '<bpmn:message id="other" name="OTHER"/>'
    deploy(engine, *procedure("demo", inside, more=MESSAGES, roles=""))
    deploy(engine, *procedure("thrower", thrower, more=more, roles=""))
    return [begin(engine, no) for no in ("A", "A", "B")]


def test_a_signal_reaches_everybody_who_waits_for_its_subject(engine, signalled):
    engine.run(CorrelateMessage("OTHER", None, {"no": "A", "unit": "191901"}), ENGINE)
    worker(engine).drain()
    thrower = read(engine, "process_instance", key="thrower")[0].id
    do(engine, thrower, "before")
    worker(engine).drain()
    assert [len(open_tasks(engine, one)) for one in signalled] == [1, 1, 0]
    assert read(engine, "job") == []


class Now:
    """Ask what time it is."""

    def execute(self, context):
        return context.now


def test_the_example_clock_moves_forward_only(engine, clock):
    now = clock.now()
    engine.run(MoveExampleClock(now + timedelta(days=3)), ENGINE)
    assert engine.ask(Now()) == now + timedelta(days=3)
    with pytest.raises(InvalidError):
        engine.run(MoveExampleClock(now + timedelta(days=2)), ENGINE)
    engine.run(MoveExampleClock(now + timedelta(days=4)), ENGINE)
    assert engine.ask(Now()) == now + timedelta(days=4)


def test_outside_example_mode_nobody_moves_the_clock(database, clock, files):
    engine = Engine(database, clock, files)
    with pytest.raises(EngineError):
        engine.run(MoveExampleClock(clock.now() + timedelta(days=3)), ENGINE)
    assert engine.ask(Now()) == clock.now()


def test_lights_follow_the_example_clock(engine, clock):
    prepare(engine)
    deploy(engine, *procedure("demo", line(user("work", inside=props(deadline="T-WD")), keys=("work",))))
    task = start(engine, "demo").tasks[0].task_id
    engine.run(MoveExampleClock(clock.now() + timedelta(days=10)), ENGINE)
    worker(engine).drain()
    assert read(engine, "user_task", id=task)[0].light == 3
