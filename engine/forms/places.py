"""Places: where each field of a form stands in the data, row by row, and what its expressions see from there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from engine.forms.model import Field

Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Scope:
    """What `this`, `parent` and `i` mean at a place (form-js buildExpressionContext); `i` counts from 1."""

    this: Any = None
    parent: Any = None
    indexes: tuple[int, ...] = ()

    def names(self, everything: Mapping[str, Any]) -> dict[str, Any]:
        """Return all names an expression may read: those of the data win over the special ones."""
        special = {"this": self.this, "parent": self.parent, "i": list(self.indexes)}
        return {**special, **everything, **{f"_{name}_": value for name, value in special.items()}}


@dataclass(frozen=True)
class Place:
    """A field in a row or at the root, with the steps to its value."""

    field: Field
    steps: Steps
    scope: Scope
    inside: tuple[Steps, ...] = ()

    @property
    def path(self) -> str:
        """Return the steps as text: `evidence[0].name`; a field without a value goes by its id."""
        return path_text(self.steps)


def places(
    fields: Sequence[Field], data: Mapping[str, Any], everything: Mapping[str, Any] | None = None
) -> Iterator[Place]:
    """Yield the places of all fields, in the order of the form, for as many rows as `data` has.

    `everything`, the data with the variables around it, is `this` at the root and `parent` in rows.
    """
    yield from _places(fields, data, (), Scope(this=data if everything is None else everything), ())


def _places(
    fields: Sequence[Field], data: Mapping[str, Any], prefix: Steps, scope: Scope, inside: tuple[Steps, ...]
) -> Iterator[Place]:
    for field in fields:
        # Fields without a value stand under their id, which no key can be; what is in such a group stands beside it.
        steps = (*prefix, *(field.key or (f"#{field.id}",)))
        yield Place(field, steps, scope, inside)
        if field.kind == "group":
            yield from _places(field.children, data, steps if field.key else prefix, scope, (*inside, steps))
        elif field.kind == "dynamiclist":
            yield from _rows(field, data, steps, scope, (*inside, steps))


def _rows(
    field: Field, data: Mapping[str, Any], steps: Steps, scope: Scope, inside: tuple[Steps, ...]
) -> Iterator[Place]:
    rows = value_at(data, steps)
    for index, row in enumerate(rows if isinstance(rows, list) else []):
        inner = Scope(row, scope.this, (*scope.indexes, index + 1))
        yield from _places(field.children, data, (*steps, index), inner, inside)


def value_at(data: Any, steps: Steps) -> Any:
    """Return what stands at `steps`, or None."""
    for step in steps:
        if isinstance(data, Mapping) and isinstance(step, str):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def has_value_at(data: Any, steps: Steps) -> bool:
    """Say whether the last of `steps` is there at all."""
    holder = value_at(data, steps[:-1])
    return isinstance(holder, Mapping) and steps[-1] in holder


def put_at(data: dict[str, Any], steps: Steps, value: Any) -> None:
    """Put `value` at `steps`, making the objects and rows on the way."""
    holder: Any = data
    for step, following in pairwise(steps):
        fresh: Any = [] if isinstance(following, int) else {}
        holder = _entered(holder, step, fresh)
    last = steps[-1]
    if isinstance(holder, list) and isinstance(last, int):
        _lengthen(holder, last)
        holder[last] = value
    elif isinstance(holder, dict):
        holder[last] = value


def _entered(holder: Any, step: str | int, fresh: Any) -> Any:
    """Return what `holder` has at `step`, putting `fresh` there unless something of its kind stands there."""
    if isinstance(holder, list) and isinstance(step, int):
        _lengthen(holder, step)
        if not isinstance(holder[step], type(fresh)):
            holder[step] = fresh
        return holder[step]
    if not isinstance(holder.get(step), type(fresh)):
        holder[step] = fresh
    return holder[step]


def _lengthen(rows: list[Any], index: int) -> None:
    """Make `rows` long enough to have `index`."""
    rows.extend({} for _ in range(index + 1 - len(rows)))


def path_text(steps: Steps) -> str:
    """Return steps as text: `("evidence", 0, "name")` is `evidence[0].name`."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
