"""The data side of the second engine: our FEEL, our decisions and our mappings over its variables."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from engine.bpmn.referee import Data, SecondEngineError, Variables
from engine.bpmn.referee_copy import COUNT, PASS, RULE
from engine.bpmn.referee_kernel import Files
from engine.feel import FeelSyntaxError, parse_assignments, to_json
from engine.tokens import StuckError
from engine.tokens.definition import Node, Parameter
from engine.tokens.mappings import INTERNAL, mapped_result
from engine.tokens.values import Value, read_expression


def data_for(definitions: Files, now: datetime) -> Data:
    """Return how the second engine computes over the definitions of these files."""

    def evaluate(text: str, variables: Variables) -> Any:
        if text.startswith(COUNT):
            return _whole(read_expression(text.removeprefix(COUNT), definitions.functions).evaluate(variables, now))
        return read_expression(text, definitions.functions).evaluate(variables, now) is True

    def execute(script: str, variables: Variables) -> Variables:
        if script == PASS:
            return {}
        if script.startswith(RULE):
            return _decide(definitions, definitions.nodes[script.removeprefix(RULE)], variables, now)
        return _assign(definitions, script, variables, now)

    def filed(node: str, variables: Variables, given: Variables) -> Variables:
        return _filed(definitions.nodes[node], variables, given, now)

    def hand_in(node: str, variables: Variables) -> Variables:
        return _mapped(definitions.nodes[node].extensions.in_, variables, now)

    def hand_out(node: str, variables: Variables) -> Variables:
        return _mapped(definitions.nodes[node].extensions.out, variables, now)

    return Data(evaluate, execute, filed, hand_in, hand_out)


def _whole(value: Any) -> int:
    return int(value) if isinstance(value, Decimal) else 0


def _assign(definitions: Files, script: str, variables: Variables, now: datetime) -> Variables:
    """Run the lines of a script task, each seeing what those before it gave."""
    seen, values = dict(variables), {}
    try:
        for name, expression in parse_assignments(script, definitions.functions):
            values[name] = seen[name] = to_json(expression.evaluate(seen, now))
    except FeelSyntaxError as wrong:
        raise SecondEngineError(str(wrong)) from wrong
    return values


def _decide(definitions: Files, node: Node, variables: Variables, now: datetime) -> Variables:
    """Run a business rule task as the kernel does (engine.tokens.mappings.decide)."""
    decision = node.extensions.decision_ref.evaluate_text(variables, now) if node.extensions.decision_ref else None
    try:
        value = to_json(definitions.decide(decision or "", variables, now).value)
        if node.extensions.result_variable:
            return {node.extensions.result_variable: mapped_result(node.extensions.map_decision_result, value)}
    except (KeyError, StuckError) as wrong:
        raise SecondEngineError(str(wrong)) from wrong
    single = value[0] if isinstance(value, list) and len(value) == 1 else value
    return single if isinstance(single, dict) else {decision or "": single}


def _filed(node: Node, variables: Variables, given: Variables, now: datetime) -> Variables:
    """Return what completing a task writes: its input parameters stay its own, its outputs go out."""
    if any(event.kind == "timer" for event in node.events):
        return {}  # time brings no data
    local = {each.name: _parameter(each, variables, now) for each in node.extensions.inputs}
    inside = {**variables, **local, **given}
    outputs = {each.name: _parameter(each, inside, now) for each in node.extensions.outputs}
    if outputs and (node.kind != "activity" or node.task in INTERNAL):
        return outputs
    return {name: value for name, value in given.items() if name not in local} | outputs


def _parameter(parameter: Parameter, variables: Variables, now: datetime) -> Any:
    value = parameter.value
    if isinstance(value, Value):
        return value.evaluate(variables, now)
    if isinstance(value, Mapping):
        return {name: _parameter(each, variables, now) for name, each in value.items()}
    return [_parameter(each, variables, now) for each in value]


def _mapped(mappings: Any, variables: Variables, now: datetime) -> Variables:
    """Return what camunda:in or camunda:out hands over."""
    found: Variables = {}
    for mapping in mappings:
        if mapping.all:
            found |= variables
        elif mapping.business_key is not None:
            found["businessKey"] = mapping.business_key.evaluate(variables, now)
        elif mapping.target is not None and mapping.source is not None:
            found[mapping.target] = mapping.source.evaluate(variables, now)
    return found
