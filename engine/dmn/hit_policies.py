"""What the rules that matched answer together (DMN 1.5 §8.2.8)."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.feel.compare import equal
from engine.feel.errors import FeelError
from engine.feel.functions import lists
from engine.feel.run import Run


@dataclass(frozen=True)
class Hits:
    """The answers of the rules that matched, in the order of the rules; at least one."""

    answers: list[list[Any]]
    priorities: list[list[Any] | None]
    names: list[str]
    aggregation: str

    def value(self, answer: list[Any]) -> Any:
        """Return the answer of one rule: a value, or a context where there are several outputs."""
        return answer[0] if len(self.names) == 1 else dict(zip(self.names, answer, strict=True))

    def values(self) -> list[Any]:
        """Return the answers of all rules."""
        return [self.value(answer) for answer in self.answers]

    def ordered(self, run: Run) -> list[Any]:
        """Return the answers by the order of the output values, the leftmost output first."""
        return [self.value(answer) for answer in sorted(self.answers, key=lambda answer: self._rank(run, answer))]

    def _rank(self, run: Run, answer: list[Any]) -> tuple[int, ...]:
        pairs = zip(answer, self.priorities, strict=True)
        return tuple(_position(run, value, known) for value, known in pairs if known is not None)


def _position(run: Run, value: Any, known: list[Any]) -> int:
    run.charge(len(known))
    return next((index for index, one in enumerate(known) if equal(run, value, one) is True), len(known))


def _unique(run: Run, hits: Hits) -> Any:
    if len(hits.answers) > 1:
        run.warn("命中策略为“唯一”，但有多条规则命中")
        return None
    return hits.value(hits.answers[0])


def _any(run: Run, hits: Hits) -> Any:
    values = hits.values()
    if any(equal(run, values[0], other) is not True for other in values[1:]):
        run.warn("命中策略为“任意”，但命中规则的结果不一致")
        return None
    return values[0]


def _priority(run: Run, hits: Hits) -> Any:
    return hits.ordered(run)[0]


def _first(_run: Run, hits: Hits) -> Any:
    return hits.value(hits.answers[0])


def _rule_order(_run: Run, hits: Hits) -> Any:
    return hits.values()


def _output_order(run: Run, hits: Hits) -> Any:
    return hits.ordered(run)


def _collect(run: Run, hits: Hits) -> Any:
    if not hits.aggregation:
        return hits.values()
    return AGGREGATIONS[hits.aggregation](run, hits.values())


def _aggregated(body: Callable[[Run, list[Any]], Any]) -> Callable[[Run, list[Any]], Any]:
    def aggregate(run: Run, values: list[Any]) -> Any:
        try:
            return body(run, values)
        except FeelError as problem:
            run.warn(str(problem))
            return None

    return aggregate


AGGREGATIONS: dict[str, Callable[[Run, list[Any]], Any]] = {
    "SUM": _aggregated(lists.total),
    "MIN": _aggregated(lists.minimum),
    "MAX": _aggregated(lists.maximum),
    "COUNT": lambda _run, values: Decimal(len(values)),
}
HIT_POLICIES: dict[str, Callable[[Run, Hits], Any]] = {
    "UNIQUE": _unique,
    "ANY": _any,
    "PRIORITY": _priority,
    "FIRST": _first,
    "RULE ORDER": _rule_order,
    "OUTPUT ORDER": _output_order,
    "COLLECT": _collect,
}
