"""Writes nobody waits for: kept on PostgreSQL until something is asked or the transaction ends, in their order."""

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import bindparam, delete, event, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from engine.database import Database
from engine.errors import ConflictError, UnavailableError
from engine.exchange import watchers
from engine.model import tables
from engine.prepared import Prepared

ROWS = tables.number_sequence.c
PUT = Prepared(insert(tables.number_sequence), ("name", "last"))
RAISE = Prepared(
    update(tables.number_sequence).where(ROWS.name == bindparam("one")).values(last=ROWS.last + bindparam("by"))
)
TAKE = Prepared(delete(tables.number_sequence).where(ROWS.name == bindparam("one")))
GET = Prepared(select(ROWS.last).where(ROWS.name == bindparam("one")))
SIZE = Prepared(select(ROWS.last, ROWS.name).where(ROWS.name != bindparam("one")))
ROW = {"name": "X", "last": 1}


class TakenError(ConflictError):
    words = "被别人改过。"


def stored(database):
    with database.transaction(write=False) as session:
        return dict(session.execute(select(ROWS.name, ROWS.last)).all())


def test_what_is_asked_later_sees_what_was_written_before(database):
    with database.transaction() as session:
        connection = session.connection()
        PUT.write(connection, [ROW, {"name": "Y", "last": 5}])
        RAISE.write(connection, [{"one": "X", "by": 2}])
        assert GET.rows(connection, {"one": "X"}) == [(3,)]
        RAISE.write(connection, [{"one": "X", "by": 10}])
        assert session.execute(select(ROWS.last).where(ROWS.name == "X")).scalar() == 13
        TAKE.write(connection, [{"one": "Y"}])
        assert TAKE.run(connection, {"one": "Y"}) == 0
        PUT.write(connection, [])
        RAISE.write(connection, [{"one": "X", "by": 100}])
    assert stored(database) == {"X": 113}


def test_two_questions_see_what_was_written_and_answer_in_their_order(database):
    with database.transaction() as session:
        PUT.write(session.connection(), [ROW, {"name": "Y", "last": 5}])
        assert GET.rows_with(SIZE, session.connection(), {"one": "X"}) == ([(1,)], [(5, "Y")])


def test_a_write_that_has_to_touch_one_row_raises_what_it_was_given_and_nothing_is_stored(database):
    def change(name):
        with database.transaction() as session:
            PUT.write(session.connection(), [ROW])
            RAISE.write(session.connection(), [{"one": name, "by": 1}], instead=TakenError)
            PUT.write(session.connection(), [{"name": "Z", "last": 1}])

    with pytest.raises(TakenError):
        change("nobody")
    assert stored(database) == {}
    change("X")
    assert stored(database) == {"X": 2, "Z": 1}


def test_an_error_before_the_end_leaves_nothing_of_what_was_kept(database):
    class StopError(Exception):
        pass

    def stop():
        with database.transaction() as session:
            PUT.write(session.connection(), [ROW])
            raise StopError

    with pytest.raises(StopError):
        stop()
    assert stored(database) == {}
    with database.transaction() as session:
        PUT.write(session.connection(), [{"name": "Y", "last": 1}])
    assert stored(database) == {"Y": 1}


def test_a_broken_rule_names_the_statement_that_broke_it(database):
    def twice():
        with database.transaction() as session:
            RAISE.write(session.connection(), [{"one": "X", "by": 1}])
            PUT.write(session.connection(), [ROW])
            PUT.write(session.connection(), [ROW])
            TAKE.write(session.connection(), [{"one": "X"}])

    with pytest.raises(IntegrityError) as told:
        twice()
    assert told.value.statement.startswith("INSERT INTO number_sequence")
    assert "'X'" not in str(told.value).partition("[SQL")[2]
    assert stored(database) == {}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whoever_keeps_an_error_keeps_no_file_open(database):
    kept = []

    def twice():
        with database.transaction() as session:
            PUT.write(session.connection(), [ROW])
            PUT.write(session.connection(), [ROW])

    try:
        twice()
    except IntegrityError as error:
        kept.append(error)
    database.close()
    names = {database.url.database + suffix for suffix in ("", "-wal", "-shm")}
    assert kept
    assert names.isdisjoint(str(one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.is_file())


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_lost_before_writes_are_sent_is_unavailable(database):
    other = Database(database.url.render_as_string(hide_password=False))

    def lose():
        with database.transaction() as session:
            pid = session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar()
            PUT.write(session.connection(), [ROW])
            PUT.write(session.connection(), [{"name": "Y", "last": 1}])
            with other.transaction() as killer:
                killer.connection().exec_driver_sql(f"SELECT pg_terminate_backend({pid})")

    with pytest.raises(UnavailableError):
        lose()
    other.close()
    assert stored(database) == {}


def test_statements_are_seen_once_each_and_in_their_order(database):
    seen = []
    sees = lambda _connection, _cursor, statement, *_: seen.append(statement)  # noqa: E731
    watchers.append(seen.append)
    event.listen(database.engine, "before_cursor_execute", sees)
    try:
        with database.transaction() as session:
            PUT.write(session.connection(), [ROW])
            session.execute(text("SELECT 1"))
            TAKE.write(session.connection(), [{"one": "X"}])
    finally:
        watchers.remove(seen.append)
        event.remove(database.engine, "before_cursor_execute", sees)
    assert [one.split()[0] for one in seen if not one.startswith("BEGIN")] == ["INSERT", "SELECT", "DELETE"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_postgresql_sends_kept_writes_in_one_pipeline(database, monkeypatch):
    opened, real = [], psycopg.Connection.pipeline
    monkeypatch.setattr(psycopg.Connection, "pipeline", lambda self: (opened.append(1), real(self))[1])
    with database.transaction() as session:
        for name in "ABC":
            PUT.write(session.connection(), [{"name": name, "last": 1}])
        assert not opened
    assert opened == [1]
    assert stored(database) == {"A": 1, "B": 1, "C": 1}
