"""Run: the kernel's advance with symbols for data and choices for conditions; one call is one way it can go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from engine.feel import Expression
from engine.proof.abstraction import Abstract, Choice, Given, Stand
from engine.proof.conditions import Condition, Statement, decide, path_of, read_condition, results_of
from engine.proof.symbols import ANYTHING, OTHER, Path, is_symbol, look_up, narrowed, one_of, possible
from engine.proof.watching import Mark, Watch
from engine.tokens.run import Run
from engine.tokens.state import State, variables_of
from engine.tokens.values import Value

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


@dataclass
class Oracle:
    """Answers what is open, as a script of choices says; beyond its end the first option is taken."""

    script: Sequence[int] = ()
    taken: list[tuple[int, int]] = field(default_factory=list)

    def choose(self, options: int) -> int:
        """Return the number of the option to take."""
        place = len(self.taken)
        choice = self.script[place] if place < len(self.script) else 0
        self.taken.append((choice, options))
        return choice

    def following(self) -> list[int] | None:
        """Return the script of the next way not taken yet, or None after the last."""
        for place in range(len(self.taken) - 1, -1, -1):
            choice, options = self.taken[place]
            if choice + 1 < options:
                return [each for each, _ in self.taken[:place]] + [choice + 1]
        return None


class ProofRun(Run):
    """One advance of a proof."""

    def __init__(self, abstract: Abstract, state: State, oracle: Oracle, watch: Watch, *, hot: bool) -> None:
        """Begin from a state; `hot` says that a timer set it going and no person has acted since."""
        super().__init__(abstract, state, NOW)
        self.abstract = abstract
        self.oracle = oracle
        self.looking = watch
        self.hot = hot
        self.marks: list[Mark] = []
        self.learnt: list[tuple[Path, tuple[Any, ...]]] = []
        self.narrowed: set[tuple[str, str]] = set()

    # What the kernel asks

    def compute(self, expression: Expression | Value, variables: Mapping[str, Any]) -> Any:
        """Return the symbol of what an expression gives."""
        stand: Any = expression
        if isinstance(stand, Stand):
            return self._stand(stand)
        if isinstance(expression, Value):
            if expression.is_literal:
                return expression.text
            if len(expression.parts) == 1 and isinstance(expression.parts[0], Expression):
                return self._symbol(expression.parts[0], variables)
        if _all_known(expression.names, variables):
            return super().compute(expression, variables)
        return ANYTHING

    def test(self, expression: Expression, owner: str, **more: Any) -> bool:
        """Tell whether a condition is true, in one of the ways it can go."""
        stand: Any = expression
        if isinstance(stand, Stand):
            return self._stand(stand) is True
        if more:
            known = {**self.variables(owner), **more}
            if _all_known(expression.names, known):
                return super().compute(expression, known) is True
            return bool(self.oracle.choose(2) == 0)
        return self.holds(read_condition(expression, self.abstract.world.names), owner)

    def holds(self, condition: Condition, owner: str) -> bool:
        """Tell whether a condition is true for a token or scope, in one of the ways it can go."""
        return decide(condition, lambda statement: self._ask(statement, owner)) is True

    def put(self, owner: str, name: str, value: Any) -> None:
        """Write a variable that matters; one that may be anything need not be written where it is not."""
        held = name in variables_of(self.tokens.get(owner) or self.scopes[owner])
        if name in self.abstract.domains.tracked and (held or value != ANYTHING or owner != self.state["root"]):
            super().put(owner, name, value)

    def write(self, values: Mapping[str, Any], owner: str) -> None:
        """Write variables, and take note of a decision that nobody took."""
        if self.hot:
            self.marks += self.looking.written(values)
        super().write(values, owner)

    def passed(self, scope: str, node: str, flow: str | None) -> None:
        """Take note of a token that left a node."""
        super().passed(scope, node, flow)
        for rule, outcome in self.looking.left(node):
            self.marks.append(Mark(rule, "left", outcome is None or self.holds(outcome, scope)))

    def spawn(self, node: str, scope: str, action: str | None = "enter", **more: Any) -> str:
        """Take note of a token that comes to a node."""
        key = super().spawn(node, scope, action, **more)
        self._note_coming(key, node)
        return key

    def come_to(self, key: str, node: str) -> None:
        """Take note of a token that an event behind a gateway took to another node."""
        super().come_to(key, node)
        self._note_coming(key, node)

    # What is known

    def _note_coming(self, key: str, node: str) -> None:
        for rule in self.looking.reached(node, hot=self.hot):
            self.marks.append(Mark(rule, "reached", self._kept_apart(rule, key)))

    def _kept_apart(self, rule: str, key: str) -> bool:
        """Tell whether whoever did the first step of a rule may not do the work of this token."""
        first = self.looking.first_of(rule)
        node = self.abstract.plain(self.scopes[self.tokens[key]["s"]]["p"]).nodes[self.tokens[key]["n"]]
        value = node.extensions.properties.get("bihuan:notSameAs")
        return value is not None and first in {name.strip() for name in self._steps_named(value, key).split(",")}

    def _steps_named(self, value: Value, key: str) -> str:
        """Return the steps that a list names, as far as they are known; what is not known stands for none of them."""
        text = self.compute(value, self.variables(key))
        if isinstance(text, str):
            return text
        unknown = "\N{REPLACEMENT CHARACTER}"
        return "".join(part if isinstance(part, str) else unknown for part in value.parts)

    def _stand(self, stand: Stand) -> Any:
        if isinstance(stand, Choice):
            return stand.options[self.oracle.choose(len(stand.options)) if len(stand.options) > 1 else 0]
        return stand.value if isinstance(stand, Given) else None

    def _symbol(self, expression: Expression, variables: Mapping[str, Any]) -> Any:
        path = path_of(expression, self.abstract.world.names)
        if path is not None:
            return look_up(variables.get(path[0], ANYTHING), path[1:])
        if _all_known(expression.names, variables):
            return super().compute(expression, variables)
        results = results_of(expression, self.abstract.world.names)
        return ANYTHING if results is None else one_of(list(results))

    def _ask(self, statement: Statement, owner: str) -> bool | None:
        domains = self.abstract.domains
        held = [self._held(owner, path[0]) for path in statement.paths]
        values = [
            possible(look_up(value, path[1:]), domains.of(path))
            for path, (_, value) in zip(statement.paths, held, strict=True)
        ]
        answers = statement.answers(values)
        answer, left = answers[self.oracle.choose(len(answers)) if len(answers) > 1 else 0]
        for path, before, after in zip(statement.paths, values, left, strict=True):
            if len(after) < len(before):
                self._learn(owner, path, after)
        return answer

    def _held(self, owner: str, name: str) -> tuple[str | None, Any]:
        """Return where a variable in sight is kept, and its symbol; one that nobody set may be anything."""
        place: str | None = owner
        while place is not None:
            record = self.tokens.get(place) or self.scopes[place]
            own = variables_of(record)
            if name in own:
                return place, own[name]
            outer = record["up"] if "of" in record else None
            place = record["s"] if place in self.tokens else outer
        return None, ANYTHING

    def _learn(self, owner: str, path: Path, values: tuple[Any, ...]) -> None:
        """Keep what a way taken says of a variable."""
        self.learnt.append((path, values))
        name = path[0]
        if len(path) == 1 and name in self.abstract.domains.nested and values == (OTHER,):
            return  # it is something: its fields may still be anything
        place, value = self._held(owner, name)
        symbol = narrowed(value, path[1:], one_of(list(values)))
        if place is None:
            super().write({name: symbol}, owner)
            return
        if place in self.scopes:
            self.narrowed.add((place, name))
        record = self.record(place)
        record["vars" if place in self.scopes else "v"] = {**variables_of(record), name: symbol}


def _all_known(names: frozenset[str], variables: Mapping[str, Any]) -> bool:
    return all(name in variables and not _holds_symbol(variables[name]) for name in names)


def _holds_symbol(value: Any) -> bool:
    if is_symbol(value):
        return True
    if isinstance(value, dict):
        return any(_holds_symbol(entry) for entry in value.values())
    return isinstance(value, list) and any(_holds_symbol(entry) for entry in value)
