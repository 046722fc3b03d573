"""Symbols: what is known of a variable without running anything: its value, a set it is one of, or nothing.

A symbol is a JSON value like any other, so that it lives in the kernel's states: `{"?": [values]}` is one of these,
`{"?": null}` is anything, and further keys beside "?" are what is known of fields of it. Everything without "?" is the
value itself.
"""

from collections.abc import Sequence
from typing import Any

MARK = "?"
OTHER = "\u2026"
"""Stands for every text that no condition names."""

ANYTHING: dict[str, Any] = {MARK: None}
Path = tuple[str, ...]


def is_symbol(value: Any) -> bool:
    """Tell whether a value is not known."""
    return isinstance(value, dict) and MARK in value


def one_of(values: Sequence[Any]) -> Any:
    """Return the symbol of a value that is one of these."""
    return values[0] if len(values) == 1 else {MARK: list(values)}


def look_up(value: Any, path: Path) -> Any:
    """Return what is known of a field of a value; a field of what is no context is null (DMN 1.5 §10.3.2.5)."""
    for name in path:
        if is_symbol(value):
            if value[MARK] is None:
                value = value.get(name, ANYTHING)
            else:
                return None
        elif isinstance(value, dict):
            value = value.get(name)
        else:
            return None
    return value


def narrowed(value: Any, path: Path, known: Any) -> Any:
    """Return the symbol of a value after something was learnt of a field of it."""
    if not path:
        return known
    held = value if isinstance(value, dict) else ANYTHING
    return {**held, path[0]: narrowed(held.get(path[0], ANYTHING), path[1:], known)}


def possible(value: Any, domain: Sequence[Any]) -> list[Any]:
    """Return the values a symbol may have; `domain` are those to be told apart where nothing is known."""
    if not is_symbol(value):
        return [value]
    return list(domain) if value[MARK] is None else list(value[MARK])


def freeze(value: Any) -> Any:
    """Return a JSON value as something that can be hashed."""
    if isinstance(value, dict):
        return tuple(sorted((name, freeze(entry)) for name, entry in value.items()))
    if isinstance(value, list):
        return tuple([freeze(entry) for entry in value])
    return (type(value).__name__, value) if isinstance(value, bool | int | float) else value
