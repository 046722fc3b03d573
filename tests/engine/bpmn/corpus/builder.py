"""Small diagrams from a few words, and what is expected of them."""

import json
from dataclasses import dataclass
from itertools import pairwise

from engine.bpmn.checks import DefinitionFile, Known

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:modeler="http://camunda.org/schema/modeler/1.0"'
    ' id="Definitions_1" targetNamespace="http://bpmn.io/schema/bpmn" exporter="Camunda Modeler"'
    ' modeler:executionPlatform="Camunda Platform" modeler:executionPlatformVersion="7.24.0">\n'
)
TAIL = "\n</bpmn:definitions>\n"
PATH = "processes/demo/demo.bpmn"
KNOWN = Known(
    roles=frozenset({"squad_officer", "dist_intake", "dist_leader"}),
    deadlines={"LD-02": ("urgent",), "TR-03": ()},
    codes=frozenset({"STOP_REASON"}),
    topics=frozenset({"number.assign", "notify"}),
    processes=frozenset({"archive"}),
    decisions=frozenset({"triage"}),
    forms=frozenset({"demo/register"}),
    units=frozenset({"310191", "310191001"}),
)


@dataclass(frozen=True)
class Case:
    """Files, the rule that must speak, and a word its message or element must hold."""

    name: str
    files: tuple[DefinitionFile, ...]
    rule: str
    place: str = ""
    severity: str = "error"
    known: Known = KNOWN


def definitions(inside: str) -> bytes:
    """Wrap what stands inside `definitions`."""
    return (HEAD + inside + TAIL).encode()


def process(inside: str, key: str = "demo") -> str:
    """Wrap what stands inside an executable process."""
    return f'<bpmn:process id="{key}" isExecutable="true">\n{inside}\n</bpmn:process>'


def diagram(inside: str, key: str = "demo", more: str = "") -> DefinitionFile:
    """Return a file with one process; `more` stands before it."""
    return DefinitionFile(f"processes/{key}/{key}.bpmn", definitions(more + process(inside, key)))


def user(key: str, more: str | None = None, inside: str = "", name: str = "办理") -> str:
    """Return a user task that a squad officer does."""
    attributes = 'camunda:candidateGroups="squad_officer"' if more is None else more
    return f'<bpmn:userTask id="{key}" name="{name}" {attributes}>{inside}</bpmn:userTask>'


def props(**entries: str) -> str:
    """Return camunda:properties; `deadline="X"` becomes bihuan:deadline."""
    lines = "".join(f'<camunda:property name="bihuan:{name}" value="{value}"/>' for name, value in entries.items())
    return f"<bpmn:extensionElements><camunda:properties>{lines}</camunda:properties></bpmn:extensionElements>"


def flows(*pairs: str) -> str:
    """Return sequence flows from `a>b` or `a>b?condition`, with ids a_b; those with a condition have a name."""
    lines = []
    for pair in pairs:
        ends, _, condition = pair.partition("?")
        source, _, target = ends.partition(">")
        inner = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}</bpmn:conditionExpression>'
        name = 'name="成立" ' if condition else ""
        lines.append(
            f'<bpmn:sequenceFlow id="{source}_{target}" {name}sourceRef="{source}" targetRef="{target}">'
            f"{inner if condition else ''}</bpmn:sequenceFlow>"
        )
    return "\n".join(lines)


def line(*middle: str, keys: tuple[str, ...]) -> str:
    """Return start, the elements given and end, joined in a row by `keys`."""
    row = ["start", *keys, "end"]
    pairs = [f"{a}>{b}" for a, b in pairwise(row)]
    return '<bpmn:startEvent id="start"/>' + "\n".join(middle) + '<bpmn:endEvent id="end"/>' + flows(*pairs)


def one(element: str, key: str, more: str = "") -> DefinitionFile:
    """Return a diagram start, element, end."""
    return diagram(line(element, keys=(key,)), more=more)


def form(components: object, path: str = "forms/demo/register.form") -> DefinitionFile:
    """Return a form file with these components."""
    schema = {"type": "default", "id": "register", "schemaVersion": 19, "components": components}
    return DefinitionFile(path, json.dumps(schema, ensure_ascii=False).encode())


def sound() -> DefinitionFile:
    """Return a diagram without any fault."""
    return one(user("work", inside=props(deadline="LD-02")), "work")
