"""Values of forms in words: as people read them, and as controls of a page hold them."""

import json
from typing import Any

from engine.forms import PreparedField
from engine.forms.words import NOTHING, day_text, local_time, plain_text


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
            return local_time(text).strftime("%Y-%m-%dT%H:%M")
        return text[:5] if subtype == "time" else text
    except (ValueError, OverflowError):
        return text
