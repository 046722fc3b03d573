"""Migration seen by the process administrator: a preview by where matters stand, and the batches with their progress.

Numbers and steps only: the administrator of procedures has no access to what matters hold (domain section 4).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from engine.command import Context, with_variables
from engine.errors import ProcessDefinitionNotFoundError
from engine.execution.changes import approval_of
from engine.execution.migrating import Plan
from engine.execution.migration_batches import candidates, plan_of
from engine.execution.rows import RESTRICTED
from engine.model import MigrationBatch, MigrationItem, ProcessInstance
from engine.queries.definitions import require_keeper
from engine.queries.rows import names_of
from engine.tokens.definition import Node, Process
from engine.tokens.migration import Obstacle

MOST_SHOWN = 100
MOVES, MAPPING, CANNOT = "moves", "mapping", "cannot"
HIDDEN = "受限事项"


@dataclass(frozen=True)
class MigratingMatter:
    """A matter in a preview or a batch; the number of a restricted one is not shown."""

    instance_id: int
    number: str
    unit_code: str
    status: str = ""
    reason: str = ""


@dataclass(frozen=True)
class PreviewGroup:
    """Matters that stand at the same nodes: verdict is moves, mapping or cannot, with the reasons in Chinese."""

    steps: tuple[str, ...]
    nodes: tuple[str, ...]
    verdict: str
    reasons: tuple[str, ...]
    count: int
    matters: tuple[MigratingMatter, ...]


@dataclass(frozen=True)
class MigrationPreview:
    """What would happen: groups, ids that need another name in the new version, and names suggested for them."""

    groups: tuple[PreviewGroup, ...]
    missing_nodes: tuple[tuple[str, str], ...]
    missing_flows: tuple[str, ...]
    suggested: Mapping[str, str]
    approved: bool

    @property
    def total(self) -> int:
        """Return how many matters stand in the old version."""
        return sum(group.count for group in self.groups)

    def count(self, verdict: str) -> int:
        """Return how many matters have a verdict."""
        return sum(group.count for group in self.groups if group.verdict == verdict)


@dataclass(frozen=True)
class PreviewMigration:
    """What a migration would do to each running matter; changes nothing. Raises ProcessDefinitionNotFoundError."""

    key: str
    from_version: int
    to_version: int
    nodes: Mapping[str, str] = field(default_factory=dict)
    flows: Mapping[str, str] = field(default_factory=dict)

    def execute(self, context: Context) -> MigrationPreview:
        """Try the migration on every state."""
        require_keeper(context)
        plan = Plan(f"{self.key}:{self.from_version}", f"{self.key}:{self.to_version}", self.nodes, self.flows)
        before, after = _process(context, plan.old), _process(context, plan.new)
        groups = _groups(context, plan, before)
        held = {node for group in groups for node in group.nodes}
        missing = {node: before.nodes[node] for node in sorted(held) if node not in after.nodes}
        suggested = {node: found for node, one in missing.items() if (found := _likely(one, before, after))}
        approval = approval_of(context, self.key, self.to_version)
        flows = sorted({one for group in groups for one in _flows(context, plan, group)})
        return MigrationPreview(
            tuple(groups), tuple((key, one.name or key) for key, one in missing.items()), tuple(flows), suggested,
            bool(approval and approval.get("migrate")),
        )  # fmt: skip


@dataclass(frozen=True)
class BatchView:
    """A batch with its progress."""

    id: int
    key: str
    from_version: int
    to_version: int
    reason: str
    status: str
    created_by: str
    created_at: datetime
    ended_at: datetime | None
    plan: Plan
    waiting: int
    moved: int
    refused: int
    undone: int
    matters: tuple[MigratingMatter, ...] = ()

    @property
    def total(self) -> int:
        """Return how many matters it was begun with."""
        return self.waiting + self.moved + self.refused + self.undone


@dataclass(frozen=True)
class ListMigrations:
    """The batches of a procedure, newest first."""

    key: str

    def execute(self, context: Context) -> tuple[BatchView, ...]:
        """Read them; raises NotAllowedError unless the actor keeps the procedures."""
        require_keeper(context)
        asked = select(MigrationBatch).where(MigrationBatch.key == self.key).order_by(MigrationBatch.id.desc())
        return tuple(_view(context, row) for row in context.session.execute(asked.limit(50)).scalars())


@dataclass(frozen=True)
class FindMigration:
    """One batch, with its matters: the refused ones first."""

    batch: int

    def execute(self, context: Context) -> BatchView:
        """Read it; raises ProcessDefinitionNotFoundError where there is none."""
        require_keeper(context)
        row = context.session.get(MigrationBatch, self.batch)
        if row is None:
            raise ProcessDefinitionNotFoundError(key=str(self.batch))
        item, instance = MigrationItem, ProcessInstance
        asked = (
            select(instance.id, instance.number, instance.unit_code, instance.sensitivity, item.status, item.reason)
            .join(instance, instance.id == item.instance_id)
            .where(item.batch_id == self.batch)
            .order_by((item.status == "refused").desc(), item.instance_id)
        )
        matters = tuple(
            MigratingMatter(one.id, _number(one), one.unit_code, one.status, one.reason)
            for one in context.session.execute(asked.limit(5 * MOST_SHOWN)).all()
        )
        return _view(context, row, matters)


def _groups(context: Context, plan: Plan, before: Process) -> list[PreviewGroup]:
    instance = ProcessInstance
    ids = candidates(context, plan.old)
    asked = select(instance.id, instance.number, instance.unit_code, instance.sensitivity, instance.state)
    by_place: dict[tuple[Any, ...], list[Any]] = {}
    for start in range(0, len(ids), 500):
        for row in context.session.execute(asked.where(instance.id.in_(ids[start : start + 500]))).all():
            by_place.setdefault(_place(row.state, plan.old), []).append(row)
    operation = plan.operation()
    groups = []
    for place, rows in by_place.items():
        obstacles = operation.obstacles(context.catalog, with_variables(rows[0].state, ()))
        groups.append(_group(before, place, rows, obstacles))
    return sorted(groups, key=lambda group: (group.verdict == MOVES, -group.count))


def _place(state: Mapping[str, Any], ref: str) -> tuple[Any, ...]:
    """Return where the tokens of a version stand and by which flow each came; all that decides about a migration."""
    scopes = state["scopes"]
    held = [(token["n"], token.get("f")) for token in state["tokens"].values() if scopes[token["s"]]["p"] == ref]
    return tuple(sorted(set(held), key=str))


def _group(before: Process, place: Iterable[Any], rows: list[Any], obstacles: tuple[Obstacle, ...]) -> PreviewGroup:
    nodes = tuple(dict.fromkeys(node for node, _ in place))
    verdict = MOVES if not obstacles else MAPPING if all(one.mappable for one in obstacles) else CANNOT
    return PreviewGroup(
        tuple(_words(before.nodes[node]) for node in nodes), nodes, verdict,
        tuple(dict.fromkeys(one.reason for one in obstacles)), len(rows),
        tuple(MigratingMatter(row.id, _number(row), row.unit_code) for row in rows[:MOST_SHOWN]),
    )  # fmt: skip


def _words(node: Node) -> str:
    return node.name or {"parallel": "并行汇合", "inclusive": "汇合"}.get(node.kind, node.id)


def _flows(context: Context, plan: Plan, group: PreviewGroup) -> list[str]:
    if group.verdict == MOVES:
        return []
    state = context.session.get_one(ProcessInstance, group.matters[0].instance_id).state
    obstacles = plan.operation().obstacles(context.catalog, with_variables(state, ()))
    return [one.flow for one in obstacles if one.flow is not None]


def _likely(node: Node, before: Process, after: Process) -> str | None:
    """Return the one node of the new version that does the same under another id: same kind and name, or same form."""
    free = [
        one
        for one in after.nodes.values()
        if one.id not in before.nodes and (one.kind, one.task) == (node.kind, node.task)
    ]
    form = node.extensions.form_ref
    same = [one.id for one in free if node.name and one.name == node.name]
    same = same or [one.id for one in free if form and one.extensions.form_ref == form]
    return same[0] if len(same) == 1 else None


def _view(context: Context, row: MigrationBatch, matters: tuple[MigratingMatter, ...] = ()) -> BatchView:
    asked = select(MigrationItem.status, func.count()).where(MigrationItem.batch_id == row.id)
    counted: Counter[str] = Counter(dict(context.session.execute(asked.group_by(MigrationItem.status)).all()))
    return BatchView(
        row.id, row.key, row.from_version, row.to_version, row.reason, row.status,
        names_of(context, [row.created_by]).get(row.created_by, row.created_by), row.created_at, row.ended_at,
        plan_of(row), counted["waiting"], counted["moved"], counted["refused"], counted["undone"], matters,
    )  # fmt: skip


def _number(row: Any) -> str:
    return HIDDEN if row.sensitivity >= RESTRICTED else str(row.number)


def _process(context: Context, ref: str) -> Process:
    try:
        return context.catalog.process(ref)
    except KeyError:
        raise ProcessDefinitionNotFoundError(key=ref) from None
