"""What people are told after they started or completed something: who is next."""

from dataclasses import dataclass
from typing import Any

from engine.actor import person_principal
from engine.command import Context
from engine.execution.tasks import Opened


@dataclass(frozen=True)
class NextTask:
    """A task that is open now: `who` in words, `mine` if the actor has it or may claim it."""

    task_id: int
    name: str
    who: str
    mine: bool


@dataclass(frozen=True)
class Started:
    """A matter that began."""

    instance_id: int
    number: str
    tasks: tuple[NextTask, ...] = ()


@dataclass(frozen=True)
class Completed:
    """A task that is done, what is open instead, and whether the matter has ended."""

    task_id: int
    instance_id: int
    next: tuple[NextTask, ...] = ()
    finished: bool = False


def next_tasks(context: Context, opened: list[Opened]) -> tuple[NextTask, ...]:
    """Return opened tasks as the actor sees them."""
    return tuple(_next(context, one) for one in opened)


def as_json(answer: Any) -> dict[str, Any]:
    """Return an answer so that it can be kept for a repeated request."""
    tasks: tuple[NextTask, ...] = getattr(answer, "tasks" if hasattr(answer, "tasks") else "next")
    rows = [{"task_id": one.task_id, "name": one.name, "who": one.who, "mine": one.mine} for one in tasks]
    return {"instance_id": answer.instance_id, "number": getattr(answer, "number", ""), "tasks": rows,
            "finished": getattr(answer, "finished", False)}  # fmt: skip


def read_tasks(kept: dict[str, Any]) -> tuple[NextTask, ...]:
    """Return the tasks of an answer that was kept."""
    return tuple(NextTask(**row) for row in kept.get("tasks", ()))


def _next(context: Context, opened: Opened) -> NextTask:
    mine = not context.actor.principals.isdisjoint(
        (person_principal(opened.assignee),) if opened.assignee else opened.candidates
    )
    directory = context.directory
    who = [directory.describe(one) for one in opened.candidates if one.startswith("r:")]
    return NextTask(
        opened.task_id, opened.name, "本人" if opened.assignee == context.actor.person_id else "、".join(who), mine
    )
