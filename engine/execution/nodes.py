"""What the product reads off a compiled diagram: the start event people begin by, and the form of a node."""

from engine.tokens.definition import Node, Process


def start_node(process: Process) -> Node | None:
    """Return the plain start event of a process, by which people begin it."""
    starts = [one for one in process.nodes.values() if one.kind == "start" and one.scope == process.id]
    return next((one for one in starts if not one.events), None)


def form_key(process_key: str, node: Node) -> str | None:
    """Return the key `<procedure>/<form>` of the form that belongs to a node, or None."""
    ref = node.extensions.form_ref or (node.extensions.form_key.text if node.extensions.form_key else None)
    if not ref:
        return None
    return ref if "/" in ref else f"{process_key}/{ref}"
