"""The ladder of lights and reminders: 黄灯, 红灯预警, 红灯, R+1, R+3, R+5 (domain section 10).

config/ladder.toml: `quiet_from`, `quiet_until`, `day_check`, `unclaimed_percent` and `[[rung]]` with name, label,
percent (statutory_percent), min_days_left and min_days_from, working_days_after and percent_after, recipients,
statutory_recipients, recipients_by_level and start. Recipients are role ids, `assignee`, `candidates`, `leader` or
`unit_head`; engine.directory finds the people.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import IntEnum
from typing import Any

from engine.calendar import Calendar, at_local, local, local_date
from engine.deadlines.register import HOURLY, DeadlineConfigError
from engine.deadlines.spans import Span


class Light(IntEnum):
    """The light of a task; the number is what table user_task keeps."""

    GREEN = 0
    YELLOW = 1
    WARNING = 2
    RED = 3

    @property
    def key(self) -> str:
        """Return the English word used in style sheets."""
        return self.name.lower()

    @property
    def label(self) -> str:
        """Return the Chinese word."""
        return ("正常", "黄灯", "红灯预警", "红灯")[self]


_LIGHTS = {"Y": Light.YELLOW, "P": Light.WARNING}


@dataclass(frozen=True)
class Rung:
    """One reminder of one task: when it happens, when people may be told (quiet hours), and whom."""

    name: str
    label: str
    at: datetime
    notify_at: datetime
    recipients: tuple[str, ...]
    start: str | None
    light: Light


@dataclass(frozen=True)
class Step:
    """A row of config/ladder.toml."""

    name: str
    label: str
    recipients: tuple[str, ...]
    percent: int | None = None
    statutory_percent: int | None = None
    min_days_left: int = 0
    min_days_from: int = 0
    working_days_after: int = 0
    percent_after: int = 0
    statutory_recipients: tuple[str, ...] = ()
    recipients_by_level: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    start: str | None = None


@dataclass(frozen=True)
class Ladder:
    """When whom to remind of a due date."""

    calendar: Calendar
    steps: tuple[Step, ...]
    quiet_from: time = time(20, 0)
    quiet_until: time = time(8, 0)
    day_check: time = time(9, 0)
    unclaimed_percent: int = 50

    @classmethod
    def from_config(cls, content: Mapping[str, Any], calendar: Calendar) -> "Ladder":
        """Read the parsed config/ladder.toml; raises DeadlineConfigError naming the rung and the key."""
        return cls(
            calendar,
            tuple(_read_step(table, number) for number, table in enumerate(content.get("rung", ()), 1)),
            quiet_from=_clock(content, "quiet_from", cls.quiet_from),
            quiet_until=_clock(content, "quiet_until", cls.quiet_until),
            day_check=_clock(content, "day_check", cls.day_check),
            unclaimed_percent=_whole(content, "unclaimed_percent", cls.unclaimed_percent),
        )

    def rungs(  # noqa: PLR0913
        self,
        created_at: datetime,
        due_at: datetime,
        kind: str = "WD",
        statutory: bool = False,
        *,
        urgent: bool = False,
        level: int | None = None,
    ) -> tuple[Rung, ...]:
        """Return the rungs in the order of time, each name at most once; `level` is that of the task's unit.

        A rung overtaken by a higher one at the same instant is left out (tasks of few hours or days). `urgent` (特急)
        lets notices out in the quiet hours.
        """
        span = Span(created_at, due_at, kind, self.calendar)
        made = []
        for step in self.steps:
            at = self._instant(step, span, statutory=statutory)
            if at is not None:
                made.append(self._rung(step, at, statutory=statutory, urgent=urgent, level=level))
        return tuple(rung for place, rung in enumerate(made) if all(rung.at < later.at for later in made[place + 1 :]))

    def light(
        self,
        created_at: datetime,
        due_at: datetime | None,
        now: datetime,
        kind: str = "WD",
        *,
        statutory: bool = False,
    ) -> Light:
        """Return the light at `now`; green without a due date."""
        if due_at is None:
            return Light.GREEN
        if now >= due_at:
            return Light.RED
        reached = [rung.light for rung in self.rungs(created_at, due_at, kind, statutory) if rung.at <= now]
        return max(reached, default=Light.GREEN)

    def unclaimed_at(self, created_at: datetime, due_at: datetime, kind: str = "WD") -> datetime:
        """Return when the leader of the group is to assign a task that nobody claimed."""
        return self.notice_time(Span(created_at, due_at, kind, self.calendar).at_percent(self.unclaimed_percent))

    def notice_time(self, at: datetime, *, urgent: bool = False) -> datetime:
        """Return `at`, or the end of the quiet hours that it falls into."""
        clock = local(at).time()
        if urgent or self.quiet_until <= clock < self.quiet_from:
            return at
        day = local_date(at) + timedelta(days=1 if clock >= self.quiet_from else 0)
        return at_local(day, self.quiet_until)

    def _instant(self, step: Step, span: Span, *, statutory: bool) -> datetime | None:
        """Return when a step comes, or None where it has no place before the due instant."""
        if step.percent is None:
            return self._after(step, span)
        percent = step.statutory_percent if statutory and step.statutory_percent else step.percent
        if span.due_at <= span.created_at:
            return None
        at = span.at_percent(percent)
        if span.kind in HOURLY:
            return at
        return self._daily(step, span, at)

    def _daily(self, step: Step, span: Span, at: datetime) -> datetime:
        """Return the daily check that finds the share used up, early enough to leave the days that must be left."""
        check = self._check_from(at)
        due_day = local_date(span.due_at)
        if step.min_days_left and span.working_days >= step.min_days_from:
            last = at_local(self.calendar.add_working_days(due_day, -step.min_days_left), self.day_check)
            check = max(min(check, last), span.created_at)
        return check if check < span.due_at else at

    def _check_from(self, at: datetime) -> datetime:
        """Return the first daily check on a working day at or after `at`."""
        day = local_date(at)
        if local(at).time() > self.day_check or not self.calendar.is_workday(day):
            day = self.calendar.add_working_days(day, 1)
        return at_local(day, self.day_check)

    def _after(self, step: Step, span: Span) -> datetime:
        """Return the due instant, or working days (for hours: a share of the whole) after it."""
        if span.kind in HOURLY:
            return span.due_at + max(span.due_at - span.created_at, timedelta()) * step.percent_after / 100
        end = local(span.due_at)
        return at_local(self.calendar.add_working_days(end.date(), step.working_days_after), end.time())

    def _rung(self, step: Step, at: datetime, *, statutory: bool, urgent: bool, level: int | None) -> Rung:
        """Put together whom a step tells."""
        told = [*step.recipients, *(step.statutory_recipients if statutory else ())]
        told += step.recipients_by_level.get(str(level), ())
        light = _LIGHTS.get(step.name, Light.RED)
        notify_at = self.notice_time(at, urgent=urgent)
        return Rung(step.name, step.label, at, notify_at, tuple(dict.fromkeys(told)), step.start, light)


def _read_step(table: Any, number: int) -> Step:
    """Read one `[[rung]]`."""
    if not isinstance(table, Mapping) or not isinstance(table.get("name"), str):
        raise DeadlineConfigError(reason=f"第 {number} 个 [[rung]] 没有 name")
    name = table["name"]
    levels = table.get("recipients_by_level", {})
    if not isinstance(levels, Mapping):
        raise DeadlineConfigError(reason=f"阶梯 {name}：recipients_by_level 应为表")
    percent = _whole(table, "percent", 0) or None
    return Step(
        name=name,
        label=str(table.get("label", name)),
        recipients=_texts(table, "recipients"),
        percent=percent,
        statutory_percent=_whole(table, "statutory_percent", 0) or None,
        min_days_left=_whole(table, "min_days_left", 0),
        min_days_from=_whole(table, "min_days_from", 0),
        working_days_after=_whole(table, "working_days_after", 0),
        percent_after=_whole(table, "percent_after", 0),
        statutory_recipients=_texts(table, "statutory_recipients"),
        recipients_by_level={str(level): _texts(levels, level) for level in levels},
        start=str(table["start"]) if table.get("start") else None,
    )


def _texts(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = table.get(key, ())
    if isinstance(value, str) or not all(isinstance(entry, str) for entry in value):
        raise DeadlineConfigError(reason=f"阶梯的 {key} 应为文字列表，现为 {value!r}")
    return tuple(value)


def _whole(table: Mapping[str, Any], key: str, default: int) -> int:
    value = table.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise DeadlineConfigError(reason=f"阶梯的 {key} 应为非负整数，现为 {value!r}")
    return value


def _clock(table: Mapping[str, Any], key: str, default: time) -> time:
    value = table.get(key, default)
    if isinstance(value, time):
        return value
    try:
        return time.fromisoformat(str(value))
    except ValueError as wrong:
        raise DeadlineConfigError(reason=f"阶梯的 {key} 应写作 HH:MM，现为 {value!r}") from wrong
