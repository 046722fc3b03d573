"""Values as text: what `string()` returns (DMN 1.5 §10.3.4.1)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel.compare import kind
from engine.feel.run import Run
from engine.feel.temporal import format_temporal
from engine.feel.values import Function, Range


def number_text(number: Decimal) -> str:
    """Write a number without an exponent where that takes at most 60 digits."""
    if not number:
        return "0"
    if -40 < number.adjusted() < 60:
        text = f"{number:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(number.normalize())


def text_of(run: Run, value: Any) -> str:
    """Return the text of a value; texts themselves stay as they are."""
    if isinstance(value, str):
        return value
    text = _written(run, value)
    run.charge_text(len(text))
    return text


def _written(run: Run, value: Any) -> str:
    run.charge(3)
    writer = _WRITERS.get(kind(value))
    return writer(run, value) if writer else format_temporal(value)


def _quoted(_run: Run, text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _list(run: Run, items: list[Any]) -> str:
    return "[" + ", ".join([_written(run, item) for item in items]) + "]"


def _context(run: Run, members: dict[str, Any]) -> str:
    return "{" + ", ".join([f"{_key(name)}: {_written(run, value)}" for name, value in members.items()]) + "}"


def _key(name: str) -> str:
    plain = name.replace(" ", "").replace("_", "")
    return name if plain.isalnum() and not name[0].isdigit() else f'"{name}"'


def _range(run: Run, interval: Range) -> str:
    if interval.operator:
        return f"{interval.operator} {_written(run, interval.start if interval.start is not None else interval.end)}"
    opening, closing = "[" if interval.start_included else "(", "]" if interval.end_included else ")"
    return f"{opening}{_written(run, interval.start)}..{_written(run, interval.end)}{closing}"


def _function(_run: Run, function: Function) -> str:
    return f"function({', '.join(function.parameters)})"


_WRITERS: dict[str, Callable[[Run, Any], str]] = {
    "null": lambda _run, _value: "null",
    "boolean": lambda _run, value: "true" if value else "false",
    "number": lambda _run, value: number_text(value),
    "string": _quoted,
    "list": _list,
    "context": _context,
    "range": _range,
    "function": _function,
}
