"""Every ten minutes: the chains are anchored whatever the clock says, and drafts of what is done go."""

import pytest
from sqlalchemy import update

from engine.actor import ENGINE
from engine.jobs.keep_house import EnsureHouse
from engine.model import tables
from engine.task_actions.save_draft import SaveDraft
from tests.factories import claim, complete, open_task, person, read, start, worker


@pytest.fixture
def task(engine):
    """An open task; the house is kept from now on."""
    task = open_task(engine)
    engine.run(EnsureHouse(), ENGINE)
    return task


@pytest.fixture
def heads(engine, clock, task):
    """Keep house when it is due; the heads that the newest anchor holds of the task's matter."""
    matter = str(read(engine, "user_task", id=task)[0].instance_id)

    def keep():
        clock.move_to(max(clock.now(), read(engine, "job", kind="house")[0].due_at))
        worker(engine).drain(most=1)
        return read(engine, "anchor")[-1].heads.get(matter)

    return keep


def head(engine, task):
    (matter,) = read(engine, "process_instance", id=read(engine, "user_task", id=task)[0].instance_id)
    return [matter.chain_head, matter.chain_seq]


def test_what_is_done_while_the_clock_is_set_back_is_anchored_too(engine, clock, task, heads):
    assert heads() == head(engine, task)
    clock.advance(hours=-1)
    claim(engine, task)
    assert heads() == head(engine, task)


def test_an_event_numbered_below_what_the_last_anchor_saw_is_found_by_the_next(engine, task, heads):
    heads()
    claim(engine, task)
    newest, setting = read(engine, "history_event")[-1].id, tables.setting
    seen = update(setting).where(setting.c.name == "anchored_events")
    with engine.database.transaction() as session:
        session.execute(seen.values(value={"last": newest, "before": newest - 1}))
    assert heads() == head(engine, task)


def test_what_did_not_change_is_not_anchored_again(engine, task, heads):
    heads()
    start(engine, "one_step")
    assert heads() is None
    assert len(read(engine, "anchor")) == 2


def test_drafts_of_tasks_that_are_done_go_and_others_stay(engine, task, heads):
    alice = person(engine, "alice")
    (other,) = start(engine, "one_step").tasks
    for one in (task, other.task_id):
        claim(engine, one)
        engine.run(SaveDraft(f"task:{one}", {"a": 1}), alice)
    engine.run(SaveDraft("start:one_step", {"a": 1}), alice)
    complete(engine, task)
    heads()
    assert {row.key for row in read(engine, "task_draft")} == {f"task:{other.task_id}", "start:one_step"}
