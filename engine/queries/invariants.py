"""Invariants: what must be so in the database at any moment, whatever was killed, cut off or done twice.

Each rule is a statement that finds the rows which break it; engine.queries.standing compares states with rows, and
engine.queries.chains reads the history. `bihuan verify` and the tests of faults ask all three.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from engine.command import Context
from engine.execution.matter import ENDED
from engine.model import every_event, tables
from engine.queries.standing import differences

# A broken installation has many of them; these tell enough.
MOST_PER_RULE = 50


@dataclass(frozen=True)
class Violation:
    """A rule that is broken, and where: ids and states only."""

    rule: str
    where: str

    def __str__(self) -> str:
        """Return both on one line."""
        return f"{self.rule}: {self.where}"


@dataclass(frozen=True)
class ListViolations:
    """Everything in the database that contradicts something else in it; empty where all is well."""

    def execute(self, context: Context) -> tuple[Violation, ...]:
        """Run each rule."""
        found = [Violation(rule, where) for rule, where in _by_statement(context)]
        return (*found, *(Violation(rule, where) for rule, where in differences(context)))


def _by_statement(context: Context) -> Iterator[tuple[str, str]]:
    for rule, statement in RULES.items():
        for row in context.session.execute(statement().limit(MOST_PER_RULE)).mappings():
            yield rule, " ".join(f"{name}={value}" for name, value in row.items())


def _completions(task: Any, event: Any) -> Select[Any]:
    """Find tasks whose completions in the history are not one if completed, none if not; start forms have none."""
    told = func.count(event.c.id)
    wrong = or_(and_(task.c.status == "completed", task.c.token != "", told != 1),
                and_(task.c.status != "completed", told > 0))  # fmt: skip
    return (
        select(task.c.id.label("task"), task.c.status, told.label("completions"))
        .outerjoin(event, and_(event.c.task_id == task.c.id, event.c.action == "task completed"))
        .group_by(task.c.id, task.c.status, task.c.token)
        .having(wrong)
    )


def _divided() -> Select[Any]:
    """Find matters in the archive with tasks or variables at work, and matters at work with some in the archive."""
    instance = tables.process_instance

    def has(table: Any) -> Any:
        return select(table.c.instance_id).where(table.c.instance_id == instance.c.id).exists()

    left = or_(has(tables.user_task), has(tables.variable))
    early = or_(has(tables.archived_task), has(tables.archived_event), has(tables.archived_variable))
    archived = instance.c.archive_year.is_not(None)
    return select(instance.c.id.label("matter")).where(or_(and_(archived, left), and_(~archived, early)))


def _open_after_end(what: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Find rows that wait for something in a matter that has ended."""
    instance = tables.process_instance
    return select(what.c.instance_id.label("matter")).where(
        what.c.instance_id == instance.c.id, instance.c.status.in_(ENDED), *conditions
    )


def _ends() -> Select[Any]:
    """Find matters whose status and whose instant of ending do not agree."""
    instance = tables.process_instance
    ended = instance.c.status.in_(ENDED)
    wrong = or_(and_(ended, instance.c.ended_at.is_(None)), and_(~ended, instance.c.ended_at.is_not(None)))
    return select(instance.c.id.label("matter"), instance.c.status).where(wrong)


def _access_of_others() -> Select[Any]:
    """Find rows of access to a task that is not open, or that is somebody else's by now."""
    access, task = tables.task_access, tables.user_task
    owner = "p:" + task.c.assignee
    wrong = or_(
        task.c.status != "open",
        and_(task.c.assignee.is_not(None), or_(access.c.principal != owner, access.c.status != "assigned")),
        and_(task.c.assignee.is_(None), access.c.status != "claimable"),
    )
    return (
        select(access.c.task_id.label("task"), access.c.principal)
        .join(task, task.c.id == access.c.task_id)
        .where(wrong)
    )


def _access_missing() -> Select[Any]:
    """Find open tasks that are in nobody's worklist, though somebody has them."""
    access, task = tables.task_access, tables.user_task
    there = select(access.c.task_id).where(access.c.task_id == task.c.id).exists()
    return select(task.c.id.label("task")).where(task.c.status == "open", task.c.assignee.is_not(None), ~there)


def _leases() -> Select[Any]:
    """Find jobs that somebody holds without an end, or that are held by nobody until an end."""
    job = tables.job
    return select(job.c.id.label("job"), job.c.kind).where(job.c.lease_by.is_(None) != job.c.lease_until.is_(None))


def _twice(column: Any) -> Select[Any]:
    """Find values of a column that has to be unique, also where its index was lost."""
    return (
        select(column, func.count().label("times")).where(column.is_not(None)).group_by(column).having(func.count() > 1)
    )


def _lights() -> Select[Any]:
    """Find tasks with more than one light to come, or with one though nobody has to do them any more."""
    job, task = tables.job, tables.user_task
    return (
        select(job.c.task_id.label("task"), func.count().label("lights"))
        .outerjoin(task, task.c.id == job.c.task_id)
        .where(job.c.kind == "light")
        .group_by(job.c.task_id, task.c.status)
        .having(or_(func.count() > 1, func.coalesce(task.c.status, "") != "open"))
    )


def _matched_without_matter() -> Select[Any]:
    """Find messages that say they were taken and not by whom, or the other way about."""
    message = tables.message
    wrong = (message.c.status == "matched") != message.c.matched_instance.is_not(None)
    return select(message.c.id.label("message"), message.c.status).where(wrong)


def _numbers() -> Select[Any]:
    """Find numbers that two matters bear."""
    number = tables.process_instance.c.number
    return select(number, func.count().label("times")).where(number != "").group_by(number).having(func.count() > 1)


def _sequence() -> Select[Any]:
    """Find matters whose history has not as many events as their chain, or not numbered from one on."""
    instance, event = tables.process_instance, every_event
    events, last = func.count(event.c.id), func.coalesce(func.max(event.c.seq), 0)
    return (
        select(instance.c.id.label("matter"), instance.c.chain_seq, events.label("events"), last.label("last"))
        .outerjoin(event, event.c.instance_id == instance.c.id)
        .group_by(instance.c.id, instance.c.chain_seq)
        .having(or_(events != instance.c.chain_seq, last != instance.c.chain_seq))
    )


def _settled_incidents() -> Select[Any]:
    """Find incidents that wait for an operator although their job has gone on."""
    incident, job = tables.incident, tables.job
    return (
        select(incident.c.id.label("incident"), incident.c.job_id.label("job"))
        .outerjoin(job, job.c.id == incident.c.job_id)
        .where(incident.c.resolved_at.is_(None), incident.c.job_id.is_not(None), job.c.id.is_(None))
    )


RULES: dict[str, Callable[[], Select[Any]]] = {
    "completed once": lambda: _completions(tables.user_task, tables.history_event),
    "completed once (archive)": lambda: _completions(tables.archived_task, tables.archived_event),
    "wholly at work or in the archive": _divided,
    "nothing open after the end (task)": lambda: _open_after_end(tables.user_task, tables.user_task.c.status == "open"),
    "nothing open after the end (job)": lambda: _open_after_end(
        tables.job, tables.job.c.kind.in_(("timer", "connector", "light"))
    ),
    "nothing open after the end (subscription)": lambda: _open_after_end(tables.subscription),
    "ended at an instant": _ends,
    "access follows the task": _access_of_others,
    "an assigned task is in a worklist": _access_missing,
    "a lease has holder and end": _leases,
    "one effect per outbox key": lambda: _twice(tables.outbox.c.dedupe_key),
    "one effect per notice key": lambda: _twice(tables.notice.c.dedupe_key),
    "one job per key": lambda: _twice(tables.job.c.dedupe_key),
    "one light to come": _lights,
    "a message is taken by a matter": _matched_without_matter,
    "one number per matter": _numbers,
    "history is counted": _sequence,
    "an incident has its job": _settled_incidents,
}
