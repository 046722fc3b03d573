"""Arithmetic of numbers, texts, dates and durations (DMN 1.5 §10.3.2.3.4, tables 55-59)."""

import decimal
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from engine.feel.compare import kind
from engine.feel.errors import FeelError
from engine.feel.run import DIGIT_LIMIT, Run
from engine.feel.temporal import add_months
from engine.feel.values import (
    DAY_NANOS,
    NANOS,
    AnyDate,
    DateTime,
    DayTimeDuration,
    Time,
    YearMonthDuration,
    date_from_ordinal,
    date_time_from_nanos,
)

NUMBERS: Final = decimal.Context(
    prec=DIGIT_LIMIT,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)

_Operation = Callable[[Run, Any, Any], Any]


def add(run: Run, left: Any, right: Any) -> Any:
    """Return left + right; null with a warning when there is no such sum."""
    if type(left) is Decimal and type(right) is Decimal:
        return _guarded(run, NUMBERS.add, left, right)
    if type(left) is str and type(right) is str:
        run.charge_text(len(left) + len(right))
        return left + right
    return _by_table(run, _ADDITIONS, "+", left, right)


def subtract(run: Run, left: Any, right: Any) -> Any:
    """Return left - right; null with a warning when there is no such difference."""
    if type(left) is Decimal and type(right) is Decimal:
        return _guarded(run, NUMBERS.subtract, left, right)
    return _by_table(run, _SUBTRACTIONS, "-", left, right)


def multiply(run: Run, left: Any, right: Any) -> Any:
    """Return left * right; null with a warning when there is no such product."""
    if type(left) is Decimal and type(right) is Decimal:
        return _guarded(run, NUMBERS.multiply, left, right)
    return _by_table(run, _PRODUCTS, "*", left, right)


def divide(run: Run, left: Any, right: Any) -> Any:
    """Return left / right; null with a warning when there is no such quotient."""
    if type(left) is Decimal and type(right) is Decimal:
        return _guarded(run, NUMBERS.divide, left, right)
    return _by_table(run, _QUOTIENTS, "/", left, right)


def power(run: Run, left: Any, right: Any) -> Any:
    """Return left ** right; null with a warning when there is no such power."""
    if type(left) is Decimal and type(right) is Decimal:
        run.charge(60)
        return _guarded(run, NUMBERS.power, left, right)
    return _none(run, "**", left, right)


def negate(run: Run, value: Any) -> Any:
    """Return -value for numbers and durations."""
    if type(value) is Decimal:
        return NUMBERS.minus(value)
    if isinstance(value, DayTimeDuration):
        return DayTimeDuration(-value.nanos)
    if isinstance(value, YearMonthDuration):
        return YearMonthDuration(-value.months)
    run.warn(f"不能对{kind(value)}取负")
    return None


def whole(value: Any) -> int:
    """Return a number as an integer of at most 18 digits, cut towards zero; raises FeelError."""
    if type(value) is not Decimal or value.adjusted() > 18:
        raise FeelError("需要一个整数")
    return int(value)


def _guarded(run: Run, operation: Callable[[Decimal, Decimal], Decimal], left: Decimal, right: Decimal) -> Any:
    try:
        return operation(left, right)
    except decimal.DecimalException:
        run.warn("数值运算没有结果（除数为零或超出范围）")
        return None


def _by_table(run: Run, table: dict[tuple[str, str], _Operation], sign: str, left: Any, right: Any) -> Any:
    operation = table.get((kind(left), kind(right)))
    if operation is None:
        return _none(run, sign, left, right)
    try:
        return operation(run, left, right)
    except (ValueError, OverflowError, decimal.DecimalException, FeelError):
        run.warn(f"{kind(left)} {sign} {kind(right)} 超出范围")
        return None


def _none(run: Run, sign: str, left: Any, right: Any) -> Any:
    run.warn(f"{kind(left)} {sign} {kind(right)} 没有定义")
    return None


def _moved(run: Run, moment: DateTime, nanos: int) -> DateTime:
    """Move along the time line: in a region the wall clock follows its offset."""
    before = moment.offset or 0
    result = date_time_from_nanos(moment.local_nanos() + nanos, moment.zone)
    if isinstance(moment.zone, str):
        run.charge(60)
        shift = (result.offset or 0) - before
        result = date_time_from_nanos(moment.local_nanos() + nanos + shift * NANOS, moment.zone)
    return result


def _date_plus_days(_run: Run, day: AnyDate, duration: DayTimeDuration) -> AnyDate:
    return date_from_ordinal((day.toordinal() * DAY_NANOS + duration.nanos) // DAY_NANOS)


def _date_plus_months(_run: Run, day: AnyDate, duration: YearMonthDuration) -> AnyDate:
    return add_months(day, duration.months)


def _moment_plus_days(run: Run, moment: DateTime, duration: DayTimeDuration) -> DateTime:
    return _moved(run, moment, duration.nanos)


def _moment_plus_months(_run: Run, moment: DateTime, duration: YearMonthDuration) -> DateTime:
    return DateTime(add_months(moment.day, duration.months), moment.nanos, moment.zone)


def _time_plus(_run: Run, time: Time, duration: DayTimeDuration) -> Time:
    return Time((time.nanos + duration.nanos) % DAY_NANOS, time.zone)


def _swapped(operation: _Operation) -> _Operation:
    return lambda run, left, right: operation(run, right, left)


def _minus(operation: _Operation) -> _Operation:
    return lambda run, left, right: operation(run, left, negate(run, right))


def as_date_time(value: Any) -> DateTime:
    """Return a date as its midnight at UTC, a date-time unchanged."""
    return value if isinstance(value, DateTime) else DateTime(value, 0, 0)


def _between(run: Run, left: Any, right: Any) -> Any:
    one, other = as_date_time(left), as_date_time(right)
    if (one.zone is None) != (other.zone is None):
        return _none(run, "-", left, right)
    return DayTimeDuration(one.instant() - other.instant())


def _between_times(run: Run, left: Time, right: Time) -> Any:
    one, other = left.offset, right.offset
    if (one is None) != (other is None):
        return _none(run, "-", left, right)
    return DayTimeDuration(left.nanos - (one or 0) * NANOS - right.nanos + (other or 0) * NANOS)


def _scaled(value: int, factor: Decimal) -> int:
    return int((Decimal(value) * factor).to_integral_value(decimal.ROUND_DOWN))


def _ratio(_run: Run, left: Any, right: Any) -> Decimal:
    if isinstance(left, DayTimeDuration):
        return NUMBERS.divide(Decimal(left.nanos), Decimal(right.nanos))
    return NUMBERS.divide(Decimal(left.months), Decimal(right.months))


def _times_days(_run: Run, duration: DayTimeDuration, factor: Decimal) -> DayTimeDuration:
    if factor.adjusted() > 20:
        raise FeelError("超出范围")
    return DayTimeDuration(_scaled(duration.nanos, factor))


def _times_months(_run: Run, duration: YearMonthDuration, factor: Decimal) -> YearMonthDuration:
    if factor.adjusted() > 20:
        raise FeelError("超出范围")
    return YearMonthDuration(_scaled(duration.months, factor))


def _divide_days(_run: Run, duration: DayTimeDuration, divisor: Decimal) -> DayTimeDuration:
    quotient = NUMBERS.divide(Decimal(duration.nanos), divisor)
    return DayTimeDuration(_scaled(1, quotient))


def _divide_months(_run: Run, duration: YearMonthDuration, divisor: Decimal) -> YearMonthDuration:
    quotient = NUMBERS.divide(Decimal(duration.months), divisor)
    if quotient.adjusted() > 20:
        raise FeelError("超出范围")
    return YearMonthDuration(_scaled(1, quotient))


def _sum_days(_run: Run, left: DayTimeDuration, right: DayTimeDuration) -> DayTimeDuration:
    return DayTimeDuration(left.nanos + right.nanos)


def _sum_months(_run: Run, left: YearMonthDuration, right: YearMonthDuration) -> YearMonthDuration:
    return YearMonthDuration(left.months + right.months)


_DAY, _MOMENT, _TIME = "date", "date and time", "time"
_DAYS, _MONTHS, _NUMBER = "days and time duration", "years and months duration", "number"

_SHIFTS: dict[tuple[str, str], _Operation] = {
    (_DAY, _DAYS): _date_plus_days,
    (_DAY, _MONTHS): _date_plus_months,
    (_MOMENT, _DAYS): _moment_plus_days,
    (_MOMENT, _MONTHS): _moment_plus_months,
    (_TIME, _DAYS): _time_plus,
}
_ADDITIONS: dict[tuple[str, str], _Operation] = {
    **_SHIFTS,
    **{(right, left): _swapped(operation) for (left, right), operation in _SHIFTS.items()},
    (_DAYS, _DAYS): _sum_days,
    (_MONTHS, _MONTHS): _sum_months,
}
_SUBTRACTIONS: dict[tuple[str, str], _Operation] = {
    **{pair: _minus(operation) for pair, operation in _SHIFTS.items()},
    (_DAYS, _DAYS): _minus(_sum_days),
    (_MONTHS, _MONTHS): _minus(_sum_months),
    (_DAY, _DAY): _between,
    (_DAY, _MOMENT): _between,
    (_MOMENT, _DAY): _between,
    (_MOMENT, _MOMENT): _between,
    (_TIME, _TIME): _between_times,
}
_PRODUCTS: dict[tuple[str, str], _Operation] = {
    (_DAYS, _NUMBER): _times_days,
    (_NUMBER, _DAYS): _swapped(_times_days),
    (_MONTHS, _NUMBER): _times_months,
    (_NUMBER, _MONTHS): _swapped(_times_months),
}
_QUOTIENTS: dict[tuple[str, str], _Operation] = {
    (_DAYS, _NUMBER): _divide_days,
    (_MONTHS, _NUMBER): _divide_months,
    (_DAYS, _DAYS): _ratio,
    (_MONTHS, _MONTHS): _ratio,
}
