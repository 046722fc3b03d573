"""The task page: what is it, what do I decide, until when, what do I need to know, what happens next; and its acts."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from flask import Blueprint, Response, flash, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.errors import ConflictError, EngineError, InvalidError, InvalidSubmissionError, NotAllowedError
from engine.queries.attachments import ListAttachments
from engine.queries.matter import ListTimeline
from engine.queries.people import ListColleagues
from engine.queries.task import FindTask, FindTaskForm
from engine.queries.views import TaskFormView, TaskView
from engine.task_actions.claim import ClaimTask
from engine.task_actions.comment import AddComment
from engine.task_actions.complete import CompleteTask
from engine.task_actions.extension import RequestExtension
from engine.task_actions.save_draft import SaveDraft
from engine.task_actions.transfer import TransferTask
from engine.task_actions.unclaim import UnclaimTask
from web.asking import ask, forget_frame, idempotency_key, note_opening, one_view, run, run_once, whole_number
from web.errors import is_partial, refusal, status_of, wants_json, words_typed
from web.filling import Place, blank, filled, new_key, submitted
from web.filters import SHANGHAI, when

bp = Blueprint("tasks", __name__, url_prefix="/tasks")
_END_OF_DAY = time(23, 59, 59)
# How much of the history a task shows.
_NEWEST = 10


def task_context(
    task_id: int,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
    stale: str = "",
) -> dict[str, Any]:
    """Return everything the task page shows; `typed` wins over the draft, which wins over the variables."""
    with one_view():
        return _context(task_id, typed, errors, stale)


def _context(
    task_id: int, typed: Mapping[str, Any] | None, errors: Mapping[str, Sequence[str]] | None, stale: str
) -> dict[str, Any]:
    task: TaskView = ask(FindTask(task_id))
    matter = task.row.instance_id
    if task.submission is not None:
        sheet = filled(task.form, task.submission, matter)
    else:
        draft = task.draft.values if task.draft else None
        sheet = blank(task.form, task.variables, Place(matter, task_id), draft if typed is None else typed, errors)
    return {
        "task": task,
        "sheet": sheet,
        "stale": stale,
        "idempotency": idempotency_key() or new_key(),
        "timeline": () if task.row.masked else ask(ListTimeline(matter, newest=_NEWEST)),
        "attachments": () if task.row.masked else ask(ListAttachments(matter)),
        "triggers": [act for act in task.acts.values() if act.node_id],
    }


@bp.get("/<int:task_id>")
def show(task_id: int) -> str:
    """Show a task; htmx gets the pane only."""
    template = "tasks/_task.html" if is_partial() else "tasks/show.html"
    context = task_context(task_id)
    row = context["task"].row
    if not row.masked:
        note_opening(row.instance_id, row.sensitivity)
    return render_template(template, **context)


@bp.post("/<int:task_id>/claim")
def claim(task_id: int) -> AnyResponse:
    """Take the task."""
    run(ClaimTask(task_id))
    flash("已签收，由您办理。", "ok")
    return redirect(url_for("tasks.show", task_id=task_id), 303)


@bp.route("/<int:task_id>/unclaim", methods=["GET", "POST"])
def unclaim(task_id: int) -> str | AnyResponse | tuple[str, int]:
    """Give the task back to the group."""
    if request.method == "GET":
        return _act_page("unclaim", "退回待领", task_id)
    run_once(UnclaimTask(task_id, request.form.get("reason", "")))
    flash("任务已退回待领。", "ok")
    return redirect(url_for("worklist.index", tab="claimable"), 303)


@bp.route("/<int:task_id>/transfer", methods=["GET", "POST"])
def transfer(task_id: int) -> str | AnyResponse | tuple[str, int]:
    """Hand the task to a colleague who may have it."""
    if request.method == "POST":
        try:
            run_once(TransferTask(task_id, request.form.get("to_person", ""), request.form.get("reason", "")))
        except (InvalidError, NotAllowedError) as refused:
            return _transfer_page(task_id, refused)
        flash("任务已转交，对方会收到消息。", "ok")
        return redirect(url_for("worklist.index"), 303)
    return _transfer_page(task_id)


@bp.route("/<int:task_id>/extension", methods=["GET", "POST"])
def extension(task_id: int) -> str | AnyResponse | tuple[str, int]:
    """Ask for more time within the deadline's rule."""
    if request.method == "POST":
        try:
            done = request.form.get("done", "")
            run_once(
                RequestExtension(
                    task_id, _end_of(request.form.get("new_due", "")), request.form.get("reason", ""), done
                )
            )
        except (InvalidError, NotAllowedError, ConflictError) as refused:
            return _act_page("extension", "申请延期", task_id, refused)
        flash("延期申请已提交，批准前原期限继续有效。", "ok")
        return redirect(url_for("tasks.show", task_id=task_id), 303)
    return _act_page("extension", "申请延期", task_id)


@bp.post("/<int:task_id>/comment")
def comment(task_id: int) -> AnyResponse:
    """Add a remark."""
    task: TaskFormView = ask(FindTaskForm(task_id))
    run_once(AddComment(task.instance_id, task_id, request.form.get("text", "")))
    flash("意见已记入。", "ok")
    return redirect(url_for("tasks.show", task_id=task_id) + "#remarks", 303)


@bp.post("/<int:task_id>/draft")
def draft(task_id: int) -> AnyResponse:
    """Keep what was typed; the page's script calls this by itself, the button without one."""
    task: TaskFormView = ask(FindTaskForm(task_id))
    run(SaveDraft(f"task:{task_id}", submitted(task.form, Place(task.instance_id, task_id)).values))
    return draft_saved(url_for("tasks.show", task_id=task_id))


@bp.post("/<int:task_id>/complete")
def complete(task_id: int) -> AnyResponse | tuple[str, int]:
    """Submit; what is refused comes back with every value, the first field at fault in sight."""
    task: TaskFormView = ask(FindTaskForm(task_id))
    posted = submitted(task.form, Place(task.instance_id, task_id))
    typed = posted.values
    if posted.redraw:
        return _again(task_id, typed, 200)
    command = CompleteTask(task_id, typed, whole_number(request.form.get("row_version")) or 0, idempotency_key())
    try:
        done = run(command)
    except InvalidSubmissionError as refused:
        return _again(task_id, typed, 422, errors=refused.fields)
    except (ConflictError, NotAllowedError, InvalidError) as refused:
        return _again(task_id, typed, status_of(refused), stale=f"{refused}{_kept(refused)}")
    forget_frame()
    flash(_told(task.step, done), "ok")
    return go(_onwards(done))


def draft_saved(back: str) -> AnyResponse:
    """Answer that a draft was kept."""
    if wants_json():
        return jsonify({"saved": True, "text": f"草稿已保存 {when(g.now)}"})
    flash("草稿已保存，只有您自己可见。", "ok")
    return redirect(back, 303)


def go(target: str) -> AnyResponse:
    """Send the browser on, also when htmx asked."""
    if is_partial():
        return Response(status=204, headers={"HX-Redirect": target})
    return redirect(target, 303)


def _again(
    task_id: int, typed: Mapping[str, Any], status: int, errors: Mapping[str, Any] | None = None, stale: str = ""
) -> Response | tuple[str, int]:
    """Draw the form again with what was typed; where it may not be filled any more, show the words."""
    context = task_context(task_id, typed, errors, stale)
    if not is_partial():
        return render_template("tasks/show.html", kept=words_typed(), **context), status
    if context["task"].read_only:
        return refusal(status, stale)
    return render_template("tasks/_form.html", **context), status


def _kept(refused: EngineError) -> str:
    return "" if "保留" in str(refused) else " 您填写的内容仍在本页。"


def _told(step: str, done: Any) -> str:
    """Say what happened and who is next."""
    head = f"“{step}”已办结。"
    if done.next:
        return head + told_next(done.next)
    return head + ("事项已办结归档。" if done.finished else "")


def told_next(following: Sequence[Any]) -> str:
    """Say which steps are open now and who has them."""
    steps = [f"{step.name}（{step.who}）" if step.who else step.name for step in following]
    return f"下一步：{'；'.join(steps)}。" if steps else ""


def _onwards(done: Any) -> str:
    mine = next((step for step in done.next if step.mine), None)
    if mine is not None:
        return url_for("tasks.show", task_id=mine.task_id)
    return url_for("worklist.index")


def _transfer_page(task_id: int, refused: EngineError | None = None) -> str | tuple[str, int]:
    return _act_page("transfer", "转交同事", task_id, refused, colleagues=ask(ListColleagues(task_id)))


def _act_page(name: str, label: str, task_id: int, refused: EngineError | None = None, **more: Any) -> Any:
    """Draw the page of an act, with what was typed if it was refused."""
    page = render_template(
        f"tasks/{name}.html",
        task=ask(FindTask(task_id)),
        label=label,
        message=str(refused) if refused else "",
        typed={key: request.form.get(key, "") for key in ("to_person", "reason", "new_due", "done")},
        **more,
    )
    return (page, status_of(refused)) if refused else page


def _end_of(text: str) -> datetime:
    """Return the end of a day in Shanghai; a deadline in days ends with its last day."""
    try:
        return datetime.combine(date.fromisoformat(text), _END_OF_DAY, SHANGHAI)
    except ValueError as wrong:
        raise InvalidError(reason="请选择延期到哪一天。") from wrong
