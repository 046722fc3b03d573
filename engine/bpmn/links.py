"""What events share: definitions, and the links from a throwing to a catching one (BPMN 2.0.2 §10.5, table 10.97)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.xml import B, local, reference, text_in

_THROWING, _CATCHING = "intermediateThrowEvent", "intermediateCatchEvent"


def definitions_of(element: etree._Element, ids: Mapping[str, etree._Element]) -> list[etree._Element]:
    """Return the event definitions of an event, those it shares by `eventDefinitionRef` too (BPMN 2.0.2 §10.5.5)."""
    found = []
    for child in element.iterchildren(etree.Element):
        one = ids.get(reference(text_in(child))) if local(child) == "eventDefinitionRef" else child
        if one is not None and local(one).endswith("EventDefinition"):
            found.append(one)
    return found


@dataclass
class Links:
    """The links of one level: throwing events with where they lead, and catching events that are one too many."""

    pairs: list[tuple[etree._Element, etree._Element | None, str]] = field(default_factory=list)
    doubled: list[tuple[etree._Element, str]] = field(default_factory=list)


def find_links(scope: etree._Element, ids: Mapping[str, etree._Element]) -> Links:
    """Match the link events of one level; a link leads nowhere else.

    They belong together by name, or where `target` or `source` of their definitions says so, or by sharing one
    definition through `eventDefinitionRef`.
    """
    found, throws = Links(), []
    by_name: dict[str, etree._Element] = {}
    by_definition: dict[str, etree._Element] = {}
    for event in scope.iterchildren(f"{B}{_THROWING}", f"{B}{_CATCHING}"):
        for link in definitions_of(event, ids):
            if local(link) != "linkEventDefinition" or not event.get("id"):
                continue
            name = " ".join((link.get("name") or event.get("name") or "").split())
            if local(event) == _THROWING:
                throws.append((event, name, _named(link, "target")))
                continue
            if name and by_name.setdefault(name, event) is not event:
                found.doubled.append((event, name))
            for definition in _named(link, "source"):
                by_definition.setdefault(definition, event)
    for event, name, definitions in throws:
        target = next((by_definition[one] for one in definitions if one in by_definition), by_name.get(name))
        found.pairs.append((event, target, name))
    return found


def _named(link: etree._Element, tag: str) -> list[str]:
    """Return the definitions by which a link may be found: those it names, and itself."""
    names = [reference(text_in(part)) for part in link.iterchildren(f"{B}{tag}")]
    return [name for name in (*names, link.get("id")) if name]
