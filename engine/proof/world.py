"""The world of a proof: the definitions a procedure needs, and what its forms and decisions can answer."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.bpmn.check_known import DefinitionFile
from engine.bpmn.reader import read_bpmn
from engine.dmn.xml import Element, attribute, child, children, parse_xml, text
from engine.errors import InvalidDefinitionError
from engine.feel import FeelSyntaxError, compile_expression
from engine.forms import Form, read_form
from engine.forms.model import ONE_CHOICE_KINDS, Field
from engine.proof.symbols import ANYTHING, one_of
from engine.tokens.definition import Process

Functions = Mapping[str, Callable[..., Any]]
_ONE_RESULT = frozenset({"UNIQUE", "ANY", "FIRST", "PRIORITY"})
Answers = Mapping[str, Any]


@dataclass(frozen=True)
class World:
    """Where definitions are found; each function answers None for what is not there.

    `process` by key, `form` by `<procedure>/<form>`, `decision` by key: the XML of the DMN file it is in.
    """

    process: Callable[[str], Process | None]
    form: Callable[[str], Form | None]
    decision: Callable[[str], bytes | None]
    functions: Functions

    @property
    def names(self) -> frozenset[str]:
        """Return the names of the host functions."""
        return frozenset(self.functions)


def world_of_files(files: Sequence[DefinitionFile], functions: Functions, beside: World | None = None) -> World:
    """Return a world of definition files; what they do not have is looked up in `beside`.

    Files that cannot be read are passed over: the check of definitions tells about them.
    """
    processes: dict[str, Process] = {}
    forms: dict[str, Form] = {}
    decisions: dict[str, bytes] = {}
    for file in files:
        try:
            if file.suffix == ".bpmn":
                processes.update(read_bpmn(file.content, file.path, functions).processes)
            elif file.suffix == ".form":
                key = f"{file.folder}/{file.path.rpartition('/')[2].removesuffix('.form')}"
                forms[key] = read_form(json.loads(file.content), file.path, functions)
            elif file.suffix == ".dmn":
                decisions.update(dict.fromkeys(_decisions_in(file), file.content))
        except (InvalidDefinitionError, ValueError):
            continue
    return World(
        lambda key: processes.get(key) or (beside.process(key) if beside else None),
        lambda key: forms.get(key) or (beside.form(key) if beside else None),
        lambda key: decisions.get(key) or (beside.decision(key) if beside else None),
        functions,
    )


def form_answers(form: Form | None) -> dict[str, Any]:
    """Return what a form writes: a symbol for each variable; none for a form that is not there."""
    found: dict[str, Any] = {}
    for one, hidden in _fields(form.fields if form else (), hidden=False):
        if one.computed or not (one.rules.disabled or one.rules.readonly is True):
            found[one.key[0]] = ANYTHING if len(one.key) > 1 else _answer(one, hidden=hidden)
    return found


def _fields(fields: Sequence[Field], *, hidden: bool) -> Iterator[tuple[Field, bool]]:
    """Yield the fields that write a variable, and whether they may be hidden; a list writes as a whole."""
    for one in fields:
        may_hide = hidden or one.rules.hide is not None
        if one.kind == "group" and not one.key:
            yield from _fields(one.children, hidden=may_hide)
        elif one.key:
            yield one, may_hide


def _answer(one: Field, *, hidden: bool) -> Any:
    optional = hidden or not one.rules.required
    if one.computed:
        return ANYTHING
    if one.kind == "checkbox":
        return one_of([True, *([] if one.rules.required else [False]), *([None] if hidden else [])])
    if one.kind not in ONE_CHOICE_KINDS or one.rules.options is not None or one.option_source:
        return ANYTHING
    listed = one.schema.get("values")
    values = [entry.get("value") for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []
    return one_of([*values, *([None] if optional else [])]) if values else ANYTHING


def decision_answers(xml: bytes | None, key: str) -> Answers | None:
    """Return what each output of a decision table can be (a symbol by its name), or None where it cannot be told."""
    decision = _decision(xml, key) if xml else None
    table = None if decision is None else child(decision, "decisionTable")
    if table is None or (attribute(table, "hitPolicy") or "UNIQUE") not in _ONE_RESULT:
        return None
    rules = children(table, "rule")
    total = any(all(text(entry) in {"", "-"} for entry in children(rule, "inputEntry")) for rule in rules)
    found: dict[str, Any] = {}
    for place, output in enumerate(children(table, "output")):
        values = [_constant(children(rule, "outputEntry")[place]) for rule in rules]
        default = child(output, "defaultOutputEntry")
        values += [_constant(default)] if default is not None else [] if total else [(None,)]
        known = [one[0] for one in values if one is not None]
        found[attribute(output, "name")] = one_of(list(dict.fromkeys(known))) if None not in values else ANYTHING
    return found


def _decisions_in(file: DefinitionFile) -> list[str]:
    return [attribute(one, "id") for one in children(parse_xml(file.content, file.path), "decision")]


def _decision(xml: bytes, key: str) -> Element | None:
    decisions = children(parse_xml(xml, key), "decision")
    return next((one for one in decisions if key in (one.get("id"), one.get("name"))), None)


def _constant(entry: Element) -> tuple[Any] | None:
    """Return the constant a cell gives, or None where it is an expression."""
    try:
        expression = compile_expression(text(entry)) if text(entry) else None
    except FeelSyntaxError:
        return None
    if expression is None:
        return (None,)
    value = None if expression.names else expression.evaluate({})
    return (value,) if isinstance(value, str | bool | int | float) else None


def closure(world: World, procedure: str) -> Iterator[tuple[str, Process]]:
    """Yield a procedure and every process it may call, with their keys."""
    todo, seen = [procedure], set[str]()
    while todo:
        key = todo.pop()
        process = world.process(key) if key not in seen else None
        seen.add(key)
        if process is None:
            continue
        yield key, process
        called = (node.called for node in process.nodes.values() if node.task == "call")
        todo += [one.text.rpartition(":")[2] for one in called if one is not None and one.is_literal]


def called_by(world: World, procedure: str) -> set[str]:
    """Return the keys of the processes that a procedure may call, directly or through others."""
    return {key for key, _ in closure(world, procedure)} - {procedure}
