"""By hand: what people may do in a matter beside its tasks (更多操作), wherever it waits for that.

An element that says who may (`bihuan:startableBy`) is an act: an event or receive task that a message reaches, and an
activity of an open ad-hoc sub-process (BPMN 2.0.2 §10.3.5); in the matter's own process and in those it calls.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy import select

from engine.command import Catalog, Context, Deployed
from engine.model import tables
from engine.task_rules import texts
from engine.tokens import variables_in_sight
from engine.tokens.definition import Node, Process
from engine.tokens.events import StartActivity, Trigger

State = Mapping[str, Any]
PARTS = {"starter": "登记人", "participants": "参与办理的人员"}
_CATCHING = frozenset({"start", "catch", "boundary"})


class Concerned(Protocol):
    """What is asked of a matter to tell who may act: its row or its working copy."""

    id: Any
    unit_code: Any
    started_by: Any


@dataclass(frozen=True)
class Place:
    """An act where a matter waits for it; `event` is None where it does not wait for it now.

    `address` names the act in links and drafts: the id of its node, and where that may wait more than once
    `<owner>.<node>`, which no id of a node can be since `owner` (a token or scope of the state) is a number.
    """

    deployed: Deployed
    node: Node
    address: str
    label: str
    owner: str = ""
    event: Trigger | StartActivity | None = None


def places_of(catalog: Catalog, state: State, own: Deployed) -> tuple[Place, ...]:
    """Return the acts of a matter whose own definition is `own`, in the order of its file, then those it calls.

    Of called processes there are only the acts that something waits for now, and those that wait first come first.
    """
    waiting = list(_waiting(catalog, state)) if state else []
    here = [one for one in waiting if _is_own(state, one.owner)]
    there = [one for one in waiting if one not in here]
    found: list[Place] = []
    for node in own.process.nodes.values():
        if _is_act(own.process, node):
            found += [one for one in here if one.node.id == node.id] or [Place(own, node, node.id, _label(node))]
    return _told_apart(catalog, state, [*(_plain(one, here) for one in found), *there])


def find_place(places: Sequence[Place], address: str) -> Place | None:
    """Return the act of an address; the id of a node alone means where it waits first."""
    exact = next((one for one in places if one.address == address), None)
    return exact or next((one for one in places if one.node.id == address), None)


def wanted_at(context: Context, place: Place, state: State) -> tuple[str, ...]:
    """Return who may do an act as its element says: roles, `starter`, `participants`; `state` holds the variables."""
    value = place.node.extensions.properties.get("bihuan:startableBy")
    needs = value is not None and not value.is_literal
    return texts(value, variables_in_sight(dict(state), place.owner) if needs else {}, context)


def is_wanted(context: Context, matter: Concerned, wanted: Sequence[str]) -> bool:
    """Tell whether the actor is one of those: by role at the matter's unit, as its starter or as a participant."""
    if "starter" in wanted and matter.started_by == context.actor.person_id:
        return True
    groups = [one for one in wanted if one not in PARTS]
    if not context.actor.principals.isdisjoint(context.directory.candidates(groups, (), matter.unit_code)):
        return True
    if "participants" not in wanted:
        return False
    part = tables.participant
    mine = select(part.c.kind).where(
        part.c.instance_id == matter.id, part.c.person_id == context.actor.person_id, part.c.kind != "cc"
    )
    return context.session.execute(mine.limit(1)).first() is not None


def _waiting(catalog: Catalog, state: State) -> Iterator[Place]:
    """Yield what waits for people now, the oldest first."""
    records = [*state["scopes"].items(), *state["tokens"].items()]
    for owner, record in sorted(records, key=lambda each: int(each[0])):
        if "subs" not in record and "sub" not in record:
            continue
        scope = state["scopes"][record.get("s", owner)]
        deployed = catalog.by_ref(scope["p"])
        rank = deployed.process.graph.rank
        acts = _acts_at(deployed.process, state, owner, record)
        for node, event in sorted(acts, key=lambda act: rank[act[0].id]):
            if node.extensions.property("startableBy") is not None:
                yield Place(deployed, node, f"{owner}.{node.id}", _label(node), owner, event)


def _acts_at(
    process: Process, state: State, owner: str, record: Mapping[str, Any]
) -> Iterator[tuple[Node, Trigger | StartActivity]]:
    yield from _awaited(process, owner, record)
    yield from _open(process, state, owner, record)


def _awaited(process: Process, owner: str, record: Mapping[str, Any]) -> Iterator[tuple[Node, Trigger]]:
    """Yield what a message reaches at a token or scope; of several messages the first that has not come."""
    met: set[str] = set()
    subscribed = [at.rpartition("/") for at, (kind, _, _) in record.get("subs", {}).items() if kind == "message"]
    for catcher, _, index in sorted(subscribed, key=lambda at: int(at[2])):
        came = int(index) in record.get("seen", {}).get(catcher, ())
        if not came and catcher not in met and catcher in process.nodes:
            met.add(catcher)
            yield process.nodes[catcher], Trigger(owner, catcher, int(index))


def _open(
    process: Process, state: State, owner: str, record: Mapping[str, Any]
) -> Iterator[tuple[Node, StartActivity]]:
    """Yield the activities of an ad-hoc sub-process that a token holds open."""
    around = process.nodes.get(record.get("n", ""))
    if around is None or around.task != "adhoc" or "sub" not in record or "incident" in record:
        return
    if "multi" not in state["scopes"][record["sub"]]:
        for node in process.graph.starts(around.id):
            if node.kind == "activity":
                yield node, StartActivity(owner, node.id)


def _is_act(process: Process, node: Node) -> bool:
    """Tell whether people may do what a node waits for: a message reaches it, or it lies in an ad-hoc sub-process."""
    if node.extensions.property("startableBy") is None:
        return False
    if node.kind in _CATCHING or node.task == "receive":
        return any(event.kind == "message" for event in node.events)
    around = process.nodes.get(node.scope)
    by_hand = around is not None and around.task == "adhoc" and node.kind == "activity"
    return by_hand and node in process.graph.starts(node.scope)


def _is_own(state: State, owner: str) -> bool:
    """Tell whether a token or scope lies in the matter's own process, not in one that it calls."""
    return all("of" in state["scopes"][scope] or "up" not in state["scopes"][scope] for scope in _around(state, owner))


def _plain(place: Place, others: Sequence[Place]) -> Place:
    """Give an act that stays the same however often it is done its node's id as address, where it is the only one."""
    once = sum(1 for one in others if one.node.id == place.node.id) < 2
    stays = place.node.kind == "start" or isinstance(place.event, StartActivity)
    return replace(place, address=place.node.id) if once and stays else place


def _told_apart(catalog: Catalog, state: State, places: Sequence[Place]) -> tuple[Place, ...]:
    """Name the activity around in the labels of acts that wait at several places; number those still alike."""
    times = Counter(one.label for one in places if one.event)
    several = {label for label, count in times.items() if count > 1}
    named = [
        replace(one, label=f"{one.label}（{words}）")
        if one.event and one.label in several and (words := _words(catalog, state, one))
        else one
        for one in places
    ]
    alike, so_far, found = Counter(one.label for one in named if one.event), Counter[str](), []
    for one in named:
        so_far[one.label] += bool(one.event)
        again = one.event is not None and alike[one.label] > 1
        found.append(replace(one, label=f"{one.label} {so_far[one.label]}") if again else one)
    return tuple(found)


def _around(state: State, owner: str) -> Iterator[str]:
    """Yield the scopes around a token or scope, innermost first."""
    scope: str | None = state["tokens"][owner]["s"] if owner in state["tokens"] else owner
    while scope is not None:
        yield scope
        host = state["scopes"][scope].get("up")
        scope = None if host is None else state["tokens"][host]["s"]


def _words(catalog: Catalog, state: State, place: Place) -> str:
    """Return the activities around a place that call a process or are repeated, with their numbers: `告知 2`."""
    hosts = [state["scopes"][scope].get("up") for scope in _around(state, place.owner)]
    calls = {
        state["scopes"][scope].get("up") for scope in _around(state, place.owner) if "of" not in state["scopes"][scope]
    }
    found = []
    for key in (place.owner, *hosts):
        token = state["tokens"].get(key)
        if token is not None and (key in calls or "i" in token):
            node = catalog.process(state["scopes"][token["s"]]["p"]).nodes[token["n"]]
            number = f" {token['i'] + 1}" if "i" in token else ""
            found.append(f"{node.name or node.id}{number}")
    return " · ".join(reversed(found))


def _label(node: Node) -> str:
    return node.extensions.property("label") or node.name or "办理"
