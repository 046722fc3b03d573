"""Times, sizes and lights in words."""

from datetime import UTC, datetime

import pytest

from web.filters import due, full, light_mark, light_word, plain, size, when

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)  # 11:00 in Shanghai


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        (datetime(2026, 11, 25, 7, 30, tzinfo=UTC), "今天 15:30"),
        (datetime(2026, 11, 25, 16, 30, tzinfo=UTC), "明天 00:30"),
        (datetime(2026, 11, 24, 1, 0, tzinfo=UTC), "昨天 09:00"),
        (datetime(2026, 12, 1, 1, 0, tzinfo=UTC), "12月1日 09:00"),
        (datetime(2025, 3, 1, 1, 0, tzinfo=UTC), "2025年3月1日 09:00"),
        (None, ""),
    ],
)
def test_an_instant_is_said_as_people_say_it(instant, words):
    assert when(instant, NOW) == words


def test_a_due_hour_is_before_and_a_due_day_is_within():
    assert due(datetime(2026, 11, 26, 9, 30, tzinfo=UTC), NOW) == "明天 17:30 前"
    assert due(datetime(2026, 11, 27, 15, 59, 59, tzinfo=UTC), NOW) == "后天内"
    assert due(datetime(2026, 11, 30, 16, 0, tzinfo=UTC), NOW) == "11月30日内"


def test_the_full_date_names_the_weekday():
    assert full(NOW) == "2026年11月25日 周三 11:00"


def test_sizes_are_rounded_to_what_one_reads():
    assert [size(900), size(12_300), size(3_565_158)] == ["900 B", "12 KB", "3.4 MB"]


def test_every_light_has_a_shape_and_a_word_of_its_own():
    assert len({light_mark(light) for light in range(4)}) == 4
    assert len({light_word(light) for light in range(4)}) == 4


def test_values_are_shown_in_words():
    assert [plain(value) for value in (True, False, None, ["a", "b"], {"x": "甲", "y": ""})] == [
        "是",
        "否",
        "",
        "a、b",
        "甲",
    ]
