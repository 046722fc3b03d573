"""The diagram of a matter as a map: where it stands, the way so far, and the same as a list in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from engine.access import require_visible
from engine.command import Context
from engine.model import EveryEvent, ProcessDefinition, ProcessInstance
from engine.queries.matter_views import DiagramView
from engine.tokens.definition import Process

PASSED = "steps passed"


@dataclass(frozen=True)
class FindDiagram:
    """The diagram of a matter's own process; raises MatterNotFoundError."""

    instance_id: int

    def execute(self, context: Context) -> DiagramView:
        """Read diagram, tokens and path."""
        require_visible(context.session, context.actor, context.directory, self.instance_id)
        matter = context.session.get_one(ProcessInstance, self.instance_id)
        row = context.session.get_one(ProcessDefinition, matter.definition_id)
        process = context.catalog.process_of(row.id)
        active = active_nodes(matter.state or {}, process)
        nodes, flows = _passed(context, matter)
        return DiagramView(
            xml=row.xml.decode("utf-8"),
            svg=row.svg,
            active=active,
            passed_nodes=tuple(nodes),
            passed_flows=tuple(flows),
            labels={node.id: node.name for node in process.nodes.values() if node.name},
            steps=_steps(process, nodes, active),
            title=row.title,
            version=row.version,
        )


def active_nodes(state: Mapping[str, Any], process: Process) -> tuple[str, ...]:
    """Return the nodes of the matter's own process that hold a token; a called process shows as its call activity."""
    scopes, own = state.get("scopes", {}), state.get("p")
    held = [token["n"] for token in state.get("tokens", {}).values() if scopes[token["s"]].get("p") == own]
    return tuple(dict.fromkeys(node for node in held if node in process.nodes))


def _passed(context: Context, matter: ProcessInstance) -> tuple[dict[str, None], dict[str, None]]:
    """Return the nodes and flows of the matter's own process passed so far, each once, in order."""
    own = (matter.state or {}).get("p")
    events = context.session.execute(
        select(EveryEvent.details)
        .where(EveryEvent.instance_id == matter.id, EveryEvent.action == PASSED)
        .order_by(EveryEvent.seq)
    ).scalars()
    nodes: dict[str, None] = {}
    flows: dict[str, None] = {}
    for details in events:
        for process, node, flow in details.get("path", ()):
            if process == own:
                nodes[node] = None
                if flow is not None:
                    flows[flow] = None
    return nodes, flows


def _steps(process: Process, passed: Iterable[str], active: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the activities passed and the present ones in words, for those who do not look at the picture."""
    told = [(node, "已经过") for node in passed if node not in active]
    told += [(node, "正在办理") for node in active]
    known = [(process.nodes[node], state) for node, state in told if node in process.nodes]
    return tuple((node.name or node.id, state) for node, state in known if node.kind == "activity")
