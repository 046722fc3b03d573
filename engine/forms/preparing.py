"""Preparing: a form with values, conditions, choices and suggestions worked out, ready to be drawn."""

import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.feel import Expression
from engine.forms.choices import Choices
from engine.forms.filling import Filling
from engine.forms.model import CHOICE_KINDS, TYPED_KINDS, Field, OptionSource, Prepared, PreparedField
from engine.forms.places import Place, Steps, has_value_at, places, put_at, value_at
from engine.forms.starting import starting_data, starting_row
from engine.forms.suggesting import suggestion_at
from engine.forms.values import UnfitError, read_value
from engine.forms.words import plain_text

if TYPE_CHECKING:
    from engine.forms.form import Form

_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_NAME = re.compile(r"[^\W\d]\w*")


def prepare_form(
    form: "Form",
    variables: Mapping[str, Any],
    options: OptionSource,
    now: datetime,
    values: Mapping[str, Any] | None,
) -> Prepared:
    """Return the form as a page shows it; see Form.prepare."""
    data = starting_data(form.fields, variables)
    unread = {} if values is None else _overlay(form.fields, data, values)
    filling = Filling(form.fields, variables, data, now)
    filling.settle()
    choices = Choices(options)
    if values is not None and _choose(filling, choices):
        filling.settle()
    drawing = _Drawing(filling, choices, unread)
    return Prepared(drawing.all(), page_context(form.fields, variables))


def prepare_filed(form: "Form", submission: Mapping[str, Any], options: OptionSource, now: datetime) -> Prepared:
    """Return a filed submission for reading; see Form.filed."""
    filling = Filling(form.fields, {}, {}, now, recompute=False)
    filling.data = dict(submission)
    filling.seen = dict(filling.data)
    filling.hidden = frozenset(
        place.steps
        for place in places(form.fields, filling.data)
        if (place.field.keyed or place.field.kind == "dynamiclist") and not has_value_at(filling.data, place.steps)
    )
    return Prepared(_Drawing(filling, Choices(options), filed=True).all(), {})


def page_context(fields: Iterable[Field], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables that expressions of the form read; a page is told no others."""
    wanted: set[str] = set()
    pending = list(fields)
    while pending:
        field = pending.pop()
        pending.extend(field.children)
        for text, names in field.rules.expressions():
            wanted.update(names)
            wanted.update(_NAME.findall(text))
        if field.schema.get("valuesKey"):
            wanted.add(str(field.schema["valuesKey"]))
    return {name: value for name, value in variables.items() if name in wanted}


def _overlay(fields: Sequence[Field], data: dict[str, Any], values: Mapping[str, Any]) -> dict[Steps, Any]:
    """Put what was typed over the starting values; what the server computes or fixes stays.

    Return what cannot be read as the field's kind of value: it is drawn again, and to the rules it is nothing.
    """
    unread: dict[Steps, Any] = {}
    for place in list(places(fields, values)):
        field = place.field
        if not _in_range(data, place.steps) or not has_value_at(values, place.steps):
            continue
        typed = value_at(values, place.steps)
        if field.kind == "dynamiclist" and isinstance(typed, list):
            known = value_at(data, place.steps) or []
            count = min(len(typed), field.max_rows)
            put_at(data, place.steps, known[:count] + [starting_row(field) for _ in range(count - len(known))])
        elif field.keyed and not (field.computed or field.rules.disabled or field.rules.readonly is True):
            try:
                put_at(data, place.steps, read_value(field, typed, ()) if field.kind in TYPED_KINDS else typed)
            except UnfitError:
                put_at(data, place.steps, field.empty)
                unread[place.steps] = typed
    return unread


def _choose(filling: Filling, choices: Choices) -> bool:
    """Turn texts that name choices into what is chosen, as a check does; return whether there were any."""
    changed = False
    for place in filling.places():
        value = value_at(filling.data, place.steps)
        if place.field.kind not in CHOICE_KINDS:
            continue
        try:
            chosen = read_value(place.field, value, choices.of(place, filling))
        except UnfitError:
            continue
        if chosen != value:
            put_at(filling.data, place.steps, chosen)
            changed = True
    return changed


def _in_range(data: Mapping[str, Any], steps: Steps) -> bool:
    """Say whether the row of `steps` is one of those that are kept."""
    for position, step in enumerate(steps):
        if isinstance(step, int):
            rows = value_at(data, steps[:position])
            if not isinstance(rows, list) or step >= len(rows):
                return False
    return True


@dataclass
class _Drawing:
    """Turns places into prepared fields, nested as the form is."""

    filling: Filling
    choices: Choices
    unread: Mapping[Steps, Any] = field(default_factory=dict)
    filed: bool = False

    def all(self) -> tuple[PreparedField, ...]:
        """Return the fields of the root."""
        by_parent = self.by_parent()
        return tuple(self.one(place, by_parent) for place in by_parent.get((), ()))

    def by_parent(self) -> dict[Steps, list[Place]]:
        """Return the places by the steps of what they are in, those in the rows of hidden lists too."""
        found: dict[Steps, list[Place]] = {}
        filling = self.filling
        for place in places(filling.fields, self.rows(), {**filling.variables, **filling.seen}):
            found.setdefault(place.inside[-1] if place.inside else (), []).append(place)
        return found

    def rows(self) -> dict[str, Any]:
        """Return what expressions see, with the rows of hidden lists: an answer may show them in the page."""
        filling = self.filling
        hidden = [one for one in filling.places() if one.field.kind == "dynamiclist" and filling.is_hidden(one)]
        if not hidden:
            return filling.seen
        held = copy.deepcopy(filling.seen)
        for place in hidden:
            put_at(held, place.steps, copy.deepcopy(value_at(filling.data, place.steps)))
        return held

    def one(self, place: Place, by_parent: Mapping[Steps, list[Place]], *, with_blank: bool = True) -> PreparedField:
        """Return one place with what is in it."""
        prepared = self.alone(place)
        inner = by_parent.get(place.steps, [])
        if place.field.kind == "group":
            return replace(prepared, children=tuple(self.one(c, by_parent, with_blank=with_blank) for c in inner))
        if place.field.kind != "dynamiclist":
            return prepared
        rows: dict[int, list[PreparedField]] = {}
        for child in inner:
            rows.setdefault(int(child.steps[len(place.steps)]), []).append(
                self.one(child, by_parent, with_blank=with_blank)
            )
        grows = place.field.schema.get("allowAddRemove") is not False and not self.filed and not prepared.read_only
        blank = self.blank_row(place) if with_blank and grows else ()
        return replace(prepared, rows=tuple(tuple(rows[index]) for index in sorted(rows)), blank_row=blank)

    def blank_row(self, place: Place) -> tuple[PreparedField, ...]:
        """Return a new row of a list, for adding one in the page; its index is the number of rows."""
        held = copy.deepcopy(self.rows())
        rows = value_at(held, place.steps)
        index = len(rows) if isinstance(rows, list) else 0
        put_at(held, (*place.steps, index), starting_row(place.field))
        longer = Filling(self.filling.fields, self.filling.variables, held, self.filling.now)
        longer.settle()
        drawing = _Drawing(longer, self.choices)
        by_parent = drawing.by_parent()
        row = (child for child in by_parent.get(place.steps, []) if child.steps[len(place.steps)] == index)
        return tuple(drawing.one(child, by_parent, with_blank=False) for child in row)

    def alone(self, place: Place) -> PreparedField:
        """Return one place without what is in it."""
        field, filling = place.field, self.filling
        visible = not (filling.is_hidden(place) or any(steps in filling.hidden for steps in place.inside))
        value = value_at(filling.seen if visible else filling.data, place.steps)
        value = self.unread.get(place.steps, value)
        if field.kind == "table" and field.rules.texts:
            value = filling.evaluate(field.rules.texts[0], place)
        prepared = PreparedField(
            field=field,
            path=place.path,
            label=filling.label(place),
            value=field.empty if value is None else value,
            visible=visible,
            options=self.choices.of(place, filling),
            text=self.text(place) if visible and not self.filed else "",
        )
        if self.filed:
            return replace(prepared, read_only=True)
        return self.editable(prepared, place)

    def editable(self, prepared: PreparedField, place: Place) -> PreparedField:
        """Add what only somebody who fills the form needs: limits, what is required, the suggestion."""
        field, filling = place.field, self.filling
        return replace(
            prepared,
            required=filling.is_required(place),
            read_only=field.rules.disabled or filling.is_read_only(place),
            limits={name: filling.evaluate(rule, place) for name, rule in field.rules.limits.items()},
            suggestion=suggestion_at(place, filling, prepared),
            multiple=filling.evaluate(field.rules.multiple, place) is True,
        )

    def text(self, place: Place) -> str:
        """Return the words of a shown text: variables as people read them, codes by their label in `bihuan:options`."""
        if place.field.kind == "table" or not place.field.rules.texts:
            return ""
        labels = self.choices.labels(place.field.option_source)
        return "".join(self._said(part, place, labels) for part in place.field.rules.texts)

    def _said(self, part: str | Expression, place: Place, labels: Mapping[str, str]) -> str:
        value = self.filling.evaluate(part, place)
        if isinstance(part, str) or not _PATH.fullmatch(part.text):
            return "" if value is None else str(value)
        return plain_text(value, labels)
