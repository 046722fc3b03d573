"""Prepared statements: SQLAlchemy Core compiled once per dialect and handed straight to the driver.

For the statements that every completion of a task and every page runs: SQLAlchemy's execution of a cached statement
costs several times what the database does for it. Everything else goes through SQLAlchemy as usual. Values and results
are converted by the same column types.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.sql.compiler import SQLCompiler

from engine.database import upsert
from engine.exchange import Statement, exchange, keep

Converter = Callable[[Any], Any]


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
        (cursor,) = exchange(connection, Statement(compiled.sql, compiled.encode(values)))
        return compiled.decode(cursor.fetchall())

    def rows_with(
        self, other: "Prepared", connection: Connection, values: Mapping[str, Any]
    ) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """Run it and then another one with the same values, in one exchange; return the rows of each."""
        own, its = self._for(connection), other._for(connection)  # noqa: SLF001 - of this class
        both = exchange(connection, *(Statement(one.sql, one.encode(values)) for one in (own, its)))
        return own.decode(both[0].fetchall()), its.decode(both[1].fetchall())

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Run it and return how many rows it touched; raises what SQLAlchemy would."""
        compiled = self._for(connection)
        (cursor,) = exchange(connection, Statement(compiled.sql, compiled.encode(values)))
        return int(cursor.rowcount)

    def write(
        self,
        connection: Connection,
        rows: Sequence[Mapping[str, Any]],
        instead: Callable[[], Exception] | None = None,
    ) -> None:
        """Run it once per row of values, at the latest before COMMIT; what is wrong with it may be raised only then.

        What `instead` makes is raised where the one row of values touches another number of rows than one.
        """
        if not rows:
            return
        compiled = self._for(connection)
        many = len(rows) > 1
        parameters = [compiled.encode(row) for row in rows] if many else compiled.encode(rows[0])
        keep(connection, Statement(compiled.sql, parameters, many, instead))

    def _for(self, connection: Connection) -> _Compiled:
        name = connection.dialect.name
        found = self._compiled.get(name)
        if found is None:
            found = self._compiled[name] = _compile(self._in(connection), self._columns, connection.dialect)
        return found

    def _in(self, _connection: Connection) -> Any:
        return self._statement


class PreparedUpsert(Prepared):
    """An INSERT that gives the columns `changing` of a row that is there, by `keys`, their new values.

    The columns `first` only a new row gets.
    """

    def __init__(
        self, table: Table, keys: tuple[str, ...], changing: tuple[str, ...] = (), first: tuple[str, ...] = ()
    ) -> None:
        """Name the table and the columns."""
        super().__init__(table, (*keys, *changing, *first))
        self._keys, self._changing = keys, changing

    def _in(self, connection: Connection) -> Any:
        return upsert(connection, self._statement, self._keys, self._changing)


def _compile(statement: Any, columns: list[str], dialect: Dialect) -> _Compiled:
    compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=columns or None)
    if compiled.insert_prefetch:
        missing = ", ".join(column.name for column in compiled.insert_prefetch)
        raise ValueError(f"an INSERT that is prepared must be given every column with a default: {missing}")
    named = {name: bind for bind, name in compiled.bind_names.items()}  # a parameter may stand in several places
    writers = [(name, _writer(bind.type, dialect)) for name, bind in named.items()]
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
