"""What changes a due date afterwards: extensions within the rule of its code, and pauses (stop-clock)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from engine.calendar import at_local, local, local_date
from engine.deadlines.register import (
    END_OF_WORK,
    HOURLY,
    DeadlineRegister,
    Due,
    Limit,
    count_from,
)
from engine.errors import InvalidError


class ExtensionRefusedError(InvalidError):
    """The due date cannot be extended as asked."""

    words = "不能延期：{reason}"


def latest_extension(register: DeadlineRegister, due: Due, used: int) -> datetime:
    """Return the latest instant to which `due` may be extended after `used` extensions.

    Raises ExtensionRefusedError where the code allows none or no more.
    """
    row = register.find(due.code)
    rule = row.extension
    if rule is None:
        raise ExtensionRefusedError(reason=f"{due.code} 不允许延期")
    if used >= rule.times:
        raise ExtensionRefusedError(reason=f"{due.code} 最多延期 {rule.times} 次，已延期 {used} 次")
    if rule.limit.kind in HOURLY:
        return due.due_at + _hours(rule.limit)
    counted = _counted_end(due)
    return register.ends_on(row, count_from(counted, rule.limit, register.calendar), counted)[0]


def extended(register: DeadlineRegister, due: Due, new_due: date | datetime, used: int) -> Due:
    """Return `due` extended to a day (or for hours an instant); raises ExtensionRefusedError beyond the rule."""
    row, latest = register.find(due.code), latest_extension(register, due, used)
    if isinstance(new_due, datetime) and due.kind in HOURLY:
        moved, legal = new_due, new_due if due.legal_due_at else None
    else:
        day = local_date(new_due) if isinstance(new_due, datetime) else new_due
        moved, legal = register.ends_on(row, day, local_date(due.due_at))
    if moved <= due.due_at:
        raise ExtensionRefusedError(reason=f"新的期限应晚于原期限 {local(due.due_at):%Y-%m-%d %H:%M}")
    if moved > latest:
        raise ExtensionRefusedError(reason=f"最晚可延至 {local(latest):%Y-%m-%d %H:%M}")
    return replace(due, due_at=moved, legal_due_at=legal)


def resumed(register: DeadlineRegister, due: Due, paused_at: datetime, resumed_at: datetime) -> Due:
    """Return `due` after a pause: what was left when the clock stopped is left when it goes on.

    Days are counted as the deadline counts them; what was overdue at the pause stays as it was.
    """
    if resumed_at <= paused_at or due.due_at <= paused_at:
        return due
    if due.kind in HOURLY:
        pause = resumed_at - paused_at
        return replace(due, due_at=due.due_at + pause, legal_due_at=due.legal_due_at and due.legal_due_at + pause)
    row = register.find(due.code)
    stopped, goes_on = local_date(paused_at), local_date(resumed_at)
    own = _shifted(register, due.kind, local_date(due.due_at), stopped, goes_on)
    if due.legal_due_at is None or row.moves_later:
        moved, legal = register.ends_on(row, own, goes_on)
        return replace(due, due_at=moved, legal_due_at=legal)
    counted = _shifted(register, due.kind, local_date(due.legal_due_at), stopped, goes_on)
    moved, legal = register.ends_on(row, counted, goes_on)
    return replace(due, due_at=min(moved, at_local(own, END_OF_WORK)), legal_due_at=legal)


def may_stop(register: DeadlineRegister, code: str, reason: str) -> bool:
    """Tell whether the deadline's row allows its clock to stop for `reason` (domain section 5 rule 7)."""
    return reason in register.find(code).stop_reasons


def _shifted(register: DeadlineRegister, kind: str, last: date, stopped: date, goes_on: date) -> date:
    """Return the day that is as far from `goes_on` as `last` was from `stopped`, in the days of the deadline."""
    if kind == "WD":
        left = register.calendar.working_days_between(stopped, last)
        return register.calendar.add_working_days(goes_on, left) if left > 0 else goes_on
    return goes_on + (last - stopped)


def _counted_end(due: Due) -> date:
    """Return the day from which an extension counts: the legal end where there is one."""
    return local_date(due.legal_due_at or due.due_at)


def _hours(limit: Limit) -> timedelta:
    return timedelta(hours=limit.amount) if limit.kind == "H" else timedelta(minutes=limit.amount)
