"""Checks of the FEEL in a diagram: does each expression parse, and are its variables known by then."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.bpmn.check_tree import Tree
from engine.bpmn.xml import B, C, local, text_in
from engine.errors import Problem
from engine.feel import Expression, FeelSyntaxError, compile_expression, parse_assignments

_BARE = ("conditionExpression", "condition", "completionCondition", "loopCondition", "activationCondition")
_TEMPLATES = ("loopCardinality", "timeDate", "timeDuration", "timeCycle")
_TEMPLATE_ATTRIBUTES = frozenset({"name", "calledElement"})
_NAMED = frozenset({"message", "signal", "error", "escalation", "callActivity"})


@dataclass(frozen=True)
class Found:
    """An expression that parses, and the element it stands in."""

    element: etree._Element
    expression: Expression


def read_expressions(tree: Tree, functions: Mapping[str, Callable[..., Any]]) -> tuple[list[Found], list[Problem]]:
    """Compile every expression of a file; return those that parse, and the problems of the others."""
    found: list[Found] = []
    problems: list[Problem] = []
    for element, text in _texts(tree):
        try:
            compiled = compile_expression(text, functions)
        except FeelSyntaxError as wrong:
            reason = f"表达式写法有误：{wrong}（{' '.join(text.split())[:80]}）"
            problems.append(tree.problem("expression", element, reason))
        else:
            found.append(Found(element, compiled))
    for script in tree.root.iter(f"{B}scriptTask"):
        problems += _read_script(tree, script, found, functions)
    return found, problems


def assigned(script: etree._Element) -> tuple[str, ...]:
    """Return the variables that a script task sets; none where it does not parse."""
    try:
        return tuple(name for name, _ in parse_assignments(text_in(script.find(f"{B}script"))))
    except FeelSyntaxError:
        return ()


def _read_script(
    tree: Tree, script: etree._Element, found: list[Found], functions: Mapping[str, Callable[..., Any]]
) -> Iterator[Problem]:
    text = text_in(script.find(f"{B}script"))
    if not text:
        yield tree.problem("no-script", script, "脚本是空的；请每行写一条“变量 = 表达式”")
        return
    try:
        found.extend(Found(script, expression) for _, expression in parse_assignments(text, functions))
    except FeelSyntaxError as wrong:
        yield tree.problem("expression", script, f"脚本写法有误：{wrong}；每行应为“变量 = 表达式”")


def _texts(tree: Tree) -> Iterator[tuple[etree._Element, str]]:
    """Yield every FEEL text of the file with the element it stands in."""
    for element in tree.root.iter(etree.Element):
        tag = local(element)
        if str(element.tag).startswith(B) and tag in _BARE:
            text = text_in(element)
            if text:
                yield element, bare(text)
        elif str(element.tag).startswith(B) and tag in _TEMPLATES:
            text = text_in(element)
            yield from ((element, part) for part in ([text[1:]] if text.startswith("=") else parts_of(text)))
        elif str(element.tag).startswith(C) and element.text and not len(element):
            yield from ((element, part) for part in parts_of(element.text))
        for name, value in element.attrib.items():
            if str(name).startswith(C) or str(element.tag).startswith(C) or _is_template(tag, str(name)):
                yield from ((element, part) for part in parts_of(str(value)))


def _is_template(tag: str, name: str) -> bool:
    return tag in _NAMED and name in _TEMPLATE_ATTRIBUTES


def bare(text: str) -> str:
    """Return the FEEL of a condition, written as `${…}`, `=…` or as it is."""
    inner = parts_of(text)
    if len(inner) == 1 and text.startswith("${") and text.endswith("}") and len(inner[0]) == len(text) - 3:
        return inner[0]
    return text.removeprefix("=")


def parts_of(text: str) -> list[str]:
    """Return the FEEL inside each `${…}` of a text; braces in FEEL count, those in its strings do not."""
    parts, place = [], text.find("${")
    while place >= 0:
        end = _closing(text, place + 2)
        # What is never closed keeps its `${`, so that FEEL refuses it.
        parts.append(text[place + 2 : end] if end < len(text) else text[place:])
        place = text.find("${", end)
    return parts


def _closing(text: str, place: int) -> int:
    """Return where the brace that was opened before `place` closes, or the end of the text."""
    depth, quoted = 1, False
    while place < len(text):
        character = text[place]
        if quoted:
            if character == "\\":
                place += 1
            elif character == '"':
                quoted = False
        elif character == '"':
            quoted = True
        elif character in "{}":
            depth += 1 if character == "{" else -1
            if depth == 0:
                return place
        place += 1
    return len(text)
