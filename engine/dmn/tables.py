"""Decision tables: reading, matching, hit policies (DMN 1.5 §8)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.dmn.hit_policies import HIT_POLICIES, Hits
from engine.dmn.items import type_reference
from engine.dmn.xml import Element, attribute, child, children, text
from engine.feel.code import Code, enclosing
from engine.feel.json_values import to_json
from engine.feel.run import Env
from engine.feel.types import Type, coerce

_Compile = Callable[[Element | None], Code]
_Report = Callable[[Element, str, str], None]


@dataclass(frozen=True)
class Input:
    """A column of conditions."""

    label: str
    value: Code
    type: Type | None
    allowed: Code | None


@dataclass(frozen=True)
class Output:
    """A column of answers; `allowed` are the values in order of priority."""

    name: str
    type: Type | None
    allowed: Code | None
    default: Code | None


@dataclass(frozen=True)
class Rule:
    """A row: one test per input, one expression per output."""

    id: str
    tests: tuple[Code, ...]
    answers: tuple[Code, ...]
    annotations: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A decision table."""

    hit_policy: str
    aggregation: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]

    def evaluate(self, env: Env) -> Any:
        """Return the answer, and leave in the trace which rules matched and why."""
        run = env.run
        run.charge(1 + len(self.rules))
        values = [self._input_value(env, one) for one in self.inputs]
        valid = all(value is not _INVALID for value in values)
        matched = self._matched(env, values) if valid else []
        answers = [self._answers(env, self.rules[index]) for index in matched]
        hits = Hits(answers, self._priorities(env), [output.name for output in self.outputs], self.aggregation)
        result = HIT_POLICIES[self.hit_policy](run, hits) if matched else self._default(env)
        self._explain(env, values, list(zip(matched, answers, strict=True)))
        return result

    def _input_value(self, env: Env, one: Input) -> Any:
        value = one.value.run(env)
        fits, value = coerce(env.run, value, one.type)
        if fits and value is not None and one.allowed is not None:
            fits = one.allowed.run(env.child({"?": value})) is True
        if not fits:
            env.run.warn(f"输入“{one.label}”的值不在允许范围内")
        return value if fits else _INVALID

    def _matched(self, env: Env, values: list[Any]) -> list[int]:
        layers = [env.child({"?": value}) for value in values]
        found: list[int] = []
        for index, rule in enumerate(self.rules):
            env.run.charge(len(layers))
            if all(test.run(layer) is True for test, layer in zip(rule.tests, layers, strict=True)):
                found.append(index)
                if self.hit_policy == "FIRST":
                    break
        return found

    def _answers(self, env: Env, rule: Rule) -> list[Any]:
        return [
            _fitting(env, output.type, code.run(env)) for output, code in zip(self.outputs, rule.answers, strict=True)
        ]

    def _priorities(self, env: Env) -> list[list[Any] | None]:
        if self.hit_policy not in {"PRIORITY", "OUTPUT ORDER"}:
            return []
        return [output.allowed.run(env) if output.allowed else None for output in self.outputs]

    def _default(self, env: Env) -> Any:
        if not any(output.default for output in self.outputs):
            return None
        values = [output.default.run(env) if output.default else None for output in self.outputs]
        if len(self.outputs) == 1:
            return values[0]
        return {output.name: value for output, value in zip(self.outputs, values, strict=True)}

    def _explain(self, env: Env, values: list[Any], matched: list[tuple[int, list[Any]]]) -> None:
        names = [output.name or "result" for output in self.outputs]
        env.run.trace.append(
            {
                "hit_policy": f"{self.hit_policy} {self.aggregation}".strip(),
                "inputs": {
                    one.label: None if value is _INVALID else to_json(value)
                    for one, value in zip(self.inputs, values, strict=True)
                },
                "matched": [
                    {
                        "index": index + 1,
                        "rule_id": self.rules[index].id,
                        "annotation": "；".join(self.rules[index].annotations),
                        "outputs": {name: to_json(value) for name, value in zip(names, answers, strict=True)},
                    }
                    for index, answers in matched
                ],
            }
        )


_INVALID = object()


def _fitting(env: Env, wanted: Type | None, value: Any) -> Any:
    fits, coerced = coerce(env.run, value, wanted)
    return coerced if fits else None


class TableReader:
    """Reads `decisionTable` elements."""

    def __init__(self, compile_text: _Compile, compile_tests: _Compile) -> None:
        self._text = compile_text
        self._tests = compile_tests

    def read(self, element: Element, report: _Report) -> Code:
        """Return the code of a table; what is wrong is reported."""
        inputs = tuple(self._input(one) for one in children(element, "input"))
        outputs = tuple(self._output(one) for one in children(element, "output"))
        policy = attribute(element, "hitPolicy") or "UNIQUE"
        if policy not in HIT_POLICIES:
            report(element, "hit-policy", f"不认识的命中策略“{policy}”")
            policy = "UNIQUE"
        aggregation = attribute(element, "aggregation") if policy == "COLLECT" else ""
        if aggregation and len(outputs) != 1:
            report(element, "aggregation", "聚合只能用于单个输出列")
        rules = tuple(self._rule(one, len(inputs), len(outputs), report) for one in children(element, "rule"))
        table = Table(policy, aggregation, inputs, outputs, rules)
        parts = [code for rule in rules for code in (*rule.tests, *rule.answers)]
        return enclosing(table.evaluate, *(one.value for one in inputs), *parts)

    def _input(self, element: Element) -> Input:
        expression = child(element, "inputExpression")
        wanted = type_reference(attribute(expression, "typeRef")) if expression is not None else None
        allowed = child(element, "inputValues")
        label = attribute(element, "label") or " ".join(text(expression).split())
        return Input(label, self._text(expression), wanted, self._tests(allowed) if text(allowed) else None)

    def _output(self, element: Element) -> Output:
        allowed, default = child(element, "outputValues"), child(element, "defaultOutputEntry")
        return Output(
            attribute(element, "name"),
            type_reference(attribute(element, "typeRef")),
            self._listed(allowed),
            self._text(default) if text(default) else None,
        )

    def _listed(self, element: Element | None) -> Code | None:
        """Compile output values, which are written as a list without brackets."""
        if element is None or not text(element):
            return None
        holder = etree.Element(element.tag)
        inner = etree.SubElement(holder, f"{{{etree.QName(element).namespace}}}text")
        inner.text = f"[{text(element)}]"
        return self._text(holder)

    def _rule(self, element: Element, inputs: int, outputs: int, report: _Report) -> Rule:
        tests = [self._tests(one) for one in children(element, "inputEntry")]
        answers = [self._text(one) for one in children(element, "outputEntry")]
        if len(tests) != inputs or len(answers) != outputs:
            report(element, "rule", "规则的单元格数与列数不符")
            tests = (tests + [Code(lambda _env: True)] * inputs)[:inputs]
            answers = (answers + [Code(lambda _env: None)] * outputs)[:outputs]
        notes = tuple(text(one) for one in children(element, "annotationEntry") if text(one))
        described = child(element, "description")
        if not notes and described is not None and described.text:
            notes = (described.text.strip(),)
        return Rule(attribute(element, "id"), tuple(tests), tuple(answers), notes)
