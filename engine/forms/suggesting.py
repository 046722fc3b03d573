"""Suggesting: what the system proposes for a field (系统建议), and the facts it rests on."""

from typing import Any

from engine.feel import Expression, FeelBudgetError, to_json
from engine.forms.filling import Filling
from engine.forms.model import PreparedField, Suggestion
from engine.forms.places import Place


def suggestion_at(place: Place, filling: Filling, prepared: PreparedField) -> Suggestion | None:
    """Return the suggestion for a place, or None when there is none.

    The expression gives a value, or a context {value, label, why}. Without a `why` the decision whose result it reads
    is the reason (variable `decisions`: explanations by the variable that holds the result), else what it read.
    """
    rule = place.field.rules.suggestion
    if rule is None:
        return None
    answer = filling.evaluate(rule, place)
    given = answer if isinstance(answer, dict) else {"value": answer}
    value = given.get("value")
    if value is None or value == "":
        return None
    why = given.get("why") if place.field.rules.why is None else filling.evaluate(place.field.rules.why, place)
    why = why or _decision(rule, filling)
    facts = _facts(why) if why else _inputs(rule, place, filling)
    return Suggestion(value, str(given.get("label") or prepared.label_of(value)), facts)


def _decision(rule: Expression, filling: Filling) -> Any:
    """Return the explanation of the decision table whose result an expression reads, or None."""
    decisions = filling.variables.get("decisions")
    if not isinstance(decisions, dict):
        return None
    return next((decisions[name] for name in sorted(rule.names) if decisions.get(name)), None)


def _facts(why: Any) -> tuple[tuple[str, str], ...]:
    """Return a reason as label and text: a text, a list of texts, a context, or the explanation of a decision table."""
    if isinstance(why, dict):
        if isinstance(why.get("inputs"), dict):
            matched = [rule for rule in why.get("matched") or [] if isinstance(rule, dict)]
            rules = [f"第 {rule.get('index')} 条 {rule.get('annotation') or ''}".strip() for rule in matched]
            return (*_facts(why["inputs"]), *(("符合规则", rule) for rule in rules))
        return tuple((str(label), _text(value)) for label, value in why.items())
    items = why if isinstance(why, list) else [why]
    return tuple(("", _text(item)) for item in items)


def _inputs(rule: Expression, place: Place, filling: Filling) -> tuple[tuple[str, str], ...]:
    """Return what an expression read, by the labels of the fields where it read fields."""
    try:
        inputs = rule.explain(filling.names(place), filling.now).inputs
    except FeelBudgetError:
        return ()
    labels = {".".join(known.field.key): known.field.label for known in filling.places() if known.field.key}
    read = ((labels.get(str(name)), to_json(value)) for name, value in inputs.items())
    return tuple((label, _text(value)) for label, value in read if label)


def _text(value: Any) -> str:
    """Return a value in words."""
    if value is None or value == "":
        return "未填写"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(_text(item) for item in value) or "无"
    return str(value)
