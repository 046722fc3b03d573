"""Starting values: what a field holds before anybody types, and what of a submission is read into it."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from engine.forms.model import Field
from engine.forms.places import Steps, put_at, value_at


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
            put_at(data, steps, _value(field, value_at(known, steps)))


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


def _value(field: Field, known: Any) -> Any:
    if known is not None and not field.fresh:
        return copy.deepcopy(known)
    default = field.schema.get("defaultValue")
    return copy.deepcopy(default) if default is not None and not field.outcome else field.empty
