"""Surgery: what people do to a running instance (退回, 撤回, 加签, 减签); pure edits of its state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from engine.tokens.advance import settle
from engine.tokens.definition import Definitions, Node
from engine.tokens.listening import label
from engine.tokens.moving import SurgeryRefusedError, move
from engine.tokens.repetition import add_instance, drop_instance
from engine.tokens.run import Run, Step
from engine.tokens.state import StaleEventError, State


class Operation(Protocol):
    """An edit of a running instance."""

    def apply(self, run: Run) -> None:
        """Edit; raises StaleEventError and SurgeryRefusedError."""
        ...


def operate(definitions: Definitions, state: State, operation: Operation, now: datetime) -> Step:
    """Edit a running instance, then let it go on. Raises StaleEventError and SurgeryRefusedError."""
    if state["status"] != "active":
        raise StaleEventError(status=state["status"])
    run = Run(definitions, state, now)
    operation.apply(run)
    settle(run)
    return run.finish()


@dataclass(frozen=True)
class SendBack:
    """Send the work of a token back to an earlier node (退回); the variables are written first.

    The token's own thread is taken back with all that its concurrent branches opened within that thread; other
    branches go on. A target in another branch is opened again there and the asking token stays open.
    """

    token: str
    target: str
    variables: Mapping[str, Any] = field(default_factory=dict)

    def apply(self, run: Run) -> None:
        """Edit the state."""
        if self.token not in run.tokens:
            raise StaleEventError(token=self.token)
        run.write(self.variables, self.token)
        run.origin = self.token
        move(run, self.token, self.target)


@dataclass(frozen=True)
class Withdraw:
    """Take a completed task back (撤回) while nobody has acted since: all it led to is still as it was left.

    `task` is the token of the completed task, `node` where it stood.
    """

    task: str
    node: str

    def apply(self, run: Run) -> None:
        """Edit the state."""
        left = [key for key, token in run.tokens.items() if token.get("o", [""])[0] == self.task]
        if not left or run.tokens[left[0]]["o"][1] != len(left):
            raise SurgeryRefusedError(reason="后续环节已经办理，不能撤回")
        move(run, min(left, key=int), self.node)


@dataclass(frozen=True)
class AddSign:
    """Add one more performance to a running multi-instance activity (加签); `token` is its host or an instance.

    In a sequential one it comes last, or next if `first`.
    """

    token: str
    item: Any = None
    first: bool = False

    def apply(self, run: Run) -> None:
        """Edit the state."""
        host, node = _repeated(run, self.token)
        scope = run.tokens[host]["sub"]
        multi = run.scope(scope)["multi"]
        multi["n"] += 1
        if "items" in multi:
            items = list(multi["items"])
            items.insert(multi["next"] if self.first else len(items), self.item)
            multi["items"] = items
        if node.loop is not None and node.loop.kind == "parallel":
            add_instance(run, scope, node, self.item)


@dataclass(frozen=True)
class DropSign:
    """Take one performance away (减签): that of an instance's token, or of an item that has not come yet.

    The last one cannot be dropped.
    """

    token: str
    item: Any = None

    def apply(self, run: Run) -> None:
        """Edit the state."""
        host, node = _repeated(run, self.token)
        scope = run.tokens[host]["sub"]
        multi = run.scope(scope)["multi"]
        if multi["n"] <= 1:
            raise SurgeryRefusedError(reason=f"{label(node)}至少要有一人办理")
        if self.token != host:
            drop_instance(run, self.token, node)
            return
        waiting = list(multi.get("items", ()))
        ahead = [index for index in range(multi["next"], len(waiting)) if waiting[index] == self.item]
        if not ahead:
            raise SurgeryRefusedError(reason=f"{label(node)}尚未开始的办理中没有这一项")
        del waiting[ahead[0]]
        multi.update(items=waiting, n=multi["n"] - 1)


def _repeated(run: Run, token: str) -> tuple[str, Node]:
    """Return the host token and the node of a running multi-instance activity."""
    if token not in run.tokens:
        raise StaleEventError(token=token)
    scope = run.tokens[token]["s"]
    host = run.scopes[scope]["up"] if run.is_repetition(scope) else token
    node = run.node(host)
    inner = run.scopes.get(run.tokens[host].get("sub", ""), {})
    if node.loop is None or node.loop.kind == "standard" or "multi" not in inner:
        raise SurgeryRefusedError(reason=f"{label(node)}不是正在多人办理的环节")
    return host, node
