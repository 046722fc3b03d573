"""Messages from outside, and the clock of the example."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from engine.command import Context
from engine.database import upsert
from engine.errors import InvalidError, NotAllowedError
from engine.execution.applying import store_message
from engine.model import tables
from engine.text import check_text, read_text


class ClockOnlyForwardError(InvalidError):
    """The example's clock moves forward only."""

    words = "示例时钟只能向前拨：现在是 {now}。"


@dataclass(frozen=True)
class CorrelateMessage:
    """Take a message in: stored first, then matched with who waits for it or starts a procedure (security R3).

    `variables` may name the `unit` of a matter that the message starts.
    """

    name: str
    correlation: str | None = None
    variables: Mapping[str, Any] | None = None

    def execute(self, context: Context) -> int:
        """Store it and return its id."""
        check_text([self.correlation, self.variables or {}], "消息")
        name = read_text(self.name, "消息名称", least=1, most=200)
        return store_message(context, name, self.correlation, self.variables or {})


@dataclass(frozen=True)
class MoveExampleClock:
    """Move the example's clock forward to an instant; lights and timers follow at the worker's next look."""

    to: datetime

    def execute(self, context: Context) -> None:
        """Keep the new offset; raises NotAllowedError outside the example mode, ClockOnlyForwardError."""
        if not context.example:
            raise NotAllowedError(reason="只有示例模式可以拨动时钟。")
        if self.to <= context.now:
            raise ClockOnlyForwardError(now=context.now.isoformat())
        connection = context.session.connection()
        setting = tables.setting
        known = connection.execute(select(setting.c.value).where(setting.c.name == "clock_offset")).scalar() or 0
        offset = float(known) + (self.to - context.now).total_seconds()
        row = {"name": "clock_offset", "value": offset}
        connection.execute(upsert(connection, setting, ("name",), ("value",)), [row])
        _keep_sessions(context, self.to - context.now)
        context.record("example clock moved", to=self.to.isoformat())
        context.wake_worker()


def _keep_sessions(context: Context, step: timedelta) -> None:
    """Let the sessions go along, so that whoever moves the clock is not logged out by it."""
    session = tables.login_session
    kept = select(session.c.token_hash, session.c.last_seen_at, session.c.expires_at)
    for row in context.session.execute(kept).all():
        moved = {"last_seen_at": row.last_seen_at + step, "expires_at": row.expires_at + step}
        context.session.execute(update(session).where(session.c.token_hash == row.token_hash).values(**moved))
