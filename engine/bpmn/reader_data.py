"""Data: which variable a data object, property, data store, input or output stands for, and how data moves.

BPMN 2.0.2 §10.4. A data object and its references are one variable, named by the first name that is given.
"""

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.source import Source, is_true
from engine.bpmn.xml import B, local, reference, text_in
from engine.feel import Expression
from engine.tokens.definition import Assignment

_REFERENCES = {"dataObjectReference": "dataObjectRef", "dataStoreReference": "dataStoreRef"}
_DRAWN = "__"


def variable_name(source: Source, ref: str | None) -> str | None:
    """Return the variable that a data element's id stands for; None where it only draws (bpmn.io's placeholders)."""
    element = source.ids.get(reference(ref)) if ref else None
    if element is None:
        return None
    attribute = _REFERENCES.get(local(element))
    target = source.ids.get(reference(element.get(attribute) or "")) if attribute else None
    named = [each.get("name") for each in (target, element) if each is not None and each.get("name")]
    own = named[0] if named else (target if target is not None else element).get("id")
    return None if own is None or own.startswith(_DRAWN) else " ".join(own.split())


def declared(source: Source, scope: etree._Element) -> tuple[tuple[str, None], ...]:
    """Return the variables a process or sub-process declares: data objects and properties."""
    names = [
        variable_name(source, element.get("id"))
        for element in scope.iterchildren(f"{B}dataObject", f"{B}property", f"{B}dataObjectReference")
        if not is_true(element, "isCollection", default=False) or local(element) != "dataObjectReference"
    ]
    return tuple((name, None) for name in dict.fromkeys(names) if name)


def read_associations(source: Source, element: etree._Element, tag: str) -> tuple[Assignment, ...]:
    """Read dataInputAssociation or dataOutputAssociation elements: copies, transformations and assignments."""
    found: list[Assignment] = []
    for association in element.iterchildren(f"{B}{tag}"):
        found += _read_association(source, association)
    return tuple(found)


def _read_association(source: Source, association: etree._Element) -> Iterator[Assignment]:
    refs = [text_in(ref) for ref in association.iterchildren(f"{B}sourceRef")]
    sources = [variable_name(source, ref) for ref in refs]
    to = text_in(association.find(f"{B}targetRef"))
    target, stores = variable_name(source, to), _is_store(source, to)
    reads = tuple(name for name, ref in zip(sources, refs, strict=True) if name and _is_store(source, ref))
    assignments = association.findall(f"{B}assignment")
    transformation = source.expression_in(association, "transformation")
    for assignment in assignments:
        value = source.expression_in(assignment, "from")
        name = text_in(assignment.find(f"{B}to"))
        if value is not None and name:
            yield Assignment(target if stores and target else _target_name(source, name) or name, value, reads, stores)
    if assignments or target is None:
        return
    value = transformation or (_variable(source, sources[0]) if len(sources) == 1 else None)
    if value is not None:
        yield Assignment(target, value, reads, stores)


def _is_store(source: Source, ref: str) -> bool:
    found = source.ids.get(reference(ref)) if ref else None
    return found is not None and local(found) in {"dataStoreReference", "dataStore"}


def _target_name(source: Source, text: str) -> str | None:
    bare = text.removeprefix("${").removesuffix("}").strip()
    return variable_name(source, bare) or bare


def _variable(source: Source, name: str | None) -> Expression | None:
    return source.variable(name) if name else None
