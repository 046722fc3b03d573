"""The worker: beats, wakes, sends by channels, and outlives whatever a job or the database does."""

import threading

import pytest
from sqlalchemy import insert

from engine.actor import ENGINE
from engine.channels import CHANNELS, Channel
from engine.database import Database
from engine.engine import Engine
from engine.errors import ChannelError, UnavailableError
from engine.jobs.keep_house import EnsureHouse
from engine.model import tables
from engine.worker import Worker
from tests.factories import deploy, line, prepare, procedure, read, service, start, user


class Recorded(Channel):
    """A channel that keeps what it is given, and fails as often as it is told."""

    def __init__(self):
        self.sent = []
        self.fails = 0
        self.permanent = False

    def send(self, message, settings):
        if self.fails:
            self.fails -= 1
            raise ChannelError(reason="对方拒收", permanent=self.permanent)
        self.sent.append((message.key, message.address, settings))


@pytest.fixture
def channel(monkeypatch):
    channel = Recorded()
    monkeypatch.setitem(CHANNELS, "recorded", channel)
    return channel


def add_message(engine):
    with engine.database.transaction() as session:
        row = {"channel": "recorded", "person_id": None, "address": "a@example.invalid", "subject": "提醒", "body": "请办理",
               "created_at": engine.clock.now(), "attempts": 0}  # fmt: skip
        outbox = session.execute(insert(tables.outbox).returning(tables.outbox.c.id), row).scalar_one()
        job = {"kind": "notification", "due_at": engine.clock.now(), "payload": {"outbox": outbox}, "priority": 0,
               "attempts": 0, "retries": 3}  # fmt: skip
        session.execute(insert(tables.job), job)
    return outbox


def test_a_message_leaves_once_with_its_id(engine, clock, channel):
    outbox = add_message(engine)
    own = Worker(engine, {"recorded": "settings"})
    assert own.drain() == 1
    assert own.drain() == 0
    assert channel.sent == [(f"bihuan-{outbox}", "a@example.invalid", "settings")]
    row = read(engine, "outbox")[0]
    assert (row.sent_at, row.attempts) == (clock.now(), 1)


def test_a_message_that_is_refused_is_tried_again(engine, clock, channel):
    add_message(engine)
    channel.fails = 1
    own = Worker(engine, {"recorded": {"host": "x"}})
    own.drain()
    assert channel.sent == []
    assert "对方拒收" in read(engine, "job")[0].last_error
    clock.advance(hours=1)
    own.drain()
    assert len(channel.sent) == 1
    assert read(engine, "job") == []


def test_a_message_that_can_never_leave_becomes_an_incident(engine, channel):
    add_message(engine)
    channel.fails, channel.permanent = 1, True
    Worker(engine, {"recorded": {"host": "x"}}).drain()
    assert "对方拒收" in read(engine, "incident")[0].message


def test_a_lease_that_ran_out_while_sending_does_not_send_again_what_is_marked_sent(engine, clock, channel):
    add_message(engine)
    own = Worker(engine, {"recorded": {"host": "x"}})
    own.drain()
    with engine.database.transaction() as session:
        job = {
            "kind": "notification",
            "due_at": clock.now(),
            "payload": {"outbox": 1},
            "priority": 0,
            "attempts": 0,
            "retries": 3,
        }
        session.execute(insert(tables.job), job)
    own.drain()
    assert len(channel.sent) == 1


def test_what_waits_behind_slow_messages_is_left_to_others_before_the_lease_ends(engine, clock, channel):
    for _ in range(5):
        add_message(engine)
    first, second = Worker(engine, {"recorded": "settings"}), Worker(engine, {"recorded": "settings"})
    send = channel.send

    def slowly(message, settings):
        send(message, settings)
        clock.advance(seconds=20)

    channel.send = slowly
    first.tick()
    assert len(channel.sent) == 2
    assert second.tick() == 0
    clock.advance(seconds=21)
    assert second.tick() == 3
    assert first.tick() == 0
    clock.advance(minutes=2)
    second.drain()
    assert sorted(key for key, *_ in channel.sent) == [f"bihuan-{row.id}" for row in read(engine, "outbox")]


def test_a_started_worker_does_due_work_as_soon_as_it_is_written(engine):
    prepare(engine)
    inside = line(
        service("number", "number.assign", inputs={"pattern": "X-{nnn}"}, result="no"),
        user("work"),
        keys=("number", "work"),
    )
    deploy(engine, *procedure("demo", inside))
    own = Worker(engine)
    own.start(3600)
    try:
        matter = start(engine, "demo").instance_id
        done = threading.Event()
        for _ in range(200):
            if read(engine, "user_task", instance_id=matter):
                done.set()
                break
            threading.Event().wait(0.05)
        assert done.is_set()
    finally:
        own.stop()
    assert {row.name: row.value for row in read(engine, "variable")}["no"] == "X-001"


def test_the_house_is_kept_by_one_job_however_many_workers_start(engine):
    for _ in range(3):
        engine.run(EnsureHouse(), ENGINE)
    assert len(read(engine, "job", kind="house")) == 1


def test_a_database_that_is_away_is_said_to_be_unavailable(clock, files):
    database = Database("postgresql+psycopg://nobody@127.0.0.1:9/none")
    engine = Engine(database, clock, files)
    with pytest.raises(UnavailableError):
        engine.run(EnsureHouse(), ENGINE)
    assert not database.reachable()
    database.close()


def test_a_worker_outlives_a_database_that_is_away(clock, files, caplog):
    database = Database("postgresql+psycopg://nobody@127.0.0.1:9/none")
    own = Worker(Engine(database, clock, files))
    own._beat()
    assert "unavailable" in caplog.text
    database.close()
