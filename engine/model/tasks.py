"""User tasks: the rows of the worklist, who may act on them, what was typed, what was said and attached."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, Big, Json

# Tasks without a due date sort last; a date instead of NULL, so that one index walk serves all.
NEVER = datetime(9999, 12, 31, tzinfo=UTC)


class UserTask(Base):
    """Work that waits for a person, or waited; what was filed stays on the row."""

    __tablename__ = "user_task"
    __table_args__ = (
        Index(None, "instance_id", "status"),
        Index("ix_user_task_completed_by", "completed_by", "completed_at", "id"),
        # Reports count along it: open tasks lie among all that was filed.
        Index(
            "ix_user_task_open",
            "id",
            "instance_id",
            "unit_code",
            "light",
            "due_at",
            "assignee",
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    token: Mapped[str]
    node_id: Mapped[str]
    definition_id: Mapped[int]
    process_key: Mapped[str]
    process_title: Mapped[str]
    name: Mapped[str]
    number: Mapped[str]
    title: Mapped[str]
    unit_code: Mapped[str]
    sensitivity: Mapped[int]
    priority: Mapped[str] = mapped_column(default="")
    assignee: Mapped[str | None]
    candidates: Mapped[list[str]] = mapped_column(Json)
    form_key: Mapped[str | None]
    form_id: Mapped[int | None]
    status: Mapped[str]
    row_version: Mapped[int]
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    legal_due_at: Mapped[datetime | None]
    deadline_code: Mapped[str | None]
    light: Mapped[int] = mapped_column(default=0)
    completed_at: Mapped[datetime | None]
    completed_by: Mapped[str | None]
    submission: Mapped[dict[str, Any] | None] = mapped_column(Json)
    completion_key: Mapped[str | None]
    completion_answer: Mapped[dict[str, Any] | None] = mapped_column(Json)
    extensions_used: Mapped[int] = mapped_column(default=0)


class TaskAccess(Base):
    """One row per person or role and unit that may act on an open task; lists and counts walk its index."""

    __tablename__ = "task_access"
    __table_args__ = (Index("ix_task_access_walk", "principal", "status", "due_at", "task_id"), Index(None, "task_id"))

    principal: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("user_task.id"), primary_key=True)
    status: Mapped[str]
    due_at: Mapped[datetime | None]


class TaskDraft(Base):
    """What somebody typed into a form and has not submitted; key is `task:12` or `start:<procedure>`."""

    __tablename__ = "task_draft"

    person_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    values: Mapped[dict[str, Any]] = mapped_column(Json)
    saved_at: Mapped[datetime]


class Comment(Base):
    """A remark on a matter."""

    __tablename__ = "comment"

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), index=True)
    task_id: Mapped[int | None]
    person_id: Mapped[str]
    text: Mapped[str]
    at: Mapped[datetime]


class Attachment(Base):
    """A file of a matter; its content lies in the file store by its hash."""

    __tablename__ = "attachment"

    id: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("process_instance.id"), index=True)
    task_id: Mapped[int | None]
    field: Mapped[str] = mapped_column(default="")
    name: Mapped[str]
    size: Mapped[int] = mapped_column(Big)
    content_type: Mapped[str]
    sha256: Mapped[str]
    sm3: Mapped[str]
    category: Mapped[str] = mapped_column(default="")
    uploaded_by: Mapped[str]
    at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class DeadlineChange(Base):
    """A due date that was moved: the old one is kept; the task may be in the archive by now."""

    __tablename__ = "deadline_change"

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    task_id: Mapped[int] = mapped_column(Big, index=True)
    old_due: Mapped[datetime | None]
    new_due: Mapped[datetime]
    reason: Mapped[str]
    asked_by: Mapped[str]
    approved_by: Mapped[str]
    at: Mapped[datetime]
