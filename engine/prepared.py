"""Prepared statements: SQLAlchemy Core compiled once per dialect and handed straight to the driver.

Only for the dozen statements that every completion of a task runs: SQLAlchemy's execution of a cached statement costs
several times what the database does for it. Everything else goes through SQLAlchemy as usual. Values and results are
converted by the same column types.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

from engine.database import upsert

Converter = Callable[[Any], Any]
# Whoever counts or disturbs statements in a test puts a function in here; SQLAlchemy's own events do not see these.
watchers: list[Callable[[str], None]] = []


@dataclass(frozen=True)
class _Compiled:
    """A statement in one dialect: its text, the names of its parameters in order, and how values are converted."""

    sql: str
    positional: tuple[str, ...] | None
    defaults: Mapping[str, Any]
    writers: tuple[tuple[str, Converter], ...]
    readers: tuple[tuple[int, Converter], ...]

    def encode(self, values: Mapping[str, Any]) -> Any:
        """Return the parameters as the driver takes them."""
        found = {**self.defaults, **values}
        for name, write in self.writers:
            found[name] = write(found[name])
        return found if self.positional is None else tuple([found[name] for name in self.positional])

    def decode(self, rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
        """Return rows with the values their columns' types give."""
        if not self.readers:
            return [tuple(row) for row in rows]
        return [self._row(row) for row in rows]

    def _row(self, row: Sequence[Any]) -> tuple[Any, ...]:
        values = list(row)
        for place, read in self.readers:
            values[place] = read(values[place])
        return tuple(values)


class Prepared:
    """A Core statement that is run often; `columns` are those of an INSERT, whose Python-side defaults do not apply."""

    def __init__(self, statement: Any, columns: Sequence[str] = ()) -> None:
        """Keep the statement; it is compiled when a dialect first needs it."""
        self._statement = statement
        self._columns = list(columns)
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run it and return its rows; raises what SQLAlchemy would."""
        compiled = self._for(connection)
        return compiled.decode(_execute(connection, compiled.sql, compiled.encode(values)).fetchall())

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Run it and return how many rows it touched; raises what SQLAlchemy would."""
        compiled = self._for(connection)
        return int(_execute(connection, compiled.sql, compiled.encode(values)).rowcount)

    def run_many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it once per row of values, in one exchange with the database where the driver can."""
        if len(rows) == 1:
            self.run(connection, rows[0])
        elif rows:
            compiled = self._for(connection)
            _execute(connection, compiled.sql, [compiled.encode(row) for row in rows], many=True)

    def _for(self, connection: Connection) -> _Compiled:
        name = connection.dialect.name
        found = self._compiled.get(name)
        if found is None:
            found = self._compiled[name] = _compile(self._in(connection), self._columns, connection.dialect)
        return found

    def _in(self, _connection: Connection) -> Any:
        return self._statement


class PreparedUpsert(Prepared):
    """An INSERT that gives the columns `changing` of a row that is there, by `keys`, their new values."""

    def __init__(self, table: Table, keys: tuple[str, ...], changing: tuple[str, ...]) -> None:
        """Name the table and the columns."""
        super().__init__(table, (*keys, *changing))
        self._keys, self._changing = keys, changing

    def _in(self, connection: Connection) -> Any:
        return upsert(connection, self._statement, self._keys, self._changing)


def _execute(connection: Connection, sql: str, parameters: Any, *, many: bool = False) -> Any:
    for watch in watchers:
        watch(sql)
    cursor = connection.connection.cursor()
    try:
        (cursor.executemany if many else cursor.execute)(sql, parameters)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, sql, error) from error
    return cursor


def _told(connection: Connection, sql: str, error: Exception) -> BaseException:
    """Return a driver's error as SQLAlchemy tells it, without the values, and give a lost connection up."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    if lost:
        connection.invalidate(error)
    return DBAPIError.instance(
        sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, connection_invalidated=lost, dialect=dialect
    )


def _compile(statement: Any, columns: list[str], dialect: Dialect) -> _Compiled:
    compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=columns or None)
    if compiled.insert_prefetch:
        missing = ", ".join(column.name for column in compiled.insert_prefetch)
        raise ValueError(f"an INSERT that is prepared must be given every column with a default: {missing}")
    writers = [(name, _writer(bind.type, dialect)) for name, bind in compiled.binds.items()]
    results = list(getattr(statement, "selected_columns", ())) or list(getattr(statement, "exported_columns", ()))
    readers = [(place, _reader(column.type, dialect)) for place, column in enumerate(results)]
    return _Compiled(
        sql=str(compiled),
        positional=tuple(compiled.positiontup) if compiled.positiontup is not None else None,
        defaults=dict(compiled.params),
        writers=tuple((name, convert) for name, convert in writers if convert is not None),
        readers=tuple((place, convert) for place, convert in readers if convert is not None),
    )


def _writer(kind: Any, dialect: Dialect) -> Converter | None:
    found: Converter | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return found


def _reader(kind: Any, dialect: Dialect) -> Converter | None:
    found: Converter | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return found
