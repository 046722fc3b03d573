"""What queries about matters answer with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.queries.views import SENSITIVITY_NAMES, Act, CommentView, Draft, DueView, FormView, TaskRow


@dataclass(frozen=True)
class FiledTask:
    """What one step filed, with the form it was filed in."""

    task_id: int
    step: str
    completed_at: datetime
    completed_by: str
    completed_by_name: str
    unit_name: str
    form: FormView | None
    values: Mapping[str, Any]


@dataclass(frozen=True)
class ParticipantView:
    """Somebody who takes part in a matter, and as what."""

    person_id: str
    name: str
    unit_name: str
    kind: str
    kind_text: str
    since: datetime
    note: str = ""


@dataclass(frozen=True)
class LinkView:
    """A matter linked with this one; masked where the actor may not know more than its number."""

    instance_id: int
    number: str
    title: str
    procedure_title: str
    status_text: str
    kind: str
    direction: str
    masked: bool


@dataclass(frozen=True)
class MatterRow:
    """A matter in a list; masked like TaskRow."""

    id: int
    number: str
    title: str
    procedure_key: str
    procedure_title: str
    unit_code: str
    unit_name: str
    status: str
    status_text: str
    step: str
    due: DueView
    priority: str
    sensitivity: int
    masked: bool
    overdue: bool
    started_by_name: str
    started_at: datetime
    ended_at: datetime | None = None

    @property
    def sensitivity_text(self) -> str:
        """Return `S2 敏感`."""
        return f"S{self.sensitivity} {SENSITIVITY_NAMES[self.sensitivity]}"


@dataclass(frozen=True)
class MatterPage:
    """One page of matters; `partial` where only the newest of them stand in order."""

    rows: tuple[MatterRow, ...]
    next_cursor: str | None
    partial: bool = False


@dataclass(frozen=True)
class MatterView:
    """A matter with all that belongs to it (一事一档)."""

    row: MatterRow
    version: int
    retention: str
    documents: tuple[str, ...]
    tasks: tuple[TaskRow, ...]
    participants: tuple[ParticipantView, ...]
    filed: tuple[FiledTask, ...]
    links: tuple[LinkView, ...]
    acts: tuple[Act, ...]
    comments: tuple[CommentView, ...]
    starting: FiledTask | None = None


@dataclass(frozen=True)
class TriggerView:
    """The form of an act of the matter (更多操作) before it is done."""

    instance_id: int
    node_id: str
    label: str
    number: str
    form: FormView | None
    variables: Mapping[str, Any]
    draft: Draft | None
    draft_key: str


@dataclass(frozen=True)
class TimelineEntry:
    """One event of a matter's history in words; `kind` chooses the icon."""

    id: int
    at: datetime
    actor: str
    actor_name: str
    unit_name: str
    acting_for_name: str
    kind: str
    text: str
    details: Mapping[str, Any] = field(default_factory=dict)
    task_id: int | None = None


@dataclass(frozen=True)
class AttachmentView:
    """A file of a matter."""

    id: str
    instance_id: int | None
    task_id: int | None
    field: str | None
    name: str
    size: int
    content_type: str
    category: str | None
    sha256: str
    sm3: str
    uploaded_by: str
    uploaded_by_name: str
    at: datetime
    step: str = ""
    removable: bool = False


@dataclass(frozen=True)
class DiagramView:
    """A matter's diagram with the present steps, the path so far and, for readers without pictures, a list."""

    xml: str
    svg: str | None
    active: tuple[str, ...]
    passed_nodes: tuple[str, ...]
    passed_flows: tuple[str, ...]
    labels: Mapping[str, str]
    steps: tuple[tuple[str, str], ...] = ()
    title: str = ""
    version: int = 1
