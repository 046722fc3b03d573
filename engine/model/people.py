"""Units, people, positions and sessions (domain section 3)."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, Big


class Unit(Base):
    """A unit of the organisation; it has two parents, one for orders and one for business."""

    __tablename__ = "unit"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    short_name: Mapped[str] = mapped_column(default="")
    level: Mapped[int]
    admin_parent: Mapped[str | None]
    business_parent: Mapped[str | None]
    decision_authority: Mapped[str] = mapped_column(default="")
    doc_prefix: Mapped[str] = mapped_column(default="")
    legal_review_unit: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)


class Person(Base):
    """A person with a login."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"))
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    cert_no: Mapped[str] = mapped_column(default="")
    cert_valid_to: Mapped[date | None]
    active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str] = mapped_column(default="")
    must_change_password: Mapped[bool] = mapped_column(default=True)
    password_changed_at: Mapped[datetime | None]
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class PasswordHistory(Base):
    """A password somebody had before."""

    __tablename__ = "password_history"

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    password_hash: Mapped[str]
    at: Mapped[datetime]


class Position(Base):
    """A role that a person holds in a unit for a time, perhaps for somebody else (代)."""

    __tablename__ = "position"
    __table_args__ = (Index(None, "unit_code", "role"),)

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"))
    role: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    acting_for: Mapped[str | None] = mapped_column(ForeignKey("person.id"))


class DeployToken(Base):
    """What a desktop modeler shows instead of a password; only its hash is kept. `ended_at`: revoked or outlived."""

    __tablename__ = "deploy_token"

    id: Mapped[int] = mapped_column(Big, primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    label: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    last_ip: Mapped[str] = mapped_column(default="")


class LoginSession(Base):
    """A session on the server; only the hash of its token is kept."""

    __tablename__ = "login_session"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    client_ip: Mapped[str] = mapped_column(default="")
    user_agent: Mapped[str] = mapped_column(default="")
