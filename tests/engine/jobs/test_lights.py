"""Lights: each rung of the ladder once, to the people it names, with no storm after downtime (domain section 10)."""

from dataclasses import dataclass

import pytest

from engine.actor import ENGINE
from engine.calendar import local
from engine.directory import members
from engine.execution.notices import LONGEST, Telling, tell
from tests.factories import (
    claim,
    complete,
    deploy,
    line,
    open_task,
    open_tasks,
    pass_time,
    prepare,
    procedure,
    props,
    read,
    start,
    user,
    worker,
)


@pytest.fixture
def task_id(engine):
    """A task of five working days, due Monday, 9 March, 17:30; opened Monday, 2 March, 9:00."""
    return open_task(engine, deadline="T-WD")


def lights(engine):
    return [row.object for row in read(engine, "history_event", action="light changed")]


def told(engine, kind):
    return sorted(row.person_id for row in read(engine, "notice", kind=kind))


def test_nothing_is_said_before_the_first_rung(engine, clock, task_id):
    pass_time(engine, clock, days=2)
    assert lights(engine) == []
    assert read(engine, "notice") == []


def test_every_rung_is_reached_once_in_order(engine, clock, task_id):
    pass_time(engine, clock, days=20)
    assert lights(engine) == ["Y", "P", "R", "R+1", "R+3", "R+5"]
    task = read(engine, "user_task", id=task_id)[0]
    assert task.light == 3
    assert read(engine, "process_instance", id=task.instance_id)[0].overdue


def test_a_yellow_light_tells_the_candidates_and_their_leader(engine, clock, task_id):
    pass_time(engine, clock, days=5)
    assert told(engine, "light:Y") == ["alice", "bob", "lead"]
    assert read(engine, "user_task", id=task_id)[0].light >= 1


def test_who_claimed_the_task_is_told_instead_of_all_candidates(engine, clock, task_id):
    claim(engine, task_id, "bob")
    pass_time(engine, clock, days=5)
    assert told(engine, "light:Y") == ["bob", "lead"]


def test_each_notice_goes_to_the_outbox_too_once_per_person_and_hour(engine, clock, task_id):
    pass_time(engine, clock, days=5)
    notices = {row.person_id for row in read(engine, "notice", kind="light:Y")}
    messages = read(engine, "outbox")
    assert {row.person_id for row in messages} == notices
    assert len({row.dedupe_key for row in messages}) == len(messages)
    assert all(row.address == f"{row.person_id}@example.invalid" for row in messages)


def test_a_message_of_some_pages_is_followed_by_another(engine, clock, task_id):
    engine.run(Tell("lead", "督办" * (LONGEST // 2), "first"), ENGINE)
    for cause in ("second", "third"):
        engine.run(Tell("lead", cause, cause), ENGINE)
    first, second = (row.body for row in read(engine, "outbox", person_id="lead"))
    assert "督办" in first
    assert [line[17:] for line in second.splitlines()] == ["second", "third"]


@dataclass(frozen=True)
class Tell:
    """Tell somebody something, for a cause."""

    person_id: str
    text: str
    cause: str

    def execute(self, context):
        people = members(context.session, context.directory, [f"p:{self.person_id}"], context.now)
        tell(context, people, Telling("light:Y", self.text, self.cause))


def test_after_downtime_everybody_is_told_once_of_the_present_state(engine, clock, task_id):
    clock.advance(days=30)
    worker(engine).drain()
    assert lights(engine) == ["R+5"]
    rows = read(engine, "notice")
    assert len({row.person_id for row in rows}) == len(rows)
    assert read(engine, "user_task", id=task_id)[0].light == 3
    worker(engine).drain()
    assert read(engine, "notice") == rows


def test_a_completed_task_raises_no_light(engine, clock, task_id):
    complete(engine, task_id)
    pass_time(engine, clock, days=20)
    assert lights(engine) == []


def test_a_restricted_matter_tells_number_and_light_only(engine, clock):
    prepare(engine)
    inside = line(user("work", name="秘密步骤", inside=props(deadline="T-WD")), keys=("work",))
    deploy(engine, *procedure("secret", inside, sensitivity="S3"))
    start(engine, "secret")
    pass_time(engine, clock, days=12)
    texts = [row.text for row in read(engine, "notice")] + [row.body for row in read(engine, "outbox")]
    assert texts
    assert not [text for text in texts if "秘密步骤" in text or "secret流程" in text]
    assert all("T-191901-2026-00001" in text for text in texts)


def test_a_message_waits_for_the_morning_and_the_light_does_not(engine, clock, task_id):
    pass_time(engine, clock, days=12)
    for job in read(engine, "job", kind="notification"):
        assert 8 <= local(job.due_at).hour < 20


def test_an_overdue_task_opens_a_supervision_order_of_each_level_where_the_procedure_is_deployed(engine, clock):
    prepare(engine)
    deploy(engine, *procedure("cs_supervise", line(user("order"), keys=("order",)), roles=""))
    deploy(engine, *procedure("demo", line(user("work", inside=props(deadline="T-WD")), keys=("work",))))
    matter = start(engine, "demo").instance_id
    pass_time(engine, clock, days=20)
    orders = read(engine, "process_instance", key="cs_supervise")
    levels = [row.value for order in orders for row in read(engine, "variable", instance_id=order.id, name="level")]
    assert levels == ["提醒", "督办", "挂牌"]
    assert {link.to_instance for link in read(engine, "matter_link", from_instance=matter)} == {
        one.id for one in orders
    }
    assert all(open_tasks(engine, one.id) for one in orders)
