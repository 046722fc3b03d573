"""Acquiring jobs with a lease, and settling them: done, retried with backoff, or an incident."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, union, update

from engine.command import Context
from engine.model import tables
from engine.model.priorities import PRIORITIES
from engine.prepared import Prepared

LEASE = timedelta(seconds=60)
TURNS_AMONG = 1_000
BACKOFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
_JOB = tables.job
# A lease that ends later than any that is given now is from before the clock was set back; its holder is not asked.
_FREE = or_(
    _JOB.c.lease_until.is_(None), _JOB.c.lease_until < bindparam("now"), _JOB.c.lease_until > bindparam("latest")
)
_PRIORITY = PRIORITIES.c.priority
_HIGHEST_FIRST = select(_PRIORITY).where(_PRIORITY.is_not(None)).order_by(_PRIORITY.desc())
_DUE = (_JOB.c.priority == bindparam("priority"), _JOB.c.due_at <= bindparam("now"), _FREE)
_PLACE = (_JOB.c.due_at, _JOB.c.id)
_OLDEST = select(_JOB.c.id).where(*_DUE).order_by(*_PLACE).limit(bindparam("limit")).with_for_update(skip_locked=True)
# Turns are taken among those that are due longest and those that came last, so that a batch costs the same however many
# wait: a procedure's ten thousand that came at once have others before or behind them.
_ENDS = union(
    *(
        select(select(_JOB.c.id).where(*_DUE).order_by(*order).limit(TURNS_AMONG).subquery().c.id)
        for order in (_PLACE, [column.desc() for column in _PLACE])
    )
).subquery()
_TURNS = (
    select(
        _JOB.c.id,
        _JOB.c.due_at,
        func.row_number().over(partition_by=tables.process_instance.c.key, order_by=_PLACE).label("turn"),
    )
    .join(_ENDS, _ENDS.c.id == _JOB.c.id)
    .outerjoin(tables.process_instance, tables.process_instance.c.id == _JOB.c.instance_id)
    .subquery()
)
_IN_TURN = select(_TURNS.c.id).order_by(_TURNS.c.turn, _TURNS.c.due_at).limit(bindparam("limit"))
_AMONG = (
    select(_JOB.c.id).where(_JOB.c.id.in_(bindparam("ids", expanding=True)), _FREE).with_for_update(skip_locked=True)
)
# What tells a job from another that got its id: SQLite gives the highest id again once its row is gone.
_TELLING = ("kind", "instance_id", "task_id", "token", "catcher", "event_index", "due_at")
_THIS = (
    _JOB.c.id == bindparam("job_id"),
    *(_JOB.c[name].is_not_distinct_from(bindparam(f"job_{name}", type_=_JOB.c[name].type)) for name in _TELLING),
)
_TAKE = Prepared(delete(_JOB).where(*_THIS))


@dataclass(frozen=True)
class AcquiredJob:
    """A job under lease, as its kind's command gets it."""

    id: int
    kind: str
    instance_id: int | None
    task_id: int | None
    token: str | None
    catcher: str | None
    event_index: int | None
    topic: str | None
    due_at: datetime
    payload: dict[str, Any]
    attempts: int
    retries: int


@dataclass(frozen=True)
class AcquireJobs:
    """Take due jobs for a worker: nobody else gets them until the lease ends.

    They come by priority and instant; `fair` lets the procedures take turns, so that none waits for the end of
    another's ten thousand.
    """

    worker: str
    limit: int = 20
    fair: bool = False

    def execute(self, context: Context) -> tuple[AcquiredJob, ...]:
        """Lease up to `limit` due jobs and return them in the order they are due."""
        connection = context.session.connection()
        ids: list[int] = []
        for priority in connection.execute(_HIGHEST_FIRST).scalars().all():
            if len(ids) < self.limit:
                ids += self._of(context, priority, self.limit - len(ids))
        if not ids:
            return ()
        values = {"lease_until": context.now + LEASE, "lease_by": self.worker}
        connection.execute(update(_JOB).where(_JOB.c.id.in_(ids)).values(values))
        names = AcquiredJob.__dataclass_fields__
        rows = connection.execute(select(*(_JOB.c[name] for name in names)).where(_JOB.c.id.in_(ids))).mappings()
        return tuple(sorted((AcquiredJob(**row) for row in rows), key=lambda job: (job.due_at, job.id)))

    def _of(self, context: Context, priority: int, limit: int) -> list[int]:
        """Return the ids of due jobs of one priority."""
        connection = context.session.connection()
        wanted = {"now": context.now, "latest": context.now + 2 * LEASE, "limit": limit, "priority": priority}
        if self.fair:
            turns = connection.execute(_IN_TURN, wanted).scalars().all()
            ids = list(connection.execute(_AMONG, {**wanted, "ids": turns}).scalars())
            if ids:  # else there are none, or other workers have taken all of the same turn
                return ids
        return list(connection.execute(_OLDEST, wanted).scalars())


def take(context: Context, job: AcquiredJob) -> bool:
    """Delete a job in the transaction of its effect; False where it is gone, so that its effect happens once."""
    return _TAKE.run(context.session.connection(), _named(job)) == 1


def postpone(context: Context, job: AcquiredJob, pause: timedelta) -> None:
    """Give a job back, to be looked at again after a pause; no attempt is counted."""
    values = {"due_at": context.now + pause, "lease_until": None, "lease_by": None}
    context.session.connection().execute(update(_JOB).where(*_THIS).values(values), _named(job))


def _named(job: AcquiredJob) -> dict[str, Any]:
    """Return the parameters of `_THIS`."""
    return {f"job_{name}": getattr(job, name) for name in ("id", *_TELLING)}


@dataclass(frozen=True)
class SettleFailure:
    """A job failed: try again later, or give up with an incident."""

    job: AcquiredJob
    reason: str
    permanent: bool = False

    def execute(self, context: Context) -> bool:
        """Set the next instant by backoff; return True where the job became an incident."""
        attempts = self.job.attempts + 1
        give_up = self.permanent or attempts >= self.job.retries
        pause = BACKOFF[min(attempts, len(BACKOFF)) - 1]
        values: dict[str, Any] = {
            "attempts": attempts,
            "last_error": self.reason[:2000],
            "lease_until": None,
            "lease_by": None,
        }
        values["due_at"] = None if give_up else context.now + pause
        done = context.session.connection().execute(update(_JOB).where(*_THIS).values(values), _named(self.job))
        if give_up and done.rowcount:
            self._incident(context)
        return give_up

    def _incident(self, context: Context) -> None:
        row = {
            "instance_id": self.job.instance_id, "job_id": self.job.id, "token": self.job.token, "kind": self.job.kind,
            "node_id": self.job.payload.get("node") or self.job.catcher, "message": self.reason[:2000],
            "created_at": context.now,
        }  # fmt: skip
        context.session.connection().execute(insert(tables.incident), row)
        if self.job.instance_id is not None:
            context.record("incident raised", self.job.instance_id, subject=self.job.kind, message=self.reason)
