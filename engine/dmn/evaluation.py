"""Deciding: the requirement graph is followed once per decision, then its logic runs (DMN 1.5 §10.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from engine.dmn.model import (
    Decision,
    DecisionResult,
    DecisionService,
    Definitions,
    Element,
    InputData,
    KnowledgeModel,
    Reference,
)
from engine.feel.code import Code
from engine.feel.compile_calls import bound_arguments, user_function
from engine.feel.errors import FeelBudgetError, FeelError
from engine.feel.json_values import from_python, to_json
from engine.feel.run import STEP_LIMIT, Env, Run
from engine.feel.types import Type, coerce
from engine.feel.values import Function

DECISION_STEPS: Final = 10 * STEP_LIMIT
_Key = tuple[str, str]


class Evaluation:
    """One evaluation of a model: what was given, and what was decided so far."""

    def __init__(self, run: Run, variables: Mapping[str, Any]) -> None:
        self.run = run
        self.variables = variables
        self.values: dict[_Key, Any] = {}
        self.explanations: list[dict[str, Any]] = []
        self._functions: dict[_Key, Function] = {}

    def inner(self, values: dict[_Key, Any], variables: Mapping[str, Any]) -> "Evaluation":
        """Return an evaluation for a decision service, which sees only what it is given."""
        other = Evaluation(self.run, variables)
        other.values = values
        return other

    def value_of(self, model: Definitions, element: Element) -> Any:
        """Return the value of an element: data, a decision or a function."""
        key = (model.namespace, element.id)
        if key in self.values:
            return self.values[key]
        if isinstance(element, InputData):
            value = self._input(element)
        elif isinstance(element, Decision):
            value = self._decided(model, element)
        else:
            return self._function(model, element)
        self.values[key] = value
        return value

    def _input(self, element: InputData) -> Any:
        value = from_python(self.run, self.variables.get(element.name))
        return fitting(self.run, value, element.type, f"输入“{element.name}”")

    def _decided(self, model: Definitions, decision: Decision) -> Any:
        if decision.logic is None:
            return from_python(self.run, self.variables.get(decision.name))
        scope = self.scope(model, decision.requires)
        trace, self.run.trace = self.run.trace, []
        value = decision.logic.run(Env(scope, self._outside(model, decision), self.run))
        value = fitting(self.run, value, decision.type, f"决策“{decision.name}”")
        tables, self.run.trace = self.run.trace, trace
        seen = {name: to_json(one) for name, one in scope.items() if not isinstance(one, Function)}
        seen.update({name: to_json(self.variables[name]) for name in decision.variables if name in self.variables})
        self.explanations.append(_explained(decision, seen, tables, value))
        return value

    def _outside(self, model: Definitions, decision: Decision) -> Env:
        """Return the host functions, and the variables a decision uses without any element for them."""
        given = {name: self.variables[name] for name in decision.variables if name in self.variables}
        return Env({**model.functions, **from_python(self.run, given)}, None, self.run)

    def scope(self, model: Definitions, requires: tuple[Reference, ...]) -> dict[str, Any]:
        """Return the names an element's expressions see; imported ones inside a context named like the import."""
        names: dict[str, Any] = {}
        for reference in requires:
            found = model.find(reference)
            if found is None:
                continue
            owner, element = found
            values = names.setdefault(reference.alias, {}) if reference.alias else names
            values[element.name] = self.value_of(owner, element)
        return names

    def _function(self, model: Definitions, element: KnowledgeModel | DecisionService) -> Function:
        key = (model.namespace, element.id)
        if key not in self._functions:
            if isinstance(element, KnowledgeModel):
                self._functions[key] = self._knowledge(model, element)
            else:
                self._functions[key] = self._service(model, element)
        return self._functions[key]

    def _knowledge(self, model: Definitions, element: KnowledgeModel) -> Function:
        body = element.body or Code(lambda _env: None)
        scope: dict[str, Any] = {}
        env = Env(scope, Env(dict(model.functions), None, self.run), self.run)

        def call(run: Run, arguments: list[Any]) -> Any:
            # The scope is filled at the first call: a knowledge model may require itself.
            if not scope and element.requires:
                scope.update(self.scope(model, element.requires))
            return fitting(run, inner.call(run, arguments), element.result, element.name)

        inner = user_function(element.name, element.parameters, element.types, body, env)
        return Function(element.name, element.parameters, call, element.types, element.result)

    def _service(self, model: Definitions, element: DecisionService) -> Function:
        found = [found for found in map(model.find, element.inputs) if found]
        names = tuple(_seen_as(reference, model) for reference in element.inputs if model.find(reference))
        types: tuple[Type | None, ...] = tuple(getattr(one, "type", None) for _, one in found)

        def call(run: Run, arguments: list[Any]) -> Any:
            values = bound_arguments(run, names, types, arguments)
            keys = [(owner.namespace, one.id) for owner, one in found]
            run.enter(20)
            try:
                inside = self.inner(dict(zip(keys, values.values(), strict=True)), {})
                return service_value(inside, model, element)
            finally:
                run.leave(20)

        return Function(element.name, names, call, types, element.type)


def _seen_as(reference: Reference, model: Definitions) -> str:
    found = model.find(reference)
    name = found[1].name if found else ""
    return f"{reference.alias}.{name}" if reference.alias else name


def service_value(evaluation: Evaluation, model: Definitions, element: DecisionService) -> Any:
    """Return what a decision service answers: one value, or a context of its output decisions."""
    outputs = [found for found in map(model.find, element.outputs) if found]
    values = {one.name: evaluation.value_of(owner, one) for owner, one in outputs}
    value = next(iter(values.values())) if len(values) == 1 else values
    return fitting(evaluation.run, value, element.type, f"决策服务“{element.name}”")


def fitting(run: Run, value: Any, wanted: Type | None, place: str) -> Any:
    """Return the value made to fit its declared type, null with a warning where it does not."""
    fits, coerced = coerce(run, value, wanted)
    if not fits:
        run.warn(f"{place}的值不符合类型“{wanted.name if wanted else ''}”")
    return coerced if fits else None


def _explained(decision: Decision, inputs: dict[str, Any], tables: list[dict[str, Any]], value: Any) -> dict[str, Any]:
    explanation: dict[str, Any] = {"decision": decision.id, "name": decision.name, "result": to_json(value)}
    if len(tables) == 1:
        return {**explanation, **tables[0]}
    return {**explanation, "hit_policy": None, "inputs": inputs, "matched": [], "tables": tables}


def decide(
    model: Definitions, decision: Decision, variables: Mapping[str, Any], now: datetime | None
) -> DecisionResult:
    """Return the value of a decision with its explanation; raises FeelBudgetError."""
    run = Run(now, model.types(), DECISION_STEPS)
    evaluation = Evaluation(run, variables)
    try:
        value = evaluation.value_of(model, decision)
    except RecursionError:
        raise FeelBudgetError("嵌套过深") from None
    explanations = evaluation.explanations
    explanation: dict[str, Any] = {"decision": decision.id, "name": decision.name}
    if explanations:
        explanation.update(explanations[-1])
    explanation["required"] = explanations[:-1]
    explanation["warnings"] = list(run.warnings)
    return DecisionResult(value, explanation, tuple(run.warnings), DECISION_STEPS - run.steps)


def call_service(
    model: Definitions, key: str, variables: Mapping[str, Any], now: datetime | None = None
) -> DecisionResult:
    """Call a decision service with its parameters by name; raises DecisionNotFoundError and FeelBudgetError."""
    service = model.service(key)
    run = Run(now, model.types(), DECISION_STEPS)
    evaluation = Evaluation(run, {})
    function = evaluation.value_of(model, service)
    arguments = [from_python(run, variables.get(name)) for name in function.parameters]
    try:
        value = function.call(run, arguments)
    except FeelError as problem:
        run.warn(str(problem))
        value = None
    explanation = {
        "service": service.id,
        "name": service.name,
        "result": to_json(value),
        "warnings": list(run.warnings),
    }
    return DecisionResult(value, explanation, tuple(run.warnings))


@dataclass(frozen=True)
class DmnModel(Definitions):
    """A DMN file read and compiled."""

    def evaluate(self, decision: str, variables: Mapping[str, Any], now: datetime | None = None) -> DecisionResult:
        """Decide: `decision` is an id or a name. Raises DecisionNotFoundError and FeelBudgetError."""
        return decide(self, self.decision(decision), variables, now)
