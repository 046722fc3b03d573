"""register.put and register.get: what one procedure lets others know, by register and key."""

from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import select

from engine.calendar import at_local, local
from engine.database import upsert
from engine.errors import ConnectorError
from engine.model import tables
from engine.topics.topic import Call

_KEYS = ("register", "key")
_END_OF_DAY = time(23, 59, 59)


def put_entry(call: Call) -> dict[str, Any]:
    """Write an entry: inputs register, key, status, valid_from, valid_until (days), unit, data; the rest stays.

    `data` is merged into what is there.
    """
    register, key = call.required("register"), call.required("key")
    known = _find(call, register, key)
    given = call.variables.get("data")
    row = {
        "register": register,
        "key": key,
        "instance_id": known.instance_id if known else call.matter.id,
        "unit_code": call.text("unit") or (known.unit_code if known else call.matter.unit_code),
        "status": call.text("status") or (known.status if known else ""),
        "valid_from": _instant(call, "valid_from", time()) or (known.valid_from if known else None),
        "valid_until": _instant(call, "valid_until", _END_OF_DAY) or (known.valid_until if known else None),
        "data": {**(known.data if known else {}), **(given if isinstance(given, dict) else {})},
        "updated_at": call.context.now,
    }
    connection = call.context.session.connection()
    changing = tuple(name for name in row if name not in _KEYS)
    connection.execute(upsert(connection, tables.register_entry, _KEYS, changing), [row])
    call.context.record("register written", call.matter.id, subject=key, register=register, status=row["status"])
    return {}


def get_entry(call: Call) -> dict[str, Any]:
    """Return an entry as a context (key, status, valid_from, valid_until as days, unit, data's own) or null."""
    found = _find(call, call.required("register"), call.text("key"))
    if found is None:
        return call.result(None)
    return call.result(
        {
            **found.data, "key": found.key, "status": found.status, "unit": found.unit_code,
            "valid_from": _day(found.valid_from), "valid_until": _day(found.valid_until),
            "matter_id": found.instance_id,
        }
    )  # fmt: skip


def _find(call: Call, register: str, key: str) -> Any:
    table = tables.register_entry
    asked = select(table).where(table.c.register == register, table.c.key == key).with_for_update()
    return call.context.session.execute(asked).first()


def _instant(call: Call, name: str, clock: time) -> datetime | None:
    text = call.text(name)
    if not text:
        return None
    try:
        if len(text) == len("2026-03-02"):
            return at_local(date.fromisoformat(text), clock)
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as wrong:
        raise ConnectorError(reason=f"“{name}”的值“{text}”不是日期", permanent=True) from wrong


def _day(instant: datetime | None) -> str | None:
    return None if instant is None else local(instant).date().isoformat()
