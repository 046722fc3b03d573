"""Values that Python has no class for: dates of any year, date-times with regions, durations, ranges, functions.

Numbers are Decimal, strings str, lists list, contexts dict, dates datetime.date (years 1–9999) or FarDate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

NANOS: Final = 1_000_000_000
DAY_NANOS: Final = 86_400 * NANOS
CYCLE_DAYS: Final = 146_097
MAX_YEAR: Final = 999_999_999
MAX_DURATION_NANOS: Final = MAX_YEAR * 366 * DAY_NANOS
MAX_DURATION_MONTHS: Final = 2 * MAX_YEAR * 12
_BASE: Final = date(2000, 1, 1).toordinal()
_LAST: Final = date.max.toordinal()

Zone = int | str | None


@dataclass(frozen=True, slots=True, order=True)
class FarDate:
    """A date outside the years 1–9999 (FEEL knows the years ±999999999)."""

    year: int
    month: int
    day: int

    def toordinal(self) -> int:
        """Return the days since 31 December of the year 0."""
        near = self.year % 400 + 2000
        return date(near, self.month, self.day).toordinal() + (self.year - near) // 400 * CYCLE_DAYS

    def isoformat(self) -> str:
        """Return the text FEEL reads back."""
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"

    def isocalendar(self) -> tuple[int, int, int]:
        """Return ISO year, week and weekday, as datetime.date does."""
        near = self.year % 400 + 2000
        year, week, weekday = date(near, self.month, self.day).isocalendar()
        return year + self.year - near, week, weekday


AnyDate = date | FarDate


def make_date(year: int, month: int, day: int) -> AnyDate:
    """Return a date; raises ValueError for days that do not exist."""
    if 1 <= year <= 9999:
        return date(year, month, day)
    if abs(year) > MAX_YEAR:
        raise ValueError(year)
    date(year % 400 + 2000, month, day)
    return FarDate(year, month, day)


def date_from_ordinal(days: int) -> AnyDate:
    """Return the date that is `days` after 31 December of the year 0; raises ValueError out of range."""
    if 1 <= days <= _LAST:
        return date.fromordinal(days)
    cycles = (days - _BASE) // CYCLE_DAYS
    near = date.fromordinal(days - cycles * CYCLE_DAYS)
    return make_date(near.year + 400 * cycles, near.month, near.day)


@lru_cache(maxsize=256)
def region(name: str) -> ZoneInfo | None:
    """Return the zone of the IANA database, or None."""
    if name not in _regions():
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@lru_cache(maxsize=1)
def _regions() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_offset(zone: Zone, day: AnyDate, nanos: int) -> int | None:
    """Return the offset from UTC in seconds of a local date and time, None without a zone."""
    if zone is None or isinstance(zone, int):
        return zone
    found = region(zone)
    if found is None:
        return None
    year = day.year if 1 < day.year < 9999 else day.year % 400 + 2000
    local = datetime(year, day.month, day.day, tzinfo=found) + timedelta(seconds=nanos // NANOS)
    offset = local.utcoffset()
    return None if offset is None else int(offset.total_seconds())


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day in nanoseconds; `zone` is seconds from UTC, the name of a region, or None for local time."""

    nanos: int
    zone: Zone = None

    @property
    def offset(self) -> int | None:
        """Return the seconds from UTC; a region without a date is taken at its standard time of 1970."""
        return zone_offset(self.zone, date(1970, 1, 1), self.nanos)

    @property
    def hour(self) -> int:
        """Return 0–23."""
        return self.nanos // (3600 * NANOS)

    @property
    def minute(self) -> int:
        """Return 0–59."""
        return self.nanos // (60 * NANOS) % 60


@dataclass(frozen=True, slots=True)
class DateTime:
    """A date and a time of day, with or without a zone (see Time)."""

    day: AnyDate
    nanos: int
    zone: Zone = None

    @property
    def offset(self) -> int | None:
        """Return the seconds from UTC, None for local time."""
        return zone_offset(self.zone, self.day, self.nanos)

    def local_nanos(self) -> int:
        """Return the nanoseconds since the year 0, as if at UTC."""
        return self.day.toordinal() * DAY_NANOS + self.nanos

    def instant(self) -> int:
        """Return the nanoseconds since the year 0 at UTC; local time counts as UTC."""
        return self.local_nanos() - (self.offset or 0) * NANOS


def date_time_from_nanos(nanos: int, zone: Zone = None) -> DateTime:
    """Return the date-time of local nanoseconds since the year 0; raises ValueError out of range."""
    days, rest = divmod(nanos, DAY_NANOS)
    return DateTime(date_from_ordinal(days), rest, zone)


@dataclass(frozen=True, slots=True)
class DayTimeDuration:
    """A days and time duration in nanoseconds."""

    nanos: int

    def __post_init__(self) -> None:
        if abs(self.nanos) > MAX_DURATION_NANOS:
            raise ValueError(self.nanos)


@dataclass(frozen=True, slots=True)
class YearMonthDuration:
    """A years and months duration in months."""

    months: int

    def __post_init__(self) -> None:
        if abs(self.months) > MAX_DURATION_MONTHS:
            raise ValueError(self.months)


@dataclass(frozen=True, slots=True, eq=False)
class Range:
    """An interval; an end that is None is open. `operator` keeps `=` and `!=` of unary tests used as values."""

    start: Any
    end: Any
    start_included: bool
    end_included: bool
    operator: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """Something that can be called: `call(run, arguments)` with the arguments in the order of `parameters`."""

    name: str
    parameters: tuple[str, ...]
    call: Callable[[Any, list[Any]], Any]
    types: tuple[Any, ...] = ()
    result: Any = None
    call_named: Callable[[Any, dict[str, Any]], Any] | None = None
    check_count: bool = True
