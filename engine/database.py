"""Connections and transactions, and all that differs between SQLite and PostgreSQL."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from engine.errors import UnavailableError

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000", "foreign_keys=ON")
_POSTGRESQL_OPTIONS = (
    "-c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s -c timezone=UTC"
)
_SCHEMA_LOCK = 7_410_021
_RETRY = frozenset({"40001", "40P01"})


class Database:
    """One database, by URL; `transaction` is the only way to it."""

    def __init__(self, url: str) -> None:
        """Take a SQLAlchemy URL: `sqlite:///path` or `postgresql+psycopg://…`."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._lock_path = _lock_path(self.url.database) if self.is_sqlite else None
        self._local = threading.local()
        self.engine = self._sqlite() if self.is_sqlite else self._postgresql()

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[Session]:
        """Open a transaction, commit at its end, roll back on any error.

        Raises UnavailableError where the database cannot be reached or stays locked.
        """
        try:
            with self._turn(write), self._begin(write) as connection, Session(bind=connection) as session:
                yield session
                session.flush()
        except PoolTimeoutError as error:  # every connection is taken
            raise UnavailableError from error
        except (OperationalError, InterfaceError) as error:
            if is_retryable(error):
                raise
            raise UnavailableError from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise UnavailableError from error
            raise

    @contextmanager
    def schema_change(self) -> Iterator[Connection]:
        """Open a transaction that may change tables; only one at a time, and it may take long.

        Raises UnavailableError where the database cannot be reached.
        """
        try:
            with self._turn(write=True), self._begin(write=True) as connection:
                if not self.is_sqlite:
                    connection.execute(text("SET LOCAL statement_timeout = 0"))
                    connection.execute(text("SET LOCAL lock_timeout = 0"))
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})"))
                yield connection
        except (OperationalError, InterfaceError) as error:
            raise UnavailableError from error

    def reachable(self) -> bool:
        """Tell whether a statement gets an answer."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except DBAPIError:
            return False
        return True

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    @contextmanager
    def _begin(self, write: bool) -> Iterator[Connection]:
        with self.engine.connect() as opened:
            connection = opened.execution_options(write=write) if self.is_sqlite else opened
            with connection.begin():
                yield connection

    @contextmanager
    def _turn(self, write: bool) -> Iterator[None]:
        """Queue writers of SQLite at a file lock: its own busy handler lets some starve for seconds."""
        if self._lock_path is None or not write:
            yield
            return
        file = self._lock_file()
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)

    def _lock_file(self) -> int:
        file = getattr(self._local, "file", None)
        if file is None:
            assert self._lock_path is not None
            file = self._local.file = os.open(self._lock_path, os.O_CREAT | os.O_RDWR, 0o600)
        return int(file)

    def _sqlite(self) -> Engine:
        if self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(self.url, pool_size=32, max_overflow=32, pool_timeout=15)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _postgresql(self) -> Engine:
        return create_engine(
            self.url,
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
            pool_size=16,
            max_overflow=16,
            pool_timeout=15,
            connect_args={"options": _POSTGRESQL_OPTIONS, "connect_timeout": 5, "prepare_threshold": 2},
        )


def is_retryable(error: DBAPIError) -> bool:
    """Tell whether the database rolled a transaction back for the sake of another, so that it may be run again."""
    return getattr(error.orig, "sqlstate", None) in _RETRY


def insert_for(connection: Connection, table: Any) -> Any:
    """Return an INSERT of the dialect, which both know how to turn into an upsert."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


@lru_cache(maxsize=256)
def _upsert(dialect: str, table: Table, keys: tuple[str, ...], changing: tuple[str, ...]) -> Any:
    statement: Any = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    if not changing:
        return statement.on_conflict_do_nothing(index_elements=keys or None)
    return statement.on_conflict_do_update(
        index_elements=keys, set_={name: statement.excluded[name] for name in changing}
    )


def upsert(connection: Connection, table: Table, keys: tuple[str, ...] = (), changing: tuple[str, ...] = ()) -> Any:
    """Return an INSERT for rows of which some may be there: of those, by `keys`, the columns `changing` get new values.

    Without `changing` they stay as they are. It is made once and executed with a list of rows, so that it is compiled
    once; an INSERT with the rows inside it would be compiled each time.
    """
    return _upsert(connection.dialect.name, table, keys, changing)


def _lock_path(database: str | None) -> str | None:
    return f"{database}.wlock" if database and database != ":memory:" else None


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we send BEGIN ourselves; the driver's own way loses updates
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("write", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
