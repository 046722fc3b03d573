"""Connections and transactions, and all that differs between SQLite and PostgreSQL."""

import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache, partial
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, Table, create_engine, event, func, make_url, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from engine.errors import NO_SPACE, DatabaseAwayError, StorageFullError, UnavailableError
from engine.exchange import keep_writes, send_kept
from engine.turns import WriterTurns

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000", "foreign_keys=ON")
_POSTGRESQL_OPTIONS = (
    "-c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s -c timezone=UTC"
    " -c max_parallel_workers_per_gather=0 -c jit=off"
)
_SCHEMA_LOCK = 7_410_021
_RETRY = frozenset({"40001", "40P01"})
_FULL = frozenset({"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE", "53100"})
TRUSTED_SECONDS = 1.0
TURN_SECONDS = 15


class Database:
    """One database, by URL; `transaction` is the only way to it."""

    def __init__(self, url: str) -> None:
        """Take a SQLAlchemy URL: `sqlite:///path` or `postgresql+psycopg://…`."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._path = _file_of(self.url.database) if self.is_sqlite else None
        self._file: tuple[int, int] | None = None
        self._turns = WriterTurns(self._path.with_name(f"{self._path.name}.wlock")) if self._path else None
        self.engine = self._sqlite() if self.is_sqlite else self._postgresql()

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[Session]:
        """Open a transaction, commit at its end, roll back on any error.

        Raises UnavailableError where the database cannot be reached or stays locked, StorageFullError where it can
        take nothing more, DatabaseAwayError where its file is gone.
        """
        try:
            with self._turn(write, TURN_SECONDS), self._begin(write) as connection, Session(bind=connection) as session:
                yield session
                session.flush()
                send_kept(connection)
        except PoolTimeoutError as error:  # every connection is taken
            raise UnavailableError from error
        except DBAPIError as error:
            away = unavailable(error)
            if away is None:
                raise
            raise away from error

    @contextmanager
    def schema_change(self) -> Iterator[Connection]:
        """Open a transaction that may change tables; only one at a time, and it may take long.

        Raises UnavailableError where the database cannot be reached.
        """
        try:
            with self._turn(write=True, seconds=None), self._begin(write=True) as connection:
                if not self.is_sqlite:
                    connection.execute(text("SET LOCAL statement_timeout = 0"))
                    connection.execute(text("SET LOCAL lock_timeout = 0"))
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})"))
                yield connection
        except (OperationalError, InterfaceError) as error:
            raise unavailable(error) or UnavailableError from error

    def reachable(self) -> bool:
        """Tell whether a statement gets an answer."""
        try:
            with self.transaction(write=False) as session:
                session.execute(text("SELECT 1"))
        except UnavailableError:
            return False
        return True

    def close(self) -> None:
        """Give all connections back, and with them the file they had open."""
        self.engine.dispose()
        self._file = None

    @contextmanager
    def _begin(self, write: bool) -> Iterator[Connection]:
        with self.engine.connect() as opened:
            if self.is_sqlite:
                connection = opened.execution_options(write=write)
            elif write:
                connection = keep_writes(opened)
            else:  # READ COMMITTED gives each statement its own view; BEGIN and ROLLBACK would be two exchanges more
                connection = opened.execution_options(isolation_level="AUTOCOMMIT")
            with connection.begin():
                yield connection

    @contextmanager
    def _turn(self, write: bool, seconds: float | None) -> Iterator[None]:
        """Let writers of SQLite wait for each other; see that its file is still the one the connections opened."""
        if self._path is None or self._turns is None:
            yield
            return
        self._check_file(self._path)
        if not write:
            yield
            return
        with ExitStack() as stack:
            try:
                stack.enter_context(self._turns.turn(seconds))
            except OSError as error:
                raise (StorageFullError if error.errno in NO_SPACE else DatabaseAwayError) from error
            yield

    def _check_file(self, path: Path) -> None:
        """See that the path still names the file that connections have open: else they would write where nobody looks.

        A file put in its place is not opened either, since SQLite would read the log of the old one into it.
        """
        try:
            found = path.stat()
        except OSError as error:
            if self._file is None and path.parent.is_dir():
                return  # it is only about to be made
            raise DatabaseAwayError from error
        present = (found.st_dev, found.st_ino)
        if not stat.S_ISREG(found.st_mode) or self._file not in (None, present):
            raise DatabaseAwayError
        self._file = present

    def _sqlite(self) -> Engine:
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(self.url, pool_size=32, max_overflow=32, pool_timeout=15)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _postgresql(self) -> Engine:
        engine = create_engine(
            self.url,
            isolation_level="READ COMMITTED",
            pool_size=16,
            max_overflow=16,
            pool_timeout=15,
            connect_args={"options": _POSTGRESQL_OPTIONS, "connect_timeout": 5, "prepare_threshold": 2},
        )
        event.listen(engine, "before_cursor_execute", send_kept)
        event.listen(engine, "connect", _note_use)
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", partial(_check_alive, engine.dialect))
        return engine


def unavailable(error: DBAPIError) -> UnavailableError | None:
    """Return what a database's error means to people who can only try again; None where it means something else."""
    if is_retryable(error):
        return None
    names = {getattr(error.orig, name, None) for name in ("sqlite_errorname", "sqlstate")}
    if not names.isdisjoint(_FULL):
        return StorageFullError()
    lost = isinstance(error, (OperationalError, InterfaceError)) or error.connection_invalidated
    return UnavailableError() if lost else None


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


def add_partition(connection: Connection, table: Table, year: int) -> None:
    """See to it that PostgreSQL has a partition for the rows of a year; readers of the table go on meanwhile."""
    name = f"{table.name}_{year:d}"
    if connection.dialect.name == "sqlite" or connection.scalar(select(func.to_regclass(name))) is not None:
        return
    connection.execute(text(f"CREATE TABLE {name} (LIKE {table.name} INCLUDING ALL)"))
    connection.execute(text(f"ALTER TABLE {table.name} ATTACH PARTITION {name} FOR VALUES IN ({year:d})"))


def _file_of(database: str | None) -> Path | None:
    return Path(database) if database and database != ":memory:" else None


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we send BEGIN ourselves; the driver's own way loses updates
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used"] = monotonic()


def _check_alive(dialect: Dialect, connection: Any, record: Any, _proxy: Any) -> None:
    """See that a connection which nobody used for a while is still there; else the pool opens another one.

    SQLAlchemy's pool_pre_ping asks before every transaction, which costs each of them an exchange with the database.
    """
    if monotonic() - record.info["used"] < TRUSTED_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("write", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
