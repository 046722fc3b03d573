"""The time left in Chinese words."""

import pytest

from engine.deadlines import time_left_text
from tests.engine.deadlines.conftest import on

DUE = on("03-13", "17:30")


@pytest.mark.parametrize(
    ("due", "now", "kind", "text"),
    [
        (DUE, on("03-11"), "WD", "剩余 2 个工作日"),
        (DUE, on("03-12", "23:00"), "WD", "剩余 1 个工作日"),
        (DUE, on("03-13", "09:00"), "WD", "今天 17:30 到期"),
        (DUE, on("03-13", "17:31"), "WD", "今天 17:30 已到期"),
        (DUE, on("03-14", "10:00"), "WD", "逾期不足 1 个工作日"),
        (DUE, on("03-16", "17:00"), "WD", "逾期不足 1 个工作日"),
        (DUE, on("03-16", "17:30"), "WD", "逾期 1 个工作日"),
        (DUE, on("03-20", "18:00"), "WD", "逾期 5 个工作日"),
        (on("02-24", "17:30"), on("02-13"), "WD", "剩余 2 个工作日"),
        (on("03-13", "23:59:59"), on("03-13", "09:00"), "WD", "今天 24:00 到期"),
        (on("03-13", "23:59:59"), on("03-10"), "ND", "剩余 3 天"),
        (on("10-03", "17:30"), on("10-01"), "WD", "剩余 2 天"),
        (on("03-13", "15:00"), on("03-13", "10:00"), "H", "剩余 5 小时"),
        (on("03-13", "15:00"), on("03-13", "14:20"), "H", "剩余 40 分钟"),
        (on("03-13", "15:00"), on("03-13", "15:00"), "H", "剩余 1 分钟"),
        (on("03-13", "15:00"), on("03-13", "18:30"), "H", "逾期 3 小时"),
        (on("03-13", "15:00"), on("03-13", "15:10"), "MIN", "逾期 10 分钟"),
        (on("03-13", "15:00"), on("03-11", "12:00"), "H", "剩余 51 小时"),
        (None, on("03-11"), "WD", ""),
    ],
)
def test_the_time_left_is_told_in_words(calendar, due, now, kind, text):
    assert time_left_text(due, now, calendar, kind) == text
