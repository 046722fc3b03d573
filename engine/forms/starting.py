"""Starting values: what a field holds before anybody types, and what of a submission is read into it."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from engine.forms.model import TYPED_KINDS, Field
from engine.forms.places import Steps, has_value_at, put_at, value_at
from engine.forms.values import UnfitError, read_value


def starting_data(fields: Sequence[Field], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields' values from the variables, else their defaults (form-js _getInitializedFieldData)."""
    data: dict[str, Any] = {}
    _start(fields, variables, (), data)
    return data


def starting_row(field: Field) -> dict[str, Any]:
    """Return a new row of a list."""
    row: dict[str, Any] = {}
    _start(field.children, {}, (), row)
    return row


def _start(fields: Sequence[Field], known: Any, prefix: Steps, data: dict[str, Any]) -> None:
    for field in fields:
        steps = (*prefix, *field.key)
        if field.kind == "group":
            _start(field.children, known, steps, data)
        elif field.kind == "dynamiclist":
            put_at(data, steps, _rows(field, value_at(known, steps)))
        elif field.keyed:
            put_at(data, steps, _value(field, known, steps))


def _rows(field: Field, known: Any) -> list[dict[str, Any]]:
    """Return the known rows filled up with defaults, or as many new ones as the form says (form-js: one)."""
    if not isinstance(known, list):
        count = field.schema.get("defaultRepetitions", 1)
        return [starting_row(field) for _ in range(min(count, field.max_rows) if isinstance(count, int) else 1)]
    rows = []
    for item in known:
        row: dict[str, Any] = {}
        _start(field.children, item, (), row)
        rows.append(row)
    return rows


def _value(field: Field, known: Any, steps: Steps) -> Any:
    """Return what is known, be it that there is nothing; the default is for what was never asked."""
    if has_value_at(known, steps) and not field.fresh:
        value = value_at(known, steps)
        return field.empty if value is None else _fit(field, copy.deepcopy(value))
    default = field.schema.get("defaultValue")
    return copy.deepcopy(default) if default is not None and not field.outcome else field.empty


def _fit(field: Field, value: Any) -> Any:
    """Return a known value as the field would hold it, so that rules see the same before and after typing."""
    try:
        return read_value(field, value, ()) if field.kind in TYPED_KINDS else value
    except UnfitError:
        return value
