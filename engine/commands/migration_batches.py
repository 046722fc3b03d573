"""Migration of running matters in bulk: begun, paused, resumed and undone; a worker takes them over one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select, update

from engine.command import Context
from engine.commands.drafts import require_keeper
from engine.errors import ConflictError, InvalidError, NotFoundError
from engine.execution.applying import write_jobs
from engine.execution.changes import require_migration_approved
from engine.execution.migrating import MovedOnError, Plan, take_back
from engine.execution.migration_batches import BATCH_JOB, UNFINISHED, candidates, plan_of
from engine.model import tables
from engine.text import read_text
from engine.tokens.migration import KEEP, RECOMPUTE, RESTART

_CHOICES = frozenset({KEEP, RESTART, RECOMPUTE})


class MigrationUnderWayError(ConflictError):
    """One batch of a procedure at a time."""

    words = "这个流程有一批事项正在迁移，请等它结束、或者撤销后再开始。"


class NothingToMigrateError(ConflictError):
    """No running matter is on the old version."""

    words = "第 {version} 版没有在办事项，无需迁移。"


class MigrationNotFoundError(NotFoundError):
    """No such batch."""

    words = "没有找到这批迁移。"


class MigrationEndedError(ConflictError):
    """The batch is in another state than the act is for."""

    words = "这批迁移现在是“{status}”，不能这样处理。"


@dataclass(frozen=True)
class StartMigration:
    """Take the running matters of one version of a procedure over to another, in the background; returns the batch.

    `instances` names some of them, None means all. `nodes` and `flows` map ids of the old diagram; `timers` and `due`
    are keep, restart or recompute. Raises InvalidError, MigrationNotApprovedError (the change was not approved with
    migration, P34), MigrationUnderWayError and NothingToMigrateError.
    """

    key: str
    from_version: int
    to_version: int
    reason: str
    nodes: Mapping[str, str] = field(default_factory=dict)
    flows: Mapping[str, str] = field(default_factory=dict)
    timers: str = KEEP
    due: str = KEEP
    instances: tuple[int, ...] | None = None

    def execute(self, context: Context) -> int:
        """Write the batch, its items and the job that works on them."""
        require_keeper(context)
        reason = read_text(self.reason, "迁移理由", least=2, most=500)
        self._require_sound(context)
        require_migration_approved(context, self.key, self.to_version)
        if context.session.execute(_unfinished(self.key)).first() is not None:
            raise MigrationUnderWayError
        found = candidates(context, f"{self.key}:{self.from_version}")
        chosen = found if self.instances is None else [one for one in found if one in set(self.instances)]
        if not chosen:
            raise NothingToMigrateError(version=self.from_version)
        batch = self._insert(context, reason)
        rows = [{"batch_id": batch, "instance_id": one, "status": "waiting", "reason": ""} for one in chosen]
        context.session.connection().execute(insert(tables.migration_item), rows)
        _work_on(context, batch)
        context.record(
            "migration started", subject=self.key, old=self.from_version, new=self.to_version, matters=len(rows),
            batch=batch, reason=reason,
        )  # fmt: skip
        return batch

    def _require_sound(self, context: Context) -> None:
        if self.from_version == self.to_version:
            raise InvalidError(reason="请选择两个不同的版本。")
        if not {self.timers, self.due} <= _CHOICES:
            raise InvalidError(reason="计时器和期限的处理方式只能是保留、重新开始或重新计算。")
        for version, names in ((self.from_version, self.nodes.keys()), (self.to_version, self.nodes.values())):
            process = _process(context, self.key, version)
            unknown = sorted(set(names) - process.nodes.keys() - {process.id})
            if unknown:
                raise InvalidError(reason=f"第 {version} 版里没有环节“{'”、“'.join(unknown)}”。")

    def _insert(self, context: Context, reason: str) -> int:
        plan = {"nodes": dict(self.nodes), "flows": dict(self.flows), "timers": self.timers, "due": self.due}
        row = {
            "key": self.key, "from_version": self.from_version, "to_version": self.to_version, "plan": plan,
            "reason": reason, "status": "running", "created_by": context.actor.person_id, "created_at": context.now,
        }  # fmt: skip
        table = tables.migration_batch
        return int(context.session.connection().execute(insert(table).returning(table.c.id), row).scalar_one())


@dataclass(frozen=True)
class PauseMigration:
    """Stop after the matters at hand; what has moved stays moved."""

    batch: int

    def execute(self, context: Context) -> None:
        """Mark it; raises MigrationNotFoundError, MigrationEndedError."""
        _turn(context, self.batch, "running", "paused")


@dataclass(frozen=True)
class ResumeMigration:
    """Go on with a paused batch."""

    batch: int

    def execute(self, context: Context) -> None:
        """Mark it and write a job; raises MigrationNotFoundError, MigrationEndedError."""
        _turn(context, self.batch, "paused", "running")
        _work_on(context, self.batch)


@dataclass(frozen=True)
class UndoMigration:
    """Take back what a batch moved, as far as the matters have not gone on; returns how many were and were not."""

    batch: int

    def execute(self, context: Context) -> tuple[int, int]:
        """Undo matter by matter in one transaction; raises MigrationNotFoundError, MigrationEndedError."""
        row = _locked(context, self.batch)
        if row.status == "undone":
            raise MigrationEndedError(status="已撤销")
        plan, item = plan_of(row), tables.migration_item
        moved = select(item).where(item.c.batch_id == self.batch, item.c.status == "moved").order_by(item.c.instance_id)
        done = [_undo(context, plan, one) for one in context.session.execute(moved).all()]
        waiting = update(item).where(item.c.batch_id == self.batch, item.c.status == "waiting")
        context.session.connection().execute(waiting.values(status="refused", reason="批次已撤销", at=context.now))
        _mark(context, self.batch, "undone", context.now)
        context.record("migration batch undone", subject=row.key, batch=self.batch, matters=sum(done))
        return sum(done), len(done) - sum(done)


def _undo(context: Context, plan: Plan, item: Any) -> bool:
    table = tables.migration_item
    values: dict[str, Any] = {"status": "undone", "at": context.now}
    try:
        take_back(context, item.instance_id, plan, item.before, item.after)
    except MovedOnError as refusal:
        values = {"reason": str(refusal)}
    one = update(table).where(table.c.batch_id == item.batch_id, table.c.instance_id == item.instance_id)
    context.session.connection().execute(one.values(values))
    return "status" in values


def _turn(context: Context, batch: int, before: str, after: str) -> None:
    require_keeper(context)
    row = _locked(context, batch)
    if row.status != before:
        raise MigrationEndedError(status=STATUS_WORDS.get(row.status, row.status))
    _mark(context, batch, after, None)
    context.record(f"migration {after}", subject=row.key, batch=batch)


STATUS_WORDS = {"running": "进行中", "paused": "已暂停", "done": "已完成", "undone": "已撤销"}


def _locked(context: Context, batch: int) -> Any:
    require_keeper(context)
    table = tables.migration_batch
    row = context.session.execute(select(table).where(table.c.id == batch).with_for_update()).first()
    if row is None:
        raise MigrationNotFoundError(batch=batch)
    return row


def _mark(context: Context, batch: int, status: str, ended_at: Any) -> None:
    table = tables.migration_batch
    changed = update(table).where(table.c.id == batch).values(status=status, ended_at=ended_at)
    context.session.connection().execute(changed)


def _work_on(context: Context, batch: int) -> None:
    write_jobs(context, [{"kind": BATCH_JOB, "due_at": context.now, "payload": {"batch": batch}}])


def _unfinished(key: str) -> Any:
    table = tables.migration_batch
    return select(table.c.id).where(table.c.key == key, table.c.status.in_(UNFINISHED)).with_for_update()


def _process(context: Context, key: str, version: int) -> Any:
    try:
        return context.catalog.by_ref(f"{key}:{version}").process
    except KeyError:
        raise InvalidError(reason=f"流程“{key[:80]}”没有第 {version} 版。") from None
