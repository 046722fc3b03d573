"""Prepared statements: the same conversions and errors as SQLAlchemy's own, on both databases."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from engine.database import Database
from engine.errors import UnavailableError
from engine.exchange import watchers
from engine.model import tables
from engine.prepared import Prepared, PreparedUpsert

AT = datetime(2026, 3, 2, 1, 0, 0, 123456, tzinfo=UTC)
MESSAGE = ("name", "correlation", "variables", "status", "created_at", "expires_at")
PUT = Prepared(insert(tables.message).returning(tables.message.c.id), MESSAGE)
GET = Prepared(select(tables.message).where(tables.message.c.id == bindparam("id")))
SET = PreparedUpsert(tables.setting, ("name",), ("value",))
NUMBER = Prepared(insert(tables.number_sequence), ("name", "last"))
ROW = {
    "name": "甲", "correlation": None, "variables": {"a": [1, 2.5, None, True, "乙"]}, "status": "stored", "created_at": AT,
    "expires_at": AT,
}  # fmt: skip


def test_values_come_back_as_they_went_in(database):
    with database.transaction() as session:
        ((made,),) = PUT.rows(session.connection(), ROW)
        (row,) = GET.rows(session.connection(), {"id": made})
    with database.transaction(write=False) as session:
        assert tuple(session.execute(select(tables.message)).one()) == row
    assert dict(zip(tables.message.c.keys(), row, strict=True)) == {**ROW, "id": made, "matched_instance": None}
    assert row[5].tzinfo is not None


def test_many_rows_and_changes_of_rows_that_are_there(database):
    with database.transaction() as session:
        SET.write(session.connection(), [{"name": "a", "value": 1}, {"name": "b", "value": {"x": []}}])
        SET.write(session.connection(), [{"name": "a", "value": [2]}])
        SET.write(session.connection(), [])
    with database.transaction(write=False) as session:
        assert dict(session.execute(select(tables.setting.c.name, tables.setting.c.value)).all()) == {
            "b": {"x": []},
            "a": [2],
        }


def test_a_parameter_may_stand_twice_and_beside_values_of_the_statement_itself(database):
    at = bindparam("at")
    message = tables.message.c
    asked = Prepared(
        select(message.name).where(
            message.created_at <= at, message.expires_at >= at, message.variables["a"][0].as_integer() == 1
        )
    )
    with database.transaction() as session:
        PUT.rows(session.connection(), ROW)
        assert asked.rows(session.connection(), {"at": AT}) == [("甲",)]


def test_a_broken_rule_of_the_database_is_told_as_sqlalchemy_tells_it(database):
    def twice():
        with database.transaction() as session:
            for _ in range(2):
                NUMBER.run(session.connection(), {"name": "X", "last": 1})

    with pytest.raises(IntegrityError):
        twice()
    with database.transaction(write=False) as session:
        assert session.execute(select(tables.number_sequence)).all() == []


def test_a_lost_connection_is_unavailable_once_and_then_replaced(request):
    url = request.getfixturevalue("postgresql_database").url.render_as_string(hide_password=False)
    database = Database(url)

    def lose():
        with database.transaction() as session:
            pid = session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar()
            other = Database(url)
            with other.transaction() as killer:
                killer.connection().exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
            other.close()
            GET.rows(session.connection(), {"id": 1})

    with pytest.raises(UnavailableError):
        lose()
    with database.transaction() as session:
        assert GET.rows(session.connection(), {"id": 1}) == []
    database.close()


def test_an_insert_that_leaves_a_default_out_is_refused(database):
    with database.transaction() as session, pytest.raises(ValueError, match="priority"):
        Prepared(insert(tables.job).inline(), ("kind", "payload")).run(
            session.connection(), {"kind": "x", "payload": {}}
        )


def test_watchers_see_each_statement(database):
    seen = []
    watchers.append(seen.append)
    try:
        with database.transaction() as session:
            GET.rows(session.connection(), {"id": 1})
    finally:
        watchers.remove(seen.append)
    assert len(seen) == 1
