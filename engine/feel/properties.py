"""Paths into values: members of contexts, and the properties of dates, times, durations and ranges (table 66)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from engine.feel.compare import kind
from engine.feel.run import Run
from engine.feel.temporal import seconds_of
from engine.feel.values import (
    NANOS,
    AnyDate,
    DateTime,
    DayTimeDuration,
    Time,
)

_Property = Callable[[Any], Any]


def weekday(day: AnyDate) -> Decimal:
    """Return 1 for Monday to 7 for Sunday."""
    return Decimal((day.toordinal() - 1) % 7 + 1)


def _offset(value: Time | DateTime) -> DayTimeDuration | None:
    offset = value.offset
    return None if offset is None else DayTimeDuration(offset * NANOS)


def _zone(value: Time | DateTime) -> str | None:
    return value.zone if isinstance(value.zone, str) else None


def _part(divisor: int, modulus: int | None = None) -> _Property:
    def read(duration: DayTimeDuration) -> Decimal:
        size = abs(duration.nanos) // (divisor * NANOS)
        amount = size % modulus if modulus else size
        return Decimal(-amount if duration.nanos < 0 else amount)

    return read


def _duration_seconds(duration: DayTimeDuration) -> Decimal:
    size = seconds_of(abs(duration.nanos) % (60 * NANOS)).normalize()
    return -size if duration.nanos < 0 else size


_DATE: Final[dict[str, _Property]] = {
    "year": lambda day: Decimal(day.year),
    "month": lambda day: Decimal(day.month),
    "day": lambda day: Decimal(day.day),
    "weekday": weekday,
}
_TIME: Final[dict[str, _Property]] = {
    "hour": lambda time: Decimal(time.nanos // (3600 * NANOS)),
    "minute": lambda time: Decimal(time.nanos // (60 * NANOS) % 60),
    "second": lambda time: Decimal(time.nanos // NANOS % 60),
    "time offset": _offset,
    "timezone": _zone,
}


def _of_day(read: _Property) -> _Property:
    return lambda moment: read(moment.day)


_PROPERTIES: Final[dict[str, dict[str, _Property]]] = {
    "date": {
        **_DATE,
        **dict.fromkeys(("hour", "minute", "second"), lambda _day: Decimal(0)),
        "time offset": lambda _day: DayTimeDuration(0),
    },
    "time": _TIME,
    "date and time": {**{name: _of_day(read) for name, read in _DATE.items()}, **_TIME},
    "days and time duration": {
        "days": _part(86400),
        "hours": _part(3600, 24),
        "minutes": _part(60, 60),
        "seconds": _duration_seconds,
    },
    "years and months duration": {
        "years": lambda duration: Decimal(int(duration.months / 12)),
        "months": lambda duration: Decimal(abs(duration.months) % 12 * (-1 if duration.months < 0 else 1)),
    },
    "range": {
        "start": lambda interval: interval.start,
        "end": lambda interval: interval.end,
        "start included": lambda interval: interval.start_included,
        "end included": lambda interval: interval.end_included,
    },
}


def property_of(run: Run, value: Any, name: str) -> Any:
    """Return `value.name`; for a list the list of them; null with a warning when there is none."""
    if isinstance(value, list):
        run.charge_items(len(value))
        return [_member(run, item, name) for item in value]
    return _member(run, value, name)


def _member(run: Run, value: Any, name: str) -> Any:
    if isinstance(value, dict):
        if name in value:
            return value[name]
    else:
        read = _PROPERTIES.get(kind(value), {}).get(name)
        if read is not None:
            return read(value)
    run.warn(f"{kind(value)}没有成员“{name}”")
    return None
