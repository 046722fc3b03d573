"""Complete: the assignee submits the form of a task, and the matter goes on."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import bindparam, select, update

from engine.access import find_task
from engine.actor import ADMIN_ROLES
from engine.attachments import bind_files
from engine.command import Context
from engine.errors import (
    ConflictError,
    MatterSuspendedError,
    NotAllowedError,
    NotTheAssigneeError,
    StaleTaskError,
    TaskNotOpenError,
    UserTaskNotFoundError,
)
from engine.execution.answers import Completed, as_json, next_tasks, read_tasks
from engine.execution.applying import run_event
from engine.execution.filing import NOTHING_FILED, Filed, checked, keep_apart
from engine.execution.matter import MATTER_COLUMNS, Matter, adopt
from engine.execution.tasks import drop_waiting
from engine.form_context import actor_context, matter_context, task_context
from engine.handover import require_may_have
from engine.model import ProcessInstance, UserTask, Variable, tables
from engine.prepared import Prepared
from engine.text import check_text
from engine.tokens import variables_in_sight
from engine.tokens.definition import Node
from engine.tokens.events import Complete as TokenComplete

_TASK = (
    "id", "instance_id", "token", "node_id", "definition_id", "name", "assignee", "status", "row_version", "form_id",
    "created_at", "due_at", "legal_due_at", "deadline_code", "completed_by", "completion_key", "completion_answer",
)  # fmt: skip
_LOAD = Prepared(
    select(*(getattr(UserTask, name).label(f"t_{name}") for name in _TASK), *MATTER_COLUMNS)
    .join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
    .where(UserTask.id == bindparam("id"))
    .with_for_update()
)
_VARIABLES = Prepared(
    select(Variable.scope, Variable.name, Variable.value).where(
        Variable.instance_id == select(UserTask.instance_id).where(UserTask.id == bindparam("id")).scalar_subquery()
    )
)
_CLOSE = Prepared(
    update(tables.user_task)
    .where(tables.user_task.c.id == bindparam("b_id"), tables.user_task.c.status == "open")
    .values(
        {name: bindparam(f"v_{name}") for name in
         ("status", "completed_at", "completed_by", "submission", "completion_key", "completion_answer", "row_version")}
    )
)  # fmt: skip
_RULES = ("bihuan:notSameAs", "bihuan:excludeUnit", "bihuan:certified")


class DoneInOtherTransactionError(ConflictError):
    """Two submissions of one task met; the other was first."""

    words = TaskNotOpenError.words


@dataclass(frozen=True)
class _Task:
    """The row of the task as locked."""

    id: int
    instance_id: int
    token: str
    node_id: str
    definition_id: int
    name: str
    assignee: str | None
    status: str
    row_version: int
    form_id: int | None
    created_at: Any
    due_at: Any
    legal_due_at: Any
    deadline_code: str | None
    completed_by: str | None
    completion_key: str | None
    completion_answer: dict[str, Any] | None


@dataclass(frozen=True)
class CompleteTask:
    """Submit `values` for a task; the same person with the same `idempotency_key` gets the first answer again.

    `row_version` is that of the page the values were typed into. Raises UserTaskNotFoundError, NotTheAssigneeError,
    TaskNotOpenError, StaleTaskError, MatterSuspendedError, SeparationOfDutiesError, InvalidSubmissionError (fields).
    """

    task_id: int
    values: Mapping[str, Any]
    row_version: int | None = None
    idempotency_key: str | None = None

    def execute(self, context: Context) -> Completed:
        """Check everything in the transaction that completes."""
        check_text(self.values, "表单")
        found, variables = _LOAD.rows_with(_VARIABLES, context.session.connection(), {"id": self.task_id})
        if not found:
            raise UserTaskNotFoundError(task_id=self.task_id)
        task = _Task(*found[0][: len(_TASK)])
        if self._repeated(context, task):
            kept = task.completion_answer or {}
            return Completed(task.id, task.instance_id, read_tasks(kept), finished=bool(kept.get("finished")))
        self._require(context, task)
        matter = adopt(context, found[0][len(_TASK) :], variables)
        node = context.catalog.process_of(task.definition_id).nodes[task.node_id]
        _require_running(matter, node)
        _require_duties(context, task, node)
        filed = self._filed(context, task, matter)
        context.record("task completed", matter.id, task.id, subject=task.node_id, step=task.name)
        outcome = run_event(context, matter, TokenComplete(task.token, filed.variables))
        answer = Completed(task.id, matter.id, next_tasks(context, outcome.opened), outcome.finished)
        self._close(context, task, filed.values, answer)
        return answer

    def _repeated(self, context: Context, task: _Task) -> bool:
        """Tell whether this is a client asking again, perhaps after a time-out: it gets the first answer again."""
        same_person = task.completed_by == context.actor.person_id
        return bool(self.idempotency_key) and same_person and task.completion_key == self.idempotency_key

    def _require(self, context: Context, task: _Task) -> None:
        if task.assignee != context.actor.person_id:
            find_task(context.session, context.actor, context.directory, task.id)
            if task.status != "open":
                raise TaskNotOpenError(task_id=task.id)
            raise NotTheAssigneeError(task_id=task.id)
        if task.status != "open":
            raise TaskNotOpenError(task_id=task.id)
        if self.row_version is not None and self.row_version != task.row_version:
            raise StaleTaskError(task_id=task.id)

    def _filed(self, context: Context, task: _Task, matter: Matter) -> Filed:
        """Return what of the submission is true; raises InvalidSubmissionError with the fields at fault."""
        if task.form_id is None:
            return NOTHING_FILED
        form = context.catalog.form(task.form_id).form
        variables = variables_in_sight(matter.state, task.token)
        variables |= {
            "matter": matter_context(matter, context.directory),
            "actor": actor_context(context.actor, context.directory),
            "task": task_context(task),
        }
        filed = checked(context, form, self.values, variables, matter.id)
        keep_apart(context, matter.id, filed.vault)
        bind_files(context, filed.values, matter.id, task.id)
        return filed

    def _close(self, context: Context, task: _Task, filed: dict[str, Any], answer: Completed) -> None:
        values = {
            "b_id": task.id, "v_status": "completed", "v_completed_at": context.now,
            "v_completed_by": context.actor.person_id, "v_submission": filed, "v_completion_key": self.idempotency_key,
            "v_completion_answer": as_json(answer), "v_row_version": task.row_version + 1,
        }  # fmt: skip
        _CLOSE.write(
            context.session.connection(), [values], instead=partial(DoneInOtherTransactionError, task_id=task.id)
        )
        drop_waiting(context, [task.id])


def _require_running(matter: Matter, node: Node) -> None:
    if matter.status == "suspended" and node.extensions.property("whileSuspended") != "true":
        raise MatterSuspendedError(instance_id=matter.id)


def _require_duties(context: Context, task: _Task, node: Node) -> None:
    """Check separation of duties again: what was allowed at the claim may not be any more."""
    matter = context.matters[task.instance_id]
    if matter.sensitivity >= 2 and context.actor.roles & ADMIN_ROLES:
        raise NotAllowedError(reason="管理员不接触事项内容。")
    if any(name in node.extensions.properties for name in _RULES):
        row = context.session.get(UserTask, task.id)
        assert row is not None
        require_may_have(context, row, context.actor.person_id)
