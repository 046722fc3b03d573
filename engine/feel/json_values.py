"""Between Python's and JSON's values and FEEL's."""

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from engine.feel.arithmetic import NUMBERS
from engine.feel.errors import FeelBudgetError
from engine.feel.run import Run
from engine.feel.temporal import format_temporal
from engine.feel.text import text_of
from engine.feel.values import (
    NANOS,
    DateTime,
    DayTimeDuration,
    FarDate,
    Function,
    Range,
    Time,
    YearMonthDuration,
    Zone,
)

_OWN: Final = frozenset({bool, str, Decimal, type(None), date, FarDate, Time, DateTime, DayTimeDuration,
                         YearMonthDuration, Range, Function})  # fmt: skip
_SAFE: Final = 60
_DEEPEST: Final = 100


def from_python(run: Run, value: Any, depth: int = 0) -> Any:
    """Return a value as FEEL's; what FEEL has no type for becomes null. Raises FeelBudgetError when it is too large."""
    found = type(value)
    if found is str:
        run.charge(1 + len(value) // 500)
        return value
    if found in _OWN:
        return value
    if found is int:
        return _integer(value)
    if isinstance(value, (list, tuple, Mapping)):
        return _collection(run, value, depth)
    return _converted(run, value)


def _integer(value: int) -> Decimal | None:
    return NUMBERS.create_decimal(value) if value.bit_length() < 20_000 else None


def _collection(run: Run, value: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        raise FeelBudgetError("数据嵌套过深")
    run.charge_items(len(value))
    if isinstance(value, Mapping):
        return {str(name): from_python(run, member, depth + 1) for name, member in value.items()}
    return [from_python(run, item, depth + 1) for item in value]


def _converted(run: Run, value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else None
    if isinstance(value, datetime):
        return DateTime(value.date(), _nanos(value.time()), _zone(value))
    if isinstance(value, time):
        return Time(_nanos(value), None)
    if isinstance(value, timedelta):
        return DayTimeDuration((value.days * 86400 + value.seconds) * NANOS + value.microseconds * 1000)
    if isinstance(value, (str, int)):
        return from_python(run, str(value) if isinstance(value, str) else int(value))
    run.warn(f"不支持的值类型 {type(value).__name__}")
    return None


def _nanos(moment: time) -> int:
    return ((moment.hour * 60 + moment.minute) * 60 + moment.second) * NANOS + moment.microsecond * 1000


def _zone(moment: datetime) -> Zone:
    offset = moment.utcoffset()
    return None if offset is None else int(offset.total_seconds())


def to_json(value: Any) -> Any:
    """Return a FEEL value as JSON: numbers as int or float, temporal values as ISO text, functions as null."""
    if value is None or isinstance(value, (bool, str, int, float)):
        return value
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): to_json(member) for name, member in value.items()}
    writer = next((writer for known, writer in _WRITERS if isinstance(value, known)), None)
    return writer(value) if writer else None


def _number(number: Decimal) -> int | float:
    if number.adjusted() < _SAFE and number == number.to_integral_value():
        return int(number)
    found = float(number)
    return found if math.isfinite(found) else math.copysign(1.7976931348623157e308, number)


_WRITERS: Final[tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...]] = (
    (Decimal, _number),
    (datetime, datetime.isoformat),
    ((date, FarDate, Time, DateTime, DayTimeDuration, YearMonthDuration), format_temporal),
    (time, time.isoformat),
    (Range, lambda value: text_of(Run(), value)),
)
