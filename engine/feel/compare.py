"""Equality and order of FEEL values (DMN 1.5 §10.3.2.3, table 53): None where two values cannot be compared."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from engine.feel.errors import FeelError
from engine.feel.run import Run
from engine.feel.values import (
    NANOS,
    AnyDate,
    DateTime,
    DayTimeDuration,
    FarDate,
    Function,
    Range,
    Time,
    YearMonthDuration,
)

_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    date: "date",
    FarDate: "date",
    Time: "time",
    DateTime: "date and time",
    DayTimeDuration: "days and time duration",
    YearMonthDuration: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
    Function: "function",
}


def kind(value: Any) -> str:
    """Return the FEEL name of the type of a value."""
    return _KINDS.get(type(value), "unknown")


def date_key(day: AnyDate) -> tuple[int, int, int]:
    """Return what orders dates of any year."""
    return day.year, day.month, day.day


def equal(run: Run, left: Any, right: Any) -> bool | None:
    """Return whether two values are equal; None when their types differ (null equals only null)."""
    if left is None or right is None:
        return left is right
    if type(left) is not type(right):
        return _equal_dates(left, right)
    equality = _EQUALITIES.get(type(left))
    if equality is None:
        return bool(left == right)
    return equality(run, left, right)


def _equal_dates(left: Any, right: Any) -> bool | None:
    return False if kind(left) == kind(right) == "date" else None


def _equal_lists(run: Run, left: list[Any], right: list[Any]) -> bool:
    if len(left) != len(right):
        return False
    run.charge(2 + 3 * len(left))
    return all(equal(run, one, other) is True for one, other in zip(left, right, strict=True))


def _equal_contexts(run: Run, left: dict[str, Any], right: dict[str, Any]) -> bool:
    if left.keys() != right.keys():
        return False
    run.charge(2 + 3 * len(left))
    return all(equal(run, value, right[name]) is True for name, value in left.items())


def _equal_ranges(run: Run, left: Range, right: Range) -> bool:
    shape = (left.start_included, left.end_included, left.operator)
    if shape != (right.start_included, right.end_included, right.operator):
        return False
    return equal(run, left.start, right.start) is True and equal(run, left.end, right.end) is True


def _equal_times(_run: Run, left: Time, right: Time) -> bool | None:
    one, other = left.offset, right.offset
    if (one is None) != (other is None):
        return False
    return _time_key(left) == _time_key(right)


def _equal_date_times(_run: Run, left: DateTime, right: DateTime) -> bool | None:
    if (left.zone is None) != (right.zone is None):
        return False
    return _moment_key(left) == _moment_key(right)


def _equal_functions(_run: Run, left: Function, right: Function) -> bool:
    return left is right


_EQUALITIES: dict[type, Callable[[Run, Any, Any], bool | None]] = {
    list: _equal_lists,
    dict: _equal_contexts,
    Range: _equal_ranges,
    Time: _equal_times,
    DateTime: _equal_date_times,
    Function: _equal_functions,
}


def order(left: Any, right: Any) -> int | None:
    """Return a negative number, zero or a positive one; None when there is no order between the two."""
    if type(left) is not type(right):
        if kind(left) == kind(right) == "date":
            return _sign(date_key(left), date_key(right))
        return None
    key = _KEYS.get(type(left))
    if key is None:
        return None
    one, other = key(left), key(right)
    if isinstance(left, (Time, DateTime)) and (left.zone is None) != (right.zone is None):
        return None
    return _sign(one, other)


def _sign(one: Any, other: Any) -> int:
    return int(one > other) - int(one < other)


def _time_key(time: Time) -> int:
    """Return milliseconds: finer parts of a second are kept and written, but do not tell two times apart."""
    return (time.nanos - (time.offset or 0) * NANOS) // 1_000_000


def _moment_key(moment: DateTime) -> int:
    return moment.instant() // 1_000_000


def _same(value: Any) -> Any:
    return value


_KEYS: dict[type, Callable[[Any], Any]] = {
    Decimal: _same,
    str: _same,
    date: date_key,
    FarDate: date_key,
    Time: _time_key,
    DateTime: _moment_key,
    DayTimeDuration: lambda duration: duration.nanos,
    YearMonthDuration: lambda duration: duration.months,
}


def opposite(found: bool | None) -> bool | None:
    """Return true for false and false for true; null stays null."""
    return None if found is None else not found


def contains(run: Run, interval: Range, value: Any) -> bool | None:
    """Return whether a range holds a value; None when they cannot be compared."""
    if interval.operator == "!=":
        same = equal(run, value, interval.start)
        return None if same is None else not same
    if interval.operator == "=":
        return equal(run, value, interval.start)
    if not interval.operator and (interval.start is None or interval.end is None):
        return None
    return _within(interval, value)


def _within(interval: Range, value: Any) -> bool | None:
    if interval.start is not None:
        sign = order(value, interval.start)
        if sign is None:
            return None
        if sign < 0 or (sign == 0 and not interval.start_included):
            return False
    if interval.end is not None:
        sign = order(value, interval.end)
        if sign is None:
            return None
        if sign > 0 or (sign == 0 and not interval.end_included):
            return False
    return True


def matches(run: Run, value: Any, test: Any) -> bool | None:
    """Return whether `value in test` for one evaluated test: a range, a list of values and ranges, or a value."""
    if isinstance(test, Range):
        if isinstance(value, Range):
            return equal(run, value, test)
        return contains(run, test, value)
    if isinstance(test, list):
        run.charge(1 + len(test))
        found = [_matches_item(run, value, item) for item in test]
        if True in found:
            return True
        if isinstance(value, list) and equal(run, value, test):
            return True
        return None if found and all(one is None for one in found) else False
    return equal(run, value, test)


def _matches_item(run: Run, value: Any, item: Any) -> bool | None:
    if isinstance(item, Range) and not isinstance(value, Range):
        return contains(run, item, value)
    return equal(run, value, item)


def sort_values(values: list[Any]) -> list[Any]:
    """Return the values in order; raises FeelError when they have none."""

    def compare(left: Any, right: Any) -> int:
        sign = order(left, right)
        if sign is None:
            raise FeelError("列表中的值无法比较大小")
        return sign

    return sorted(values, key=cmp_to_key(compare))
