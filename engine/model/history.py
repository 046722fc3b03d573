"""Who did what, when: append-only, hash-chained (domain 2.8)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, Big, Json


class HistoryEvent(Base):
    """One act on a matter; `hash` covers it and the one before."""

    __tablename__ = "history_event"
    __table_args__ = (UniqueConstraint("instance_id", "seq"),)

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    seq: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str]
    actor_name: Mapped[str]
    acting_for: Mapped[str | None]
    unit_code: Mapped[str]
    client_ip: Mapped[str]
    task_id: Mapped[int | None]
    action: Mapped[str]
    object: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(Json)
    previous_hash: Mapped[str]
    hash: Mapped[str]


class AuditEvent(Base):
    """One act outside matters: logins, rights, configuration; one chain for all."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    seq: Mapped[int] = mapped_column(unique=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    actor_name: Mapped[str]
    acting_for: Mapped[str | None]
    unit_code: Mapped[str]
    client_ip: Mapped[str]
    action: Mapped[str]
    object: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(Json)
    previous_hash: Mapped[str]
    hash: Mapped[str]


class Anchor(Base):
    """The heads of all chains that changed, hashed into a chain of its own and written outside the database too."""

    __tablename__ = "anchor"

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    at: Mapped[datetime]
    heads: Mapped[dict[str, Any]] = mapped_column(Json)
    previous_hash: Mapped[str]
    hash: Mapped[str]
