"""The requirement graph: which input data a decision needs in the end, and decisions that require themselves."""

from engine.dmn.model import Decision, Definitions, InputData


def input_names(model: Definitions, decision: Decision) -> tuple[str, ...]:
    """Return the names of the data a decision needs, over all decisions it requires, in order."""
    found: dict[str, None] = {}
    seen: set[tuple[str, str]] = set()
    waiting: list[tuple[Definitions, Decision]] = [(model, decision)]
    while waiting:
        owner, one = waiting.pop(0)
        if (owner.namespace, one.id) in seen:
            continue
        seen.add((owner.namespace, one.id))
        found.update(dict.fromkeys(one.variables))
        for target_model, target in filter(None, map(owner.find, one.requires)):
            if isinstance(target, InputData):
                found[target.name] = None
            elif isinstance(target, Decision):
                waiting.append((target_model, target))
    return tuple(found)


def find_cycles(model: Definitions) -> list[Decision]:
    """Return the decisions that require themselves, directly or through others."""
    return [decision for decision in model.decisions.values() if _reaches_itself(model, decision)]


def _reaches_itself(model: Definitions, start: Decision) -> bool:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for reference in waiting.pop().requires:
            target = model.decisions.get(reference.id) if reference.alias is None else None
            if target is start:
                return True
            if target is not None and target.id not in seen:
                seen.add(target.id)
                waiting.append(target)
    return False
