"""Exchanges with the database through its driver: a statement and its answer, or many statements in one go.

Writes of which nobody waits for the answer are kept on PostgreSQL until something else is asked or the transaction
ends, and then sent together in the driver's pipeline: one by one, each would wait for its own answer, which takes
longer than what the database does for it. With SQLite there is nobody to wait for. The order of statements stays.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

# Whoever counts or disturbs statements in a test puts a function in here; SQLAlchemy's own events do not see these.
watchers: list[Callable[[str], None]] = []
_KEPT = "kept_writes"


@dataclass(frozen=True)
class Statement:
    """SQL with its parameters as the driver takes them; a list of them where it is run many times (`many`).

    What `instead` makes is raised where it touches another number of rows than one.
    """

    sql: str
    parameters: Any
    many: bool = False
    instead: Callable[[], Exception] | None = None


def keep_writes(connection: Connection) -> Connection:
    """Let a connection keep the writes of its transaction until they have to be sent."""
    return connection.execution_options(**{_KEPT: []})


def keep(connection: Connection, statement: Statement) -> None:
    """Run a statement before the next one that is asked for an answer, at the latest before COMMIT.

    Raises, then, what `exchange` would; the transaction has to be given up.
    """
    kept = connection.get_execution_options().get(_KEPT)
    if kept is None:
        exchange(connection, statement)
    else:
        _watch(statement)
        kept.append(statement)


def exchange(connection: Connection, *statements: Statement) -> list[Any]:
    """Send what was kept, then some statements; return their cursors, which hold the answers.

    Raises what SQLAlchemy would, and what a statement names as `instead`.
    """
    for statement in statements:
        _watch(statement)
    return _run(connection, [*_taken(connection), *statements])[-len(statements) :]


def send_kept(connection: Connection, *_event: Any) -> None:
    """Send what was kept; also called by SQLAlchemy before each of its own statements."""
    kept = _taken(connection)
    if kept:
        _run(connection, kept)


def _taken(connection: Connection) -> list[Statement]:
    kept = connection.get_execution_options().get(_KEPT)
    if not kept:
        return []
    taken = list(kept)
    kept.clear()
    return taken


def _run(connection: Connection, statements: Sequence[Statement]) -> list[Any]:
    """Run statements in their order and return their cursors; after an error none of them stays open."""
    cursors: list[Any] = []
    try:
        _send(connection, statements, cursors)
    except BaseException:
        for cursor in cursors:  # else whoever keeps the error keeps the database open
            cursor.close()
        raise
    return cursors


def _send(connection: Connection, statements: Sequence[Statement], cursors: list[Any]) -> None:
    """Run statements, each with a cursor of its own; in a pipeline if there are several and there is one."""
    driver = connection.connection
    together = len(statements) > 1 and connection.dialect.name == "postgresql"
    try:
        with driver.dbapi_connection.pipeline() if together else nullcontext():  # type: ignore[union-attr]
            for statement in statements:
                cursors.append(cursor := driver.cursor())
                (cursor.executemany if statement.many else cursor.execute)(statement.sql, statement.parameters)
    except connection.dialect.loaded_dbapi.Error as error:
        failed = next((place for place, one in enumerate(cursors) if together and one.pgresult is None), -1)
        raise _told(connection, statements[failed].sql, error) from error
    for statement, cursor in zip(statements, cursors, strict=True):
        if statement.instead is not None and cursor.rowcount != 1:
            raise statement.instead()


def _watch(statement: Statement) -> None:
    for watch in watchers:
        watch(statement.sql)


def _told(connection: Connection, sql: str, error: Exception) -> BaseException:
    """Return a driver's error as SQLAlchemy tells it, without the values, and give a lost connection up."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    if lost:
        connection.invalidate(error)
    return DBAPIError.instance(
        sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, connection_invalidated=lost, dialect=dialect
    )
