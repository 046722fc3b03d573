"""Functions of dates, times and durations (DMN 1.5 §10.3.4.1, §10.3.4.7, §10.3.4.8)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.feel.arithmetic import whole
from engine.feel.compare import kind
from engine.feel.errors import FeelError
from engine.feel.functions.registry import builtin
from engine.feel.properties import weekday
from engine.feel.run import Run
from engine.feel.temporal import (
    clock_nanos,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)
from engine.feel.values import (
    NANOS,
    AnyDate,
    DateTime,
    DayTimeDuration,
    Time,
    YearMonthDuration,
    make_date,
)

LOCAL_HOURS = 8
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def _text(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _found(value: Any, words: str) -> Any:
    if value is None:
        raise FeelError(words)
    return value


@builtin("date(from: value)")
def date(_run: Run, value: Any) -> AnyDate:
    """Read a date, or take the date of a date-time."""
    value = _text(value)
    if isinstance(value, str):
        found: AnyDate = _found(parse_date(value), "文本不是日期")
        return found
    if isinstance(value, DateTime):
        return value.day
    if kind(value) == "date":
        day: AnyDate = value
        return day
    raise FeelError("需要日期或文本")


@builtin("date(year: number, month: number, day: number)")
def date_of_parts(_run: Run, year: Decimal, month: Decimal, day: Decimal) -> AnyDate:
    """Return the date of year, month and day."""
    return make_date(_integer(year), _integer(month), _integer(day))


def _integer(number: Decimal) -> int:
    if number != number.to_integral_value():
        raise FeelError("需要整数")
    return whole(number)


@builtin("time(from: value)")
def time(_run: Run, value: Any) -> Time:
    """Read a time, or take the time of a date-time; a date gives midnight at UTC."""
    value = _text(value)
    if isinstance(value, str):
        found: Time = _found(parse_time(value), "文本不是时间")
        return found
    if isinstance(value, Time):
        return value
    if isinstance(value, DateTime):
        return Time(value.nanos, value.zone)
    if kind(value) == "date":
        return Time(0, 0)
    raise FeelError("需要时间或文本")


@builtin("time(hour: number, minute: number, second: number, offset?: any)")
def time_of_parts(_run: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: Any = None) -> Time:
    """Return the time of hour, minute, second and offset from UTC."""
    fraction = second - second.to_integral_value("ROUND_FLOOR")
    nanos = _found(clock_nanos(_integer(hour), _integer(minute), whole(second)), "没有这个时间")
    nanos += int(fraction * NANOS)
    if offset is None:
        return Time(nanos)
    if not isinstance(offset, DayTimeDuration) or abs(offset.nanos) > 18 * 3600 * NANOS:
        raise FeelError("时区偏移有误")
    return Time(nanos, offset.nanos // NANOS)


@builtin("date and time(from: value)")
def date_and_time(run: Run, value: Any) -> DateTime:
    """Read a date-time; a date alone is its midnight."""
    run.charge(5)
    value = _text(value)
    if isinstance(value, str):
        found: DateTime = _found(parse_date_time(value), "文本不是日期时间")
        return found
    if isinstance(value, DateTime):
        return value
    if kind(value) == "date":
        return DateTime(value, 0, 0)
    raise FeelError("需要日期时间或文本")


@builtin("date and time(date: day, time: time)")
def date_and_time_of_parts(_run: Run, day: AnyDate, moment: Time) -> DateTime:
    """Return a date and a time together."""
    return DateTime(day, moment.nanos, moment.zone)


@builtin("date and time(date and time: value, timezone: string)")
def date_and_time_in_zone(_run: Run, _value: Any, _zone: str) -> DateTime:
    """Refused: not a function of DMN 1.5."""
    raise FeelError("参数类型不对")


@builtin("duration(from: value)")
def duration(_run: Run, value: Any) -> DayTimeDuration | YearMonthDuration:
    """Read a duration; a duration is returned as it is."""
    value = _text(value)
    if isinstance(value, (DayTimeDuration, YearMonthDuration)):
        return value
    if isinstance(value, str):
        found: DayTimeDuration | YearMonthDuration = _found(parse_duration(value), "文本不是时长")
        return found
    raise FeelError("需要时长或文本")


@builtin("years and months duration(from: day, to: day)")
def years_and_months(_run: Run, start: AnyDate, end: AnyDate) -> YearMonthDuration:
    """Return the whole months between two dates."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        months -= 1
    elif months < 0 and end.day > start.day:
        months += 1
    return YearMonthDuration(months)


@builtin("day of year(date: day)")
def day_of_year(_run: Run, day: AnyDate) -> Decimal:
    """Return 1–366."""
    return Decimal(day.toordinal() - make_date(day.year, 1, 1).toordinal() + 1)


@builtin("day of week(date: day)")
def day_of_week(_run: Run, day: AnyDate) -> str:
    """Return Monday to Sunday."""
    return _WEEKDAYS[int(weekday(day)) - 1]


@builtin("month of year(date: day)")
def month_of_year(_run: Run, day: AnyDate) -> str:
    """Return January to December."""
    return _MONTHS[day.month - 1]


@builtin("week of year(date: day)")
def week_of_year(_run: Run, day: AnyDate) -> Decimal:
    """Return the ISO week."""
    return Decimal(day.isocalendar()[1])


def local_now(run: Run) -> datetime:
    """Return the instant of the evaluation in China's time; raises FeelError without one."""
    if run.now is None:
        raise FeelError("没有给出当前时间")
    moment = run.now if run.now.tzinfo else run.now.replace(tzinfo=UTC)
    return moment.astimezone(UTC) + timedelta(hours=LOCAL_HOURS)


@builtin("now()")
def now(run: Run) -> DateTime:
    """Return the instant of the evaluation, at +08:00."""
    local = local_now(run)
    seconds = (local.hour * 60 + local.minute) * 60 + local.second
    return DateTime(local.date(), seconds * NANOS + local.microsecond * 1000, LOCAL_HOURS * 3600)


@builtin("today()")
def today(run: Run) -> AnyDate:
    """Return the date of the evaluation, at +08:00."""
    return local_now(run).date()
