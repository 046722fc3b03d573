"""The statements behind a question: captured as the driver gets them, run again by themselves, explained."""

from contextlib import contextmanager

from sqlalchemy import event

from engine import prepared


def statements_of(engine, question, actor):
    """The SQL and the parameters a question sends, in order; without new rows, which read nothing."""
    found = []

    def see(_connection, _cursor, statement, parameters, *_):
        found.append((statement, parameters))

    event.listen(engine.database.engine, "before_cursor_execute", see)
    try:
        with _exchanged(found):
            engine.ask(question, actor)
    finally:
        event.remove(engine.database.engine, "before_cursor_execute", see)
    return [one for one in found if not one[0].startswith(("BEGIN", "INSERT"))]


@contextmanager
def _exchanged(found):
    """Put what goes to the driver past SQLAlchemy among the statements found."""
    exchange = prepared.exchange

    def seen(connection, *statements):
        found.extend((one.sql, one.parameters) for one in statements)
        return exchange(connection, *statements)

    prepared.exchange = seen
    try:
        yield
    finally:
        prepared.exchange = exchange


def run_plainly(connection, statements):
    """Run captured statements on the driver's connection and fetch every row."""
    cursor = connection.connection.cursor()
    for statement, parameters in statements:
        cursor.execute(statement, parameters)
        cursor.fetchall()


def steps_of(engine, question, actor):
    """How many hundreds of steps SQLite's machine makes to answer a question: a measure of work without a clock."""
    statements, steps = statements_of(engine, question, actor), []
    with engine.database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        driver.set_progress_handler(lambda: steps.append(1), 100)
        try:
            run_plainly(connection, statements)
        finally:
            driver.set_progress_handler(None, 0)
    return len(steps)


def plan_of(engine, question, actor):
    """How the database would answer a question: one line per step of each statement.

    PostgreSQL reads a small table as a whole although there is an index; it is asked to use what there is.
    """
    statements = statements_of(engine, question, actor)
    lines = []
    with engine.database.engine.connect() as connection:
        cursor = connection.connection.cursor()
        if not engine.database.is_sqlite:
            cursor.execute("SET LOCAL enable_seqscan = off")
        for statement, parameters in statements:
            cursor.execute(f"EXPLAIN {'QUERY PLAN ' if engine.database.is_sqlite else ''}{statement}", parameters)
            lines += [str(row[-1]).strip() for row in cursor.fetchall()]
    return lines


def scanned(plan, tables):
    """The lines of a plan that read one of some tables as it lies; along an index it is read up to a limit."""
    found = []
    for line in plan:
        words = line.removeprefix("->").split()
        whole = (words[:1] == ["SCAN"] and "USING" not in words) or words[:2] == ["Seq", "Scan"]
        named = words[1] if words[:1] == ["SCAN"] else words[3] if len(words) > 3 else ""
        if whole and any(named == table or named.startswith(f"{table}_2") for table in tables):
            found.append(line)
    return found
