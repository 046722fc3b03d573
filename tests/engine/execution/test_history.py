"""History: what was done, chained so that any change of it shows (domain 2.8, security D10)."""

import pytest
from sqlalchemy import delete, update

from engine.actor import ENGINE
from engine.execution.saving import entry_hash
from engine.jobs.keep_house import EnsureHouse
from engine.model import tables
from tests.factories import complete, open_task, read, worker

KEY = b""
CHAINED = (
    "seq",
    "at",
    "actor",
    "actor_name",
    "acting_for",
    "unit_code",
    "client_ip",
    "task_id",
    "action",
    "object",
    "details",
)


def broken_at(engine, instance_id):
    """The number of the first event whose hash does not follow from it and the one before, or None."""
    head = ""
    for expected, row in enumerate(read(engine, "history_event", instance_id=instance_id), 1):
        content = {name: getattr(row, name) for name in CHAINED} | {"instance_id": row.instance_id}
        if row.seq != expected or row.previous_hash != head or row.hash != entry_hash(KEY, head, content):
            return expected
        head = row.hash
    instance = read(engine, "process_instance", id=instance_id)[0]
    return None if (instance.chain_head, instance.chain_seq) == (head, expected) else expected + 1


@pytest.fixture
def matter(engine):
    task = open_task(engine, deadline="T-WD")
    return complete(engine, task).instance_id


def test_every_event_follows_from_the_one_before(engine, matter):
    assert broken_at(engine, matter) is None
    assert len(read(engine, "history_event", instance_id=matter)) >= 5


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "bob"},
        {"details": {"step": "别的"}},
        {"action": "task claimed by somebody"},
        {"client_ip": "10.1.2.3"},
        {"task_id": 99},
    ],
)
def test_a_changed_event_shows(engine, matter, change):
    event = tables.history_event
    with engine.database.transaction() as session:
        session.execute(update(event).where(event.c.instance_id == matter, event.c.seq == 3).values(change))
    assert broken_at(engine, matter) == 3


@pytest.mark.parametrize("which", [1, 3])
def test_a_removed_event_shows(engine, matter, which):
    event = tables.history_event
    with engine.database.transaction() as session:
        session.execute(delete(event).where(event.c.instance_id == matter, event.c.seq == which))
    assert broken_at(engine, matter) == which


def test_a_removed_tail_shows_by_the_head_and_with_a_changed_head_by_the_anchor(engine, clock, matter):
    engine.run(EnsureHouse(), ENGINE)
    clock.advance(minutes=10)
    worker(engine).drain(most=1)
    (anchor,) = read(engine, "anchor")
    instance = read(engine, "process_instance", id=matter)[0]
    assert anchor.heads[str(matter)] == [instance.chain_head, instance.chain_seq]
    event = tables.history_event
    with engine.database.transaction() as session:
        session.execute(delete(event).where(event.c.instance_id == matter, event.c.seq == instance.chain_seq))
    assert broken_at(engine, matter) is not None
    last = read(engine, "history_event", instance_id=matter)[-1]
    with engine.database.transaction() as session:
        row = tables.process_instance
        session.execute(update(row).where(row.c.id == matter).values(chain_head=last.hash, chain_seq=last.seq))
    assert broken_at(engine, matter) is None
    assert read(engine, "anchor")[0].heads[str(matter)] != [last.hash, last.seq]


def test_anchors_follow_each_other_and_are_written_outside_the_database(engine, clock, tmp_path):
    from engine.worker import Worker

    task = open_task(engine)
    own = Worker(engine, anchor_file=tmp_path / "anchors.jsonl")
    engine.run(EnsureHouse(), ENGINE)
    clock.advance(minutes=10)
    own.drain(most=1)
    complete(engine, task)
    clock.advance(minutes=10)
    own.drain(most=1)
    first, second = read(engine, "anchor")
    assert second.previous_hash == first.hash
    lines = (tmp_path / "anchors.jsonl").read_text().splitlines()
    assert [line for line in lines if first.hash in line or second.hash in line] == lines


def test_without_news_there_is_no_new_anchor(engine, clock, matter):
    engine.run(EnsureHouse(), ENGINE)
    for _ in range(3):
        clock.advance(minutes=10)
        worker(engine).drain(most=1)
    assert len(read(engine, "anchor")) == 1
