"""Save draft: what somebody typed is kept for him alone until he submits it or throws it away."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from engine.access import find_task, require_visible
from engine.command import Context
from engine.errors import InvalidError, NotTheAssigneeError, TaskNotOpenError
from engine.model import TaskDraft
from engine.text import check_text

LARGEST = 500_000
_KEY = re.compile(r"(task|start|act):([A-Za-z0-9_.\-]{1,80})(?::([A-Za-z0-9_.\-]{1,200}))?")


class DraftKeyError(InvalidError):
    """A draft's key is not `task:<id>`, `start:<procedure>` or `act:<matter>:<node>`."""

    words = "无法识别草稿。"


class DraftTooLargeError(InvalidError):
    """A draft holds more than is kept."""

    words = "内容过多，草稿没有保存。"


@dataclass(frozen=True)
class SaveDraft:
    """Keep what the actor typed, in place of what was kept before.

    `key` is `task:12`, `start:lead` (a procedure) or `act:7:Start_Withdraw` (an act of a matter). Values are kept as
    they are; they are checked when submitted.
    """

    key: str
    values: Mapping[str, Any]

    def execute(self, context: Context) -> None:
        """Update or insert the actor's draft."""
        check_draft_key(context, self.key)
        check_text(self.values, "草稿")
        if len(json.dumps(self.values, ensure_ascii=False)) > LARGEST:
            raise DraftTooLargeError
        own = _own(context, self.key)
        kept = {"values": dict(self.values), "saved_at": context.now}
        known = context.session.execute(select(TaskDraft.key).where(*own).with_for_update()).first()
        if known is None:
            row = {"person_id": context.actor.person_id, "key": self.key, **kept}
            context.session.execute(insert(TaskDraft).values(row))
        else:
            context.session.execute(update(TaskDraft).where(*own).values(kept))


@dataclass(frozen=True)
class DiscardDraft:
    """Throw the actor's draft away."""

    key: str

    def execute(self, context: Context) -> None:
        """Delete it, if there is one."""
        check_text(self.key, "草稿")
        context.session.execute(delete(TaskDraft).where(*_own(context, self.key)))


def check_draft_key(context: Context, key: str) -> None:
    """Raise unless a draft with this key is one the actor may keep."""
    match = _KEY.fullmatch(key)
    if match is None:
        raise DraftKeyError
    kind, subject, node = match.groups()
    if kind == "task":
        _check_task(context, subject)
    elif kind == "act":
        if node is None or not subject.isdigit() or len(subject) > 18:
            raise DraftKeyError
        require_visible(context.session, context.actor, context.directory, int(subject))


def _check_task(context: Context, subject: str) -> None:
    if not subject.isdigit() or len(subject) > 18:
        raise DraftKeyError
    task = find_task(context.session, context.actor, context.directory, int(subject))
    if task.assignee != context.actor.person_id:
        raise NotTheAssigneeError(task_id=task.id)
    if task.status != "open":
        raise TaskNotOpenError(task_id=task.id)


def _own(context: Context, key: str) -> tuple[Any, ...]:
    return (TaskDraft.person_id == context.actor.person_id, TaskDraft.key == key)
