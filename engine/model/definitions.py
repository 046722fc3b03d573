"""Definitions as deployed: written once, never changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, Big, Json


class Deployment(Base):
    """Definition files taken in together."""

    __tablename__ = "deployment"

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    source: Mapped[str]
    deployed_by: Mapped[str]
    deployed_at: Mapped[datetime]


class ProcessDefinition(Base):
    """One version of a procedure's diagram, with its procedure.toml."""

    __tablename__ = "process_definition"
    __table_args__ = (UniqueConstraint("key", "version"),)

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    key: Mapped[str]
    version: Mapped[int]
    hash: Mapped[str]
    file: Mapped[str]
    xml: Mapped[bytes] = mapped_column(LargeBinary)
    title: Mapped[str]
    procedure: Mapped[dict[str, Any]] = mapped_column(Json)
    executable: Mapped[bool]
    svg: Mapped[str | None]


class DecisionDefinition(Base):
    """One version of a decision; its key is the decision's id in the DMN file."""

    __tablename__ = "decision_definition"
    __table_args__ = (UniqueConstraint("key", "version"),)

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    key: Mapped[str]
    version: Mapped[int]
    hash: Mapped[str]
    file: Mapped[str]
    xml: Mapped[bytes] = mapped_column(LargeBinary)


class FormDefinition(Base):
    """One version of a form; its key is `<procedure>/<form>`."""

    __tablename__ = "form_definition"
    __table_args__ = (UniqueConstraint("key", "version"),)

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    key: Mapped[str]
    version: Mapped[int]
    hash: Mapped[str]
    schema: Mapped[dict[str, Any]] = mapped_column(Json)


class DefinitionDraft(Base):
    """A definition somebody is changing and has not published."""

    __tablename__ = "definition_draft"

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    content: Mapped[str]
    base_version: Mapped[int | None]
    row_version: Mapped[int]
    saved_by: Mapped[str]
    saved_at: Mapped[datetime]


class ConfigDocument(Base):
    """One version of a configuration file: roles, codes, calendar, deadlines, ladder, rules, channels."""

    __tablename__ = "config_document"
    __table_args__ = (UniqueConstraint("kind", "version"),)

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    kind: Mapped[str]
    version: Mapped[int]
    hash: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    deployed_at: Mapped[datetime]
