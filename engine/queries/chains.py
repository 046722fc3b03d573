"""Chains: whether the history is what was written, by the hash chain of each matter, the audit chain and the anchors.

A chain alone does not show that its tail was cut off and its head set back; the anchors do, and those written outside
the database show it also where somebody rewrote the anchors (security D10).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import RowMapping, select

from engine.command import Context
from engine.execution.saving import AUDIT_HEAD, entry_hash
from engine.model import every_event, tables

_CONTENT = (
    "seq", "at", "actor", "actor_name", "acting_for", "unit_code", "client_ip", "task_id", "action", "object",
    "details",
)  # fmt: skip
_AT_ONCE = 2_000
AUDIT = "audit"
Heads = dict[str, dict[int, str]]


@dataclass(frozen=True)
class ChainReport:
    """What was read, and where a chain is broken: `<chain> <number of the event> <what is so>`."""

    events: int
    chains: int
    anchors: int
    broken: tuple[str, ...]


@dataclass(frozen=True)
class ListBrokenChains:
    """Verify every chain with the key they were written with; `kept` are the lines of the anchors' file outside."""

    key: bytes
    kept: Iterable[str] = ()

    def execute(self, context: Context) -> ChainReport:
        """Read all events once, in order, some thousand at a time."""
        anchored: Heads = {}
        broken: list[str] = []
        anchors = _anchors(context, anchored, broken)
        _kept_anchors(self.kept, context, anchored, broken)
        walk = _Walk(self.key, anchored, broken)
        instance = tables.process_instance
        heads = {row.id: (row.chain_head, row.chain_seq) for row in context.session.execute(
            select(instance.c.id, instance.c.chain_head, instance.c.chain_seq))}  # fmt: skip
        for row in _events(context):
            walk.read(str(row["instance_id"]), row, {"instance_id": row["instance_id"]})
        for row in _audit_events(context):
            walk.read(AUDIT, {**row, "task_id": None}, {})
        walk.close({str(key): head for key, head in heads.items()} | _audit_head(context))
        return ChainReport(walk.events, walk.chains, anchors, tuple(broken))


@dataclass
class _Walk:
    """Follows one chain after the other."""

    key: bytes
    anchored: Heads
    broken: list[str]
    events: int = 0
    chains: int = 0
    ends: dict[str, tuple[str, int]] = field(default_factory=dict)

    def read(self, chain: str, row: Mapping[Any, Any], more: Mapping[str, Any]) -> None:
        """Check that an event follows from the one before and is the one that was anchored."""
        self.events += 1
        head, seq = self.ends.get(chain, ("", 0))
        content = {name: row[name] for name in _CONTENT} | dict(more)
        if row["seq"] != seq + 1 or row["previous_hash"] != head:
            self.broken.append(f"{chain} {row['seq']} does not follow")
        elif row["hash"] != entry_hash(self.key, head, content):
            self.broken.append(f"{chain} {row['seq']} was changed")
        if self.anchored.get(chain, {}).pop(row["seq"], row["hash"]) != row["hash"]:
            self.broken.append(f"{chain} {row['seq']} is not what was anchored")
        self.ends[chain] = (row["hash"], row["seq"])

    def close(self, heads: Mapping[str, tuple[str, int]]) -> None:
        """Check that each chain ends where its head says, and reaches as far as was anchored."""
        self.chains = len(self.ends)
        for chain in heads.keys() | self.ends.keys():
            if heads.get(chain, ("", 0)) != self.ends.get(chain, ("", 0)):
                self.broken.append(f"{chain} {self.ends.get(chain, ('', 0))[1]} is not the head")
        for chain, left in self.anchored.items():
            self.broken.extend(f"{chain} {seq} was anchored and is gone" for seq in left)


def _events(context: Context) -> Iterator[RowMapping]:
    event = every_event
    last = (0, 0)
    while True:
        after = (event.c.instance_id > last[0]) | ((event.c.instance_id == last[0]) & (event.c.seq > last[1]))
        asked = select(event).where(after).order_by(event.c.instance_id, event.c.seq).limit(_AT_ONCE)
        rows = context.session.execute(asked).mappings().all()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        last = (rows[-1]["instance_id"], rows[-1]["seq"])


def _audit_events(context: Context) -> Iterator[RowMapping]:
    event = tables.audit_event
    last = 0
    while rows := context.session.execute(
        select(event).where(event.c.seq > last).order_by(event.c.seq).limit(_AT_ONCE)
    ).mappings().all():  # fmt: skip
        yield from rows
        last = rows[-1]["seq"]


def _audit_head(context: Context) -> dict[str, tuple[str, int]]:
    setting = tables.setting
    found = context.session.execute(select(setting.c.value).where(setting.c.name == AUDIT_HEAD)).scalar()
    return {AUDIT: (found["head"], found["seq"])} if found else {}


def _anchors(context: Context, anchored: Heads, broken: list[str]) -> int:
    """Check the chain of anchors and collect the heads they hold; returns how many there are."""
    previous, count = "", 0
    for row in context.session.execute(select(tables.anchor).order_by(tables.anchor.c.id)).mappings():
        count += 1
        content = {"at": row["at"], "heads": row["heads"], "previous_hash": row["previous_hash"]}
        if row["previous_hash"] != previous or row["hash"] != entry_hash(b"anchor", previous, content):
            broken.append(f"anchor {row['id']} was changed")
        previous = row["hash"]
        _collect(row["heads"], anchored)
    return count


def _kept_anchors(lines: Iterable[str], context: Context, anchored: Heads, broken: list[str]) -> None:
    """Compare the anchors kept outside with those in the database; their heads hold in any case."""
    known = set(context.session.execute(select(tables.anchor.c.hash)).scalars())
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            kept = json.loads(line)
            heads, hash_ = dict(kept["heads"]), kept["hash"]
        except (ValueError, KeyError, TypeError):
            broken.append(f"anchors kept outside, line {number}, cannot be read")
            continue
        if hash_ not in known:
            broken.append(f"anchors kept outside, line {number}, is not in the database")
        _collect(heads, anchored)


def _collect(heads: Mapping[str, Any], anchored: Heads) -> None:
    for chain, (head, seq) in heads.items():
        anchored.setdefault(chain, {})[seq] = head
