"""Which variables are known where: a name that no step before has set is null there, which is worth a warning."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.check_known import World
from engine.bpmn.check_language import Found, assigned
from engine.bpmn.check_tree import FLOW_NODES, SUB_PROCESSES, Node, Tree, properties
from engine.bpmn.check_waits import called_key
from engine.bpmn.extensions import names_brought
from engine.bpmn.xml import B, C, local
from engine.errors import Problem

GIVEN = frozenset(
    {
        "matter", "matter_id", "matter_no", "actor", "task", "starter", "matter_unit", "loopCounter", "nrOfInstances",
        "nrOfCompletedInstances", "nrOfActiveInstances", "item", "error", "now", "today",
    }
)  # fmt: skip
_BRINGING = frozenset({"messageEventDefinition", "signalEventDefinition"})
_MOST_NODES = 600


@dataclass
class Set:
    """What a node sets; `anything` where it cannot be known (messages, forms of elsewhere)."""

    names: set[str] = field(default_factory=set)
    anything: bool = False


def check_variables(tree: Tree, found: Iterable[Found], world: World, passed: Mapping[str, Set]) -> Iterator[Problem]:
    """Yield a warning for each variable that no step before the expression sets; `passed` is what callers hand over."""
    by_process: dict[str, _Knowledge] = {}
    for process in tree.executable:
        key = process.get("id", "")
        if len(tree.inside(process)) <= _MOST_NODES:
            by_process[key] = _Knowledge(tree, process, world, passed.get(key))
    told: set[tuple[str, str]] = set()
    for entry in found:
        around, node = tree.process_of(entry.element), _node_of(tree, entry.element)
        knowledge = by_process.get(around.get("id", "")) if around is not None else None
        if knowledge is None or node is None:
            continue
        if "null" in entry.expression.text:
            continue  # it asks whether the variable is there
        known = knowledge.before(node)
        for name in sorted(entry.expression.names):
            root = name.partition(".")[0]
            if not known.anything and root not in known.names | GIVEN and (node.id, root) not in told:
                told.add((node.id, root))
                reason = f"变量“{root}”在到达这里之前没有任何步骤给出，取值将为空；请检查名称"
                yield tree.problem("unknown-variable", entry.element, reason, warn=True)


def passed_by_calls(trees: Iterable[Tree]) -> dict[str, Set]:
    """Return for each called process what its callers hand over."""
    passed: dict[str, Set] = {}
    for tree in trees:
        for node in tree.nodes.values():
            key = called_key(node) if node.tag == "callActivity" else None
            if key is None:
                continue
            target = passed.setdefault(key, Set())
            for mapping in node.element.iter(f"{C}in"):
                target.anything |= mapping.get("variables") == "all"
                target.names.add(mapping.get("target", ""))
    return passed


class _Knowledge:
    """What is known before each node of one process."""

    def __init__(self, tree: Tree, process: etree._Element, world: World, passed: Set | None) -> None:
        """Collect what each node sets and which nodes come before which."""
        self._sets = {node.id: _set_by(node, process.get("id", ""), world) for node in tree.inside(process)}
        self._before: dict[str, list[str]] = {key: [] for key in self._sets}
        self._known: dict[str, Set] = {}
        starts = [node for node in tree.children(process.get("id", "")) if node.tag == "startEvent"]
        begun = passed or Set(anything=not any(map(_says_what_it_brings, starts)))
        self._start = Set(
            begun.names | _named_in(process, "dataObject", "dataObjectReference", "property"), begun.anything
        )
        for node in tree.inside(process):
            self._come_before(tree, node)

    def _come_before(self, tree: Tree, node: Node) -> None:
        """Note what may come after `node`; `*scope` stands for everything in a level, so that edges stay few.

        A broken file may lead into another process.
        """
        self._before.setdefault(f"*{node.scope}", []).append(node.id)
        for after in (*node.following, *node.boundary):
            self._before.setdefault(after.id, []).append(node.id)
        if node.tag in SUB_PROCESSES:
            for child in tree.children(node.id):
                if not child.incoming:
                    self._before.setdefault(child.id, []).append(node.id)
            for after in (*node.following, *node.boundary):
                self._before.setdefault(after.id, []).append(f"*{node.id}")
        if node.element.get("triggeredByEvent") == "true":
            self._before.setdefault(node.id, []).append(f"*{node.scope}")

    def before(self, node: Node) -> Set:
        """Return what is set when a token is at `node`, the node's own variables included."""
        if node.id not in self._known:
            self._known[node.id] = self._gather(node)
        return self._known[node.id]

    def _gather(self, node: Node) -> Set:
        """Walk back from `node` and collect."""
        known = Set(set(self._start.names), self._start.anything)
        seen: set[str] = set()
        todo = [node.id]
        while todo:
            key = todo.pop()
            if key in seen:
                continue
            seen.add(key)
            own = self._sets.get(key, Set())
            known.names |= own.names
            known.anything |= own.anything
            todo += self._before.get(key, ())
        return known


def _set_by(node: Node, process_key: str, world: World) -> Set:
    """Return what a node sets."""
    element, made = node.element, Set()
    for name in ("resultVariable", "elementVariable", "initiator", "errorCodeVariable", "errorMessageVariable"):
        made.names.add(element.get(f"{C}{name}", ""))
    extensions = element.find(f"{B}extensionElements")
    for entry in extensions.iter(etree.Element) if extensions is not None else ():
        if local(entry) in {"inputParameter", "outputParameter"}:
            made.names.add(entry.get("name", ""))
        if local(entry) == "inputParameter" and entry.get("name") == "result":
            made.names.add((entry.text or "").strip())
        if local(entry) == "out":
            made.names.add(entry.get("target", ""))
            made.anything |= entry.get("variables") == "all"
    made.names |= _named_in(element, "dataInput", "dataOutput", "inputDataItem", "outputDataItem")
    for loop in element.findall(f"{B}multiInstanceLoopCharacteristics"):
        made.names.add(loop.get(f"{C}elementVariable", ""))
    if node.tag == "scriptTask":
        made.names.update(assigned(element))
    if node.tag == "serviceTask":
        made.names.update({"result", "number"})
    has_form = _add_form(made, node, process_key, world)
    if not has_form and (node.tag == "receiveTask" or node.kinds & _BRINGING):
        brought, _ = properties(element).get("bihuan:brings", ("", element))
        made.names.update(names_brought(brought))
        made.anything |= not brought
    return made


def _named_in(element: etree._Element, *tags: str) -> set[str]:
    """Return the names of BPMN's data elements inside an element; one without a name goes by its id."""
    return {found.get("name") or found.get("id") or "" for found in element.iter(*(f"{B}{tag}" for tag in tags))}


def _add_form(made: Set, node: Node, process_key: str, world: World) -> bool:
    """Add what the fields of its form set; tell whether there is a form."""
    reference = node.element.get(f"{C}formRef", "").strip()
    key = f"{process_key}/{reference}" if reference else node.element.get(f"{C}formKey", "").strip()
    if key in world.forms:
        made.names |= world.forms[key]
    else:
        made.anything |= bool(key)
    return bool(key)


def _says_what_it_brings(start: Node) -> bool:
    form = start.element.get(f"{C}formRef") or start.element.get(f"{C}formKey")
    return bool(form) or "bihuan:brings" in properties(start.element)


def _node_of(tree: Tree, element: etree._Element) -> Node | None:
    """Return the flow node that evaluates an expression: the one around it, or the source of its sequence flow."""
    for around in (element, *element.iterancestors()):
        if local(around) == "sequenceFlow":
            return tree.nodes.get(around.get("sourceRef", ""))
        if local(around) in FLOW_NODES:
            return tree.nodes.get(around.get("id", ""))
    return None
