"""The records of forms: fields as compiled, fields as prepared for a page, and what a check answers with."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.feel import Expression

TEXT_KINDS = frozenset({"textfield", "textarea"})
ONE_CHOICE_KINDS = frozenset({"select", "radio"})
MANY_CHOICE_KINDS = frozenset({"checklist", "taglist"})
# What is typed says itself what it is; a choice has to be found among those offered.
TYPED_KINDS = TEXT_KINDS | {"number", "checkbox", "datetime"}
CHOICE_KINDS = ONE_CHOICE_KINDS | MANY_CHOICE_KINDS
KEYED_KINDS = TEXT_KINDS | CHOICE_KINDS | {"number", "checkbox", "datetime", "expression", "filepicker"}
SHOWN_KINDS = frozenset({"text", "separator", "spacer", "table", "button"})
NESTED_KINDS = frozenset({"group", "dynamiclist"})

DEFAULT_MAX_ROWS = 200
DEFAULT_MAX_TEXT = 2000


@dataclass(frozen=True)
class Option:
    """One choice: the value that is stored and the label that people see."""

    value: Any
    label: str


OptionSource = Callable[[str], Sequence[Any]]
"""Gives the choices of a source such as `code:PRIORITY`; each has `value` and `label`."""

FileSource = Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]]
"""Describes ({id, name, size …}) those of the attachment ids that belong to this matter or to the actor's own start."""


@dataclass(frozen=True)
class Condition:
    """When a field is hidden: a unary test with `?` = null, so one that gives null holds (form-js ConditionChecker)."""

    text: str
    holds: Callable[[Mapping[str, Any], Any], bool]
    names: frozenset[str]


@dataclass(frozen=True)
class FieldCheck:
    """A statement that must be true of a filled field, and what to say when it is not."""

    expression: Expression
    message: str


@dataclass(frozen=True)
class Rules:
    """The compiled rules of a field. A limit is a constant or an expression; `pattern_text` is JavaScript's."""

    hide: Condition | None = None
    readonly: bool | Condition = False
    disabled: bool = False
    required: bool = False
    required_if: Expression | None = None
    limits: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    pattern: Any = None
    pattern_text: str = ""
    pattern_message: str = ""
    compute: Expression | None = None
    options: Expression | None = None
    suggestion: Expression | None = None
    why: Expression | None = None
    checks: tuple[FieldCheck, ...] = ()
    label: tuple[str | Expression, ...] = ()
    texts: tuple[str | Expression, ...] = ()
    multiple: bool | Expression = False

    def expressions(self) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield text and free names of every expression, for deciding what a page must know."""
        single = [self.hide, self.readonly, self.required_if, self.compute, self.options, self.suggestion]
        several = [*self.limits.values(), *(check.expression for check in self.checks), *self.label, *self.texts]
        for rule in [*single, *several, self.multiple]:
            if isinstance(rule, Expression | Condition):
                yield rule.text, rule.names


@dataclass(frozen=True)
class Field:
    """A component of the form. `key` is its path within its scope; groups without a path and shown texts have none."""

    id: str
    kind: str
    key: tuple[str, ...]
    label: str
    schema: Mapping[str, Any]
    rules: Rules
    properties: Mapping[str, str]
    children: tuple["Field", ...] = ()

    @property
    def type(self) -> str:
        """Return the product type: person, persons, unit, units, ref, sign, vault, auto, money, opinion, or nothing."""
        return self.properties.get("bihuan:type", "")

    @property
    def keyed(self) -> bool:
        """True for a field that holds a value."""
        return self.kind in KEYED_KINDS

    @property
    def computed(self) -> bool:
        """True for a field whose value the server computes: expression, auto and signature fields."""
        return self.rules.compute is not None

    @property
    def fresh(self) -> bool:
        """True for a field that never starts with an earlier answer: outcomes, opinions, declarations, the vault."""
        declaration = self.kind == "checkbox" and self.rules.required
        named = self.properties.get("bihuan:fresh") == "true" or self.key == ("override_reason",)
        return declaration or named or self.outcome or self.type in {"opinion", "sign", "vault"}

    @property
    def outcome(self) -> bool:
        """True for the field whose choices are the buttons of the action bar."""
        return self.properties.get("bihuan:outcome") == "true"

    @property
    def option_source(self) -> str:
        """Return the source of the choices, such as `code:PRIORITY`, or nothing."""
        default = {"person": "people", "persons": "people", "unit": "units", "units": "units"}.get(self.type, "")
        return self.properties.get("bihuan:options", default if self.kind in CHOICE_KINDS else "")

    @property
    def max_rows(self) -> int:
        """Return how many rows a list may have."""
        return int(self.properties.get("bihuan:maxRows", DEFAULT_MAX_ROWS))

    @property
    def min_rows(self) -> int:
        """Return how many rows a list must have."""
        return int(self.properties.get("bihuan:minRows", 1 if self.rules.required else 0))

    @property
    def empty(self) -> Any:
        """Return a new value of a field that was not filled (form-js `emptyValue`)."""
        if self.kind in TEXT_KINDS:
            return ""
        if self.kind == "checkbox":
            return False
        return [] if self.kind in MANY_CHOICE_KINDS | {"filepicker", "dynamiclist"} else None


@dataclass(frozen=True)
class Suggestion:
    """What the system suggests for a field (系统建议), and the facts it rests on."""

    value: Any
    label: str
    why: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class PreparedField:
    """A field as a page shows it: `path` such as `evidence[0].name`, `rows` of a list, `children` of a group."""

    field: Field
    path: str
    label: str
    value: Any = None
    visible: bool = True
    read_only: bool = False
    required: bool = False
    options: tuple[Option, ...] = ()
    suggestion: Suggestion | None = None
    multiple: bool = False
    text: str = ""
    limits: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    children: tuple["PreparedField", ...] = ()
    rows: tuple[tuple["PreparedField", ...], ...] = ()
    blank_row: tuple["PreparedField", ...] = ()

    def label_of(self, value: Any) -> str:
        """Return the label of one chosen value; a value no longer offered stands for itself."""
        for option in self.options:
            if option.value == value:
                return option.label
        return "" if value is None else str(value)


@dataclass(frozen=True)
class Prepared:
    """A form ready to be drawn. `context` holds the variables its expressions read, for the same rules in the page."""

    fields: tuple[PreparedField, ...]
    context: Mapping[str, Any]

    def __iter__(self) -> Iterator[PreparedField]:
        """Yield every field in the order of the form, those of groups and rows too."""
        pending = list(reversed(self.fields))
        while pending:
            prepared = pending.pop()
            yield prepared
            inner = [*prepared.children, *(cell for row in prepared.rows for cell in row)]
            pending.extend(reversed(inner))

    @property
    def outcome(self) -> PreparedField | None:
        """Return the visible field whose choices are the main buttons."""
        return next((prepared for prepared in self if prepared.field.outcome and prepared.visible), None)


@dataclass(frozen=True)
class Checked:
    """The answer to a submission: values to keep, values for the vault, and messages per field path.

    `cleared` names the top-level keys that the form has but hides now: earlier answers to them no longer hold.
    """

    values: dict[str, Any]
    vault: dict[str, Any]
    errors: dict[str, list[str]]
    cleared: tuple[str, ...] = ()
