"""Workers and web servers killed at random points: each timer takes effect once, no step is lost or half done."""

import os
import threading
from queue import SimpleQueue

from tests.factories import read
from tests.faults.children import children, count_lines, serve_web, wait_until, work
from tests.faults.clients import Client, free_port
from tests.faults.scene import LONG, logged_in

KILLS = int(os.environ.get("BIHUAN_TEST_KILLS") or (500 if LONG else 6))
AHEAD = 60
PEOPLE = 3


def test_timers_take_effect_once_however_often_workers_are_killed(scene, chance, figure):
    begun = scene.start_timed(AHEAD)

    def feed():
        if len(read(scene.engine, "job", kind="timer")) < AHEAD // 2:
            begun.extend(scene.start_timed(AHEAD))

    with children() as crew:
        for name in ("one", "two"):
            crew.start(name, work, scene.place)
        crew.kill_at_random(chance, KILLS, feed)
        wait_until(lambda: not waiting(scene), 60)
    scene.check()
    fired = [row.instance_id for row in read(scene.engine, "history_event", action="timer fired")]
    assert sorted(fired) == sorted(begun)
    assert sorted(row.instance_id for row in read(scene.engine, "user_task", status="open")) == sorted(begun)
    assert read(scene.engine, "incident") == []
    assert_told_once(scene, begun)
    figure("1 kill -9 of workers", f"{KILLS} kills, {len(begun)} timers, 0 violations")


def test_no_step_is_lost_or_done_twice_however_often_web_servers_are_killed(scene, chance, figure):
    ports = [free_port(), free_port()]
    tokens = logged_in(scene, *["alice"] * PEOPLE)
    begun, waiting_tasks, done, over = [], SimpleQueue(), [], threading.Event()

    def feed():
        """However slow the machine is, between two kills somebody gets on; however fast, there is work left."""
        if waiting_tasks.qsize() < AHEAD:
            for matter in scene.start("plain", 2 * AHEAD):
                (task,) = scene.tasks(matter)
                begun.append(task)
                waiting_tasks.put(task)
        before = len(done)
        wait_until(lambda: len(done) > before, 60)

    with children() as crew:
        for port in ports:
            crew.start(port, serve_web, scene.place, port)
        people = [
            threading.Thread(target=complete_all, args=(Client(ports[n:] + ports[:n], token), iter(waiting_tasks.get, None), done, over))
            for n, token in enumerate(tokens)
        ]  # fmt: skip
        for one in people:
            one.start()
        feed()
        crew.kill_at_random(chance, KILLS, feed)
        over.set()
        for _ in people:
            waiting_tasks.put(None)
        for one in people:
            one.join(120)
    scene.check()
    assert {status for _, statuses in done for status in statuses} <= {200, 303, 503}
    completed = {task for task, _ in done}
    assert len(completed) > KILLS
    told = [row.task_id for row in read(scene.engine, "history_event", action="task completed")]
    assert sorted(told) == sorted(completed)
    assert set(scene.tasks()) == set(begun) - completed
    figure("1 kill -9 of web servers", f"{KILLS} kills, {len(completed)} completions acknowledged, 0 lost, 0 doubled")


def complete_all(client, tasks, done, over):
    """Complete tasks one after the other, each until it is acknowledged; stop when the time is over."""
    token = client.token()
    for task in tasks:
        if over.is_set():
            return
        fields = {"csrf_token": token, "idempotency_key": f"once-{task}", "row_version": "1", "note": "核实"}
        client.until(lambda: client.post(f"/tasks/{task}/complete", fields), {303})  # noqa: B023 - called at once
        done.append((task, client.statuses))


def waiting(scene):
    """Jobs still to be done for matters and messages; those that keep the house come again and again."""
    return [row for row in read(scene.engine, "job") if row.kind in {"timer", "connector", "notification"}]


def assert_told_once(scene, begun):
    """Each matter's notice is there once, and left by a message once marked as sent."""
    notices = read(scene.engine, "notice")
    assert sorted(row.instance_id for row in notices) == sorted(begun)
    outbox = read(scene.engine, "outbox")
    assert all(row.sent_at is not None for row in outbox)
    received = {line["key"]: line["body"] for line in count_lines(scene.place.received)}
    assert received.keys() == {f"bihuan-{row.id}" for row in outbox}
    told = "\n".join(received.values())
    assert [row.text for row in notices if row.text not in told] == []
