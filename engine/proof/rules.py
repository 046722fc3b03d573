"""Rules of compliance: what the law demands of every run of a procedure, as config/rules.toml states it (domain §2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import InvalidError
from engine.feel import Expression, FeelSyntaxError, compile_expression

KINDS = frozenset({"before", "other_person", "always_followed_by", "never_by_timer"})


class InvalidRuleError(InvalidError):
    """A rule of compliance cannot be read."""

    words = "config/rules.toml 第 {number} 条合规规则（proof）无法使用：{reason}"


@dataclass(frozen=True)
class ComplianceRule:
    """One rule.

    - before: no token comes to `step` unless `before` was left, the last time with `outcome` true.
    - other_person: whoever does `before` may not do `step` (bihuan:notSameAs); both need not happen.
    - always_followed_by: once a token came to `step`, `before` is left (with `outcome`) before the matter ends.
    - never_by_timer: with nobody acting in between, no timer brings a token to a step of `steps`, gives a value to an
      outcome of a form, or (`closes`) ends the matter.

    `procedure` is the key of the procedure that is proved, None for every one but `excepted`; steps are ids of its
    elements or of those of the processes it calls. `why` cites the source (Chinese).
    """

    id: str
    kind: str
    procedure: str | None
    why: str
    step: str = ""
    before: str = ""
    outcome: Expression | None = None
    steps: tuple[str, ...] = ()
    closes: bool = False
    excepted: frozenset[str] = frozenset()

    @property
    def leaving(self) -> tuple[str, ...]:
        """Return the nodes whose leaving it looks at."""
        return (self.before,) if self.before else ()

    @property
    def reaching(self) -> tuple[str, ...]:
        """Return the nodes whose reaching it looks at."""
        return self.steps if self.kind == "never_by_timer" else (self.step,)

    @property
    def needed(self) -> tuple[str, ...]:
        """Return the nodes that must be there, so that the rule protects something."""
        return () if self.kind in {"never_by_timer", "other_person"} else (self.step,)


def read_rules(config: Mapping[str, Any]) -> tuple[ComplianceRule, ...]:
    """Read the rules of a configuration's `rules` document; raises InvalidRuleError naming the rule."""
    listed = config.get("proof", ())
    return tuple(_read(number, row) for number, row in enumerate(listed if isinstance(listed, list) else (), 1))


def rules_for(rules: Iterable[ComplianceRule], procedure: str) -> tuple[ComplianceRule, ...]:
    """Return the rules that hold for a procedure."""
    return tuple(
        rule
        for rule in rules
        if rule.procedure == procedure or (rule.procedure is None and procedure not in rule.excepted)
    )


def _read(number: int, row: Any) -> ComplianceRule:
    if not isinstance(row, Mapping) or row.get("kind") not in KINDS:
        raise InvalidRuleError(number=number, reason=f"kind 应为 {'、'.join(sorted(KINDS))} 之一")
    kind, why = row["kind"], str(row.get("why") or "").strip()
    procedure = str(row.get("procedure") or "*")
    step, before = str(row.get("step") or ""), str(row.get("before") or row.get("then") or row.get("first") or "")
    if not why:
        raise InvalidRuleError(number=number, reason="缺少 why（依据）")
    if kind != "never_by_timer" and not (step and before):
        raise InvalidRuleError(number=number, reason="须写明 step 和 before（first、then）")
    outcome = str(row.get("outcome") or "")
    try:
        compiled = compile_expression(outcome) if outcome else None
    except FeelSyntaxError as wrong:
        raise InvalidRuleError(number=number, reason=f"outcome 不是表达式：{wrong}") from wrong
    return ComplianceRule(
        str(row.get("id") or f"rule-{number}"),
        kind,
        None if procedure == "*" else procedure,
        why,
        step,
        before,
        compiled,
        tuple(str(one) for one in row.get("steps", ())),
        bool(row.get("closes", False)),
        frozenset(str(one) for one in row.get("except", ())),
    )
