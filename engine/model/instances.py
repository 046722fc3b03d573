"""Matters: process instances, their variables, who takes part, what links them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, Big, Json
from engine.model.states import State


class ProcessInstance(Base):
    """One run of a procedure; its state is a small JSON value without variables.

    `archive_year` is the year it ended in, once its tasks, history and variables are in the archive.
    """

    __tablename__ = "process_instance"
    __table_args__ = (
        Index(None, "unit_code", "status"),
        Index(None, "definition_id", "status"),
        Index(None, "key", "id"),
        Index(None, "started_by", "started_at", "id"),
        Index(None, "started_at", "id"),
        Index(None, "key", "started_at", "id"),
        Index(None, "status", "started_at", "id"),
        Index(None, "unit_code", "started_at", "id"),
        Index(
            "ix_process_instance_overdue",
            "started_at",
            "id",
            sqlite_where=text("overdue = 1"),
            postgresql_where=text("overdue"),
        ),
        # Reports count along it and look at nothing else: what runs, and what ended within a time.
        Index(
            "ix_process_instance_counted",
            "ended_at",
            "key",
            "unit_code",
            "sensitivity",
            "overdue",
            "started_by",
            "started_at",
            "id",
        ),
        # What took very long, to tell what was open years ago without looking at all that has ended since.
        Index(
            "ix_process_instance_long",
            "ended_at",
            "started_at",
            "id",
            sqlite_where=text("julianday(ended_at) - julianday(started_at) > 89"),
            postgresql_where=text("ended_at - started_at > interval '89 days'"),
        ),
        Index(
            "ix_process_instance_to_archive",
            "ended_at",
            sqlite_where=text("ended_at IS NOT NULL AND archive_year IS NULL"),
            postgresql_where=text("ended_at IS NOT NULL AND archive_year IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("process_definition.id"))
    key: Mapped[str]
    number: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    status: Mapped[str]
    row_version: Mapped[int]
    state: Mapped[dict[str, Any]] = mapped_column(State)
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"))
    sensitivity: Mapped[int]
    priority: Mapped[str] = mapped_column(default="")
    started_by: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("process_instance.id"))
    chain_head: Mapped[str] = mapped_column(default="")
    chain_seq: Mapped[int] = mapped_column(default=0)
    overdue: Mapped[bool] = mapped_column(default=False)
    archive_year: Mapped[int | None]


class Variable(Base):
    """What a matter knows: one value of one scope."""

    __tablename__ = "variable"

    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(Json, nullable=True)


class Participant(Base):
    """Who takes part in a matter: starter, assignee, named on the access list, copied to (抄送)."""

    __tablename__ = "participant"
    __table_args__ = (Index(None, "person_id", "kind", "instance_id"),)

    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")


class MatterLink(Base):
    """A link between two matters."""

    __tablename__ = "matter_link"

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    from_instance: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), index=True)
    to_instance: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), index=True)
    kind: Mapped[str]
    at: Mapped[datetime]


class RegisterEntry(Base):
    """What one procedure lets others know: an assessment's number and validity, a ledger's row."""

    __tablename__ = "register_entry"
    __table_args__ = (Index(None, "register", "status"),)

    register: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[int | None]
    unit_code: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    updated_at: Mapped[datetime]


class NumberSequence(Base):
    """The last number given of a series."""

    __tablename__ = "number_sequence"

    name: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class VaultEntry(Base):
    """A reporter's identity (举报人信息), stored apart from the file (domain 2.6)."""

    __tablename__ = "vault_entry"

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), index=True)
    field: Mapped[str]
    value: Mapped[Any] = mapped_column(Json)
    at: Mapped[datetime]
