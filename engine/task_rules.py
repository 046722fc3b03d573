"""What a task's node says besides its form: labels, separation of duties, recusal, certificate; evaluated in place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.command import Context
from engine.feel import FeelBudgetError
from engine.model import UserTask
from engine.tokens.definition import Node, Process
from engine.tokens.values import Value


@dataclass(frozen=True)
class TaskRules:
    """Who may not have a task: completers of these nodes (the starter too), people of these units, uncertified ones."""

    not_same_as: tuple[str, ...] = ()
    not_starter: bool = False
    excluded_units: tuple[str, ...] = ()
    certified: bool = False


def rules_of(context: Context, task: UserTask) -> TaskRules:
    """Return the rules of a task as its node states them and the matter's variables fill them in."""
    process = context.catalog.process_of(task.definition_id)
    node = process.nodes[task.node_id]
    properties = node.extensions.properties
    named = [properties.get(f"bihuan:{name}") for name in ("notSameAs", "excludeUnit")]
    needs = any(value is not None and not value.is_literal for value in named)
    variables = context.variables_of(task) if needs else {}
    not_same = texts(named[0], variables, context)
    return TaskRules(
        not_same_as=not_same,
        not_starter=any(_is_start(process, one) for one in not_same),
        excluded_units=texts(named[1], variables, context),
        certified=node.extensions.property("certified") == "true",
    )


def texts(value: Value | None, variables: Mapping[str, Any], context: Context) -> tuple[str, ...]:
    """Return a property's value as texts: a list, or a text with commas; nothing where it is null or out of budget."""
    if value is None:
        return ()
    try:
        found = value.evaluate(variables, context.now)
    except FeelBudgetError:
        return ()
    entries = found if isinstance(found, list) else str(found or "").split(",")
    return tuple(text for entry in entries if entry is not None and (text := str(entry).strip()))


def _is_start(process: Process, node_id: str) -> bool:
    """Tell whether an id is that of the start event by which the whole process begins."""
    node: Node | None = process.nodes.get(node_id)
    return node is not None and node.kind == "start" and node.scope == process.id
