"""The clocks: the only place that asks the machine for the time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant, aware and in UTC."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)


class FrozenClock:
    """A clock that stands still until it is moved; for tests and for play."""

    def __init__(self, instant: datetime) -> None:
        """Start at `instant`, which must be aware."""
        self._instant = instant.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant it stands at."""
        return self._instant

    def advance(self, **step: float) -> datetime:
        """Move on by a `timedelta` given in its own keywords (`days=1, hours=2`) and return the new instant."""
        self._instant += timedelta(**step)
        return self._instant

    def move_to(self, instant: datetime) -> None:
        """Stand at `instant`, which must be aware."""
        self._instant = instant.astimezone(UTC)


class ShiftedClock:
    """Another clock, moved by an offset that can change; example mode lets an administrator move it forward."""

    def __init__(self, clock: Clock, offset: Callable[[], timedelta]) -> None:
        """Add `offset()` to each reading of `clock`."""
        self._clock = clock
        self._offset = offset

    def now(self) -> datetime:
        """Return the shifted instant in UTC."""
        return self._clock.now() + self._offset()
