"""Filling: the values of a form at one instant, with computed fields and conditions settled."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.feel import Expression, FeelBudgetError, to_json
from engine.forms.model import Condition, Field
from engine.forms.places import Place, Steps, places, put_at, value_at
from engine.forms.values import is_blank
from engine.tokens.values import as_text

ROUNDS = 12
OVERRIDE_REASON = ("override_reason",)


@dataclass
class Filling:
    """Values being worked out. `data` holds the fields' own values, `variables` what the matter knows besides.

    After `settle`, `hidden` has the steps of all hidden places and `seen` is what expressions see: the variables and
    the data in which hidden fields are null, as form-js evaluates on filtered data.
    """

    fields: Sequence[Field]
    variables: Mapping[str, Any]
    data: dict[str, Any]
    now: datetime
    recompute: bool = True
    hidden: frozenset[Steps] = frozenset()
    seen: dict[str, Any] = field(default_factory=dict)

    def settle(self) -> None:
        """Compute and hide until nothing changes any more; a form that never settles stops after some rounds."""
        for _ in range(ROUNDS):
            self.seen = self._seen()
            changed = self.recompute and self._compute()
            if changed:
                self.seen = self._seen()
            hidden = self._hide()
            if hidden == self.hidden and not changed:
                break
            self.hidden = hidden
        else:
            self.seen = self._seen()

    def places(self) -> list[Place]:
        """Return all places, with scopes that see what expressions see."""
        return list(places(self.fields, self.seen, {**self.variables, **self.seen}))

    def evaluate(self, rule: Any, place: Place) -> Any:
        """Return the JSON value of an expression at a place, or the constant itself; None when out of budget."""
        if not isinstance(rule, Expression):
            return rule
        try:
            return to_json(rule.evaluate(self.names(place), self.now))
        except FeelBudgetError:
            return None

    def label(self, place: Place) -> str:
        """Return what a field is called at a place: the first line of its label with the data in it, be it empty."""
        if not place.field.rules.label:
            return place.field.label
        said = "".join(as_text(self.evaluate(part, place)) for part in place.field.rules.label)
        return said.partition("\n")[0]

    def names(self, place: Place) -> dict[str, Any]:
        """Return what an expression at a place may read."""
        return place.scope.names({**self.variables, **self.seen})

    def is_hidden(self, place: Place) -> bool:
        """Say whether a place is hidden, itself or by what it is in."""
        return place.steps in self.hidden

    def is_read_only(self, place: Place) -> bool:
        """Say whether the value at a place may not be changed."""
        readonly = place.field.rules.readonly
        closed = self._holds(readonly.holds, place) if isinstance(readonly, Condition) else readonly
        return place.field.computed or closed

    def is_required(self, place: Place) -> bool:
        """Say whether a visible place must be filled.

        An opinion is owed unless the answer to the outcome begins with 同意 (domain.md section 8, G-OPINION).
        """
        field = place.field
        if field.rules.required or (field.kind == "dynamiclist" and field.min_rows > 0):
            return True
        if field.key == OVERRIDE_REASON and any(f.rules.suggestion for f in self._all()) and self.reason_owed():
            return True
        if field.type == "opinion" and field.rules.required_if is None:
            return self._outcome_wants_opinion()
        return self.evaluate(field.rules.required_if, place) is True

    def _outcome_wants_opinion(self) -> bool:
        outcomes = [place for place in self.places() if place.field.outcome and not self.is_hidden(place)]
        answers = [value_at(self.seen, place.steps) for place in outcomes]
        return any(answer and not str(answer).startswith("同意") for answer in answers)

    def _all(self) -> list[Field]:
        return [place.field for place in self.places()]

    def _seen(self) -> dict[str, Any]:
        """Return the data with hidden fields null."""
        seen = copy.deepcopy(self.data)
        for steps in self.hidden:
            if value_at(seen, steps) is not None:
                put_at(seen, steps, None)
        return seen

    def _compute(self) -> bool:
        """Evaluate computed fields in the order of the form; each sees those before it. Return whether any changed."""
        changed = False
        for place in self.places():
            if not place.field.computed or self.is_hidden(place):
                continue
            value = self.evaluate(place.field.rules.compute, place)
            if value != value_at(self.data, place.steps):
                put_at(self.data, place.steps, value)
                changed = True
            put_at(self.seen, place.steps, value)
        return changed

    def _hide(self) -> frozenset[Steps]:
        """Return the steps of the places whose condition holds, and of all that is in them."""
        hidden: set[Steps] = set()
        for place in self.places():
            condition = place.field.rules.hide
            inherited = any(steps in hidden for steps in place.inside)
            unasked = condition is None and place.field.key == OVERRIDE_REASON and not self.reason_owed()
            if inherited or unasked or (condition is not None and self._holds(condition.holds, place)):
                hidden.add(place.steps)
        return frozenset(hidden)

    def suggested(self, place: Place) -> Any:
        """Return the value that the system suggests at a place, or None."""
        answer = self.evaluate(place.field.rules.suggestion, place)
        return answer.get("value") if isinstance(answer, dict) else answer

    def reason_owed(self) -> bool:
        """Say whether a visible answer differs from its suggestion; true in a form that suggests nothing."""
        suggesting = [place for place in self.places() if place.field.rules.suggestion is not None]
        return not suggesting or any(self._differs(place) for place in suggesting)

    def _differs(self, place: Place) -> bool:
        answer = value_at(self.seen, place.steps)
        if self.is_hidden(place) or is_blank(place.field, answer):
            return False
        suggested = self.suggested(place)
        # Answers that are drawn again after a refusal are still texts.
        return suggested not in (None, "") and answer != suggested and str(answer) != str(suggested)

    def _holds(self, test: Any, place: Place) -> bool:
        try:
            return bool(test(self.names(place), self.now))
        except FeelBudgetError:
            return False
