"""Numbers of matters and documents by pattern (domain section 6)."""

import re

from engine.calendar import local
from engine.command import Context
from engine.database import insert_for
from engine.model import tables

_PLACE = re.compile(r"\{(unit6or9|unit|yyyy|code|n+)\}")
_COUNTER = re.compile(r"\{(n+)\}")


def assign_number(context: Context, pattern: str, unit_code: str, code: str = "") -> str:
    """Return the next number of a pattern such as `LD-{unit}-{yyyy}-{nnnnn}`.

    `{code}` is the code of the procedure. The row of the series stays locked until the
    transaction ends, so that no number is given twice and none is lost.
    """
    year = str(local(context.now).year)
    series = _PLACE.sub(lambda place: _fixed(place.group(1), unit_code, year, code), pattern)
    if not _COUNTER.search(series):
        return series
    table = tables.number_sequence
    connection = context.session.connection()
    statement = insert_for(connection, table).values(name=series, last=1)
    statement = statement.on_conflict_do_update(index_elements=["name"], set_={"last": table.c.last + 1})
    last = int(connection.execute(statement.returning(table.c.last)).scalar_one())
    return _COUNTER.sub(lambda place: f"{last:0{len(place.group(1))}d}", series)


def _fixed(name: str, unit_code: str, year: str, code: str) -> str:
    if name == "yyyy":
        return year
    if name == "code":
        return code
    return unit_code if name.startswith("unit") else f"{{{name}}}"
