"""The database crashes under load and comes back: what was acknowledged is there, people are told to try again."""

import threading
import time
from collections import Counter
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from engine.errors import ConflictError, UnavailableError
from engine.task_actions.complete import CompleteTask
from tests.factories import read
from tests.faults.children import children, new_engine, pause, serve_web, wait_until, work
from tests.faults.clients import Client, free_port
from tests.faults.scene import LONG, Scene, logged_in
from tests.faults.servers import FORGETFUL, server
from tests.faults.test_kills import waiting
from tests.postgresql import new_database

CRASHES = 20 if LONG else 2
CLIENTS = 4


@contextmanager
def on_own_server(folder, settings=None):
    """A scene on a server that may be crashed."""
    with server(settings) if settings else server() as one:
        made = Scene(new_database(one.url, "crashing"), folder)
        try:
            yield one, made
        finally:
            made.close()


def complete_all(place, tasks, acknowledged, refused, over):
    """A client of the engine: completes its tasks, each with one key until it is told that it is done."""
    engine = new_engine(place)
    alice = None
    for task in tasks:
        while not over.is_set():
            try:
                alice = alice or _alice(engine)
                engine.run(CompleteTask(task, {}, None, f"once-{task}"), alice)
            except UnavailableError:
                refused.append(task)
                pause(0.05)
                continue
            acknowledged.append(task)
            break
    engine.database.close()


def _alice(engine):
    from tests.factories import person

    return person(engine, "alice")


def test_nothing_acknowledged_is_lost_when_the_database_crashes_under_load(tmp_path, chance, figure):
    with on_own_server(tmp_path) as (one, scene), children() as crew:
        begun = scene.start_timed(60)
        scene.start("plain", 400 * CRASHES)
        tasks = [row.id for row in read(scene.engine, "user_task", status="open")]
        (token,) = logged_in(scene, "alice")
        scene.close()
        crew.start("worker", work, scene.place)
        port = free_port()
        crew.start("web", serve_web, scene.place, port)
        reader = Client([port], token)
        reader.until(lambda: reader.get("/work"), {200})
        acknowledged, refused, over = [], [], threading.Event()
        people = [
            threading.Thread(target=complete_all, args=(scene.place, tasks[n::CLIENTS], acknowledged, refused, over))
            for n in range(CLIENTS)
        ]
        for each in people:
            each.start()
        statuses, recovered = Counter(), []
        for _ in range(CRASHES):
            pause(chance.uniform(0.5, 1.0))
            one.crash()
            statuses[reader.get("/work")[0]] += 1
            pause(chance.uniform(0, 1.0))
            one.start()
            up = time.perf_counter()
            wait_until(lambda: reader.get("/work")[0] == 200, 20)
            recovered.append(time.perf_counter() - up)
        pause(0.5)
        over.set()
        for each in people:
            each.join(60)
        assert statuses == {503: CRASHES}
        assert refused
        wait_until(lambda: not waiting(scene), 60)
        scene.check()
        completed = [row.task_id for row in read(scene.engine, "history_event", action="task completed")]
        assert set(acknowledged) <= set(completed)
        assert len(completed) == len(set(completed))
        fired = [row.instance_id for row in read(scene.engine, "history_event", action="timer fired")]
        assert sorted(fired) == sorted(begun)
        figure("5 crashes of PostgreSQL under load",
               f"{CRASHES} crashes, {len(acknowledged)} acknowledged, 0 lost, {len(refused)} told to try again; "
               f"pages back within {max(recovered):.1f} s")  # fmt: skip


def test_checker_detects_an_acknowledged_loss(tmp_path):
    """With acknowledgements that mean nothing, the same accounting finds what is missing."""
    with on_own_server(tmp_path, FORGETFUL) as (one, scene):
        scene.start("plain", 20)
        tasks = scene.tasks()
        with scene.database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("CHECKPOINT"))
        for task in tasks:
            scene.engine.run(CompleteTask(task, {}, None, f"once-{task}"), scene.alice)
        one.crash()
        one.start()
        scene.database.close()
        completed = {row.task_id for row in read(scene.engine, "history_event", action="task completed")}
        assert set(tasks) - completed


def test_a_database_that_goes_away_amid_a_command_is_unavailable_and_never_a_conflict(tmp_path):
    with on_own_server(tmp_path) as (one, scene):
        (matter,) = scene.start("plain", 1)
        (task,) = scene.tasks(matter)
        one.crash()
        with pytest.raises(UnavailableError):
            scene.engine.run(CompleteTask(task, {}, None, "once"), scene.alice)
        one.start()
        first = scene.engine.run(CompleteTask(task, {}, None, "once"), scene.alice)
        assert scene.engine.run(CompleteTask(task, {}, None, "once"), scene.alice) == first
        with pytest.raises(ConflictError):
            scene.engine.run(CompleteTask(task, {}, None, "another"), scene.alice)
        scene.check()
