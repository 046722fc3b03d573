"""Migration: a running instance goes over to another version of its definition."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from engine.tokens.definition import Definitions, EventDefinition, Node, Process
from engine.tokens.effects import TimerDisarmed, Unsubscribed
from engine.tokens.graph import Listening
from engine.tokens.listening import arm, first_round, label, listens, place, set_timer
from engine.tokens.moving import SurgeryRefusedError
from engine.tokens.run import Run
from engine.tokens.state import Record, State, StuckError
from engine.tokens.timers import Schedule, read_instant

KEEP, RESTART, RECOMPUTE = "keep", "restart", "recompute"


@dataclass(frozen=True)
class Obstacle:
    """Why a token cannot go over: `node` is where it stands, `flow` what it came by; another name for one may do."""

    node: str
    reason: str
    flow: str | None = None
    mappable: bool = False


@dataclass(frozen=True)
class Migrate:
    """Put every token of one definition (`old`, a ref) at the same node of another; `nodes` and `flows` rename.

    `timers` says what becomes of armed ones that both versions have: `keep` their instants, `restart` them now, or
    `recompute` them, as if the new version had held when they were armed.
    Refused, with all reasons, where a token's node is gone, is of another kind or lies in another scope.
    """

    old: str
    new: str
    nodes: Mapping[str, str] = field(default_factory=dict)
    flows: Mapping[str, str] = field(default_factory=dict)
    timers: str = KEEP

    def apply(self, run: Run) -> None:
        """Edit the state."""
        before, after = run.look_up(self.old), run.look_up(self.new)
        scopes, tokens = self._held(run)
        found = self._obstacles(run, before, after, tokens)
        if found:
            raise SurgeryRefusedError(reason="；".join(dict.fromkeys(one.reason for one in found)))
        for key in tokens:
            self._move_token(run, key, before, after)
        for key in scopes:
            record = run.scope(key)
            record["p"] = self.new
            if "of" in record:
                record["of"] = self._name(record["of"])
        if run.state["p"] == self.old:
            run.state["p"] = self.new
        self._listen(run, scopes, tokens, before)
        for key in scopes:
            self._add_missing(run, key, before)

    def _held(self, run: Run) -> tuple[list[str], list[str]]:
        """Return the scopes of the old version and the tokens in them."""
        scopes = [key for key, record in run.scopes.items() if record["p"] == self.old]
        return scopes, [key for key, token in run.tokens.items() if token["s"] in scopes]

    def obstacles(self, definitions: Definitions, state: State) -> tuple[Obstacle, ...]:
        """Return what stands against it, and change nothing; empty where every token has its place."""
        run = Run(definitions, state, datetime.min.replace(tzinfo=UTC))
        before, after = run.look_up(self.old), run.look_up(self.new)
        return tuple(self._obstacles(run, before, after, self._held(run)[1]))

    def _name(self, node: str) -> str:
        return self.nodes.get(node, node)

    def _obstacles(self, run: Run, before: Process, after: Process, tokens: list[str]) -> list[Obstacle]:
        found = [self._obstacle(run.tokens[key], before, after) for key in tokens]
        return list(dict.fromkeys(one for one in found if one is not None))

    def _obstacle(self, token: Record, before: Process, after: Process) -> Obstacle | None:
        old = before.nodes[token["n"]]
        node = after.nodes.get(self._name(old.id))
        if node is None:
            return Obstacle(old.id, f"新版本里没有{label(old)}", mappable=True)
        if (node.kind, node.task) != (old.kind, old.task) or _repeats(node) != _repeats(old):
            return Obstacle(old.id, f"{label(old)}在新版本里不是同一种环节")
        if node.scope != (after.id if old.scope == before.id else self._name(old.scope)):
            return Obstacle(old.id, f"{label(old)}在新版本里移到了别的子流程")
        flow = token.get("f")
        if flow is not None and self._flow(flow, before, after, node) is None:
            reason = f"进入{label(old)}的顺序流“{flow}”在新版本里没有对应的"
            return Obstacle(old.id, reason, flow, mappable=bool(node.incoming))
        return None

    def _move_token(self, run: Run, key: str, before: Process, after: Process) -> None:
        token = run.token(key)
        token["n"] = self._name(token["n"])
        if token.get("f") is not None:
            token["f"] = self._flow(token["f"], before, after, after.nodes[token["n"]])

    def _flow(self, flow: str, before: Process, after: Process, node: Node) -> str | None:
        """Return the flow into a node that stands for the old one: by name, else the one its branch leads to."""
        name = self.flows.get(flow, flow)
        if name in node.incoming:
            return name
        source = after.flows[name].target if name in after.flows else self._name(before.flows[flow].source)
        found = [each for each in node.incoming if source in after.graph.before(each, node.id)]
        return found[0] if len(found) == 1 else None

    def _listen(self, run: Run, scopes: list[str], tokens: list[str], before: Process) -> None:
        try:
            for key in scopes:
                self._listen_again(run, key, listens(run, key), before)
            for key in tokens:
                if not run.is_repetition(run.tokens[key]["s"]) and run.tokens[key].get("w") != "quantity":
                    self._listen_again(run, key, _awaited(run, key), before)
        except StuckError as refusal:
            raise SurgeryRefusedError(reason=refusal.details["reason"]) from None

    def _listen_again(self, run: Run, owner: str, listening: Listening, before: Process) -> None:
        """Keep what is waited for in both versions, take back what the new one does not know, add what is new."""
        wanted = {place(catcher.id, index): (catcher, event) for catcher, index, event in listening}
        record = run.record(owner)
        for kind in ("due", "subs", "cond"):
            held: Record = record.pop(kind, {})
            for at, entry in held.items():
                catcher, _, index = at.rpartition("/")
                node, event = wanted.get(place(self._name(catcher), int(index)), (None, None))
                goes_on = node is not None and event is not None and _is_same(event, kind, entry)
                if goes_on and node is not None and node.id == catcher and (kind != "due" or self.timers == KEEP):
                    record.setdefault(kind, {})[at] = entry
                    continue
                if kind != "cond":
                    effect = TimerDisarmed if kind == "due" else Unsubscribed
                    run.effects.append(effect(owner, catcher, int(index)))
                if kind == "due" and goes_on and node is not None and event is not None:
                    old = before.nodes[catcher].events[int(index)]
                    set_timer(run, owner, node, int(index), self._due(run, owner, (node, old, event), entry))
        arm(run, owner, listening)

    def _due(
        self, run: Run, owner: str, catcher: tuple[Node, EventDefinition, EventDefinition], entry: list[Any]
    ) -> Schedule:
        """Return when a timer that both versions have is due from now on. Raises StuckError."""
        node, old, new = catcher
        held = Schedule(read_instant(entry[0]), *entry[1:])
        if self.timers == KEEP:
            return held
        begun = first_round(run, owner, node, new)
        if self.timers == RESTART or new.form != "duration" or old.form != "duration":
            return begun
        # Both run since the same instant, so the due date moves by as much as the durations differ.
        return Schedule(held.due + (begun.due - first_round(run, owner, node, old).due), begun.left, begun.every)

    def _add_missing(self, run: Run, scope: str, before: Process) -> None:
        """Branches that did not exist when a parallel split ran count as done: their tokens are put at the join."""
        if run.is_repetition(scope):
            return
        process, graph = run.process(scope), run.graph(scope)
        tokens = [run.tokens[key] for key in run.inside(scope)]
        at = {token["n"] for token in tokens}
        for region in graph.regions(run.around(scope)):
            join = process.nodes.get(region.join)
            if join is None or join.kind != "parallel" or process.nodes[region.split].kind != "parallel":
                continue
            arrived = {token.get("f") for token in tokens if token["n"] == join.id}
            held = {
                flow: not nodes.isdisjoint(at) or not arrived.isdisjoint(region.exits(process, flow))
                for flow, nodes in region.branches.items()
            }
            if any(held.values()):
                for flow in [flow for flow, has in held.items() if not has and flow not in before.flows]:
                    for each in region.exits(process, flow):
                        run.spawn(join.id, scope, f=each)


def _is_same(event: EventDefinition, kind: str, entry: Any) -> bool:
    """Tell whether what was waited for is what the new version says."""
    if kind == "due":
        return event.kind == "timer"
    if kind == "cond":
        return event.kind == "conditional"
    known, name, _ = entry
    fixed = event.name is not None and event.name.is_literal
    return event.kind == known and (not fixed or event.name is None or event.name.text == name)


def _repeats(node: Node) -> str | None:
    return node.loop.kind if node.loop is not None else None


def _awaited(run: Run, key: str) -> Listening:
    """Return what a token should wait for at its node now: boundary events, and its own where it waits for them."""
    token, node, graph = run.tokens[key], run.node(key), run.graph(run.tokens[key]["s"])
    own = graph.own(node) if token.get("w") == "event" else ()
    return (*own, *graph.edge(node))
