"""Many clients at one thing: exactly one gets it, the others are told, and nothing is lost."""

import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text

from engine.database import Database
from tests.factories import read
from tests.faults.children import CONTEXT, all_at_once, children, pause, serve_web, wait_until, work
from tests.faults.clients import Client, compete, free_port
from tests.faults.scene import BRANCHES, LONG, Scene, logged_in
from tests.faults.test_kills import waiting

CLIENTS = 32
PROCESSES = 4
TASKS = 200 if LONG else 12
MATTERS = 40 if LONG else 4
TIMERS = 10_000 if LONG else 200


def at_the_engine(scene, tasks):
    """Let 32 clients in four processes complete the same tasks; returns what they were told."""
    each = CLIENTS // PROCESSES
    barrier = CONTEXT.Barrier(CLIENTS)
    rows = [(scene.place, barrier, tasks, range(n * each, (n + 1) * each)) for n in range(PROCESSES)]
    return sum(all_at_once(compete, rows), Counter())


def test_of_32_clients_at_one_task_one_completes_it(scene, figure):
    matters = scene.start("plain", TASKS)
    told = at_the_engine(scene, scene.tasks())
    assert told == {"ok": TASKS, "conflict": (CLIENTS - 1) * TASKS}
    scene.check()
    events = Counter(row.instance_id for row in read(scene.engine, "history_event", action="task completed"))
    assert events == dict.fromkeys(matters, 1)
    figure("2 one task, 32 clients", f"{told['ok']} completed, {told['conflict']} conflicts, 0 other answers")


def test_of_32_browsers_at_one_task_one_completes_it_and_the_others_get_409(scene, figure):
    ports = [free_port(), free_port()]
    tokens = logged_in(scene, "alice", "alice")
    scene.start("plain", 3)
    tasks = scene.tasks()
    statuses = Counter()
    barrier = threading.Barrier(CLIENTS)

    def run(number):
        client = Client([ports[number % 2]], tokens[number % 2])
        fields = {"csrf_token": client.token(), "row_version": "1"}
        for task in tasks:
            barrier.wait(60)
            answer = client.post(f"/tasks/{task}/complete", {**fields, "idempotency_key": f"{number}-{task}"})
            statuses[answer and answer[0]] += 1

    with children() as crew:
        for port in ports:
            crew.start(port, serve_web, scene.place, port)
        people = [threading.Thread(target=run, args=(number,)) for number in range(CLIENTS)]
        for one in people:
            one.start()
        for one in people:
            one.join(120)
    assert statuses == {303: len(tasks), 409: (CLIENTS - 1) * len(tasks)}
    scene.check()
    figure("2 the same over HTTP", f"{statuses[303]} times 303, {statuses[409]} times 409, 0 times 500")


def test_parallel_branches_by_competing_clients_all_count_and_the_matter_ends(scene, figure):
    matters = scene.start("parallel", MATTERS)
    told = at_the_engine(scene, scene.tasks())
    assert told == {"ok": MATTERS * BRANCHES, "conflict": (CLIENTS - 1) * MATTERS * BRANCHES}
    scene.check()
    ended = {row.id: row.status for row in read(scene.engine, "process_instance", key="parallel")}
    assert ended == dict.fromkeys(matters, "completed")
    figure(
        "3 branches, 32 clients", f"{told['ok']} of {MATTERS * BRANCHES} branches, {MATTERS} of {MATTERS} matters end"
    )


def test_timers_on_four_workers_take_effect_once(scene, figure):
    span = timedelta(seconds=TIMERS / 100) if LONG else timedelta()  # the first is due when all are there
    begun = scene.start_timed(TIMERS, span, span)
    with children() as crew:
        for name in range(4):
            crew.start(name, work, scene.place)
        wait_until(lambda: not waiting(scene), TIMERS / 20 + 30)
    scene.check()
    fired = [row.instance_id for row in read(scene.engine, "history_event", action="timer fired")]
    assert sorted(fired) == sorted(begun)
    figure("4 timers on 4 workers", f"{len(fired)} once each; {lateness(scene)}")


def lateness(scene):
    """How late timers were: median and 99th percentile in seconds."""
    due = {row.id: row.started_at + timedelta(hours=1) for row in read(scene.engine, "process_instance")}
    fired = read(scene.engine, "history_event", action="timer fired")
    late = sorted((row.at - due[row.instance_id]).total_seconds() for row in fired)
    return f"late: p50 {late[len(late) // 2]:.3f} s, p99 {late[len(late) * 99 // 100]:.3f} s"


@pytest.fixture
def counter(tmp_path):
    """A SQLite database with a number in it."""
    scene = Scene(f"sqlite:///{tmp_path / 'bihuan.sqlite3'}", tmp_path)
    with scene.database.engine.begin() as connection:
        connection.execute(text("INSERT INTO setting (name, value) VALUES ('counter', '0')"))
    yield scene
    scene.close()


def count_up(answers, place, times):
    """Add one, again and again, with a moment between; the answer is how long each took, and all of them."""
    database = Database(place.url)
    took, whole = [], time.perf_counter()
    for _ in range(times):
        begun = time.perf_counter()
        with database.transaction() as session:
            known = int(session.execute(text("SELECT value FROM setting WHERE name = 'counter'")).scalar())
            session.execute(text("UPDATE setting SET value = :v WHERE name = 'counter'"), {"v": str(known + 1)})
        took.append(time.perf_counter() - begun)
        pause(0.01)
    database.close()
    answers.put((took, time.perf_counter() - whole))


def test_eight_writers_of_sqlite_take_turns_and_lose_nothing(counter, figure):
    times = 500 if LONG else 40
    told = all_at_once(count_up, [(counter.place, times)] * 8)
    took = sorted(one for each in told for one in each[0])
    rate = 8 * times / max(each[1] for each in told)
    assert len(took) == 8 * times
    with counter.database.transaction(write=False) as session:
        assert session.execute(text("SELECT value FROM setting WHERE name = 'counter'")).scalar() == 8 * times
    p50, p99, longest = (1000 * took[place] for place in (len(took) // 2, len(took) * 99 // 100, -1))
    figure("8 eight writers of SQLite, 10 ms between",
           f"{rate:.0f}/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {longest:.1f} ms, 0 locked, 0 lost")  # fmt: skip
