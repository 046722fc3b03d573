"""A copy of a diagram in the words SpiffWorkflow understands: the same flow of control, without what it cannot read.

What people and connectors do becomes a manual task of the same id, what comes from outside (time, messages, signals) a
message of its own for each event; scripts and decisions stay automatic. Event sub-processes and events that do not
interrupt are left out: no scenario triggers them.
"""

from copy import deepcopy

from lxml import etree

from engine.bpmn.check_language import bare
from engine.bpmn.check_tree import EVENTS, SUB_PROCESSES, Tree
from engine.bpmn.links import definitions_of, find_links
from engine.bpmn.xml import B, C, local

RULE, COUNT, EVENT, PASS = "@rule:", "@count:", "@event:", "@pass"
_MANUAL = frozenset({"userTask", "manualTask", "serviceTask"})
_KEPT_ENDS = frozenset({"errorEventDefinition", "terminateEventDefinition"})
_PERHAPS_JOBS = frozenset({"sendTask", "businessRuleTask"})
_OUTSIDE = frozenset({"timerEventDefinition", "messageEventDefinition", "signalEventDefinition"})
_DROPPED = frozenset(
    {
        "extensionElements", "documentation", "ioSpecification", "dataInputAssociation", "dataOutputAssociation",
        "property", "dataObject", "dataObjectReference", "dataStoreReference", "textAnnotation", "association", "group",
    }
)  # fmt: skip


def copy_for_referee(tree: Tree) -> etree._Element:
    """Return the copy; the tree of the checks stays as it is."""
    root = deepcopy(tree.root)
    _own_definitions(root)
    topics = {element.get("id") for element in root.iter(etree.Element) if element.get(f"{C}topic")}
    for element in [*root.iter(etree.Element)]:
        if local(element) in _DROPPED and str(element.tag).startswith(B):
            _remove(element)
    for element in [*root.iter(f"{B}collaboration", f"{B}dataStore")]:
        _remove(element)
    for process in root.findall(f"{B}process"):
        process.set("isExecutable", "true")
        _translate(process, topics)
    for event in [*root.iter(f"{B}messageEventDefinition")]:
        reference = event.get("messageRef", "")
        root.insert(0, root.makeelement(f"{B}message", {"id": reference, "name": reference}))
    return root


def _own_definitions(root: etree._Element) -> None:
    """Give each event that refers to a definition a copy of its own."""
    ids = {element.get("id", ""): element for element in root.iter(etree.Element)}
    for event in [*root.iter(*(f"{B}{tag}" for tag in EVENTS))]:
        definitions = definitions_of(event, ids)
        for reference in event.findall(f"{B}eventDefinitionRef"):
            event.remove(reference)
        event.extend(deepcopy(one) for one in definitions if one.getparent() is not event)


def _kinds(event: etree._Element) -> set[str]:
    return {local(definition) for definition in definitions_of(event, {})}


def event_name(node: str) -> str:
    """Return the name of the message that stands for an outside event."""
    return f"{EVENT}{node}"


def _translate(process: etree._Element, topics: set[str | None]) -> None:
    """Translate every element of one process."""
    for element in [*process.iter(f"{B}subProcess")]:
        if element.get("triggeredByEvent") == "true":
            _remove(element)
    for element in [*process.iter(f"{B}boundaryEvent")]:
        kinds = _kinds(element)
        if "errorEventDefinition" not in kinds and (not kinds & _OUTSIDE or element.get("cancelActivity") == "false"):
            _remove(element)
    for element in [*process.iter(f"{B}startEvent")]:
        if _kinds(element):
            _remove(element)
    _join_links(process)
    for element in [*process.iter(etree.Element)]:
        _translate_element(element, topics)
    _drop_loose_flows(process)
    _split_forks(process)


def _translate_element(element: etree._Element, topics: set[str | None]) -> None:
    tag = local(element)
    if tag in _MANUAL or (tag in _PERHAPS_JOBS and element.get("id") in topics):
        _become(element, "manualTask")
    elif tag in {"task", "sendTask", "intermediateThrowEvent"}:
        _pass_through(element)
    elif tag in {"receiveTask", "intermediateCatchEvent"}:
        _become(element, "intermediateCatchEvent")
        _await(element)
    elif tag == "boundaryEvent" and "errorEventDefinition" not in _kinds(element):
        _become(element, "boundaryEvent")
        _await(element)
    elif tag == "businessRuleTask":
        script = etree.SubElement(element, f"{B}script")
        script.text = f"{RULE}{element.get('id')}"
        _become(element, "scriptTask", keep=script)
    elif tag == "endEvent":
        for definition in definitions_of(element, {}):
            if local(definition) not in _KEPT_ENDS:
                element.remove(definition)
    elif tag == "multiInstanceLoopCharacteristics":
        _count_items(element)


def _become(element: etree._Element, tag: str, keep: etree._Element | None = None) -> None:
    """Turn an element into a plain one of another kind, keeping its repetition."""
    element.tag = f"{B}{tag}"
    for child in [*element]:
        if child is not keep and local(child) != "multiInstanceLoopCharacteristics":
            element.remove(child)
    if keep is not None:
        element.append(keep)


def _pass_through(element: etree._Element) -> None:
    """Make a script task that does nothing; SpiffWorkflow waits for people at a plain task."""
    script = etree.SubElement(element, f"{B}script")
    script.text = PASS
    _become(element, "scriptTask", keep=script)


def _await(element: etree._Element) -> None:
    """Make an event wait for the message of its own."""
    definition = etree.SubElement(element, f"{B}messageEventDefinition", {"id": f"{element.get('id')}.definition"})
    definition.set("messageRef", event_name(element.get("id", "")))


def _count_items(loop: etree._Element) -> None:
    """Turn a repetition over a list into one as often as the list is long; what an item holds decides no flow."""
    items = loop.get(f"{C}collection", "").strip()
    count = loop.find(f"{B}loopCardinality")
    if count is not None:
        count.text = f"{COUNT}{bare((count.text or '').strip())}"
    elif items:
        inner = items[2:-1] if items.startswith("${") else items
        etree.SubElement(loop, f"{B}loopCardinality").text = f"{COUNT}count({inner})"


def _join_links(process: etree._Element) -> None:
    """Turn a throwing and a catching link into two tasks with a flow between them."""
    scopes = [process, *process.iter(*(f"{B}{tag}" for tag in SUB_PROCESSES))]
    pairs = [(around, pair) for around in scopes for pair in find_links(around, {}).pairs]
    for event in [*process.iter(f"{B}intermediateCatchEvent")]:
        if "linkEventDefinition" in _kinds(event):
            _pass_through(event)
    for around, (event, target, _) in pairs:
        if target is not None:
            ends = {"sourceRef": event.get("id", ""), "targetRef": target.get("id", "")}
            etree.SubElement(around, f"{B}sequenceFlow", {"id": f"{event.get('id')}.link", **ends})


def _drop_loose_flows(process: etree._Element) -> None:
    """Remove flows whose end was left out."""
    ids = {element.get("id") for element in process.iter(etree.Element)}
    for flow in [*process.iter(f"{B}sequenceFlow")]:
        if flow.get("sourceRef") not in ids or flow.get("targetRef") not in ids:
            _remove(flow)


def _split_forks(process: etree._Element) -> None:
    """Several flows out of one activity or event are a parallel split (BPMN 2.0.2 §13.3.1), which gets its gateway."""
    sources: dict[str, list[etree._Element]] = {}
    for flow in process.iter(f"{B}sequenceFlow"):
        sources.setdefault(flow.get("sourceRef", ""), []).append(flow)
    elements = {element.get("id", ""): element for element in process.iter(etree.Element)}
    for key, flows in sources.items():
        element = elements.get(key)
        around = element.getparent() if element is not None else None
        if element is None or around is None or len(flows) < 2 or local(element).endswith("Gateway"):
            continue
        fork = f"{key}.fork"
        etree.SubElement(around, f"{B}parallelGateway", {"id": fork})
        etree.SubElement(around, f"{B}sequenceFlow", {"id": f"{key}.out", "sourceRef": key, "targetRef": fork})
        for flow in flows:
            flow.set("sourceRef", fork)


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
