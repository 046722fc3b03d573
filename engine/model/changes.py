"""Proposals to change a procedure: what was drafted, frozen while it goes through its approval (P34)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, Big, Json


class ChangeProposal(Base):
    """One proposal; `files` are texts by path, `findings` what check and proof said, `changes` the comparison in words.

    Status is open, published or closed; `instance_id` is the matter of its approval.
    """

    __tablename__ = "change_proposal"

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    key: Mapped[str] = mapped_column(index=True)
    base_version: Mapped[int]
    files: Mapped[dict[str, str]] = mapped_column(Json)
    changes: Mapped[list[str]] = mapped_column(Json)
    findings: Mapped[list[str]] = mapped_column(Json)
    proof: Mapped[dict[str, Any] | None] = mapped_column(Json)
    status: Mapped[str]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("process_instance.id"), index=True)
    published_version: Mapped[int | None]


class Scenario(Base):
    """A run of a procedure somebody saved: what was done, and the way it took; replayed at each proposal."""

    __tablename__ = "scenario"

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    key: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
