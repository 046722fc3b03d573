"""Work for workers, and what waits for an operator."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, Big, Json


class Job(Base):
    """Work for a worker: a timer, a light, a connector call, a notification, a message or signal to deliver."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_due", "priority", "due_at", "id"),
        Index(None, "instance_id"),
        Index(None, "task_id"),
    )

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    kind: Mapped[str]
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("process_instance.id"))
    task_id: Mapped[int | None]
    token: Mapped[str | None]
    catcher: Mapped[str | None]
    event_index: Mapped[int | None]
    topic: Mapped[str | None]
    due_at: Mapped[datetime | None]
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    priority: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    retries: Mapped[int] = mapped_column(default=3)
    lease_until: Mapped[datetime | None]
    lease_by: Mapped[str | None]
    last_error: Mapped[str | None]
    dedupe_key: Mapped[str | None] = mapped_column(unique=True)


class WorkerHeartbeat(Base):
    """When a worker was last seen; removed when it ends in order."""

    __tablename__ = "worker_heartbeat"

    worker: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]


class Incident(Base):
    """A token or job that cannot go on without an operator."""

    __tablename__ = "incident"

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("process_instance.id"), index=True)
    job_id: Mapped[int | None]
    token: Mapped[str | None]
    node_id: Mapped[str | None]
    kind: Mapped[str]
    message: Mapped[str]
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]


class Message(Base):
    """A message from outside or from another matter: stored first, matched then."""

    __tablename__ = "message"
    __table_args__ = (Index(None, "name", "status"), Index(None, "status", "expires_at"))

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    name: Mapped[str]
    correlation: Mapped[str | None]
    variables: Mapped[dict[str, Any]] = mapped_column(Json)
    status: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    matched_instance: Mapped[int | None]


class Subscription(Base):
    """What an instance waits for: an index over its tokens."""

    __tablename__ = "subscription"
    __table_args__ = (
        Index(
            "ix_subscription_waiting", "kind", "name", "correlation", "instance_id", "owner", "catcher", "event_index"
        ),
    )

    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    owner: Mapped[str] = mapped_column(primary_key=True)
    catcher: Mapped[str] = mapped_column(primary_key=True)
    event_index: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    correlation: Mapped[str | None]
    process_key: Mapped[str]


class Notice(Base):
    """An in-app notice to one person."""

    __tablename__ = "notice"
    __table_args__ = (Index(None, "person_id", "read_at", "id"), Index(None, "person_id", "id"))

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    instance_id: Mapped[int | None]
    task_id: Mapped[int | None]
    text: Mapped[str]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    dedupe_key: Mapped[str | None] = mapped_column(unique=True)


class Outbox(Base):
    """A message to leave by a channel; its id goes with it, so that it is delivered once."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "person_id",
            "created_at",
            sqlite_where=text("sent_at IS NULL"),
            postgresql_where=text("sent_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    channel: Mapped[str]
    person_id: Mapped[str | None]
    address: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    dedupe_key: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]


class Idempotency(Base):
    """The answer a request of a person was given, so that its repetition gets the same."""

    __tablename__ = "idempotency"

    person_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    result: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[datetime]


class Setting(Base):
    """A value the installation keeps: the example clock's offset, a version counter."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(Json)
