"""Values of forms in words: as people read them, and as controls of a page hold them."""

import json
from datetime import date, datetime, timedelta, timezone
from typing import Any

from engine.forms import PreparedField

SHANGHAI = timezone(timedelta(hours=8))
NOTHING = "—"


def choice_text(value: Any) -> str:
    """Return how a choice is written in an HTML form; engine.forms reads it back."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def shown_text(field: PreparedField) -> str:
    """Return a field's value as people read it."""
    value, kind = field.value, field.field.kind
    if kind == "checkbox":
        return "是" if value is True else "否"
    if value in (None, "", []):
        return NOTHING
    if field.options:
        values = value if isinstance(value, list) else [value]
        return "、".join(field.label_of(one) for one in values)
    if kind == "datetime":
        return day_text(value)
    if field.field.type == "money":
        return f"{value:,.2f} 元" if isinstance(value, int | float) else f"{value} 元"
    return plain_text(value)


def plain_text(value: Any) -> str:
    """Return any JSON value in words; dates and instants are recognised by their form."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(plain_text(item) for item in value) or NOTHING
    if isinstance(value, dict):
        return "；".join(f"{key}：{plain_text(item)}" for key, item in value.items())
    if isinstance(value, str):
        return day_text(value)
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def day_text(value: Any) -> str:
    """Return an ISO date or instant as `2026年11月25日 09:30`; any other text as it is."""
    text = str(value)
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            return f"{day.year}年{day.month}月{day.day}日"
        if len(text) >= 16 and text[10] == "T":
            instant = _local(text)
            return f"{instant.year}年{instant.month}月{instant.day}日 {instant:%H:%M}"
    except (ValueError, OverflowError):
        pass
    return text


def typed_text(field: PreparedField) -> str:
    """Return a field's value as its text control holds it; what could not be read stays as it was typed."""
    value = field.value
    if value is None:
        return ""
    if field.field.kind != "datetime":
        return str(value)
    text, subtype = str(value), field.field.schema.get("subtype", "date")
    try:
        if subtype == "datetime":
            return _local(text).strftime("%Y-%m-%dT%H:%M")
        return text[:5] if subtype == "time" else text
    except (ValueError, OverflowError):
        return text


def _local(text: str) -> datetime:
    """Read an ISO instant and return it in the time of Shanghai; one without a zone is of Shanghai."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo is None else instant.astimezone(SHANGHAI)
