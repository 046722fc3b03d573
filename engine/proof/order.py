"""Order: a number for each node, larger along every flow but those that close a loop."""

from engine.tokens.definition import Process


def ranks(process: Process) -> dict[str, int]:
    """Return the place of each node in reverse postorder within its scope; boundary events come after their host."""
    following = {
        node.id: [process.flows[flow].target for flow in node.outgoing] + list(node.boundary)
        for node in process.nodes.values()
    }
    finished: list[str] = []
    seen: set[str] = set()
    entered = sorted(process.nodes.values(), key=lambda node: bool(node.incoming) or node.host is not None)
    for start in entered:
        if start.id in seen:
            continue
        seen.add(start.id)
        work = [(start.id, iter(following[start.id]))]
        while work:
            key, rest = work[-1]
            step = next((each for each in rest if each not in seen), None)
            if step is None:
                finished.append(key)
                work.pop()
            else:
                seen.add(step)
                work.append((step, iter(following[step])))
    return {key: place for place, key in enumerate(reversed(finished))}
