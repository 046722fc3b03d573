"""ISO texts of dates, times and durations, read and written as XML Schema and DMN 1.5 §10.3.4 say."""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from engine.feel.values import (
    DAY_NANOS,
    NANOS,
    AnyDate,
    DateTime,
    DayTimeDuration,
    Time,
    YearMonthDuration,
    Zone,
    date_from_ordinal,
    make_date,
    region,
)

Temporal = AnyDate | Time | DateTime | DayTimeDuration | YearMonthDuration

_DATE: Final = re.compile(r"(-?)([0-9]{4,9})-([0-9]{2})-([0-9]{2})", re.ASCII)
_TIME: Final = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,20}))?(Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z][\w/+-]{0,60})?",
    re.ASCII,
)
_DAYS: Final = re.compile(
    r"(-?)P(?:([0-9]{1,18})D)?(?:T(?=[0-9])(?:([0-9]{1,18})H)?(?:([0-9]{1,18})M)?(?:([0-9]{1,18})(?:\.([0-9]{0,20}))?S)?)?",
    re.ASCII,
)
_MONTHS: Final = re.compile(r"(-?)P(?:([0-9]{1,12})Y)?(?:([0-9]{1,12})M)?", re.ASCII)


def parse_date(text: str) -> AnyDate | None:
    """Read `2026-11-25`; None when it is no date."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    sign, year, month, day = found.groups()
    if len(year) > 4 and year[0] == "0":
        return None
    try:
        return make_date(-int(year) if sign else int(year), int(month), int(day))
    except ValueError:
        return None


def parse_time(text: str) -> Time | None:
    """Read `09:30:00`, with a fraction, `Z`, an offset or `@Region`; None when it is no time."""
    found = _TIME.fullmatch(text)
    if not found:
        return None
    hour, minute, second, fraction, zone_text = found.groups()
    nanos = clock_nanos(int(hour), int(minute), int(second))
    if nanos is None:
        return None
    if not zone_text:
        return Time(nanos + _fraction(fraction))
    zone = parse_zone(zone_text)
    return None if zone is None else Time(nanos + _fraction(fraction), zone)


def clock_nanos(hour: int, minute: int, second: int) -> int | None:
    """Return the nanoseconds since midnight, None when there is no such time."""
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        return None
    return ((hour * 60 + minute) * 60 + second) * NANOS


def _fraction(digits: str | None) -> int:
    return int(digits[:9].ljust(9, "0")) if digits else 0


def parse_zone(text: str) -> Zone:
    """Read `Z`, `+08:00` or `@Asia/Shanghai`; None when there is no such zone."""
    if text == "Z":
        return 0
    if text[0] == "@":
        return text[1:] if region(text[1:]) else None
    hours, minutes, *rest = (int(part) for part in text[1:].split(":"))
    seconds = hours * 3600 + minutes * 60 + (rest[0] if rest else 0)
    if hours > 18 or minutes > 59 or (rest and rest[0] > 59) or seconds > 18 * 3600:
        return None
    return -seconds if text[0] == "-" else seconds


def parse_date_time(text: str) -> DateTime | None:
    """Read `2026-11-25T09:30:00+08:00`, or a date alone as its midnight; None when it is neither."""
    day_text, separator, time_text = text.partition("T")
    day = parse_date(day_text)
    if day is None:
        return None
    if not separator:
        return DateTime(day, 0)
    # 24:00:00 is the midnight at the end of the day (XML Schema part 2, §3.2.7).
    late = time_text.startswith("24:00:00")
    time = parse_time(f"00{time_text[2:]}" if late else time_text)
    if time is None or (late and time.nanos):
        return None
    return DateTime(_following(day) if late else day, time.nanos, time.zone)


def _following(day: AnyDate) -> AnyDate:
    return date_from_ordinal(day.toordinal() + 1)


def parse_duration(text: str) -> DayTimeDuration | YearMonthDuration | None:
    """Read `P1Y2M` or `-P1DT2H3M4.5S`; None when it is neither."""
    if text in {"P", "-P"} or text.endswith("T"):
        return None
    try:
        found = _MONTHS.fullmatch(text)
        if found:
            sign, years, months = found.groups()
            total = int(years or 0) * 12 + int(months or 0)
            return YearMonthDuration(-total if sign else total)
        found = _DAYS.fullmatch(text)
        if found:
            return _day_time(*found.groups())
    except ValueError:
        return None
    return None


def _day_time(sign: str, days: str, hours: str, minutes: str, seconds: str, fraction: str) -> DayTimeDuration:  # noqa: PLR0913, PLR0917
    whole = ((int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    nanos = whole * NANOS + _fraction(fraction)
    return DayTimeDuration(-nanos if sign else nanos)


@lru_cache(maxsize=1024)
def parse_temporal(text: str) -> Temporal | None:
    """Read what stands in `@"…"`."""
    if text[:1] == "P" or text[:2] == "-P":
        return parse_duration(text)
    if "T" in text and parse_date(text.partition("T")[0]):
        return parse_date_time(text)
    return parse_date(text) or parse_time(text)


def format_temporal(value: Temporal) -> str:
    """Write a temporal value as the text FEEL reads back."""
    if isinstance(value, DateTime):
        return f"{value.day.isoformat()}T{_format_time(value.nanos, value.zone)}"
    if isinstance(value, Time):
        return _format_time(value.nanos, value.zone)
    if isinstance(value, DayTimeDuration):
        return _format_day_time(value.nanos)
    if isinstance(value, YearMonthDuration):
        return _format_months(value.months)
    return value.isoformat()


def _format_time(nanos: int, zone: Zone) -> str:
    seconds, fraction = divmod(nanos, NANOS)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{_format_fraction(fraction)}"
    if zone is None:
        return text
    if isinstance(zone, str):
        return f"{text}@{zone}"
    return text + format_offset(zone)


def format_offset(seconds: int) -> str:
    """Write an offset from UTC."""
    if not seconds:
        return "Z"
    size = abs(seconds)
    rest = f":{size % 60:02d}" if size % 60 else ""
    return f"{'-' if seconds < 0 else '+'}{size // 3600:02d}:{size // 60 % 60:02d}{rest}"


def _format_fraction(nanos: int) -> str:
    return f".{nanos:09d}".rstrip("0") if nanos else ""


def _format_day_time(nanos: int) -> str:
    sign, size = ("-", -nanos) if nanos < 0 else ("", nanos)
    days, rest = divmod(size, DAY_NANOS)
    seconds, fraction = divmod(rest, NANOS)
    hours, minutes, seconds = seconds // 3600, seconds // 60 % 60, seconds % 60
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or fraction:
        clock += f"{seconds}{_format_fraction(fraction)}S"
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return f"{sign}P{text}" if text else "PT0S"


def _format_months(months: int) -> str:
    sign, size = ("-", -months) if months < 0 else ("", months)
    years, rest = divmod(size, 12)
    text = (f"{years}Y" if years else "") + (f"{rest}M" if rest else "")
    return f"{sign}P{text}" if text else "P0M"


def add_months(day: AnyDate, months: int) -> AnyDate:
    """Move by months; a day that does not exist becomes the last of its month (31 January + P1M = 28 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    length = _month_length(year, month + 1)
    return make_date(year, month + 1, min(day.day, length))


def _month_length(year: int, month: int) -> int:
    near = year % 400 + 2000
    following = date(near + month // 12, month % 12 + 1, 1)
    return (following - date(near, month, 1)).days


def seconds_of(nanos: int) -> Decimal:
    """Return nanoseconds as a number of seconds."""
    return Decimal(nanos).scaleb(-9)
