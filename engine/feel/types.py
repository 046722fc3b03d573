"""FEEL types: `instance of`, and the coercions of values to a declared type (DMN 1.5 §10.3.2.9)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from engine.feel.compare import kind
from engine.feel.run import Run
from engine.feel.values import DateTime, Function, Range

BASIC_TYPES = frozenset({
    "Any", "Null", "number", "string", "boolean", "date", "time", "date and time", "days and time duration",
    "years and months duration", "list", "context", "function", "range",
})  # fmt: skip
ALIASES = {
    "datetime": "date and time",
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "any": "Any",
    "null": "Null",
}


@dataclass(frozen=True, slots=True)
class Type:
    """A type by name: a basic one, a generic one with `arguments`, or the name of an item definition."""

    name: str
    arguments: tuple["Type", ...] = ()
    members: tuple[tuple[str, "Type"], ...] | None = None
    result: "Type | None" = None


ANY = Type("Any")


class ItemType(Protocol):
    """An item definition (DMN 1.5 §7.3.2), known to an evaluation by its name."""

    def conforms(self, run: Run, value: Any) -> bool:
        """Return whether the value is an instance."""

    def coerce(self, run: Run, value: Any) -> tuple[bool, Any]:
        """Return whether the value could be made to conform, and the value."""

    def structure(self) -> Type:
        """Return the type it stands for, for the comparison of function types."""


def resolve(types: Mapping[str, ItemType], wanted: Type) -> ItemType | None:
    """Return the item definition of a type's name, None for basic types and unknown names."""
    return None if wanted.name in BASIC_TYPES else types.get(wanted.name)


def conforms(run: Run, value: Any, wanted: Type) -> bool:
    """Return whether `value instance of wanted`."""
    item = resolve(run.types, wanted)
    if item is not None:
        return bool(item.conforms(run, value))
    if value is None:
        return wanted.name == "Null"
    if wanted.name == "Any":
        return True
    if kind(value) != wanted.name:
        return False
    check = _GENERIC_CHECKS.get(wanted.name)
    return check is None or check(run, value, wanted)


def _list_conforms(run: Run, value: list[Any], wanted: Type) -> bool:
    run.charge(len(value))
    return not wanted.arguments or all(_fits(run, item, wanted.arguments[0]) for item in value)


def _fits(run: Run, value: Any, wanted: Type) -> bool:
    return value is None or conforms(run, value, wanted)


def _context_conforms(run: Run, value: dict[str, Any], wanted: Type) -> bool:
    members = wanted.members or ()
    run.charge(len(members))
    return all(name in value and _fits(run, value[name], member) for name, member in members)


def _range_conforms(run: Run, value: Range, wanted: Type) -> bool:
    if not wanted.arguments:
        return True
    ends = [end for end in (value.start, value.end) if end is not None]
    return all(conforms(run, end, wanted.arguments[0]) for end in ends)


def _function_conforms(run: Run, value: Function, wanted: Type) -> bool:
    if wanted.result is None:
        return True
    if len(wanted.arguments) != len(value.parameters):
        return False
    given = value.types or (ANY,) * len(value.parameters)
    return (value.result is None or type_conforms(run, value.result, wanted.result)) and all(
        type_conforms(run, asked, own or ANY) for asked, own in zip(wanted.arguments, given, strict=True)
    )


_GENERIC_CHECKS: dict[str, Callable[[Run, Any, Type], bool]] = {
    "list": _list_conforms,
    "context": _context_conforms,
    "range": _range_conforms,
    "function": _function_conforms,
}


def _expanded(run: Run, given: Type) -> Type:
    item = resolve(run.types, given)
    found: Type = item.structure() if item is not None else given
    return found


def type_conforms(run: Run, given: Type, wanted: Type) -> bool:
    """Return whether every value of `given` is one of `wanted` (DMN 1.5 §10.3.2.9.1)."""
    run.charge(1)
    given, wanted = _expanded(run, given), _expanded(run, wanted)
    if wanted.name == "Any" or given.name == "Null" or given == wanted:
        return True
    if given.name != wanted.name:
        return False
    if wanted.name == "context":
        own = dict(given.members or ())
        return all(name in own and type_conforms(run, own[name], member) for name, member in wanted.members or ())
    if wanted.name == "function":
        return _function_type_conforms(run, given, wanted)
    pairs = zip(given.arguments or (ANY,), wanted.arguments or (ANY,), strict=False)
    return all(type_conforms(run, one, other) for one, other in pairs)


def _function_type_conforms(run: Run, given: Type, wanted: Type) -> bool:
    if wanted.result is None:
        return True
    if len(given.arguments) != len(wanted.arguments):
        return False
    return type_conforms(run, given.result or ANY, wanted.result) and all(
        type_conforms(run, asked, own) for asked, own in zip(wanted.arguments, given.arguments, strict=True)
    )


def coerce(run: Run, value: Any, wanted: Type | None) -> tuple[bool, Any]:
    """Return whether the value fits a declared type, after the coercions of §10.3.2.9.4, and the value."""
    if wanted is None or value is None:
        return True, value
    item = resolve(run.types, wanted)
    if item is not None:
        fits, coerced = item.coerce(run, value)
        return bool(fits), coerced
    if wanted.name not in BASIC_TYPES or conforms(run, value, wanted):
        return True, value
    return _converted(run, value, wanted)


def _converted(run: Run, value: Any, wanted: Type) -> tuple[bool, Any]:
    if isinstance(value, list) and wanted.name != "list" and len(value) == 1:
        return (True, value[0]) if conforms(run, value[0], wanted) else (False, None)
    if wanted.name == "list" and not isinstance(value, list):
        wrapped = [value]
        return (True, wrapped) if conforms(run, wrapped, wanted) else (False, None)
    if wanted.name == "date and time" and kind(value) == "date":
        return True, DateTime(value, 0, 0)
    return False, None
