"""Lights and reminders by domain section 10."""

from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import Calendar
from engine.deadlines import DeadlineRegister, Ladder, Light
from engine.deadlines.register import DeadlineConfigError
from tests.engine.deadlines.conftest import LADDER, REGISTER, on

CALENDAR = Calendar()
PURE_LADDER = Ladder.from_config(LADDER, CALENDAR)
PURE_REGISTER = DeadlineRegister.from_config(REGISTER, CALENDAR)


def _times(rungs):
    return {rung.name: rung.at for rung in rungs}


def test_fifteen_working_days_have_the_rungs_of_the_table(register, ladder):
    start = on("03-09")
    due = register.due("LD-04", start)
    assert _times(ladder.rungs(start, due.due_at, due.kind)) == {
        "Y": on("03-24", "09:00"),
        "P": on("03-27", "09:00"),
        "R": on("03-30", "17:30"),
        "R+1": on("03-31", "17:30"),
        "R+3": on("04-02", "17:30"),
        "R+5": on("04-07", "17:30"),
    }


def test_a_statutory_date_is_warned_of_at_eighty_percent_and_tells_more_people(register, ladder):
    start = on("03-09")
    due = register.due("CO-02", start)
    rungs = {rung.name: rung for rung in ladder.rungs(start, due.due_at, due.kind, due.statutory)}
    assert due.due_at == on("04-08", "17:30")
    assert rungs["P"].at == on("04-03", "09:00")
    assert rungs["R"].recipients == ("assignee", "dist_supervisor", "unit_head", "dist_legal", "dist_chief")


def test_from_four_working_days_on_yellow_leaves_one(register, ladder):
    start = on("03-09")
    four_days = on("03-13", "17:30")
    assert _times(ladder.rungs(start, four_days))["Y"] == on("03-12", "09:00")


def test_one_working_day_is_still_warned_of_in_time(register, ladder):
    start = on("03-09")
    due = register.due("LD-02", start)
    times = _times(ladder.rungs(start, due.due_at, due.kind))
    assert times["Y"] == on("03-10", "09:00")
    assert times["Y"] < times["P"] < times["R"] == on("03-10", "17:30")


def test_hours_are_warned_of_at_once_and_by_share(register, ladder):
    start = on("03-09", "10:00")
    due = register.due("ST-03", start)
    assert _times(ladder.rungs(start, due.due_at, due.kind)) == {
        "Y": on("03-09", "12:48"),
        "P": on("03-09", "13:36"),
        "R": on("03-09", "14:00"),
        "R+1": on("03-09", "15:00"),
        "R+3": on("03-09", "17:00"),
        "R+5": on("03-09", "19:00"),
    }


def test_recipients_may_depend_on_the_level_of_the_unit(ladder):
    for level, told in ((4, ("dist_intake",)), (2, ("city_handler",)), (None, ())):
        rungs = ladder.rungs(on("03-09"), on("03-20", "17:30"), level=level)
        assert next(rung for rung in rungs if rung.name == "R+1").recipients == told


def test_a_rung_names_what_it_starts(ladder):
    rungs = ladder.rungs(on("03-09"), on("03-20", "17:30"))
    assert {rung.name: rung.start for rung in rungs if rung.start} == {
        "R+1": "supervision_order:提醒",
        "R+3": "supervision_order:督办",
        "R+5": "supervision_order:挂牌",
    }


@pytest.mark.parametrize(
    ("at", "urgent", "told"),
    [
        (on("03-09", "19:59"), False, on("03-09", "19:59")),
        (on("03-09", "20:00"), False, on("03-10", "08:00")),
        (on("03-09", "23:59:59"), False, on("03-10", "08:00")),
        (on("03-10", "00:00"), False, on("03-10", "08:00")),
        (on("03-10", "07:59"), False, on("03-10", "08:00")),
        (on("03-10", "08:00"), False, on("03-10", "08:00")),
        (on("03-10", "02:00"), True, on("03-10", "02:00")),
    ],
)
def test_notices_keep_the_quiet_hours_except_for_the_urgent(ladder, at, urgent, told):
    assert ladder.notice_time(at, urgent=urgent) == told


def test_the_light_itself_does_not_wait_for_the_quiet_hours(ladder):
    start, due = on("03-09", "18:00"), on("03-09", "22:00")
    red = next(rung for rung in ladder.rungs(start, due, "H") if rung.name == "R")
    assert (red.at, red.notify_at) == (due, on("03-10", "08:00"))
    assert next(r for r in ladder.rungs(start, due, "H", urgent=True) if r.name == "R").notify_at == due


@pytest.mark.parametrize(
    ("now", "light"),
    [
        (on("03-09"), Light.GREEN),
        (on("03-24", "08:59"), Light.GREEN),
        (on("03-24", "09:00"), Light.YELLOW),
        (on("03-27", "09:00"), Light.WARNING),
        (on("03-30", "17:30"), Light.RED),
        (on("2027-03-30"), Light.RED),
    ],
)
def test_the_light_follows_the_rungs(ladder, now, light):
    assert ladder.light(on("03-09"), on("03-30", "17:30"), now) is light


def test_a_task_without_a_due_date_stays_green(ladder):
    assert ladder.light(on("03-09"), None, on("2030-01-01")) is Light.GREEN


def test_a_task_that_is_late_when_it_is_made_is_red_at_once(ladder):
    assert ladder.light(on("03-09"), on("03-06", "17:30"), on("03-09")) is Light.RED
    assert [rung.name for rung in ladder.rungs(on("03-09"), on("03-06", "17:30"))] == ["R", "R+1", "R+3", "R+5"]


def test_lights_have_chinese_words_and_keys_for_style_sheets():
    assert [(light.key, light.label) for light in Light] == [
        ("green", "正常"),
        ("yellow", "黄灯"),
        ("warning", "红灯预警"),
        ("red", "红灯"),
    ]


def test_an_unclaimed_task_goes_to_the_leader_at_half_time(ladder):
    assert ladder.unclaimed_at(on("03-09", "10:00"), on("03-09", "14:00"), "H") == on("03-09", "12:00")
    assert ladder.unclaimed_at(on("03-09", "17:30"), on("03-13", "17:30")) == on("03-11", "17:30")


CODES = st.sampled_from(sorted(PURE_REGISTER.deadlines))
STARTS = st.datetimes(on("2023-01-01").replace(tzinfo=None), on("11-30").replace(tzinfo=None)).map(
    lambda instant: instant.replace(tzinfo=UTC)
)


@given(CODES, STARTS, st.booleans())
def test_for_any_deadline_and_start_the_rungs_come_once_each_and_in_order(code, start, statutory):
    due = PURE_REGISTER.due(code, start)
    assert due.due_at > start
    rungs = PURE_LADDER.rungs(start, due.due_at, due.kind, statutory)
    times, names = [rung.at for rung in rungs], [rung.name for rung in rungs]
    assert times == sorted(times)
    assert len(set(names)) == len(names)
    assert [name for name in ("Y", "P", "R", "R+1", "R+3", "R+5") if name in names] == names
    assert {"P", "R", "R+1", "R+3", "R+5"} <= set(names)
    assert all(start <= at for at in times)
    assert all(rung.at <= rung.notify_at <= rung.at + timedelta(hours=12) for rung in rungs)


@given(CODES, STARTS, st.floats(0, 2))
def test_the_light_never_goes_back(code, start, share):
    due = PURE_REGISTER.due(code, start)
    now = start + (due.due_at - start) * share
    before = PURE_LADDER.light(start, due.due_at, now, due.kind)
    after = PURE_LADDER.light(start, due.due_at, now + timedelta(hours=7), due.kind)
    assert before <= after


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ({"quiet_from": "25:00"}, "quiet_from"),
        ({"unclaimed_percent": -1}, "unclaimed_percent"),
        ({"rung": [{"percent": 70}]}, "name"),
        ({"rung": ["Y"]}, "name"),
        ({"rung": [{"name": "Y", "percent": "70"}]}, "percent"),
        ({"rung": [{"name": "Y", "recipients": "leader"}]}, "recipients"),
        ({"rung": [{"name": "Y", "recipients": [1]}]}, "recipients"),
        ({"rung": [{"name": "Y", "recipients_by_level": []}]}, "recipients_by_level"),
    ],
)
def test_a_wrong_ladder_is_refused_by_key(calendar, content, word):
    with pytest.raises(DeadlineConfigError, match=word):
        Ladder.from_config(content, calendar)
