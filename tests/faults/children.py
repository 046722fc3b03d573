"""Child processes that do the product's work for real, to be killed: workers, web servers, and clients that compete.

They are forked from a clean process that has everything imported, so that one is at work within milliseconds and a
kill hits work, not a start.
"""

import json
import logging
import multiprocessing
import os
import signal
import threading
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from config.settings import Settings
from engine.channels import CHANNELS, Channel
from engine.clock import SystemClock
from engine.database import Database
from engine.engine import Engine
from engine.files import FileStore
from engine.jobs import acquire
from engine.passwords import AccountRules
from engine.worker import Worker
from web.serving import serve

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.faults.children"])
# So that the work of a killed worker is taken over while the test waits.
SHORT_LEASE = timedelta(seconds=2)


class Recorded(Channel):
    """A channel that writes what it is handed to a file, one line each, whoever appends."""

    def __init__(self, path):
        self.path = path

    def send(self, message, settings):
        line = json.dumps({"key": message.key, "body": message.body}, ensure_ascii=False)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def new_engine(place, **options):
    """An engine of this process on the database of a scene."""
    accounts = AccountRules(memory_kib=64)
    return Engine(Database(place.url), SystemClock(), FileStore(place.files), accounts=accounts, **options)


def work(place):
    """Be a worker until killed."""
    logging.disable(logging.WARNING)
    acquire.LEASE = SHORT_LEASE
    CHANNELS["email"] = Recorded(place.received)
    Worker(new_engine(place), {"email": None}).start(0.1)
    threading.Event().wait()


def serve_web(place, port):
    """Be a web server until killed."""
    logging.disable(logging.ERROR)
    settings = Settings(data_dir=place.folder, secret_key="k" * 64, password_memory_kib=64)
    serve(new_engine(place), settings, ("127.0.0.1", port), None, lambda _: None)


class Children:
    """Children by name; one that is killed is started again by the same name."""

    def __init__(self):
        self._plans = {}
        self._running = {}

    def start(self, name, target, *arguments):
        """Start a child, or the same again."""
        self._plans[name] = (target, arguments)
        child = self._running[name] = CONTEXT.Process(target=target, args=arguments, daemon=True)
        child.start()
        return child

    def kill(self, name):
        """End a child as a power cut would."""
        child = self._running.pop(name)
        os.kill(child.pid, signal.SIGKILL)
        child.join(10)
        assert child.exitcode == -signal.SIGKILL, (name, child.exitcode)

    def kill_at_random(self, random, times, between=lambda: None):
        """Kill a child every 0.35 to 0.8 s and start it again at once; `between` is called after each."""
        for _ in range(times):
            pause(random.uniform(0.35, 0.8))
            name = random.choice(sorted(self._running))
            self.kill(name)
            target, arguments = self._plans[name]
            self.start(name, target, *arguments)
            between()

    def end(self):
        """Kill all."""
        for name in list(self._running):
            self.kill(name)


@contextmanager
def children():
    """Children that are gone at the end."""
    made = Children()
    try:
        yield made
    finally:
        made.end()


def all_at_once(target, rows):
    """Run a function in one child per row of arguments; it gets a queue first and must put one answer into it."""
    answers = CONTEXT.Queue()
    started = [CONTEXT.Process(target=target, args=(answers, *row), daemon=True) for row in rows]
    for child in started:
        child.start()
    try:
        return [answers.get(timeout=240) for _ in started]
    finally:
        for child in started:
            child.join(20)
            if child.is_alive():
                os.kill(child.pid, signal.SIGKILL)


def pause(seconds):
    """Let time pass for the processes under test."""
    threading.Event().wait(seconds)


def wait_until(condition, seconds, every=0.1):
    """Wait until a condition holds; fails after so many seconds."""
    for _ in range(int(seconds / every)):
        if condition():
            return
        pause(every)
    raise AssertionError(f"not within {seconds} s: {condition}")


def count_lines(path):
    """The lines of a file that may not exist yet; a last line that a kill cut off is left out."""
    if not Path(path).exists():
        return []
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines() if line.endswith("}")]
