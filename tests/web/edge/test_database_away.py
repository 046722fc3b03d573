"""A database that goes away while people work: 503 in Chinese, nothing lost, and it recovers by itself."""

import sqlite3
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from tests.web.edge.conftest import GOOD


@contextmanager
def away(database):
    """Take the database away: SQLite's file is moved off and its place is a folder; PostgreSQL refuses and cuts off."""
    if database.is_sqlite:
        database.close()
        path = Path(database.url.database)
        moved = path.with_name("moved-away")
        path.rename(moved)
        path.mkdir()
        try:
            yield
        finally:
            path.rmdir()
            moved.rename(path)
        return
    admin = create_engine(database.url.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    name = database.url.database
    with admin.connect() as connection:
        try:
            connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
            connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"))
            yield
        finally:
            connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    admin.dispose()


def test_what_was_typed_can_be_sent_again_and_counts_when_the_database_is_back(desk):
    typed = {**desk.page_fields(), **GOOD, "report": "写了很久的核查经过"}
    token, address = desk.browser.token(), f"/tasks/{desk.task_id}/complete"
    with away(desk.engine.database):
        answer = desk.browser.client.post(address, data={"csrf_token": token, **typed})
        page = answer.get_data(as_text=True)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert "暂时无法连接" in page
        assert "写了很久的核查经过" in page
        assert f'action="{address}"' in page
    assert desk.browser.client.post(address, data={"csrf_token": token, **typed}).status_code == 303
    assert desk.completions() == 1


def test_pages_parts_and_scripts_are_told_and_the_next_request_works(desk):
    paths = ("/work", f"/tasks/{desk.task_id}", "/matters", f"/matters/{desk.matter}/timeline", "/notices")
    with away(desk.engine.database):
        for path in paths:
            assert "暂时无法连接" in desk.browser.get(path).get_data(as_text=True)
            part = desk.browser.get(path, headers={"HX-Request": "true"})
            assert (part.status_code, part.headers["HX-Retarget"]) == (503, "#messages")
            assert desk.browser.get(path, headers={"Accept": "application/json"}).json["message"]
        assert desk.browser.get("/health").status_code == 200
    for path in paths:
        assert desk.browser.get(path).status_code == 200


def test_a_database_that_is_locked_is_503_and_comes_back(desk):
    """Somebody holds a lock longer than a request waits."""
    database = desk.engine.database
    fields, token = desk.page_fields(), desk.browser.token()
    post = lambda: desk.browser.client.post(  # noqa: E731
        f"/tasks/{desk.task_id}/complete", data={"csrf_token": token, **fields, **GOOD}
    )
    with locked(database):
        answer = post()
        assert answer.status_code == 503
        assert "现场已核实" in answer.get_data(as_text=True)
    assert post().status_code == 303


@contextmanager
def locked(database):
    if database.is_sqlite:
        holder = sqlite3.connect(database.url.database, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with short_patience(database):
            yield
        holder.execute("ROLLBACK")
        holder.close()
        return
    holder = create_engine(database.url, poolclass=NullPool)
    with holder.connect() as connection:
        connection.execute(text("SELECT 1 FROM user_task FOR UPDATE"))
        yield
        connection.rollback()


@contextmanager
def short_patience(database):
    """Let SQLite wait a moment instead of 15 s."""
    from sqlalchemy import event

    def shorten(connection, _record):
        connection.execute("PRAGMA busy_timeout=50")

    database.close()
    event.listen(database.engine, "connect", shorten)
    try:
        yield
    finally:
        event.remove(database.engine, "connect", shorten)
        database.close()


def test_when_every_connection_is_taken_people_are_told_to_try_again(desk, monkeypatch):
    pool = desk.engine.database.engine.pool
    monkeypatch.setattr(pool, "_timeout", 0.05)
    monkeypatch.setattr(pool, "_max_overflow", 0)
    taken = [desk.engine.database.engine.connect() for _ in range(pool.size())]
    try:
        assert desk.browser.get("/work").status_code == 503
    finally:
        for one in taken:
            one.close()
    assert desk.browser.get("/work").status_code == 200


@pytest.mark.parametrize("reason", ["写很多理由" * 10])
def test_every_act_is_all_or_nothing_while_the_database_goes(desk, reason):
    token = desk.browser.token()
    with away(desk.engine.database):
        for act in ("unclaim", "transfer", "extension", "comment", "draft"):
            answer = desk.browser.client.post(
                f"/tasks/{desk.task_id}/{act}", data={"csrf_token": token, "reason": reason}
            )
            assert answer.status_code == 503
            assert reason in answer.get_data(as_text=True)
    assert desk.row().assignee == "alice"
