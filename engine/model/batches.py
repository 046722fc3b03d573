"""Migration of running matters: a batch, and what was done to each matter, so that it can be undone."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, Big, Json


class MigrationBatch(Base):
    """Matters going over from one version of a procedure to another in the background.

    `plan` holds the mapping of nodes and flows and what becomes of timers and due dates; status is running, paused,
    done or undone.
    """

    __tablename__ = "migration_batch"

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    key: Mapped[str] = mapped_column(index=True)
    from_version: Mapped[int]
    to_version: Mapped[int]
    plan: Mapped[dict[str, Any]] = mapped_column(Json)
    reason: Mapped[str]
    status: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class MigrationItem(Base):
    """One matter of a batch; status is waiting, moved, refused or undone, `before` and `after` the full record."""

    __tablename__ = "migration_item"
    __table_args__ = (Index(None, "batch_id", "status", "instance_id"),)

    batch_id: Mapped[int] = mapped_column(ForeignKey("migration_batch.id"), primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    status: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)
    after: Mapped[dict[str, Any] | None] = mapped_column(Json)
