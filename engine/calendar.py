"""The working calendar of Shanghai: weekends, statutory days and the yearly 调休, and config/calendar.toml on top.

config/calendar.toml: one `[[year]]` table per year with `year`, `off` (days of rest) and `work` (调休上班日); a day is
written `MM-DD`, `MM-DD..MM-DD`, `MM-DD..DD` or with the year in front. A year listed there replaces what
`chinesecalendar` knows of it. A year known to neither is *missing*: plain weekends and the statutory days with a fixed
date in the solar calendar (全国年节及纪念日放假办法, text of 2024-11-10), and a warning, but nothing is blocked.
"""

import calendar as gregorian
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache, wraps
from itertools import accumulate
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from chinese_calendar.constants import holidays as _published_off
from chinese_calendar.constants import workdays as _published_work

from engine.errors import InvalidError

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
_SATURDAY = 5
_NEXT_YEAR_DUE = (11, 15)
_SPAN = re.compile(r"(?:(\d{4})-)?(\d{2})-(\d{2})(?:\.\.(?:(?:(\d{4})-)?(\d{2})-)?(\d{2}))?")


class CalendarError(InvalidError):
    """The calendar cannot be read, or a date lies outside the years it covers."""

    words = "工作日历有误：{reason}"


class Calendar:
    """Which days are working days; counting takes constant time whatever the distance."""

    def __init__(self, overrides: Mapping[date, bool] | None = None, known_years: Iterable[int] = ()) -> None:
        """Take single days from `overrides` (True = working day); `known_years` are not taken from chinesecalendar."""
        replaced = frozenset(known_years)
        days = {day: False for day in _published_off if day.year not in replaced}
        days |= {day: True for day in _published_work if day.year not in replaced}
        self.known_years = replaced | {day.year for day in days}
        for year in range(FIRST_DAY.year, LAST_DAY.year + 1):
            if year not in self.known_years:
                days |= dict.fromkeys(_fixed_statutory_days(year), False)
        for day in overrides or {}:
            self._index(day)
        self._days = days | dict(overrides or {})

    @classmethod
    def from_config(cls, content: Mapping[str, Any]) -> "Calendar":
        """Read the parsed content of config/calendar.toml; raises CalendarError naming the entry that is wrong."""
        overrides: dict[date, bool] = {}
        years = [_year_of(table) for table in content.get("year", ())]
        for year, table in zip(years, content.get("year", ()), strict=True):
            overrides |= dict.fromkeys(_days_of(table.get("off", ()), year), False)
            overrides |= dict.fromkeys(_days_of(table.get("work", ()), year), True)
        return cls(overrides, years)

    def is_workday(self, day: date) -> bool:
        """Tell whether `day` is a working day, 调休 included."""
        return self._works[self._index(day)]

    def kind(self, day: date) -> str:
        """Return 工作日, 调休上班, 休息日 or 法定节假日 (domain section 5, rules 1 and 2)."""
        if self.is_workday(day):
            return "工作日" if day.weekday() < _SATURDAY else "调休上班"
        return "法定节假日" if self._days.get(day) is False else "休息日"

    def add_working_days(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day` (before it when negative); 0 gives `day` itself."""
        if count == 0:
            return day
        index = self._index(day)
        place = self._before[index + 1] + count - 1 if count > 0 else self._before[index] + count
        if not 0 <= place < len(self._workdays):
            raise CalendarError(reason=f"{day} 加 {count} 个工作日超出日历范围")
        return FIRST_DAY + timedelta(days=self._workdays[place])

    def working_days_between(self, first: date, last: date) -> int:
        """Count the working days after `first` up to and including `last`; negative when `last` is before `first`."""
        if last < first:
            return -self.working_days_between(last, first)
        return self._before[self._index(last) + 1] - self._before[self._index(first) + 1]

    def next_workday(self, day: date) -> date:
        """Return `day` if it is a working day, else the first one after it."""
        return day if self.is_workday(day) else self.add_working_days(day, 1)

    def previous_workday(self, day: date) -> date:
        """Return `day` if it is a working day, else the last one before it."""
        return day if self.is_workday(day) else self.add_working_days(day, -1)

    def missing_years(self, today: date) -> tuple[int, ...]:
        """Name the years to warn of: this one, and from 15 November the next, while no arrangement is known."""
        asked = [today.year]
        if (today.month, today.day) >= _NEXT_YEAR_DUE:
            asked.append(today.year + 1)
        return tuple(year for year in asked if year not in self.known_years)

    def unknown_years(self, first: date, last: date) -> tuple[int, ...]:
        """Name the years between two dates that were counted without a published arrangement."""
        return tuple(year for year in range(first.year, last.year + 1) if year not in self.known_years)

    @cached_property
    def _works(self) -> list[bool]:
        """Return for each day whether it is worked; made at the first question, since much only reads the calendar."""
        total = (LAST_DAY - FIRST_DAY).days + 1
        works = ([day < _SATURDAY for day in range(7)] * (total // 7 + 2))[FIRST_DAY.weekday() :][:total]
        for day, working in self._days.items():
            works[self._index(day)] = working
        return works

    @cached_property
    def _workdays(self) -> list[int]:
        """Return the places of the working days."""
        return [index for index, working in enumerate(self._works) if working]

    @cached_property
    def _before(self) -> list[int]:
        """Return for each day how many working days lie before it."""
        return [0, *accumulate(self._works)]

    @staticmethod
    def _index(day: date) -> int:
        """Return the place of `day` in the tables."""
        if not FIRST_DAY <= day <= LAST_DAY:
            raise CalendarError(reason=f"日期 {day} 超出日历范围（{FIRST_DAY.year}–{LAST_DAY.year}）")
        return (day - FIRST_DAY).days


@lru_cache(maxsize=8)
def host_functions(calendar: Calendar) -> Mapping[str, Callable[..., Any]]:
    """Return the calendar's functions for FEEL: addWorkingDays(date, n), workingDaysBetween(a, b), isWorkday(date).

    A date is a FEEL date, or a date and time of which the day counts; anything else, and days beyond the calendar, give
    null, as FEEL's own functions do. A calendar has the same functions always: what was read with them is known again.
    """

    def add_working_days(start: Any, count: Any) -> Any:
        day, whole = _day_of(start), _whole_of(count)
        return None if day is None or whole is None else calendar.add_working_days(day, whole)

    def working_days_between(first: Any, last: Any) -> Any:
        begin, end = _day_of(first), _day_of(last)
        return None if begin is None or end is None else Decimal(calendar.working_days_between(begin, end))

    def is_workday(start: Any) -> Any:
        day = _day_of(start)
        return None if day is None else calendar.is_workday(day)

    functions = (("addWorkingDays", add_working_days), ("workingDaysBetween", working_days_between))
    return MappingProxyType({name: _or_null(function) for name, function in (*functions, ("isWorkday", is_workday))})


def local(instant: datetime) -> datetime:
    """Return an aware instant as the time of day in Shanghai."""
    return instant.astimezone(SHANGHAI)


def local_date(instant: datetime) -> date:
    """Return the date in Shanghai of an aware instant."""
    return instant.astimezone(SHANGHAI).date()


def at_local(day: date, clock: time) -> datetime:
    """Return the UTC instant at which Shanghai's clocks show `clock` on `day`."""
    return datetime.combine(day, clock, SHANGHAI).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later, or the last day of that month (domain section 5, rule 6)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not FIRST_DAY.year <= year <= LAST_DAY.year:
        raise CalendarError(reason=f"{day} 加 {months} 个月超出日历范围")
    return date(year, month + 1, min(day.day, gregorian.monthrange(year, month + 1)[1]))


def _day_of(value: Any) -> date | None:
    """Return the day of a FEEL date or date and time."""
    day = getattr(value, "day", None) if not isinstance(value, date) else value
    if isinstance(day, datetime):
        return day.date()
    return day if isinstance(day, date) else None


def _whole_of(value: Any) -> int | None:
    """Return a whole FEEL number as int."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return int(value)
    return None


def _or_null(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with null in place of what the calendar refuses."""

    @wraps(function)
    def lenient(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except (CalendarError, OverflowError, TypeError):
            return None

    return lenient


def _fixed_statutory_days(year: int) -> Iterator[date]:
    """Yield the statutory days with a fixed solar date; 春节, 端午 and 中秋 wait for the yearly notice."""
    yield date(year, 1, 1)
    # 清明 by the rule of thumb for the solar term, right for 1990-2100.
    in_century = year % 100
    constant = 4.81 if year >= 2000 else 5.59
    yield date(year, 4, int(in_century * 0.2422 + constant) - in_century // 4)
    yield from (date(year, 5, 1), date(year, 5, 2))
    yield from (date(year, 10, 1), date(year, 10, 2), date(year, 10, 3))


def _year_of(table: Any) -> int:
    year = table.get("year") if isinstance(table, Mapping) else None
    if not isinstance(year, int) or not FIRST_DAY.year <= year <= LAST_DAY.year:
        raise CalendarError(reason=f"[[year]] 的 year 应为 {FIRST_DAY.year}–{LAST_DAY.year} 的整数，现为 {year!r}")
    return year


def _days_of(entries: Iterable[Any], year: int) -> Iterator[date]:
    """Yield every day that the entries of one year name."""
    for entry in entries:
        if isinstance(entry, datetime):
            first = last = entry.date()
        elif isinstance(entry, date):
            first = last = entry
        else:
            first, last = _span_of(str(entry), year)
        if first.year != year or last.year != year or last < first:
            raise CalendarError(reason=f"{year} 年的“{entry}”不在该年之内或前后颠倒")
        for offset in range((last - first).days + 1):
            yield first + timedelta(days=offset)


def _span_of(text: str, year: int) -> tuple[date, date]:
    """Read `MM-DD`, `MM-DD..MM-DD`, `MM-DD..DD` or the same with the year in front."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise CalendarError(reason=f"{year} 年的“{text}”应写作 MM-DD 或 MM-DD..MM-DD")
    year_1, month_1, day_1, year_2, month_2, day_2 = match.groups()
    try:
        first = date(int(year_1 or year), int(month_1), int(day_1))
        last = date(int(year_2 or year), int(month_2 or month_1), int(day_2)) if day_2 else first
    except ValueError as wrong:
        raise CalendarError(reason=f"{year} 年的“{text}”不是有效日期") from wrong
    return first, last
