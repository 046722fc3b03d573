"""What queries of the office and of administrators answer with: procedures, people, incidents, notices, registers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.errors import Problem


@dataclass(frozen=True)
class ProcedureCard:
    """A procedure as its card shows it: newest version, running matters per version, and drafts kept."""

    key: str
    title: str
    code: str
    group: str
    summary: str
    version: int
    versions: tuple[int, ...]
    deployed_at: datetime
    deployed_by: str
    running: int
    running_by_version: Mapping[int, int]
    incidents: int
    callable_only: bool
    draft_id: int | None = None
    draft_saved_by: str | None = None
    draft_saved_at: datetime | None = None


@dataclass(frozen=True)
class DefinitionView:
    """One version of a procedure with all that belongs to it."""

    id: int
    key: str
    title: str
    version: int
    versions: tuple[int, ...]
    file: str
    xml: str
    svg: str | None
    procedure: Mapping[str, Any]
    deployed_at: datetime
    deployed_by: str
    running: int
    forms: tuple[str, ...]
    decisions: tuple[str, ...]
    draft_id: int | None = None
    draft_xml: str | None = None
    draft_row_version: int | None = None
    draft_base_version: int | None = None
    draft_saved_by: str | None = None
    draft_saved_at: datetime | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class PersonRow:
    """A person with unit and positions; for the directory and for the security administrator."""

    id: str
    name: str
    unit_code: str
    unit_name: str
    email: str
    phone: str
    cert_no: str
    cert_valid_to: date | None
    active: bool
    locked: bool
    positions: tuple["PositionRow", ...]


@dataclass(frozen=True)
class PositionRow:
    """A position: role in a unit, since when, until when, for whom."""

    id: int
    role: str
    role_name: str
    unit_code: str
    unit_name: str
    valid_from: date
    valid_to: date | None
    acting_for: str | None = None
    acting_for_name: str = ""


@dataclass(frozen=True)
class ColleagueView:
    """Somebody who may have a task, and why not where that is so."""

    id: str
    name: str
    unit_name: str
    roles_text: str
    allowed: bool = True
    reason: str = ""


@dataclass(frozen=True)
class IncidentView:
    """Work that waits for an operator; the number of the matter, never its content."""

    id: int
    instance_id: int | None
    number: str
    procedure_title: str
    step: str
    kind: str
    message: str
    created_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    attempts: int = 0


@dataclass(frozen=True)
class NoticeView:
    """A notice to the actor; `url_kind` is task or matter or empty."""

    id: int
    kind: str
    text: str
    instance_id: int | None
    task_id: int | None
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True)
class RegisterRow:
    """An entry of a register with the label shown in choices."""

    register: str
    key: str
    label: str
    instance_id: int | None
    unit_code: str
    unit_name: str
    status: str
    valid_from: datetime | None
    valid_until: datetime | None
    data: Mapping[str, Any]
    updated_at: datetime


@dataclass(frozen=True)
class SessionView:
    """A session of the actor: where from, since when; `present` marks the one that asks."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    client_ip: str
    user_agent: str
    present: bool
