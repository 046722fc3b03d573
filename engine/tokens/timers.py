"""Timers: ISO 8601 dates, durations and cycles, bounded (BPMN 2.0.2 table 10.101; security.md S4)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

LOCAL = ZoneInfo("Asia/Shanghai")
LONGEST_YEARS = 10
SHORTEST_ENDLESS = timedelta(seconds=60)
MOST_ROUNDS = 100_000
_DURATION = re.compile(
    r"P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,10}(?:[.,]\d{1,6})?)S)?)?"
)


class TimerError(ValueError):
    """The text is no timer we accept; the message is Chinese."""


@dataclass(frozen=True)
class Schedule:
    """When a timer is due, how many rounds it has left then (1: once, None: endless) and how long a round is."""

    due: datetime
    left: int | None = 1
    every: str | None = None


def schedule(form: str, text: str, now: datetime) -> Schedule:
    """Read a timer of form date, duration or cycle, as of `now` (UTC). Raises TimerError."""
    text = text.strip()
    if form == "date":
        return Schedule(read_instant(text))
    if form == "duration":
        return Schedule(add(now, read_duration(text)))
    return _read_cycle(text, now)


def read_instant(text: str) -> datetime:
    """Read a date or date-time; without zone it is Chinese time, a date is its first moment. Raises TimerError."""
    try:
        found = datetime.fromisoformat(text.replace("@Asia/Shanghai", ""))
    except ValueError:
        raise TimerError(f"“{text[:40]}”不是日期时间（应如 2026-11-25T09:00:00+08:00）") from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=LOCAL)
    if not 1970 <= found.year <= 2200:
        raise TimerError(f"“{text[:40]}”的年份超出范围")
    return found.astimezone(UTC)


def read_duration(text: str) -> relativedelta:
    """Read `P1Y2M3DT4H5M6S` or `P2W`; not negative, ten years at most. Raises TimerError."""
    match = _DURATION.fullmatch(text)
    if match is None or text in {"P", ""} or text.endswith("T"):
        raise TimerError(f"“{text[:40]}”不是时长（应如 P3D、PT2H）")
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in match.groups()[:6])
    seconds = Decimal((match[7] or "0").replace(",", "."))
    clock = timedelta(hours=hours, minutes=minutes, microseconds=int(seconds * 1_000_000))
    if 12 * years + months > 12 * LONGEST_YEARS or clock + timedelta(days=7 * weeks + days) > timedelta(3660):
        raise TimerError(f"时长“{text[:40]}”超过 {LONGEST_YEARS} 年")
    return relativedelta(years=years, months=months, days=7 * weeks + days, seconds=0) + relativedelta(
        days=clock.days, seconds=clock.seconds, microseconds=clock.microseconds
    )


def add(instant: datetime, step: relativedelta, times: int = 1) -> datetime:
    """Add a duration in the Chinese calendar: 31 January and a month is the last day of February."""
    moved: datetime = instant.astimezone(LOCAL) + step * times
    return moved.astimezone(UTC)


def following(due: datetime, left: int | None, every: str, now: datetime) -> Schedule | None:
    """Return the next round after one that was due, or None after the last; rounds missed by `now` are not made up."""
    step = read_duration(every)
    rounds = 1 if add(due, step) > now else _missed(due, step, now)
    if left is not None and left - rounds <= 0:
        return None
    return Schedule(add(due, step, rounds), None if left is None else left - rounds, every)


def _missed(due: datetime, step: relativedelta, now: datetime) -> int:
    """Return the number of the first round after `now`."""
    low, high = 1, 2
    while high < MOST_ROUNDS * 1000 and add(due, step, high) <= now:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if add(due, step, middle) <= now else (low, middle)
    return high


def _read_cycle(text: str, now: datetime) -> Schedule:
    head, *parts = text.split("/")
    match = re.fullmatch(r"R(\d{0,6})", head)
    if match is None or not 1 <= len(parts) <= 2:
        raise TimerError(f"“{text[:40]}”不是循环（应如 R3/PT10M 或 R/2026-11-25T09:00:00/P1D）")
    left = int(match[1]) if match[1] else None
    if left is not None and not 1 <= left <= MOST_ROUNDS:
        raise TimerError(f"循环“{text[:40]}”的次数应在 1 到 {MOST_ROUNDS} 之间")
    every = parts[0] if parts[0].startswith("P") else parts[-1]
    step = read_duration(every)
    length = add(now, step) - now
    if length <= timedelta(0):
        raise TimerError(f"循环“{text[:40]}”的间隔为零")
    if left is None and length < SHORTEST_ENDLESS:
        raise TimerError(f"不限次数的循环“{text[:40]}”的间隔不得少于 60 秒")
    return Schedule(_first(parts, every, step, left, now), left, every)


def _first(parts: list[str], every: str, step: relativedelta, left: int | None, now: datetime) -> datetime:
    if len(parts) == 1:
        return add(now, step)
    if parts[0] != every:
        return read_instant(parts[0])
    end = read_instant(parts[1])
    if left is None:
        raise TimerError("以结束时间给出的循环须有次数")
    return add(end, step, -(left - 1))
