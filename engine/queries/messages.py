"""The messages of the procedures in force: who waits for each, who sends it, and by what it finds its matter."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select

from engine.bpmn.extensions import names_brought
from engine.command import Context, Deployed
from engine.model import tables
from engine.queries.definitions import require_keeper
from engine.tokens.definition import EventDefinition, Node, Parameter
from engine.tokens.values import Value

_THROWS = frozenset({"throw", "end"})
_NUMBERS = "number.assign"
_MOST = 500


@dataclass
class MessageView:
    """A message by its name; `words` are the names of the elements that wait for it, then of those that send it.

    `receivers` and `senders` are titles of procedures, `keys` the expressions by which receivers tell matters apart.
    """

    name: str
    words: list[str] = field(default_factory=list)
    receivers: list[str] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ListMessages:
    """The messages that procedures in force name, and those that came from outside and wait to be taken, by name."""

    def execute(self, context: Context) -> tuple[MessageView, ...]:
        """Read the newest versions and the stored messages; raises NotAllowedError."""
        require_keeper(context)
        found: dict[str, MessageView] = {}
        procedures = sorted(context.catalog.all_latest(), key=lambda deployed: deployed.key)
        uses = [(deployed.title, *use) for deployed in procedures for use in _messages(deployed)]
        for title, node, event in sorted(uses, key=lambda use: _sends(use[1])):
            name = event.name.text if event.name else ""
            _note(found.setdefault(name, MessageView(name)), title, node, event)
        message = tables.message
        stored = select(message.c.name).where(message.c.status == "stored").distinct().order_by(message.c.name)
        for name in context.session.execute(stored.limit(_MOST)).scalars():
            found.setdefault(name, MessageView(name))
        return tuple(view for _, view in sorted(found.items()))


@dataclass(frozen=True)
class ListKeysOfSteps:
    """The variables of a procedure that tell its matters apart and stand in no form: numbers it assigns, what comes in.

    Returns pairs of variable and the name of the step that sets it.
    """

    key: str

    def execute(self, context: Context) -> tuple[tuple[str, str], ...]:
        """Read the newest version; raises NotAllowedError, ProcessDefinitionNotFoundError."""
        require_keeper(context)
        found: dict[str, str] = {}
        for node in context.catalog.latest_of(self.key).process.nodes.values():
            for name in _set_by(node):
                found.setdefault(name, node.name or node.id)
        return tuple(found.items())


def _messages(deployed: Deployed) -> Iterator[tuple[Node, EventDefinition]]:
    """Yield the message events of a procedure whose name is written out."""
    for node in deployed.process.nodes.values():
        for event in node.events:
            if event.kind == "message" and event.name and event.name.is_literal:
                yield node, event


def _sends(node: Node) -> bool:
    return node.kind in _THROWS or node.task == "send"


def _note(view: MessageView, title: str, node: Node, event: EventDefinition) -> None:
    _add(view.senders if _sends(node) else view.receivers, title)
    _add(view.words, node.name)
    if event.correlation is not None:
        _add(view.keys, event.correlation.text)


def _add(texts: list[str], text: str) -> None:
    if text and text not in texts:
        texts.append(text)


def _set_by(node: Node) -> Iterator[str]:
    """Yield the number that a step assigns, and what a message or signal brings to it."""
    topic = node.extensions.topic
    if topic is not None and topic.text == _NUMBERS:
        yield next(filter(None, map(_result, node.extensions.inputs)), "number")
    yield from names_brought(node.extensions.property("brings") or "")


def _result(parameter: Parameter) -> str | None:
    value = parameter.value
    return value.text if parameter.name == "result" and isinstance(value, Value) and value.is_literal else None
