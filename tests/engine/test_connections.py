"""Connections of PostgreSQL: checked when they were idle, trusted when they were not; readers open no transaction."""

import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import text

import engine.database
from engine.database import Database
from engine.errors import UnavailableError


@pytest.fixture
def pooled(postgresql_database):
    """A database with one connection in its pool, which the server has ended."""
    database = Database(postgresql_database.url.render_as_string(hide_password=False))
    with database.transaction() as session:
        ended = session.scalar(text("SELECT pg_backend_pid()"))
    with postgresql_database.transaction() as session:
        session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": ended})
    yield database
    database.close()


def test_a_connection_that_was_idle_is_replaced_without_a_word(pooled, monkeypatch):
    monkeypatch.setattr(engine.database, "TRUSTED_SECONDS", 0.0)
    with pooled.transaction() as session:
        assert session.scalar(text("SELECT 1")) == 1


def test_a_connection_used_just_now_is_not_asked_first_and_what_fails_is_to_be_tried_again(pooled, monkeypatch):
    monkeypatch.setattr(engine.database, "TRUSTED_SECONDS", 600.0)
    with pytest.raises(UnavailableError), pooled.transaction() as session:
        session.execute(text("SELECT 1"))
    with pooled.transaction() as session:
        assert session.scalar(text("SELECT 1")) == 1


@pytest.mark.parametrize(("write", "status"), [(False, TransactionStatus.IDLE), (True, TransactionStatus.INTRANS)])
def test_only_writers_open_a_transaction(postgresql_database, write, status):
    with postgresql_database.transaction(write=write) as session:
        session.execute(text("SELECT 1"))
        assert session.connection().connection.driver_connection.info.transaction_status == status
