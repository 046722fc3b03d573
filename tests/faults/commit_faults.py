"""Commits that fail: an error before or after COMMIT now and then, and a client that tries again with the same key.

After a COMMIT whose answer was lost the client cannot know whether it was done. With the same key it is done once, and
the answer is the first one. BIHUAN_TEST_COMMIT_FAULTS=5 lets five of a hundred commits of the `engine` fixture fail each
way, and those of the program behind the browser stories, so that every test that uses them becomes a test of this.
"""

import os
import random
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import OperationalError

from engine.commands.once import Once
from engine.database import Database
from engine.engine import Engine
from engine.errors import UnavailableError

PERCENT = int(os.environ.get("BIHUAN_TEST_COMMIT_FAULTS") or 0)
TRIES = 100


class FaultyDatabase(Database):
    """A database whose commits fail now and then, for whoever asked for it."""

    def __init__(self, url, percent, seed):
        super().__init__(url)
        self._random = random.Random(seed)
        self._percent = percent
        self._asked = threading.local()
        self.failed = {"before": 0, "after": 0}

    @contextmanager
    def failing(self):
        """Let commits of this thread fail."""
        self._asked.now = True
        try:
            yield
        finally:
            self._asked.now = False

    @contextmanager
    def _begin(self, write):
        with super()._begin(write) as connection:
            yield connection
            self._maybe_fail(write, "before")
        self._maybe_fail(write, "after")

    def _maybe_fail(self, write, when):
        if write and getattr(self._asked, "now", False) and self._random.uniform(0, 100) < self._percent:
            self.failed[when] += 1
            raise OperationalError("COMMIT", None, ConnectionError(f"injected {when} COMMIT"))


@dataclass
class _Remembering:
    """A command, and what it answered last: what a client holds in its hands when the first answer comes at last."""

    command: Any
    answer: Any = field(default=None)

    def execute(self, context):
        self.answer = self.command.execute(context)
        return self.answer


class RetryingEngine(Engine):
    """A client that sends a command again, with the same key, until it is told that it was carried out."""

    with_key = True

    def run(self, command, actor):
        told = _Remembering(command)
        sent = Once(told, uuid4().hex) if self.with_key else told
        for _ in range(TRIES):
            failed = sum(self.database.failed.values())
            try:
                with self.database.failing():
                    super().run(sent, actor)
            except UnavailableError:
                if sum(self.database.failed.values()) == failed:
                    raise
                continue
            return told.answer
        raise AssertionError("every commit failed")


def faulty(url, seed, *parts, **options):
    """An engine of these parts on a database whose commits fail as BIHUAN_TEST_COMMIT_FAULTS says."""
    return RetryingEngine(FaultyDatabase(url, PERCENT, seed), *parts, **options)
