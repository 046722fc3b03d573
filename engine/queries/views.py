"""What queries about tasks and starting answer with: frozen records of plain values, never a mapped object."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.deadlines import Light
from engine.forms import Form

SENSITIVITY_NAMES = ("公开", "内部", "敏感", "受限")
MASKED_TITLE = "受限事项"


@dataclass(frozen=True)
class Act:
    """One thing the actor might do: whether it is allowed now and, if not, why not in Chinese.

    `name` is claim, unclaim, complete, save_draft, transfer, comment, attach, extension or trigger; `node_id` is
    the address of an act of the matter (更多操作, engine.execution.by_hand.Place), `form_key` the form it opens.
    """

    name: str
    label: str
    allowed: bool
    reason: str = ""
    node_id: str | None = None
    form_key: str | None = None


@dataclass(frozen=True)
class DueView:
    """How much time is left and which rule says so; `light` is the worst of the stored and the present one."""

    due_at: datetime | None = None
    legal_due_at: datetime | None = None
    light: Light = Light.GREEN
    time_left: str = ""
    code: str | None = None
    text: str = ""
    basis: str = ""
    what: str = ""


@dataclass(frozen=True)
class TaskRow:
    """A row of the worklist. In the tabs started and cc a row is a matter: `id` is None.

    Masked rows (S3) keep number, status, due and light only; the other texts are empty and `title` says so.
    `group` is overdue, today, week, later or none, by which lists are cut.
    """

    id: int | None
    instance_id: int
    number: str
    title: str
    step: str
    procedure_key: str
    procedure_title: str
    unit_code: str
    unit_name: str
    due: DueView
    priority: str
    sensitivity: int
    masked: bool
    status: str
    status_text: str
    assignee: str | None = None
    assignee_name: str = ""
    candidates_text: str = ""
    created_at: datetime | None = None
    claimed_at: datetime | None = None
    completed_at: datetime | None = None
    suspended: bool = False
    group: str = "none"

    @property
    def sensitivity_text(self) -> str:
        """Return `S2 敏感`."""
        return f"S{self.sensitivity} {SENSITIVITY_NAMES[self.sensitivity]}"


@dataclass(frozen=True)
class TaskPage:
    """One page of a list; `next_cursor` is None on the last one.

    `partial` where the list is longer than what was sorted: then only what is due first (done last) stands in order.
    """

    rows: tuple[TaskRow, ...]
    next_cursor: str | None
    partial: bool = False


@dataclass(frozen=True)
class NextStep:
    """A step that may follow: its name, who would get it, and the label of the branch that leads there."""

    name: str
    who: str
    branch: str = ""


@dataclass(frozen=True)
class FormView:
    """A form as deployed: its key `<procedure>/<form>`, version and form-js schema, and what it was compiled to."""

    key: str
    version: int
    schema: Mapping[str, Any]
    form: Form


@dataclass(frozen=True)
class TaskFormView:
    """The form of a task, the matter it belongs to, and the name of the step."""

    instance_id: int
    step: str
    form: FormView | None


@dataclass(frozen=True)
class Draft:
    """What somebody typed and has not submitted."""

    values: Mapping[str, Any]
    saved_at: datetime


@dataclass(frozen=True)
class CommentView:
    """A remark on a matter."""

    id: int
    person_id: str
    person_name: str
    unit_name: str
    text: str
    at: datetime
    step: str = ""


@dataclass(frozen=True)
class TaskView:
    """A task as its page shows it.

    `variables` are what the form may read (variables in sight, `matter`, `actor`, `task`); `read_only` is true unless
    the actor may submit; `submission` is what was filed when the task is completed. `form` is None for a manual task
    without one.
    """

    row: TaskRow
    form: FormView | None
    variables: Mapping[str, Any]
    read_only: bool
    draft: Draft | None
    acts: Mapping[str, Act]
    next: tuple[NextStep, ...]
    why: str
    row_version: int
    node_id: str
    submit_label: str
    documentation: str
    submission: Mapping[str, Any] | None
    comments: tuple[CommentView, ...]
    matter_status: str
    completed_by_name: str = ""
    extension: "ExtensionView | None" = None

    @property
    def id(self) -> int:
        """Return the id of the task."""
        assert self.row.id is not None
        return self.row.id


@dataclass(frozen=True)
class ExtensionView:
    """What an extension of this task's due date may be: the latest instant, how often, who approves."""

    latest: datetime
    used: int
    times: int
    approver: str


@dataclass(frozen=True)
class StartUnit:
    """A unit for which the actor may start a procedure."""

    code: str
    name: str


@dataclass(frozen=True)
class StartView:
    """A procedure to be started: its form, for which of the actor's units, and a draft if one was kept."""

    key: str
    title: str
    summary: str
    form: FormView | None
    variables: Mapping[str, Any]
    units: tuple[StartUnit, ...]
    draft: Draft | None
    submit_label: str = "提交"
    draft_key: str = ""


@dataclass(frozen=True)
class Startable:
    """A procedure the actor may start by hand."""

    key: str
    title: str
    group: str
    summary: str
    code: str
