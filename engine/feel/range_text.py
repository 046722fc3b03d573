"""The text of an interval, as `range()` reads it: literal ends only (DMN 1.5 §10.3.4.1)."""

import re
from typing import Any, Final

from engine.feel.arithmetic import NUMBERS
from engine.feel.compare import order
from engine.feel.lexer import unquote
from engine.feel.run import Run
from engine.feel.temporal import parse_date, parse_date_time, parse_duration, parse_temporal, parse_time
from engine.feel.values import Range

_INTERVAL: Final = re.compile(r"\s*([\[(\]])(.*?)\.\.(.*)([\])\[])\s*", re.DOTALL)
_NUMBER: Final = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?", re.ASCII)
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_CALL: Final = re.compile(r'(date and time|date|time|duration)\s*\(\s*("(?:[^"\\]|\\.)*")\s*\)', re.DOTALL)
_READERS: Final[dict[str, Any]] = {
    "date and time": parse_date_time,
    "date": parse_date,
    "time": parse_time,
    "duration": parse_duration,
}


def parse_range(run: Run, text: str) -> Range | None:
    """Read an interval; None when the text is none."""
    run.charge_text(len(text))
    found = _INTERVAL.fullmatch(text) if len(text) < 500 else None
    if not found:
        return None
    opening, low, high, closing = found.groups()
    start, end = _end(low), _end(high)
    if start is None or end is None:
        return None
    sign = order(start, end)
    if sign is None or sign > 0:
        return None
    return Range(start, end, opening == "[", closing == "]")


def _end(text: str) -> Any:
    text = text.strip()
    if not text:
        return None
    if _NUMBER.fullmatch(text):
        return NUMBERS.create_decimal(text)
    if _STRING.fullmatch(text):
        return unquote(text)
    return _temporal_end(text)


def _temporal_end(text: str) -> Any:
    if text[0] == "@" and _STRING.fullmatch(text[1:]):
        found = parse_temporal(unquote(text[1:]))
    else:
        call = _CALL.fullmatch(text)
        found = _READERS[call.group(1)](unquote(call.group(2))) if call else None
    return found
