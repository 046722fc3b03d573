"""Records: the state of one advance, copied on write; the queue of what is still to be done, the effects."""

from collections import deque
from datetime import datetime
from typing import Any

from engine.errors import EngineError
from engine.tokens.definition import Definitions, Node, Process
from engine.tokens.effects import Effect, Passed, TaskClosed, TimerDisarmed, Unsubscribed
from engine.tokens.graph import Graph
from engine.tokens.state import Record, State, StuckError

DEEPEST = 100


class Records:
    """The state of one advance. Records are copied before they are first written; the given state stays as it is."""

    def __init__(self, definitions: Definitions, state: State, now: datetime) -> None:
        """Begin from a state; nothing of it is scanned."""
        self.definitions = definitions
        self.now = now
        self.tokens: dict[str, Record] = state["tokens"].copy()
        self.scopes: dict[str, Record] = dict(state["scopes"])
        self.state: State = {**state, "tokens": self.tokens, "scopes": self.scopes}
        self.effects: list[Effect] = []
        self.queue: deque[tuple[str, str]] = deque()
        self.deferred: deque[tuple[str, str]] = deque()
        self.spared: str | None = None
        self.origin: str | None = None
        self.born: list[str] = []
        self.changed: set[tuple[str, str]] = set()
        self.touched: dict[str, None] = {}
        self.data_changed = False
        self.written: set[tuple[str, str]] = set()
        self.fresh: set[tuple[str, str]] = set()
        self.spent = 0
        self.stored: dict[str, Any] = {}
        self._own: set[str] = set()
        self._inside: dict[str, dict[str, None]] | None = None
        self._processes: dict[str, Process] = {}

    # Looking

    def process(self, scope: str) -> Process:
        """Return the process a scope belongs to. Raises StuckError where its definition is gone."""
        ref: str = self.scopes[scope]["p"]
        found = self._processes.get(ref)
        if found is None:
            found = self._processes[ref] = self.look_up(ref)
        return found

    def look_up(self, ref: str) -> Process:
        """Return the process of a ref. Raises StuckError."""
        try:
            return self.definitions.process(ref)
        except (KeyError, EngineError):
            raise StuckError(f"找不到流程定义“{ref}”") from None

    def graph(self, scope: str) -> Graph:
        """Return the graph of the process a scope belongs to."""
        return self.process(scope).graph

    def node(self, key: str) -> Node:
        """Return the node a token is at."""
        token = self.tokens[key]
        return self.process(token["s"]).nodes[token["n"]]

    def around(self, scope: str) -> str:
        """Return the id of the process or sub-process that a scope runs."""
        record = self.scopes[scope]
        return str(record.get("of") or self.process(scope).id)

    def inside(self, scope: str) -> list[str]:
        """Return the tokens directly in a scope, oldest first."""
        if self._inside is None:
            self._inside = {}
            for key, token in self.tokens.items():
                self._inside.setdefault(token["s"], {})[key] = None
        return list(self._inside.get(scope, ()))

    def is_repetition(self, scope: str) -> bool:
        """Tell whether the tokens of a scope are the instances of one activity."""
        return "multi" in self.scopes[scope]

    # Changing

    def new_key(self) -> str:
        """Return the key of a new token or scope."""
        self.state["seq"] += 1
        return str(self.state["seq"])

    def token(self, key: str) -> Record:
        """Return a token's record to write in."""
        if key not in self._own:
            self._own.add(key)
            self.tokens[key] = _copy(self.tokens[key])
        return self.tokens[key]

    def scope(self, key: str) -> Record:
        """Return a scope's record to write in."""
        if key not in self._own:
            self._own.add(key)
            self.scopes[key] = _copy(self.scopes[key])
        return self.scopes[key]

    def record(self, owner: str) -> Record:
        """Return the record of a token or scope to write in."""
        return self.token(owner) if owner in self.tokens else self.scope(owner)

    def spawn(self, node: str, scope: str, action: str | None = "enter", **more: Any) -> str:
        """Put a new token at a node; `action` is what it does next (None: nothing). Returns its key."""
        key = self.new_key()
        self.tokens[key] = {"n": node, "s": scope, **{name: value for name, value in more.items() if value is not None}}
        self._own.add(key)
        if self.origin is not None:
            self.born.append(key)
        self.scope(scope)["c"] += 1
        self.touched[scope] = None
        if self._inside is not None:
            self._inside.setdefault(scope, {})[key] = None
        if action is not None:
            self.queue.append((action, key))
        return key

    def open(self, ref: str, of: str | None, up: str | None, **more: Any) -> str:
        """Open a scope for a process or sub-process. Returns its key. Raises StuckError where they nest too deeply."""
        key = self.new_key()
        record: Record = {"p": ref, "vars": {}, "c": 0, **more}
        if of is not None:
            record["of"] = of
        if up is not None:
            record["up"] = up
            record["d"] = self.scopes[self.tokens[up]["s"]].get("d", 0) + 1
            if record["d"] > DEEPEST:
                raise StuckError(f"子流程或调用嵌套超过 {DEEPEST} 层")
            self.token(up).update(sub=key, w="sub")
        self.scopes[key] = record
        self._own.add(key)
        self.changed.update((key, name) for name in record["vars"])
        return key

    def later(self, action: str, key: str) -> None:
        """Queue what a token or scope does next."""
        if key in self.tokens:
            self.token(key).pop("w", None)
            self.touched[self.tokens[key]["s"]] = None
        self.queue.append((action, key))

    def wait(self, key: str, what: str) -> None:
        """Let a token wait."""
        self.token(key)["w"] = what
        self.touched[self.tokens[key]["s"]] = None

    def remove(self, key: str, but: str | None = None) -> None:
        """Take a token away with everything it hosts (except the token `but`); what it waited for is taken back."""
        todo = [key]
        while todo:
            key = todo.pop()
            token = self.tokens[key]
            if "sub" in token:
                todo += self._drop_scope(token["sub"])
            if key != but:
                self._drop_token(key, token)

    def clear(self, scope: str, but: str | None = None) -> None:
        """Take every token of a scope away, except `but`."""
        for key in self.inside(scope):
            if key != but and key in self.tokens:
                self.remove(key)

    def close(self, scope: str) -> None:
        """Close a scope with all that is in it; its host stays."""
        host = self.scopes[scope].get("up")
        todo = self._drop_scope(scope)
        for key in todo:
            self.remove(key)
        if host in self.tokens:
            self.token(host).pop("sub", None)

    def _drop_scope(self, scope: str) -> list[str]:
        inside = self.inside(scope) if self.scopes[scope]["c"] else []
        self.disarm(scope)
        del self.scopes[scope]
        return inside

    def _drop_token(self, key: str, token: Record) -> None:
        if token.get("w") == "task":
            self.effects.append(TaskClosed(key, token["n"], "cancelled"))
        self.disarm(key)
        del self.tokens[key]
        scope = token["s"]
        if self._inside is not None:
            self._inside.get(scope, {}).pop(key, None)
        if scope in self.scopes:
            record = self.scope(scope)
            record["c"] -= 1
            self.touched[scope] = None
            if record["c"] == 0:
                self.queue.append(("ended", scope))

    def disarm(self, owner: str, only: str | None = None) -> None:
        """Take back what a token or scope waits for; of one catching node only, if given."""
        record = self.tokens.get(owner) or self.scopes[owner]
        if not ("due" in record or "subs" in record or "cond" in record):
            return
        record = self.record(owner)
        for field, effect in (("due", TimerDisarmed), ("subs", Unsubscribed), ("cond", None)):
            for at in [at for at in record.get(field, ()) if only is None or at.rpartition("/")[0] == only]:
                del record[field][at]
                catcher, _, index = at.rpartition("/")
                if effect is not None:
                    self.effects.append(effect(owner, catcher, int(index)))
            if not record.get(field, True):
                del record[field]
        if "cond" not in record:
            self.unwatch(owner)

    def watch(self, owner: str) -> None:
        """Remember that an owner waits for data."""
        if owner not in self.state.get("watch", ()):
            self.state["watch"] = [*self.state.get("watch", ()), owner]

    def unwatch(self, owner: str) -> None:
        """Forget it again."""
        if owner in self.state.get("watch", ()):
            self.state["watch"] = [each for each in self.state["watch"] if each != owner]

    def come_to(self, key: str, node: str) -> None:
        """Let a token stand at another node without having gone there: an event behind an event-based gateway."""
        self.token(key)["n"] = node

    def passed(self, scope: str, node: str, flow: str | None) -> None:
        """Tell that a token left a node."""
        self.effects.append(Passed(node, flow, self.scopes[scope]["p"]))


def _copy(record: Record) -> Record:
    return {name: value.copy() if isinstance(value, (dict, list)) else value for name, value in record.items()}
