"""Times, sizes and lights in words, in the time of Shanghai; the only place where local time exists on screen."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g

SHANGHAI = ZoneInfo("Asia/Shanghai")
_WEEKDAYS = "一二三四五六日"
_NEAR = {-2: "前天", -1: "昨天", 0: "今天", 1: "明天", 2: "后天"}
# Shape and word beside the colour, so that colour never speaks alone.
LIGHTS = (("●", "绿灯"), ("▲", "黄灯"), ("◆", "红灯预警"), ("■", "红灯"))
_END_OF_DAY = (23, 59)


def local(instant: datetime) -> datetime:
    """Return an aware instant in the time of Shanghai."""
    return instant.astimezone(SHANGHAI)


def when(instant: datetime | None, now: datetime | None = None) -> str:
    """Return an instant as people say it: `今天 15:30`, `11月28日 09:00`, `2025年3月1日`."""
    if instant is None:
        return ""
    at = local(instant)
    return f"{_day(at.date(), _today(now))} {at:%H:%M}"


def due(instant: datetime | None, now: datetime | None = None) -> str:
    """Return a due instant: `今天 15:30 前`, and for the end of a day `11月28日 前`."""
    if instant is None:
        return ""
    at = local(instant)
    day = _day(at.date(), _today(now))
    ends_with_day = (at.hour, at.minute) == _END_OF_DAY or (at.hour, at.minute) == (0, 0)
    if (at.hour, at.minute) == (0, 0):
        day = _day((at - timedelta(days=1)).date(), _today(now))
    return f"{day}内" if ends_with_day else f"{day} {at:%H:%M} 前"


def full(instant: datetime | None) -> str:
    """Return an instant in full: `2026年11月25日 周三 15:30`."""
    if instant is None:
        return ""
    at = local(instant)
    return f"{at.year}年{at.month}月{at.day}日 周{_WEEKDAYS[at.weekday()]} {at:%H:%M}"


def day(value: date | None) -> str:
    """Return a date: `2026年11月25日`."""
    return f"{value.year}年{value.month}月{value.day}日" if value else ""


def iso(instant: datetime | None) -> str:
    """Return an instant for the `datetime` attribute of <time>."""
    return local(instant).isoformat(timespec="seconds") if instant else ""


def size(count: int) -> str:
    """Return a number of bytes: `12 KB`, `3.4 MB`."""
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.0f} KB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MB"


def light_mark(light: int) -> str:
    """Return the shape of a light."""
    return LIGHTS[int(light)][0]


def light_word(light: int) -> str:
    """Return the name of a light."""
    return LIGHTS[int(light)][1]


def plain(value: Any) -> str:
    """Return a variable as a person reads it: lists joined, yes and no in words, nothing for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (list, tuple)):
        return "、".join(plain(item) for item in value)
    if isinstance(value, dict):
        return "；".join(plain(item) for item in value.values() if item not in (None, ""))
    return str(value)


def register(app: Flask) -> None:
    """Give the templates these filters."""
    for function in (when, due, full, day, iso, size, light_mark, light_word, plain):
        app.jinja_env.filters[function.__name__] = function


def _today(now: datetime | None) -> date:
    return local(now if now is not None else g.now).date()


def _day(value: date, today: date) -> str:
    near = _NEAR.get((value - today).days)
    if near:
        return near
    if value.year == today.year:
        return f"{value.month}月{value.day}日"
    return day(value)
