"""The time left in Chinese words, as the worklist and the task page show it."""

from datetime import datetime, timedelta

from engine.calendar import Calendar, local
from engine.deadlines.register import END_OF_DAY, HOURLY

_HOUR = timedelta(hours=1)


def time_left_text(due_at: datetime | None, now: datetime, calendar: Calendar, kind: str = "WD") -> str:
    """Return `剩余 2 个工作日`, `剩余 5 小时`, `今天 17:30 到期`, `逾期 1 个工作日` …; empty without a due date."""
    if due_at is None:
        return ""
    if kind in HOURLY:
        return f"剩余 {_hours(due_at - now)}" if now <= due_at else f"逾期 {_hours(now - due_at)}"
    if now <= due_at:
        return _days_left(due_at, now, calendar, kind)
    return _days_over(due_at, now, calendar)


def _days_left(due_at: datetime, now: datetime, calendar: Calendar, kind: str) -> str:
    end, today = local(due_at), local(now).date()
    if end.date() == today:
        return f"今天 {_clock(end)} 到期"
    working = calendar.working_days_between(today, end.date())
    if kind == "WD" and working:
        return f"剩余 {working} 个工作日"
    return f"剩余 {(end.date() - today).days} 天"


def _days_over(due_at: datetime, now: datetime, calendar: Calendar) -> str:
    """Count full working days since the due instant, as the rungs R+1, R+3 and R+5 do."""
    end, present = local(due_at), local(now)
    if end.date() == present.date():
        return f"今天 {_clock(end)} 已到期"
    working = calendar.working_days_between(end.date(), present.date())
    if calendar.is_workday(present.date()) and present.time() < end.time():
        working -= 1
    return f"逾期 {working} 个工作日" if working > 0 else "逾期不足 1 个工作日"


def _hours(span: timedelta) -> str:
    if span >= _HOUR:
        return f"{span // _HOUR} 小时"
    return f"{max(1, span // timedelta(minutes=1))} 分钟"


def _clock(instant: datetime) -> str:
    return "24:00" if instant.time().replace(microsecond=0) == END_OF_DAY else f"{instant:%H:%M}"
