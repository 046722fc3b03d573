"""Choices: what a field of choices offers just now, from the server's own lists."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.forms.filling import Filling
from engine.forms.model import CHOICE_KINDS, Option, OptionSource
from engine.forms.places import Place
from engine.forms.values import choice_text


class Choices:
    """Finds the choices of places; each source is asked once."""

    def __init__(self, source: OptionSource) -> None:
        self._source = source
        self._known: dict[str, tuple[Option, ...]] = {}

    def of(self, place: Place, filling: Filling) -> tuple[Option, ...]:
        """Return the choices of a place; nothing for fields that offer none."""
        field = place.field
        if field.kind not in CHOICE_KINDS:
            return ()
        if field.option_source:
            return self._from_source(field.option_source)
        if field.rules.options is not None:
            return normalised(filling.evaluate(field.rules.options, place))
        key = field.schema.get("valuesKey")
        if key:
            return normalised(filling.variables.get(str(key)))
        return normalised(field.schema.get("values"))

    def labels(self, source: str) -> Mapping[str, str]:
        """Return value -> label of a source; nothing where there is no source."""
        return {option.value: option.label for option in self._from_source(source)} if source else {}

    def _from_source(self, name: str) -> tuple[Option, ...]:
        if name not in self._known:
            self._known[name] = tuple(Option(option.value, option.label) for option in self._source(name))
        return self._known[name]


def normalised(items: Any) -> tuple[Option, ...]:
    """Return plain values or {label, value} objects as choices (form-js normalizeOptionsData)."""
    if not isinstance(items, Sequence) or isinstance(items, str):
        return ()
    options = (_option(item) for item in items)
    return tuple(option for option in options if option is not None)


def _option(item: Any) -> Option | None:
    value, label = (item.get("value"), item.get("label")) if isinstance(item, Mapping) else (item, None)
    if not _is_choice(value):
        return None
    if isinstance(label, str) and label:
        return Option(value, label)
    return None if isinstance(value, Mapping) else Option(value, choice_text(value))


def _is_choice(value: Any) -> bool:
    """Say whether a value can be chosen: a text, a number, a truth value or an object, but no empty one."""
    return isinstance(value, str | int | float | Mapping) and value not in ("", {})
