"""A task as its page shows it: what it is, what to decide, until when, what happens next, and why it is here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from engine.access import S3, find_task, may_see
from engine.actor import Held, role_principal
from engine.command import Context
from engine.deadlines import Due, ExtensionRefusedError, latest_extension
from engine.directory import leading
from engine.form_context import actor_context, matter_context, task_context
from engine.model import Comment, Person, ProcessInstance, UserTask
from engine.prepared import Prepared
from engine.queries.acts import task_acts
from engine.queries.decisions import decisions_of
from engine.queries.forms import find_draft, forms_by_id, newest_form
from engine.queries.next_steps import Place, calls_around, next_steps
from engine.queries.rows import in_words, names_of, steps_of, task_row
from engine.queries.views import CommentView, ExtensionView, FormView, TaskFormView, TaskRow, TaskView
from engine.tokens.definition import Node


@dataclass(frozen=True)
class FindTask:
    """Everything the page of a task needs; raises UserTaskNotFoundError for unknown and forbidden ones alike.

    Of a restricted matter (S3) a candidate sees number, status, due and light until he has claimed the task.
    """

    task_id: int

    def execute(self, context: Context) -> TaskView:
        """Read the task, its matter, its node and what is known."""
        task = find_task(context.session, context.actor, context.directory, self.task_id)
        ((*found,),) = _MATTER.rows(context.session.connection(), {"instance": task.instance_id})
        matter = _Matter(*found)
        process = context.catalog.process_of(task.definition_id)
        node = process.nodes[task.node_id]
        masked = _masked(context, task)
        acts = task_acts(context, task, matter.status, node, leads=_leads(context, task))
        known: Mapping[str, Any] = {} if masked else context.variables_of(task)
        calls = calls_around(context, matter.state or {}, task.token)
        place = Place(process, task.unit_code, known, calls)
        following = () if masked or task.status != "open" else next_steps(context, place, node.id)
        mine = task.assignee == context.actor.person_id
        return TaskView(
            row=_row(context, task, masked=masked, suspended=matter.status == "suspended"),
            form=None if masked else _form(context, task),
            variables={}
            if masked
            else _variables(context, known, matter, task) | {"decisions": decisions_of(context, matter.id, process)},
            read_only=not acts["complete"].allowed,
            draft=find_draft(context, f"task:{task.id}") if mine and task.status == "open" else None,
            acts=acts,
            next=following,
            why="" if masked else _why(context, task, node),
            row_version=task.row_version,
            node_id=node.id,
            submit_label=acts["complete"].label,
            documentation="" if masked else node.documentation,
            submission=None if masked else task.submission,
            comments=() if masked else comments_of(context, task.instance_id),
            matter_status=matter.status,
            completed_by_name=names_of(context, [task.completed_by]).get(task.completed_by or "", ""),
            extension=_extension(context, task) if acts["extension"].allowed else None,
        )


class _Matter(NamedTuple):
    """What the page of a task needs of its matter."""

    id: int
    number: str | None
    title: str | None
    unit_code: str
    sensitivity: int
    started_by: str
    started_at: datetime
    status: str
    state: Mapping[str, Any] | None


_MATTER = Prepared(
    select(*(getattr(ProcessInstance, name) for name in _Matter._fields)).where(
        ProcessInstance.id == bindparam("instance")
    )
)


@dataclass(frozen=True)
class FindTaskForm:
    """The form of a task, to read what was typed into it; raises UserTaskNotFoundError like FindTask."""

    task_id: int

    def execute(self, context: Context) -> TaskFormView:
        """Read the task; of a restricted matter only somebody who may open it is told."""
        task = find_task(context.session, context.actor, context.directory, self.task_id)
        if _masked(context, task):
            return TaskFormView(task.instance_id, "", None)
        return TaskFormView(task.instance_id, task.name, _form(context, task))


def _masked(context: Context, task: UserTask) -> bool:
    """Tell whether only number, status, due and light of a restricted task are shown."""
    seen = task.sensitivity < S3 or may_see(context.session, context.actor, context.directory, task.instance_id)
    return not seen


def comments_of(context: Context, instance_id: int) -> tuple[CommentView, ...]:
    """Return the remarks on a matter, oldest first."""
    rows = _COMMENTS.rows(context.session.connection(), {"instance": instance_id})
    steps = steps_of(context, (task_id for *_, task_id in rows))
    return tuple(
        CommentView(
            id_,
            person,
            name or person,
            context.directory.unit_name(unit),
            text,
            at,
            steps.get(task_id or 0, ("", ""))[0],
        )
        for id_, person, name, unit, text, at, task_id in rows
    )


_COMMENTS = Prepared(
    select(Comment.id, Comment.person_id, Person.name, Person.unit_code, Comment.text, Comment.at, Comment.task_id)
    .outerjoin(Person, Person.id == Comment.person_id)
    .where(Comment.instance_id == bindparam("instance"))
    .order_by(Comment.id)
)


def _row(context: Context, task: UserTask, *, masked: bool, suspended: bool) -> TaskRow:
    people = [task.assignee, *(principal[2:] for principal in task.candidates or () if principal.startswith("p:"))]
    return task_row(task, context, names_of(context, people), mask=masked, suspended=suspended)


def _form(context: Context, task: UserTask) -> FormView | None:
    """Return the version the task was completed with or is bound to, else the newest."""
    bound = forms_by_id(context, [task.form_id]).get(task.form_id or 0)
    return bound or newest_form(context, task.form_key)


def _variables(context: Context, known: Mapping[str, Any], matter: _Matter, task: UserTask) -> dict[str, Any]:
    return {
        **known,
        "matter": matter_context(matter, context.directory),
        "actor": actor_context(context.actor, context.directory),
        "task": task_context(task),
    }


def _leads(context: Context, task: UserTask) -> bool:
    """Tell whether the actor leads the unit of one of the task's roles and may therefore assign it."""
    leads = set(leading(context.directory))
    units = {principal.partition("@")[2] for principal in task.candidates or () if principal.startswith("r:")}
    return any(held.role in leads and held.unit_code in units for held in context.actor.positions)


def _why(context: Context, task: UserTask, node: Node) -> str:
    """Explain in Chinese why the actor has or may have the task."""
    lane = f"（流程图中的“{node.lane}”）" if node.lane else ""
    fitting = [
        held
        for held in context.actor.positions
        if role_principal(held.role, held.unit_code) in set(task.candidates or ())
    ]
    if fitting:
        return f"“{task.name}”{lane}由{_role(context, fitting[0])}办理，您担任这一岗位{_acting(fitting[0])}。"
    if task.assignee == context.actor.person_id:
        return f"“{task.name}”{lane}指定由您本人办理。"
    people = [principal[2:] for principal in task.candidates or () if principal.startswith("p:")]
    told = in_words(task.candidates or (), context, names_of(context, [*people, task.assignee]))
    return f"“{task.name}”{lane}由{told or '指定人员'}办理；您可以查看。"


def _role(context: Context, held: Held) -> str:
    return f"{context.directory.unit_name(held.unit_code)}“{context.directory.role_name(held.role)}”"


def _acting(held: Held) -> str:
    return f"（代 {held.acting_for_name}）" if held.acting_for_name else ""


def _extension(context: Context, task: UserTask) -> ExtensionView | None:
    """Return what an extension may be, or None where the rule allows none."""
    row = context.deadlines.find(task.deadline_code or "")
    assert task.due_at is not None
    due = Due(row.code, task.due_at, task.legal_due_at, row.limit.kind, row.statutory, "")
    used = task.extensions_used or 0
    try:
        latest = latest_extension(context.deadlines, due, used)
    except ExtensionRefusedError:
        return None
    assert row.extension is not None
    approver = context.directory.role_name(row.extension.approver or "")
    return ExtensionView(latest, used, row.extension.times, approver)
