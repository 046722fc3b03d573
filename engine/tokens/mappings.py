"""Mappings: data into and out of activities and called processes, and what a script or a decision gives."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.errors import EngineError
from engine.tokens.definition import Assignment, Binding, CallMapping, Node, Parameter
from engine.tokens.effects import DecisionMade
from engine.tokens.listening import label, text_of
from engine.tokens.run import Run
from engine.tokens.state import StuckError
from engine.tokens.values import Value

INTERNAL = frozenset({"service", "send", "rule", "receive"})


def apply_inputs(run: Run, key: str, node: Node) -> None:
    """Give an activity its own variables: camunda:inputParameter and data input associations, in their order."""
    if not (node.inputs or node.extensions.inputs):
        return
    variables = run.variables(key)
    for assignment in node.inputs:
        if is_collection(node, assignment.target):
            continue
        value = run.assigned(assignment, variables)
        run.put(key, assignment.target, value)
        variables[assignment.target] = run.tokens[key]["v"][assignment.target]
    for parameter in node.extensions.inputs:
        run.put(key, parameter.name, parameter_value(run, parameter, variables))
        variables[parameter.name] = run.tokens[key]["v"][parameter.name]


def apply_outputs(run: Run, key: str, node: Node, source: str) -> None:
    """Write what an activity gives, as seen from `source`, into the scope around it."""
    if not (node.outputs or node.extensions.outputs):
        return
    variables = run.variables(source)
    values = _given(run, key, variables, [each for each in node.outputs if not _collects(node, each)])
    for parameter in node.extensions.outputs:
        values[parameter.name] = parameter_value(run, parameter, variables)
    run.write(values, run.tokens[key]["s"])


def is_collection(node: Node, name: str) -> bool:
    """Tell whether a data input is the collection a multi-instance activity goes through; instances get its items."""
    return node.loop is not None and node.loop.items is not None and node.loop.items.text == name


def hand_out_collected(run: Run, key: str, node: Node, results: list[Any]) -> None:
    """Write what a repetition collected: by the associations of its data output, else under its name."""
    name = node.loop.output if node.loop is not None else None
    if name is None:
        return
    out = [each for each in node.outputs if _collects(node, each)]
    variables = run.variables(key, **{name: results})
    values = _given(run, key, variables, out)
    run.write(values if out else {name: results}, run.tokens[key]["s"])


def _given(run: Run, key: str, variables: Mapping[str, Any], outputs: Sequence[Assignment]) -> dict[str, Any]:
    """Return what data output associations give to variables; what they give to data stores is stored."""
    values: dict[str, Any] = {}
    for each in outputs:
        value = run.assigned(each, variables)
        if each.stores:
            run.store(key, each.target, value)
        else:
            values[each.target] = value
    return values


def _collects(node: Node, assignment: Assignment) -> bool:
    return node.loop is not None and node.loop.output is not None and node.loop.output in assignment.source.names


def keeps_results(node: Node) -> bool:
    """Tell whether what comes back stays in the activity, to be handed out by its output mapping only."""
    return bool(node.outputs or node.extensions.outputs) and (node.kind != "activity" or node.task in INTERNAL)


def parameter_value(run: Run, parameter: Parameter, variables: Mapping[str, Any]) -> Any:
    """Evaluate a text, list or map parameter."""
    value = parameter.value
    if isinstance(value, Value):
        return run.compute(value, variables)
    if isinstance(value, Mapping):
        return {name: parameter_value(run, each, variables) for name, each in value.items()}
    return [parameter_value(run, each, variables) for each in value]


def hand_in(run: Run, key: str, node: Node) -> dict[str, Any]:
    """Return the variables a called process begins with: camunda:in and data input associations."""
    variables = run.variables(key)
    found: dict[str, Any] = {}
    for mapping in node.extensions.in_:
        found.update(_mapped(run, mapping, variables))
    for assignment in node.inputs:
        found[assignment.target] = run.assigned(assignment, variables)
    return found


def hand_out(run: Run, key: str, node: Node, scope: str) -> None:
    """Write what a called process gives: camunda:out; `all` hands out only what was written in there."""
    record = run.scopes[scope]
    found: dict[str, Any] = {}
    for mapping in node.extensions.out:
        if mapping.all:
            dirty = record.get("dirty", ())
            found.update({name: value for name, value in record["vars"].items() if name in dirty})
        else:
            found.update(_mapped(run, mapping, record["vars"]))
    for assignment in node.outputs:
        found[assignment.target] = run.compute(assignment.source, record["vars"])
    run.write(found, run.tokens[key]["s"])


def _mapped(run: Run, mapping: CallMapping, variables: Mapping[str, Any]) -> dict[str, Any]:
    if mapping.business_key is not None:
        return {"businessKey": run.compute(mapping.business_key, variables)}
    if mapping.all:
        return dict(variables)
    if mapping.target is None or mapping.source is None:
        return {}
    return {mapping.target: run.compute(mapping.source, variables)}


def run_script(run: Run, key: str, node: Node) -> None:
    """Run a script task: each line sees what those before it gave; nothing is written unless all went well."""
    variables = run.variables(key)
    values: dict[str, Any] = {}
    for name, expression in node.script:
        values[name] = variables[name] = run.compute(expression, variables)
    run.write(values, key)


def decide(run: Run, key: str, node: Node) -> None:
    """Run a business rule task: the decision's result becomes variables, its explanation goes to the file."""
    decision = text_of(run, node.extensions.decision_ref, key)
    if not decision:
        raise StuckError(f"{label(node)}没有写明决策")
    try:
        result = run.definitions.decide(decision, run.variables(key), run.now, binding_of(run, key, node))
    except (KeyError, EngineError) as refusal:
        why = str(refusal) if isinstance(refusal, EngineError) else "没有找到"
        raise StuckError(f"{label(node)}的决策“{decision}”无法得出结果：{why}") from None
    run.spent += result.steps
    target = node.extensions.result_variable
    if target:
        run.write({target: mapped_result(node.extensions.map_decision_result, result.value)}, key)
    else:
        value = result.value[0] if isinstance(result.value, list) and len(result.value) == 1 else result.value
        run.write(value if isinstance(value, dict) else {decision: value}, key)
    run.effects.append(DecisionMade(key, node.id, decision, result.explanation))


def binding_of(run: Run, key: str, node: Node) -> Binding | None:
    """Return which version of a called process or decision is meant; None: the latest."""
    own = node.extensions
    calls = node.task == "call"
    kind = own.called_binding if calls else own.decision_binding
    if kind == "latest":
        return None
    values = (own.called_version, own.called_tag) if calls else (own.decision_version, own.decision_tag)
    wanted = dict(zip(("version", "versionTag"), values, strict=True)).get(kind)
    return Binding(kind, text_of(run, wanted, key) or "", run.scopes[run.tokens[key]["s"]]["p"])


def mapped_result(mapping: str, value: Any) -> Any:
    """Shape a decision's result as camunda:mapDecisionResult says. Raises StuckError where it does not fit."""
    results = value if isinstance(value, list) else [] if value is None else [value]
    if mapping == "resultList":
        return results
    if mapping == "collectEntries":
        return [_entry(each) for each in results]
    if len(results) > 1:
        raise StuckError(f"决策给出 {len(results)} 个结果，而这里只能有一个")
    single = results[0] if results else None
    return _entry(single) if mapping == "singleEntry" else single


def _entry(result: Any) -> Any:
    if not isinstance(result, dict):
        return result
    if len(result) != 1:
        raise StuckError("决策的一个结果有几个输出，而这里只能有一个")
    return next(iter(result.values()))
