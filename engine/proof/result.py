"""What a proof answers: proved, refuted with the shortest counter-example, or honestly not decided."""

from dataclasses import dataclass
from typing import Any

PROVED, REFUTED, UNDECIDED = "proved", "refuted", "undecided"
SOUNDNESS = frozenset({"deadlock", "left-over", "no-way-out", "dead-element", "endless"})
"""Kinds of findings about soundness; every other kind is the id of a rule of compliance."""


@dataclass(frozen=True)
class TraceStep:
    """One step of a counter-example.

    `words` says what happens (Chinese), `passed` the (process key, node, flow or None) that tokens went over, `at` the
    (process key, node) where tokens stand afterwards.
    """

    words: str
    passed: tuple[tuple[str, str, str | None], ...]
    at: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept and shown."""
        return {"words": self.words, "passed": [list(one) for one in self.passed], "at": [list(one) for one in self.at]}


@dataclass(frozen=True)
class Finding:
    """What a run can do and must not: the rule, the words, the element and the shortest run that shows it.

    `severity` is error or warning; `process` and `element` say where it shows.
    """

    rule: str
    words: str
    process: str
    element: str | None
    trace: tuple[TraceStep, ...] = ()
    severity: str = "error"


@dataclass(frozen=True)
class Proof:
    """The answer for one procedure.

    `verdict` is proved, refuted or undecided; `why` says in Chinese what kept it from being decided; `states` is how
    many states were looked at; `seconds` how long it took; `rules` names what was asked.
    """

    procedure: str
    verdict: str
    findings: tuple[Finding, ...] = ()
    why: str = ""
    states: int = 0
    seconds: float = 0.0
    rules: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Return the findings that keep a draft from being published."""
        return tuple(one for one in self.findings if one.severity == "error")
