"""消息: what the person was told, newest first; opening one marks it read."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import NotFoundError
from engine.queries.notices import ListNotices
from engine.task_actions.notices import MarkNoticesRead
from web.asking import ask, run, whole_number

bp = Blueprint("notices", __name__, url_prefix="/notices")
_PAGE = 50


@bp.get("")
def index() -> str:
    """Show one page of notices."""
    unread = request.args.get("unread") == "1"
    rows = ask(ListNotices(unread=unread, before=whole_number(request.args.get("before")), limit=_PAGE + 1))
    following = rows[_PAGE - 1].id if len(rows) > _PAGE else None
    return render_template("notices/index.html", rows=rows[:_PAGE], following=following, unread=unread)


@bp.post("/<int:notice_id>/open")
def open_one(notice_id: int) -> Response:
    """Mark a notice read and go to what it speaks of."""
    found = next((row for row in ask(ListNotices(before=notice_id + 1, limit=1)) if row.id == notice_id), None)
    if found is None:
        raise NotFoundError
    run(MarkNoticesRead((notice_id,)))
    if found.task_id is not None:
        return redirect(url_for("tasks.show", task_id=found.task_id), 303)
    if found.instance_id is not None:
        return redirect(url_for("matters.show", instance_id=found.instance_id), 303)
    return redirect(url_for("notices.index"), 303)


@bp.post("/read")
def read_all() -> Response:
    """Mark the notices shown on the page read."""
    numbers = [whole_number(text) for text in request.form.getlist("id")[:200]]
    run(MarkNoticesRead(tuple(number for number in numbers if number is not None)))
    flash("本页消息已标为已读。", "ok")
    return redirect(url_for("notices.index"), 303)
