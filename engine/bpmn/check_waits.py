"""Which elements wait for a person, a time or another system, looking into sub-processes and called processes."""

from collections.abc import Iterable, Iterator

from lxml import etree

from engine.bpmn.check_tree import SUB_PROCESSES, Node, Tree
from engine.bpmn.xml import C, local
from engine.errors import Problem

_WAITING = frozenset({"userTask", "manualTask", "receiveTask", "eventBasedGateway"})
_JOBS = frozenset({"serviceTask", "sendTask"})
_THROWN = frozenset({"errorEventDefinition", "escalationEventDefinition", "cancelEventDefinition"})
Scope = tuple[str, str]


class Waits:
    """Answers whether a token surely waits at an element; a called process that is not known is taken to wait."""

    def __init__(self, trees: Iterable[Tree]) -> None:
        """Work out which levels can be passed without waiting, from the inside out, until nothing changes."""
        self._trees = {tree.file: tree for tree in trees}
        self.processes: dict[str, tuple[Tree, etree._Element]] = {}
        for tree in self._trees.values():
            for process in tree.executable:
                self.processes.setdefault(process.get("id", ""), (tree, process))
        self._file_of = {id(node): tree.file for tree in self._trees.values() for node in tree.nodes.values()}
        self._passing: set[Scope] = set()
        self._users = self._find_users()
        todo = [*self._scopes()]
        while todo:
            scope = todo.pop()
            if scope not in self._passing and self._can_pass(scope):
                self._passing.add(scope)
                todo += self._users.get(scope, ())

    def waits(self, node: Node) -> bool:
        """Tell whether every token that comes here waits before it goes on."""
        if node.tag in _WAITING:
            return True
        if node.tag == "intermediateCatchEvent":
            return "linkEventDefinition" not in node.kinds
        if node.tag == "boundaryEvent":
            return not self.is_thrown(node)
        scope = self._scope_of(node)
        if scope is None:
            return node.tag == "callActivity"
        return scope not in self._passing

    def is_job(self, node: Node) -> bool:
        """Tell whether a connector does the work, so that each pass is a transaction of its own."""
        return node.tag in _JOBS and bool(node.element.get(f"{C}topic"))

    def is_thrown(self, event: Node) -> bool:
        """Tell whether a boundary event answers something thrown inside, which takes no time."""
        return bool(event.kinds & _THROWN)

    def calls_at_once(self, tree: Tree, process: etree._Element) -> Iterator[tuple[str, Node]]:
        """Yield the processes that a new instance calls before it first waits, with the call activity."""
        seen: set[str] = set()
        todo = _starts(tree, process.get("id", ""))
        while todo:
            node = todo.pop()
            if node.id in seen:
                continue
            seen.add(node.id)
            if node.tag == "callActivity" and (called := called_key(node)):
                yield called, node
            elif node.tag in SUB_PROCESSES:
                todo += _starts(tree, node.id)
            if not self.waits(node):
                todo += node.following

    def _scope_of(self, node: Node) -> Scope | None:
        """Return the level that a sub-process or call activity opens; None if it opens none that is known."""
        if node.tag in SUB_PROCESSES:
            return self._file_of[id(node)], node.id
        if node.tag == "callActivity" and (known := self.processes.get(called_key(node) or "")):
            return known[0].file, known[1].get("id", "")
        return None

    def _scopes(self) -> Iterator[Scope]:
        for tree in self._trees.values():
            for process in tree.executable:
                for scope in tree.scopes(process):
                    yield tree.file, scope.get("id", "")

    def _find_users(self) -> dict[Scope, list[Scope]]:
        """Return for each level the levels that contain or call it."""
        users: dict[Scope, list[Scope]] = {}
        for file, tree in self._trees.items():
            for node in tree.nodes.values():
                scope = self._scope_of(node)
                if scope is not None:
                    users.setdefault(scope, []).append((file, node.scope))
        return users

    def _can_pass(self, scope: Scope) -> bool:
        """Tell whether a token can run from a start of the level to an end of it without waiting."""
        tree, key = self._trees[scope[0]], scope[1]
        if tree.ids.get(key) is not None and local(tree.ids[key]) == "adHocSubProcess":
            return not any(self.waits(node) for node in tree.children(key))
        seen: set[str] = set()
        todo = _starts(tree, key)
        while todo:
            node = todo.pop()
            if node.id in seen or self.waits(node):
                continue
            seen.add(node.id)
            if not node.outgoing:
                return True
            todo += [*node.following, *(event for event in node.boundary if self.is_thrown(event))]
        return not tree.children(key)


def check_calls(waits: Waits) -> Iterator[Problem]:
    """Yield the processes that call themselves, directly or through others, before anything waits."""
    calls = {key: dict(waits.calls_at_once(tree, process)) for key, (tree, process) in waits.processes.items()}
    for key, (tree, _) in waits.processes.items():
        for called, node in calls[key].items():
            way = _way_back(calls, called, key)
            if way:
                path = " → ".join([key, *way])
                reason = f"流程在没有等待的情况下反复调用自己（{path}）；请在调用之前加入用户任务或等待"
                yield tree.problem("recursive-call", node.element, reason)


def called_key(node: Node) -> str | None:
    """Return the process key that a call activity names; None for an expression or nothing."""
    called = node.element.get("calledElement", "").strip()
    return None if not called or "${" in called else called.rpartition(":")[2]


def _way_back(calls: dict[str, dict[str, Node]], start: str, goal: str) -> list[str]:
    """Return the shortest chain of calls from `start` to `goal`, both included; empty if there is none."""
    ways, seen = [[start]], {start}
    for way in ways:
        if way[-1] == goal:
            return way
        for step in calls.get(way[-1], ()):
            if step not in seen:
                seen.add(step)
                ways.append([*way, step])
    return []


def _starts(tree: Tree, scope: str) -> list[Node]:
    """Return where tokens of a level begin: none start events, else nodes without a way in (BPMN 2.0.2 §13.5.4)."""
    nodes = tree.children(scope)
    events = [node for node in nodes if node.tag == "startEvent"]
    if events:
        plain = [node for node in events if not node.definitions]
        return plain or events
    return [node for node in nodes if not node.incoming and node.tag != "boundaryEvent"]
