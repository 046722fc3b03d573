"""The working calendar."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import Calendar, CalendarError, add_months, at_local, host_functions, local_date

DAYS = st.dates(date(2004, 1, 1), date(2026, 12, 31))
PLAIN = Calendar()
CONFIG = {
    "year": [
        {
            "year": 2026,
            "off": ["01-01..03", "02-15..02-23", "04-04..06", "05-01..05", "06-19..21", "09-25..27", "10-01..07"],
            "work": ["01-04", "02-14", "02-28", "05-09", "09-20", "2026-10-10"],
        },
        {"year": 2027, "off": ["2027-01-01..2027-01-03", date(2027, 2, 6)], "work": [date(2027, 1, 9)]},
    ]
}


@given(DAYS)
def test_known_years_agree_with_chinesecalendar(day):
    assert PLAIN.is_workday(day) == chinese_calendar.is_workday(day)


def test_the_published_arrangement_of_2026_written_out_agrees_with_chinesecalendar():
    written = Calendar.from_config(CONFIG)
    for offset in range(365):
        day = date(2026, 1, 1) + timedelta(days=offset)
        assert written.is_workday(day) == chinese_calendar.is_workday(day), day


@given(DAYS, st.integers(-60, 60))
def test_adding_working_days_is_the_same_as_walking(day, count):
    walked, step = day, 1 if count > 0 else -1
    for _ in range(abs(count)):
        walked += timedelta(days=step)
        while not PLAIN.is_workday(walked):
            walked += timedelta(days=step)
    assert PLAIN.add_working_days(day, count) == walked


@given(DAYS, st.integers(0, 200))
def test_counting_undoes_adding(day, count):
    assert PLAIN.working_days_between(day, PLAIN.add_working_days(day, count)) == count


@given(DAYS, DAYS)
def test_counting_backwards_is_negative(first, last):
    assert PLAIN.working_days_between(first, last) == -PLAIN.working_days_between(last, first)


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 2, 17), "法定节假日"),
        (date(2026, 2, 14), "调休上班"),
        (date(2026, 3, 7), "休息日"),
        (date(2026, 3, 9), "工作日"),
    ],
)
def test_the_kind_of_a_day_is_named(day, kind):
    assert PLAIN.kind(day) == kind


def test_the_calendar_file_overrides_a_published_year():
    told = Calendar.from_config({"year": [{"year": 2026, "off": ["03-09"], "work": ["10-01"]}]})
    assert not told.is_workday(date(2026, 3, 9))
    assert told.is_workday(date(2026, 10, 1))
    assert told.is_workday(date(2026, 5, 1)), "a listed year is taken from the file alone"


def test_a_missing_year_falls_back_to_weekends_and_fixed_statutory_days():
    assert not PLAIN.is_workday(date(2027, 1, 1))
    assert not PLAIN.is_workday(date(2027, 4, 5))
    assert not PLAIN.is_workday(date(2027, 10, 1))
    assert not PLAIN.is_workday(date(2027, 3, 6))
    assert PLAIN.is_workday(date(2027, 3, 8))


@pytest.mark.parametrize(
    ("today", "missing"),
    [(date(2026, 11, 14), ()), (date(2026, 11, 15), (2027,)), (date(2027, 3, 1), (2027,)), (date(2025, 12, 1), ())],
)
def test_a_missing_year_is_told_from_the_fifteenth_of_november(today, missing):
    assert PLAIN.missing_years(today) == missing


def test_a_year_in_the_file_is_not_missing():
    told = Calendar.from_config(CONFIG)
    assert told.missing_years(date(2026, 12, 1)) == ()
    assert told.unknown_years(date(2026, 12, 1), date(2028, 1, 5)) == (2028,)
    assert told.is_workday(date(2027, 1, 9))
    assert not told.is_workday(date(2027, 2, 6))


@pytest.mark.parametrize(
    "table",
    [
        {"year": "2027"},
        {"year": 1900},
        {"off": []},
        "2027",
        {"year": 2027, "off": ["2026-01-01"]},
        {"year": 2027, "off": ["02-30"]},
        {"year": 2027, "off": ["01-05..01-02"]},
        {"year": 2027, "work": ["1月1日"]},
        {"year": 2027, "work": [7]},
    ],
)
def test_a_wrong_entry_is_refused_by_name(table):
    with pytest.raises(CalendarError, match="工作日历有误"):
        Calendar.from_config({"year": [table]})


@pytest.mark.parametrize("count", [10**9, -(10**9)])
def test_counting_beyond_the_calendar_is_refused(count):
    with pytest.raises(CalendarError, match="超出日历范围"):
        PLAIN.add_working_days(date(2026, 1, 5), count)


def test_a_date_beyond_the_calendar_is_refused():
    with pytest.raises(CalendarError):
        PLAIN.is_workday(date(2101, 1, 1))


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 3, 15), -3, date(2025, 12, 15)),
        (date(2026, 5, 7), 24, date(2028, 5, 7)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(day, months, end):
    assert add_months(day, months) == end


def test_months_beyond_the_calendar_are_refused():
    with pytest.raises(CalendarError):
        add_months(date(2026, 1, 1), 10**6)


def test_instants_are_utc_and_days_are_those_of_shanghai():
    assert at_local(date(2026, 3, 9), time(17, 30)) == datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
    assert local_date(datetime(2026, 3, 8, 16, 0, tzinfo=UTC)) == date(2026, 3, 9)


FUNCTIONS = host_functions(PLAIN)


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("addWorkingDays", (date(2026, 3, 6), Decimal(1)), date(2026, 3, 9)),
        ("addWorkingDays", (date(2026, 3, 9), Decimal(-1)), date(2026, 3, 6)),
        ("addWorkingDays", (datetime(2026, 3, 6, 23, 0, tzinfo=UTC), 1), date(2026, 3, 9)),
        ("workingDaysBetween", (date(2026, 3, 6), date(2026, 3, 10)), Decimal(2)),
        ("isWorkday", (date(2026, 3, 7),), False),
        ("isWorkday", (date(2026, 2, 14),), True),
        ("addWorkingDays", ("2026-03-06", Decimal(1)), None),
        ("addWorkingDays", (date(2026, 3, 6), Decimal("1.5")), None),
        ("addWorkingDays", (date(2026, 3, 6), Decimal("NaN")), None),
        ("addWorkingDays", (date(2026, 3, 6), True), None),
        ("addWorkingDays", (date(2026, 3, 6), Decimal(10) ** 30), None),
        ("addWorkingDays", (date(2026, 3, 6),), None),
        ("workingDaysBetween", (date(1, 1, 1), date(2026, 3, 10)), None),
        ("isWorkday", (None,), None),
    ],
)
def test_feel_counts_with_the_calendar_and_gives_null_where_it_cannot(name, arguments, value):
    assert FUNCTIONS[name](*arguments) == value
