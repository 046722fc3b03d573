"""The time between creation and due date, measured as the deadline counts it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.calendar import SHANGHAI, Calendar, local, local_date

_DAY = 86_400.0


@dataclass(frozen=True)
class Span:
    """From `created_at` to `due_at`, in working days (WD) or in continuous time (all other kinds)."""

    created_at: datetime
    due_at: datetime
    kind: str
    calendar: Calendar

    @property
    def working_days(self) -> int:
        """Return how many working days the whole has, the day of creation not counted."""
        return self.calendar.working_days_between(local_date(self.created_at), local_date(self.due_at))

    def at_percent(self, percent: int) -> datetime:
        """Return the instant at which `percent` of the time has been used."""
        if self.kind != "WD":
            return self.created_at + (self.due_at - self.created_at) * percent / 100
        start = self._position(self.created_at)
        return self._instant(start + (self._position(self.due_at) - start) * percent / 100)

    def _position(self, instant: datetime) -> float:
        """Return the seconds of working days (24 hours each) from the day of creation to `instant`."""
        present = local(instant)
        eve = local_date(self.created_at) - timedelta(days=1)
        passed = self.calendar.working_days_between(eve, present.date()) * _DAY
        if self.calendar.is_workday(present.date()):
            passed -= _DAY - (present.hour * 3600 + present.minute * 60 + present.second + present.microsecond / 1e6)
        return passed

    def _instant(self, position: float) -> datetime:
        """Return the instant of a position; the counterpart of `_position`."""
        eve = local_date(self.created_at) - timedelta(days=1)
        full, seconds = divmod(position, _DAY)
        day = self.calendar.add_working_days(eve, int(full) + 1)
        midnight = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
        return midnight.astimezone(self.created_at.tzinfo) + timedelta(seconds=seconds)
