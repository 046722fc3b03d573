"""Limits: whether a value of the right kind is also filled, long, large and well-formed enough (form-js Validator)."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from engine.forms.model import DEFAULT_MAX_TEXT, TEXT_KINDS, Field
from engine.forms.values import JS_BLANKS, as_number, is_blank, utf16_length

NUMBER_LIMITS = ("decimalDigits", "increment")
LIMIT_NAMES = ("min", "max", "minLength", "maxLength")


def broken_limits(field: Field, label: str, value: Any, limits: Mapping[str, Any]) -> Iterator[str]:
    """Yield a message for each limit that a filled `value` does not keep; `limits` are evaluated."""
    if is_blank(field, value):
        return
    if field.kind == "number":
        yield from _number_limits(label, value, limits)
    elif field.kind in TEXT_KINDS:
        yield from _text_limits(field, label, value, limits)
    elif isinstance(value, list):
        yield from _count_limits(label, value, limits)


def missing_text(field: Field, label: str) -> str:
    """Return what to say when a field that must be filled is not."""
    if field.kind == "checkbox":
        return f"请确认并勾选“{label}”。"
    if field.kind == "filepicker":
        return f"请上传“{label}”。"
    if field.kind == "dynamiclist":
        return f"“{label}”至少填写 {max(field.min_rows, 1)} 行。"
    verb = "填写" if field.kind in TEXT_KINDS | {"number", "datetime"} else "选择"
    return f"请{verb}“{label}”。"


def text_limit(limits: Mapping[str, Any]) -> int:
    """Return how long a text may be: its own limit, else 2000."""
    most = as_number(limits.get("maxLength"))
    return DEFAULT_MAX_TEXT if most is None else int(most)


def _text_limits(field: Field, label: str, value: str, limits: Mapping[str, Any]) -> Iterator[str]:
    length = utf16_length(value.strip(JS_BLANKS))
    least = as_number(limits.get("minLength"))
    most = text_limit(limits)
    if least is not None and length < least:
        yield f"“{label}”不能少于 {least} 字，现在是 {length} 字，请补充。"
    if length > most:
        yield f"“{label}”不能超过 {most} 字，现在是 {length} 字，请精简。"
    if field.rules.pattern is not None and not field.rules.pattern.search(value):
        yield field.rules.pattern_message or f"“{label}”的格式不符合要求，请检查后重新填写。"


def _number_limits(label: str, value: Any, limits: Mapping[str, Any]) -> Iterator[str]:
    number = as_number(value)
    if number is None:
        return
    least, most = as_number(limits.get("min")), as_number(limits.get("max"))
    if least is not None and number < least:
        yield f"“{label}”不能小于 {_plain(least)}。"
    if most is not None and number > most:
        yield f"“{label}”不能大于 {_plain(most)}。"
    digits = limits.get("decimalDigits")
    if isinstance(digits, int) and _decimals(number) > digits:
        yield f"“{label}”请填写整数。" if digits == 0 else f"“{label}”最多保留 {digits} 位小数。"
    increment = as_number(limits.get("increment"))
    if increment and number % increment:
        lower = number - number % increment
        yield f"“{label}”请填写 {_plain(increment)} 的倍数，最接近的是 {_plain(lower)} 和 {_plain(lower + increment)}。"


def _count_limits(label: str, value: list[Any], limits: Mapping[str, Any]) -> Iterator[str]:
    """Yield what minLength and maxLength say of lists of choices, files and rows: they count the items."""
    least, most = as_number(limits.get("minLength")), as_number(limits.get("maxLength"))
    if least is not None and len(value) < least:
        yield f"“{label}”至少需要 {_plain(least)} 项，现在是 {len(value)} 项。"
    if most is not None and len(value) > most:
        yield f"“{label}”最多 {_plain(most)} 项，现在是 {len(value)} 项。"


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _plain(number: Decimal) -> str:
    """Return a number without exponent or trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
