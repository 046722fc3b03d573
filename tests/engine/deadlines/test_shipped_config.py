"""The calendar, deadlines and ladder that the product ships can be read and agree with domain.md."""

import tomllib
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest

from engine.calendar import Calendar
from engine.deadlines import DeadlineRegister, Ladder
from tests.engine.deadlines.conftest import on

CONFIG = Path(__file__).parents[3] / "config"


def content(name: str) -> dict:
    return tomllib.loads((CONFIG / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def shipped():
    calendar = Calendar.from_config(content("calendar.toml"))
    register = DeadlineRegister.from_config(content("deadlines.toml"), calendar)
    return calendar, register, Ladder.from_config(content("ladder.toml"), calendar)


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_the_calendar_is_that_of_the_state_council(shipped, year):
    for offset in range(365):
        day = date(year, 1, 1) + timedelta(days=offset)
        assert shipped[0].is_workday(day) == chinese_calendar.is_workday(day), day


def test_every_deadline_and_variant_has_a_due_date_and_reminders(shipped):
    _, register, ladder = shipped
    start = on("03-09")
    for code, row in register.deadlines.items():
        for variant in (None, *row.variants):
            due = register.due(code, start, variant)
            assert due.due_at > start, code
            rungs = ladder.rungs(start, due.due_at, due.kind, due.statutory, level=4)
            assert {"R", "R+1", "R+3", "R+5"} <= {rung.name for rung in rungs}, code
            assert all(rung.recipients for rung in rungs), code


@pytest.mark.parametrize(
    ("code", "variant", "due"),
    [
        ("LD-02", None, on("03-10", "17:30")),
        ("LD-02", "urgent", on("03-09", "12:00")),
        ("LD-03", None, on("03-10", "17:30")),
        ("TR-03", None, on("03-10", "10:00")),
        ("TR-02", None, on("03-12", "17:30")),
        ("RA-01", None, on("04-07", "17:30")),
        ("LD-05", None, on("03-12", "17:30")),
    ],
)
def test_deadlines_of_the_main_procedures_are_those_of_the_register(shipped, code, variant, due):
    assert shipped[1].due(code, on("03-09"), variant).due_at == due


def test_the_ladder_is_that_of_section_ten(shipped):
    rungs = shipped[2].rungs(on("03-09"), on("03-20", "17:30"), level=4)
    assert [(rung.name, rung.label[:2]) for rung in rungs][:3] == [("Y", "黄灯"), ("P", "红灯"), ("R", "红灯")]
    assert [rung.name for rung in rungs][3:] == ["R+1", "R+3", "R+5"]
