"""Values: what was submitted for one field becomes a value of its kind, or a message saying what to change."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.forms.model import Field, Option

SHANGHAI = timezone(timedelta(hours=8))
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_SIGNIFICANT_DIGITS = 15
# What JavaScript's trim takes off (ECMA-262 WhiteSpace and LineTerminator).
JS_BLANKS = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))


class UnfitError(ValueError):
    """A submitted value is not of the field's kind; the message is Chinese and says what to do."""


def read_value(field: Field, raw: Any, options: Sequence[Option]) -> Any:
    """Return the value of `raw`, which comes from a page (texts) or a program (JSON). Raise UnfitError."""
    if field.kind in _READERS:
        return _READERS[field.kind](field, raw, options)
    return None


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 units, as JavaScript and the browser's maxlength count."""
    return len(text) + sum(character > "\uffff" for character in text)


def is_blank(field: Field, value: Any) -> bool:
    """Say whether a value counts as not filled in; stricter than form-js, blanks alone are nothing."""
    if field.kind == "checkbox":
        return value is not True
    if isinstance(value, str):
        return not value.strip(JS_BLANKS)
    return value is None or value == []


def as_number(value: Any) -> Decimal | None:
    """Return a number exactly, or None."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _text(field: Field, raw: Any, _options: Sequence[Option]) -> str:
    if raw is None:
        return ""
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float)):
        raise UnfitError("请填写文字。")
    text = storable(str(raw)).replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\n\t]", " ", text) if field.kind == "textfield" else text


def storable(text: str) -> str:
    """Return `text` if every database can keep it; NUL and lone surrogates are refused."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise UnfitError("含有无法保存的字符，请删除后重新填写。")
    return text


def _number(field: Field, raw: Any, _options: Sequence[Option]) -> Any:
    if raw is None or (isinstance(raw, str) and not raw.strip(JS_BLANKS)):
        return None
    whole = int(raw) if isinstance(raw, float) and raw.is_integer() else raw
    text = str(whole).strip(JS_BLANKS) if not isinstance(raw, bool) else ""
    if not _NUMBER.fullmatch(text):
        raise UnfitError("请填写数字，例如 12 或 3.5。")
    number = Decimal(text)
    if len(number.normalize().as_tuple().digits) > _SIGNIFICANT_DIGITS or abs(number) >= Decimal(10) ** 15:
        raise UnfitError("数字过长，请填写不超过 15 位的数字。")
    if field.schema.get("serializeToString"):
        return text
    return int(number) if number == number.to_integral_value() else float(number)


def _checkbox(_field: Field, raw: Any, _options: Sequence[Option]) -> bool:
    if raw in (True, "true", "on"):
        return True
    if raw in (None, False, "", "false", "off"):
        return False
    raise UnfitError("请勾选或取消勾选。")


def _one(_field: Field, raw: Any, options: Sequence[Option]) -> Any:
    if raw is None or raw == "":
        return None
    for option in options:
        if same_choice(option.value, raw):
            return option.value
    raise UnfitError("所选内容不在可选范围内，请重新选择。")


def _many(field: Field, raw: Any, options: Sequence[Option]) -> list[Any]:
    chosen: list[Any] = []
    for item in _as_list(raw):
        value = _one(field, item, options)
        if value is not None and value not in chosen:
            chosen.append(value)
    return chosen


def same_choice(value: Any, raw: Any) -> bool:
    """Say whether `raw`, perhaps from an HTML form, names the choice `value`."""
    return (type(value) is type(raw) and value == raw) or (isinstance(raw, str) and raw == choice_text(value))


def choice_text(value: Any) -> str:
    """Return how a choice is written in an HTML form."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _as_list(raw: Any) -> list[Any]:
    if raw is None or raw == "":
        return []
    return raw if isinstance(raw, list) else [raw]


def _datetime(field: Field, raw: Any, _options: Sequence[Option]) -> str | None:
    if raw is None or raw == "":
        return None
    if not isinstance(raw, str):
        raise UnfitError("请填写日期，例如 2026-11-25。")
    kind = field.schema.get("subtype", "date")
    if kind == "date":
        return _date_text(raw)
    if kind == "time":
        return _time_text(raw, field)
    return _instant_text(raw, field)


def _date_text(raw: str) -> str:
    try:
        if _DATE.fullmatch(raw):
            return datetime.fromisoformat(raw).date().isoformat()
    except ValueError:
        pass
    raise UnfitError("日期不存在或写法不对，请按 2026-11-25 的样子填写。")


def _time_text(raw: str, field: Field) -> str:
    match = _TIME.fullmatch(raw)
    if not match or int(match[1]) > 23 or int(match[2]) > 59 or int(match[3] or 0) > 59:
        raise UnfitError("时间写法不对，请按 09:30 的样子填写。")
    return f"{match[1]}:{match[2]}:{match[3] or '00'}{_offset(match[4], field)}"


def _instant_text(raw: str, field: Field) -> str:
    date, _, time = raw.partition("T")
    if not time:
        raise UnfitError("请同时填写日期和时间，例如 2026-11-25 09:30。")
    whole = f"{_date_text(date)}T{_time_text(time, field)}"
    try:
        instant = datetime.fromisoformat(whole).astimezone(UTC)
    except (ValueError, OverflowError) as beyond:  # a zone of 99 hours, or the first and the last day there is
        raise UnfitError("日期或时间超出可用的范围。") from beyond
    if field.schema.get("timeSerializingFormat") == "utc_normalized":
        return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
    return whole


def _offset(given: str | None, field: Field) -> str:
    """Return the zone to store: none if the field has none, else the given one or Shanghai's."""
    if field.schema.get("timeSerializingFormat") == "no_timezone":
        return ""
    return given or "+08:00"


def _files(_field: Field, raw: Any, _options: Sequence[Option]) -> list[str]:
    ids: list[str] = []
    for item in _as_list(raw):
        identifier = item.get("id") if isinstance(item, Mapping) else item
        if not isinstance(identifier, str) or not re.fullmatch(r"[0-9A-Za-z-]{1,64}", identifier):
            raise UnfitError("附件无法识别，请重新上传。")
        if identifier not in ids:
            ids.append(identifier)
    return ids


_READERS: Mapping[str, Callable[[Field, Any, Sequence[Option]], Any]] = {
    "textfield": _text,
    "textarea": _text,
    "number": _number,
    "checkbox": _checkbox,
    "select": _one,
    "radio": _one,
    "checklist": _many,
    "taglist": _many,
    "datetime": _datetime,
    "filepicker": _files,
}
