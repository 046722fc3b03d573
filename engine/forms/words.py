"""Values in words, as people read them in forms."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

SHANGHAI = timezone(timedelta(hours=8))
NOTHING = "—"


def plain_text(value: Any, labels: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return any JSON value in words: a code by its label; dates and instants are recognised by their form."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(plain_text(item, labels) for item in value) or NOTHING
    if isinstance(value, dict):
        return "；".join(f"{key}：{plain_text(item, labels)}" for key, item in value.items())
    if isinstance(value, str):
        return labels.get(value) or day_text(value)
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def day_text(value: Any) -> str:
    """Return an ISO date or instant as `2026年11月25日 09:30`; any other text as it is."""
    text = str(value)
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            return f"{day.year}年{day.month}月{day.day}日"
        if len(text) >= 16 and text[10] == "T":
            instant = local_time(text)
            return f"{instant.year}年{instant.month}月{instant.day}日 {instant:%H:%M}"
    except (ValueError, OverflowError):
        pass
    return text


def local_time(text: str) -> datetime:
    """Read an ISO instant and return it in the time of Shanghai; one without a zone is of Shanghai."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo is None else instant.astimezone(SHANGHAI)
