"""Keyset cursors: where a page ends, as a value and an id; what comes back from a browser is only ever compared."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import literal, tuple_

from engine.errors import InvalidError

_LONGEST = 2000


class InvalidCursorError(InvalidError):
    """The mark of a page cannot be read."""

    words = "翻页标记无效，请从第一页重新查看。"


def encode(value: Any, row_id: int) -> str:
    """Return the cursor after a row with this sort value."""
    kept = {"t": value.isoformat()} if isinstance(value, datetime) else {"v": value}
    return base64.urlsafe_b64encode(json.dumps([kept, row_id]).encode()).decode().rstrip("=")


def decode(cursor: str, kind: type) -> tuple[Any, int]:
    """Return value and id of a cursor; raises InvalidCursorError unless the value is a `kind`."""
    try:
        padded = cursor[:_LONGEST] + "=" * (-len(cursor) % 4)
        kept, row_id = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        value = _instant(kept["t"]) if "t" in kept else kept["v"]
    except (binascii.Error, ValueError, TypeError, KeyError, RecursionError, OverflowError) as broken:
        raise InvalidCursorError from broken
    if not isinstance(value, kind) or type(row_id) is not int or abs(row_id) >= 2**62:
        raise InvalidCursorError
    if isinstance(value, str) and ("\x00" in value or not value.isprintable()):
        raise InvalidCursorError
    return value, row_id


def _instant(text: str) -> datetime:
    """Read an aware instant that UTC can hold; raises ValueError or OverflowError."""
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError(text)
    return read.astimezone(UTC)


def after(column: Any, id_column: Any, cursor: str | None, kind: type, *, descending: bool) -> Sequence[Any]:
    """Return the conditions for the rows behind a cursor; none without one."""
    if not cursor:
        return ()
    value, row_id = decode(cursor, kind)
    # Compared as rows, which both databases look up in an index over both columns.
    place = tuple_(column, id_column)
    mark = tuple_(literal(value, column.type), literal(row_id))
    return (place < mark if descending else place > mark,)
