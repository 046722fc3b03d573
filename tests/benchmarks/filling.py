"""Many rows, made inside the database from one that is there: `n` counts them from 0."""

from datetime import UTC

from sqlalchemy import (
    BigInteger,
    Integer,
    String,
    cast,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
    type_coerce,
)

from engine.model.base import Instant

AT_ONCE = 200_000


def fill(engine, table, count, pattern, **varying):
    """Insert `count` copies of a pattern; `varying` are columns by functions of `n`."""
    names = [column.name for column in table.columns if column.name in pattern or column.name in varying]
    for first in range(0, count, AT_ONCE):
        rows = numbers(first, min(count, first + AT_ONCE))
        values = [
            varying[name](rows.c.n) if name in varying else literal(pattern[name], table.c[name].type) for name in names
        ]
        with engine.database.schema_change() as connection:
            connection.execute(insert(table).from_select(names, select(*values).select_from(rows)))


def words(n, before=""):
    """Some text and a number behind it."""
    return literal(before, String) + cast(n, String)


def instant(engine, base, minutes):
    """A moment some minutes after another."""
    if engine.database.is_sqlite:
        begun = base.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        moved = func.strftime("%Y-%m-%d %H:%M:%S.000000", begun, words(minutes, "+") + literal_column("' minutes'"))
        return type_coerce(moved, Instant())
    return literal(base, Instant()) + func.make_interval(0, 0, 0, 0, 0, cast(minutes, Integer))


def next_id(engine, table):
    """The id behind the last one."""
    with engine.database.transaction(write=False) as session:
        return (session.scalar(select(func.max(table.c.id))) or 0) + 1


def settle(engine, names=("process_instance", "user_task", "history_event")):
    """Let the database know what it holds, as its own housekeeping would in time; ids go on behind the highest.

    PostgreSQL analyzes by itself. SQLite never does, and the product does not tell it to: its plans are those it makes
    without statistics, and the tests hold those.
    """
    if not engine.database.is_sqlite:
        with engine.database.schema_change() as connection:
            for table in names:
                connection.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
                )
        with engine.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql("VACUUM ANALYZE")
    engine.database.close()


def numbers(first, behind):
    """Rows of one column, `n`, from a number up to the one before another."""
    n = select(literal(first, BigInteger).label("n")).cte("numbers", recursive=True)
    return n.union_all(select(n.c.n + 1).where(n.c.n < behind - 1))
