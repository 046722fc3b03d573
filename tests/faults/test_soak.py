"""Half an hour of mixed load: memory and open files do not grow. Only in the long form."""

import threading

import psutil
import pytest

from tests.faults.children import children, pause, serve_web, work
from tests.faults.clients import Client, free_port
from tests.faults.scene import LONG, logged_in
from tests.faults.test_kills import complete_all

MINUTES = 30
PEOPLE = 3


@pytest.mark.skipif(not LONG, reason="takes half an hour: make test-long")
def test_memory_and_open_files_do_not_grow_in_half_an_hour(scene, figure):
    tokens = logged_in(scene, *["alice"] * PEOPLE)
    done, over = [], threading.Event()
    port = free_port()
    with children() as crew:
        watched = [crew.start("web", serve_web, scene.place, port), crew.start("worker", work, scene.place)]
        people = [threading.Thread(target=go_on, args=(scene, Client([port], token), done, over)) for token in tokens]
        for one in people:
            one.start()
        pause(120)  # caches fill first
        samples = [sample(watched) for _ in range(MINUTES - 2) if pause(60) is None]
        over.set()
        for one in people:
            one.join(60)
    memory = [[one[place][0] for one in samples] for place in range(len(watched))]
    growth, late = ([slope(one[since:]) for one in memory] for since in (0, len(samples) // 2))
    files = [[one[place][1] for one in samples] for place in range(len(watched))]
    figure(
        "19 soak",
        f"{MINUTES} min, {len(done)} completions and {5 * len(done)} pages, {growth[0]:+.2f} MB/min in the web server, "
        f"{growth[1]:+.2f} in the worker, in the second half {late[0]:+.2f} and {late[1]:+.2f}; "
        f"files {files[0][0]} to {files[0][-1]}",
    )
    assert len(done) > MINUTES * 60
    assert max(growth) < 1
    assert all(max(one[len(one) // 2 :]) <= max(one[: len(one) // 2]) + 5 for one in files)


def go_on(scene, client, done, over):
    """Begin matters, complete their task and look at pages, to the end."""
    while not over.is_set():
        (task,) = scene.tasks(*scene.start("plain", 1))
        for path in ("/work", "/matters", f"/tasks/{task}"):
            client.get(path)
        complete_all(client, [task], done, over)
        client.get(f"/tasks/{task}")
        if len(done) % 50 == 0:
            scene.start_timed(5)
        pause(0.2)


def sample(processes):
    """Memory in MB and open files of each process."""
    found = [psutil.Process(one.pid) for one in processes]
    return [(one.memory_info().rss / 2**20, one.num_fds()) for one in found]


def slope(values):
    """The growth per minute of values taken each minute, by least squares."""
    middle, mean = (len(values) - 1) / 2, sum(values) / len(values)
    spread = sum((place - middle) ** 2 for place in range(len(values)))
    return sum((place - middle) * (value - mean) for place, value in enumerate(values)) / spread
