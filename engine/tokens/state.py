"""State: where an instance stands, as a small JSON value.

state  {"p": ref, "seq": last key, "status": new|active|completed|terminated|failed, "root": scope, "scopes",
       "tokens"} and where it applies: "watch" (who waits for data), "queue" (what a spent budget left to be done)
scope  {"p": ref of its process, "of": node or absent for a process, "up": token that hosts it or absent, "vars", "c":
       number of its tokens} and where it applies: "multi" (a repetition), "done" (what can be compensated), "due"
       "subs" "cond" (what its event sub-processes wait for), "off" (they wait no more), "todo" (ad-hoc, in sequence),
       "fired" (complex gateways that wait for reset), "dirty" (names written in a called process), "d" depth
token  {"n": node, "s": scope} and where it applies: "f" incoming flow, "w" what it waits for: task event join
       quantity sub comp, "sub" scope it hosts, "v" own variables, "i" index of an instance, "due" timers, "subs"
       messages and signals, "cond" conditions, "seen" parallel multiple, "x" next event to throw, "for" token that
       waits for this compensation, "o" [completed task that led to it, how many it
       led to], "ph" and "incident" where it stopped and why
"""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.errors import ConflictError

State = dict[str, Any]
Record = dict[str, Any]
ENDED = frozenset({"completed", "terminated", "failed"})


class StaleEventError(ConflictError):
    """What the event is for is not there any more."""

    words = "流程已经前进，这一操作不再适用。"


class StuckError(ConflictError):
    """The definition cannot go on from here: an incident, with a Chinese message."""

    words = "流程无法继续：{reason}"

    def __init__(self, reason: str) -> None:
        """Keep the Chinese message."""
        super().__init__(reason=reason)


def new_state(ref: str) -> State:
    """Return the state of an instance that has not begun; `ref` is `key:version`."""
    return {"p": ref, "seq": 0, "status": "new", "scopes": {}, "tokens": {}}


def chain(state: State, owner: str) -> Iterator[Record]:
    """Yield the records whose variables a token or scope sees, innermost first; a called process sees only its own."""
    tokens, scopes = state["tokens"], state["scopes"]
    scope: str | None = owner
    if owner in tokens:
        yield tokens[owner]
        scope = tokens[owner]["s"]
    while scope is not None:
        record = scopes[scope]
        yield record
        if "of" not in record:
            return
        host = tokens[record["up"]]
        yield host
        scope = host["s"]


def variables_in_sight(state: State, owner: str) -> dict[str, Any]:
    """Return what a token or scope sees; the innermost of each name wins. Raises StaleEventError."""
    if owner not in state["tokens"] and owner not in state["scopes"]:
        raise StaleEventError(owner=owner)
    found: dict[str, Any] = {}
    for record in reversed(list(chain(state, owner))):
        found.update(variables_of(record))
    return found


def variables_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of one record: a scope's, or a token's own."""
    own: dict[str, Any] | None = record.get("vars")
    return own if own is not None else record.get("v") or {}


def same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are the same, where 1, 1.0 and true are three different ones."""
    if one is other:
        return True
    if type(one) is not type(other) or one != other:
        return False
    return not isinstance(one, (list, dict)) or repr(one) == repr(other)
