"""Checking: the server decides what of a submission is true, and tells every fault at its field."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.forms.choices import Choices
from engine.forms.filling import Filling
from engine.forms.limits import broken_limits, missing_text
from engine.forms.model import CHOICE_KINDS, Checked, Condition, Field, FileSource, OptionSource
from engine.forms.places import Place, Steps, has_value_at, path_text, places, put_at, value_at
from engine.forms.starting import starting_data, starting_row
from engine.forms.values import UnfitError, is_blank, read_value, same_choice

if TYPE_CHECKING:
    from engine.forms.form import Form

LEAST_OPINION = 10


def check_form(  # noqa: PLR0913, PLR0917 - the contract of Form.check
    form: "Form",
    submitted: Mapping[str, Any],
    variables: Mapping[str, Any],
    options: OptionSource,
    now: datetime,
    files: FileSource | None,
) -> Checked:
    """Return what of `submitted` is true; see Form.check."""
    start = starting_data(form.fields, variables)
    filling = Filling(form.fields, variables, copy.deepcopy(start), now)
    checking = _Checking(filling, start, submitted, Choices(options), files)
    checking.take_rows()
    checking.start = copy.deepcopy(filling.data)
    checking.take_values()
    filling.settle()
    while checking.take_choices():
        filling.settle()
    checking.judge()
    return checking.answer()


@dataclass
class _Checking:
    """One check under way."""

    filling: Filling
    start: dict[str, Any]
    submitted: Mapping[str, Any]
    choices: Choices
    files: FileSource | None
    faults: dict[Steps, list[str]] = field(default_factory=dict)
    unfit: dict[Steps, str] = field(default_factory=dict)
    chosen: set[Steps] = field(default_factory=set)

    def fault(self, steps: Steps, message: str) -> None:
        """Note what is wrong at a place."""
        self.faults.setdefault(steps, []).append(message)

    def take_rows(self) -> None:
        """Give each list as many rows as were submitted, within its limit."""
        self._take_rows(self.filling.fields, self.submitted, ())

    def _take_rows(self, fields: Sequence[Field], submitted: Any, prefix: Steps) -> None:
        for one in fields:
            steps = (*prefix, *one.key)
            inner = value_at(submitted, one.key) if one.key else submitted
            if one.kind == "group":
                self._take_rows(one.children, inner, steps)
            elif one.kind == "dynamiclist":
                self._take_list(one, inner, steps)

    def _take_list(self, one: Field, submitted: Any, steps: Steps) -> None:
        rows = submitted if isinstance(submitted, list) else []
        if any(not isinstance(row, Mapping) for row in rows) or (submitted and not isinstance(submitted, list)):
            self.fault(steps, f"“{one.label}”的内容无法识别，请重新填写。")
            rows = []
        known = value_at(self.filling.data, steps)
        known = known if isinstance(known, list) else []
        if one.schema.get("allowAddRemove") is False:
            if rows and len(rows) != len(known):
                self.fault(steps, f"“{one.label}”不能增加或删除行。")
            rows = (rows + [{}] * len(known))[: len(known)]
        if len(rows) > one.max_rows:
            self.fault(steps, f"“{one.label}”最多 {one.max_rows} 行，现在是 {len(rows)} 行，请分次填写。")
            rows = rows[: one.max_rows]
        kept = known[: len(rows)] + [starting_row(one) for _ in rows[len(known) :]]
        put_at(self.filling.data, steps, copy.deepcopy(kept))
        for index, row in enumerate(rows):
            self._take_rows(one.children, row, (*steps, index))

    def take_values(self) -> None:
        """Read what was typed into the fields that may be filled. Choices wait until conditions are known."""
        for place in list(places(self.filling.fields, self.filling.data)):
            if not place.field.keyed or not self._open(place):
                continue
            raw = value_at(self.submitted, place.steps)
            if place.field.kind in CHOICE_KINDS:
                put_at(self.filling.data, place.steps, raw if raw is not None else place.field.empty)
            else:
                self._read(place, raw)

    def take_choices(self) -> bool:
        """Read the visible choices not read yet against what each offers now; return whether there were any."""
        waiting = [
            place
            for place in self.filling.places()
            if place.field.kind in CHOICE_KINDS
            and place.steps not in self.chosen
            and self._open(place)
            and not self.filling.is_hidden(place)
        ]
        for place in waiting:
            self.chosen.add(place.steps)
            self._read(place, value_at(self.submitted, place.steps))
        return bool(waiting)

    def _open(self, place: Place) -> bool:
        """Say whether the field takes anything from the submission, going by what is fixed in the form.

        What a condition closed when the page was drawn is not submitted, and stays as it was.
        """
        rules = place.field.rules
        drawn_closed = isinstance(rules.readonly, Condition) and not has_value_at(self.submitted, place.steps)
        return not (place.field.computed or rules.disabled or rules.readonly is True or drawn_closed)

    def _read(self, place: Place, raw: Any) -> None:
        one = place.field
        try:
            value = read_value(one, raw, self.choices.of(place, self.filling))
            if one.kind == "filepicker":
                value = self._described(value)
        except UnfitError as unfit:
            self.unfit[place.steps] = str(unfit)
            value = one.empty
        put_at(self.filling.data, place.steps, value)

    def _described(self, ids: list[str]) -> list[dict[str, Any]]:
        """Return the attachments behind ids; those of other matters are told as missing."""
        known = self.files(ids) if self.files and ids else {}
        if any(identifier not in known for identifier in ids):
            raise UnfitError("中有附件不存在或已被删除，请重新上传。")
        return [{"id": identifier, **known[identifier]} for identifier in ids]

    def judge(self) -> None:
        """Judge every visible field: read-only, required, limits; then the statements about fields without fault."""
        visible = [place for place in self.filling.places() if not self.filling.is_hidden(place)]
        shown = {place.steps for place in visible}
        self.faults = {steps: messages for steps, messages in self.faults.items() if steps in shown}
        for place in visible:
            self._judge_change(place)
            if place.steps in self.unfit and place.steps not in self.faults:
                self.fault(place.steps, f"“{self.filling.label(place)}”{self.unfit[place.steps]}")
            if place.steps not in self.faults and (place.field.keyed or place.field.kind == "dynamiclist"):
                self._judge_value(place)
        for place in visible:
            self._judge_statements(place)

    def _judge_change(self, place: Place) -> None:
        """Refuse a change to a field that may only be read, and keep its value."""
        one = place.field
        if not one.keyed or one.computed or one.rules.disabled or not self.filling.is_read_only(place):
            return
        current = value_at(self.start, place.steps)
        if has_value_at(self.submitted, place.steps) and not self._unchanged(place, current):
            self.fault(place.steps, f"“{self.filling.label(place)}”只能查看，不能修改。")
        put_at(self.filling.data, place.steps, current)
        put_at(self.filling.seen, place.steps, current)

    def _unchanged(self, place: Place, current: Any) -> bool:
        """Say whether the submitted value, read as the field's kind, is the current one."""
        raw = value_at(self.submitted, place.steps)
        if (
            raw == current
            or same_choice(current, raw)
            or (is_blank(place.field, raw) and is_blank(place.field, current))
        ):
            return True
        try:
            value = read_value(place.field, raw, self.choices.of(place, self.filling))
            known = read_value(place.field, current, self.choices.of(place, self.filling))
        except UnfitError:
            return False
        return bool(value == known)

    def _judge_value(self, place: Place) -> None:
        one, value = place.field, value_at(self.filling.seen, place.steps)
        if one.rules.disabled or one.computed:
            return
        label = self.filling.label(place)
        if is_blank(one, value) or (one.kind == "dynamiclist" and len(value) < one.min_rows):
            if self.filling.is_required(place):
                self.fault(place.steps, missing_text(one, label))
            return
        single = one.kind == "filepicker" and self.filling.evaluate(one.rules.multiple, place) is not True
        if single and len(value) > 1:
            self.fault(place.steps, f"“{label}”只能有一个附件，请删除多余的。")
            return
        limits = {name: self.filling.evaluate(rule, place) for name, rule in one.rules.limits.items()}
        if one.type == "opinion" and "minLength" not in limits and self.filling.is_required(place):
            limits["minLength"] = LEAST_OPINION
        for message in broken_limits(one, label, value, limits):
            self.fault(place.steps, message)

    def _judge_statements(self, place: Place) -> None:
        """Check what must be true of a field that is filled; lists are judged empty too."""
        one, value = place.field, value_at(self.filling.seen, place.steps)
        if place.steps in self.faults or (is_blank(one, value) and not isinstance(value, list)):
            return
        for statement in one.rules.checks:
            expression = statement.expression
            untrue = self.filling.evaluate(expression, place) is not True
            if untrue and not self._rests_on_a_fault(expression.names):
                self.fault(place.steps, statement.message)

    def _rests_on_a_fault(self, names: frozenset[str]) -> bool:
        """Say whether a statement reads a field that is itself at fault, so that it says nothing new."""
        return any(steps[0] in names for steps in self.faults)

    def answer(self) -> Checked:
        """Return values, vault and faults, in the order of the form."""
        values: dict[str, Any] = {}
        vault: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}
        for place in self._places_once():
            if place.steps in self.faults:
                errors[place.path] = self.faults[place.steps]
            if place.field.rules.disabled or self.filling.is_hidden(place):
                continue
            if place.field.kind == "dynamiclist" and not value_at(values, place.steps):
                put_at(values, place.steps, [{} for _ in value_at(self.filling.data, place.steps) or []])
            elif place.field.keyed:
                self._keep(place, values, vault)
        for steps in self.faults:
            errors.setdefault(path_text(steps), self.faults[steps])
        return Checked(values, vault, errors, self._cleared())

    def _places_once(self) -> Iterator[Place]:
        yield from places(self.filling.fields, self.filling.seen)

    def _keep(self, place: Place, values: dict[str, Any], vault: dict[str, Any]) -> None:
        value = value_at(self.filling.data, place.steps)
        if place.field.type != "vault":
            put_at(values, place.steps, value)
        elif not is_blank(place.field, value):
            vault[place.path] = value

    def _cleared(self) -> tuple[str, ...]:
        """Return top-level keys that are hidden now but hold an earlier answer."""
        hidden = (
            place.steps[0]
            for place in places(self.filling.fields, self.filling.data)
            if len(place.steps) == 1 and place.field.key and self.filling.is_hidden(place)
        )
        return tuple(str(key) for key in hidden if self.filling.variables.get(str(key)) is not None)
