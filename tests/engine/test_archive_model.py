"""The archive and what is at work as one: what threads share of it must be whole before they come."""

import sys
import threading

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import sqlite

from engine.model import UserTask
from engine.model.archive import _every, _shared, archived_task

ROUNDS = 60
THREADS = 6


@pytest.fixture
def hasty():
    """Threads that take turns after every few steps."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_threads_that_are_all_the_first_make_the_same_statement(hasty):
    names = [column.name for column in UserTask.__table__.columns]
    found = {statement for _ in range(ROUNDS) for statement in compiled_by_threads(names)}
    assert len(found) == 1
    (statement,) = found
    assert statement.endswith("FROM archived_task) AS every_user_task \nWHERE every_user_task.id = ?")


def compiled_by_threads(names):
    """What threads compile that all ask at once for the rows at work and in the archive."""
    every, ready, made = _shared(UserTask, _every(UserTask, archived_task)), threading.Barrier(THREADS), []

    def run():
        ready.wait(10)
        asked = select(*(getattr(every, name) for name in names)).where(every.id == 1)
        made.append(str(asked.compile(dialect=sqlite.dialect())))

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == THREADS
    return made
