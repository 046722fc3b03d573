"""Run: one advance at work, with its data: what a token sees, and where what it writes belongs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.feel import Expression, to_json
from engine.feel.run import STEP_LIMIT
from engine.feel.run import Run as Evaluation
from engine.tokens.definition import Assignment
from engine.tokens.effects import Effect, Stored
from engine.tokens.records import Records
from engine.tokens.state import State, StuckError, chain, same, variables_of
from engine.tokens.values import Value

__all__ = ["Run", "Step", "StuckError"]


@dataclass(frozen=True)
class Step:
    """What an advance gives: the new state, what is to be done, and which variables (scope, name) changed."""

    state: State
    effects: tuple[Effect, ...]
    changed: frozenset[tuple[str, str]]


class Run(Records):
    """One advance at work."""

    def variables(self, owner: str, **more: Any) -> dict[str, Any]:
        """Return what a token or scope sees; `more` is seen first."""
        found: dict[str, Any] = {}
        for record in reversed(list(chain(self.state, owner))):
            found.update(variables_of(record))
        found.update(more)
        return found

    def evaluate(self, expression: Expression, owner: str, **more: Any) -> Any:
        """Evaluate for a token or scope. Raises FeelBudgetError."""
        return self.compute(expression, self.variables(owner, **more))

    def compute(self, expression: Expression | Value, variables: Mapping[str, Any]) -> Any:
        """Evaluate with these variables, and count the work. Raises FeelBudgetError."""
        evaluation = Evaluation(self.now)
        try:
            return expression.evaluate_in(evaluation, variables)
        finally:
            self.spent += STEP_LIMIT - evaluation.steps

    def test(self, expression: Expression, owner: str, **more: Any) -> bool:
        """Tell whether a condition is true; null and everything else is not."""
        return self.evaluate(expression, owner, **more) is True

    def assigned(self, assignment: Assignment, variables: Mapping[str, Any]) -> Any:
        """Return what a data association gives; data stores are read, too. Raises FeelBudgetError."""
        if assignment.reads:
            held = {name: self.stored.get(name, self.definitions.stored(name)) for name in assignment.reads}
            variables = {**variables, **held}
        return self.compute(assignment.source, variables)

    def store(self, key: str, name: str, value: Any) -> None:
        """Put a value into a data store; this step reads it already."""
        self.stored[name] = to_json(value)
        self.effects.append(Stored(key, name, self.stored[name]))

    def write(self, values: Mapping[str, Any], owner: str) -> None:
        """Write variables where the innermost scope in sight has them, else into the process."""
        if not values:
            return
        places = self._places(owner)
        for name, value in values.items():
            place = next((key for key in places if name in self._variables(key)), places[-1])
            self.put(place, name, value)

    def put(self, owner: str, name: str, value: Any) -> None:
        """Write one variable into this very scope or token, as JSON; one that does not change is left alone."""
        plain = to_json(value)
        held = self._variables(owner)
        known = name in held
        if known and same(held[name], plain):
            return
        record = self.record(owner)
        if owner in self.scopes:
            record["vars"][name] = plain
            self.changed.add((owner, name))
            if "dirty" in record and name not in record["dirty"]:
                record["dirty"].append(name)
        else:
            record.setdefault("v", {})[name] = plain
        self.data_changed = True
        self.written.add((name, "update" if known else "create"))

    def _variables(self, owner: str) -> dict[str, Any]:
        return variables_of(self.tokens[owner] if owner in self.tokens else self.scopes[owner])

    def _places(self, owner: str) -> list[str]:
        places: list[str] = []
        scope: str | None = owner
        if owner in self.tokens:
            places.append(owner)
            scope = self.tokens[owner]["s"]
        while scope is not None:
            places.append(scope)
            record = self.scopes[scope]
            if "of" not in record:
                break
            places.append(record["up"])
            scope = self.tokens[record["up"]]["s"]
        return places

    def finish(self) -> Step:
        """Return what this advance gives."""
        left = [key for key in self.born if key in self.tokens]
        for key in left:
            self.tokens[key]["o"] = [self.origin, len(left)]
        changed = frozenset(pair for pair in self.changed if pair[0] in self.scopes)
        return Step(self.state, tuple(self.effects), changed)
