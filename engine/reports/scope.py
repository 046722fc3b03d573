"""What reports share: the period as instants, and the matters within the scope of who asks."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from engine.access import listed_instances
from engine.command import Context
from engine.model import ProcessDefinition

_SHANGHAI = ZoneInfo("Asia/Shanghai")


def begin(day: date) -> datetime:
    """Return the first instant of a day in Shanghai, in UTC."""
    return datetime.combine(day, time(), _SHANGHAI).astimezone(UTC)


def end(day: date) -> datetime:
    """Return the first instant behind a day in Shanghai, in UTC."""
    return begin(day + timedelta(days=1))


def in_scope(context: Context) -> Any:
    """Return the condition for matters the actor may have listed; counts obey it like lists do."""
    return listed_instances(context.actor, context.directory)


def procedure_titles(context: Context) -> Mapping[str, str]:
    """Return the titles of the newest versions by key."""
    newest = select(func.max(ProcessDefinition.id)).group_by(ProcessDefinition.key)
    rows = context.session.execute(
        select(ProcessDefinition.key, ProcessDefinition.title).where(ProcessDefinition.id.in_(newest))
    )
    return {row.key: row.title for row in rows}
