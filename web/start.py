"""新建事项: what one may start, the start form with its draft, and the acts of a running matter (更多操作)."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.commands.process_instances import StartProcess, TriggerEvent
from engine.errors import ConflictError, InvalidError, InvalidSubmissionError, NotAllowedError
from engine.queries.starting import FindStartForm, FindTrigger, ListStartable
from engine.queries.views import StartView
from engine.task_actions.save_draft import SaveDraft
from web.asking import ask, forget_frame, idempotency_key, run, run_once, was_done
from web.errors import is_partial, status_of
from web.filling import Place, blank, new_key, submitted
from web.tasks import draft_saved, go, told_next

bp = Blueprint("start", __name__)
_KEPT = " 您填写的内容仍在本页。"


@bp.get("/start")
def index() -> str:
    """Show the procedures one may start."""
    rows = sorted(ask(ListStartable()), key=lambda one: (one.group, one.title))
    groups = [(name, list(some)) for name, some in groupby(rows, key=lambda one: one.group)]
    return render_template("start/index.html", groups=groups)


@bp.get("/start/<key>")
def form(key: str) -> str:
    """Show the start form, with the draft if one was kept."""
    return _start_page(_start_view(key))


@bp.post("/start/<key>")
def begin(key: str) -> Response | tuple[str, int]:
    """Start the matter."""
    view = _start_view(key)
    posted = submitted(view.form, Place())
    typed = posted.values
    if posted.redraw:
        return _start_page(view, typed), 200
    try:
        started = run(StartProcess(key, typed, request.form.get("unit_code", ""), idempotency_key()))
    except InvalidSubmissionError as refused:
        return _start_page(view, typed, errors=refused.fields), 422
    except (InvalidError, NotAllowedError, ConflictError) as refused:
        return _start_page(view, typed, stale=f"{refused}{_KEPT}"), status_of(refused)
    forget_frame()
    flash(f"已登记，编号 {started.number}。{told_next(started.tasks)}", "ok")
    mine = next((step for step in started.tasks if step.mine), None)
    if mine is not None:
        return go(url_for("tasks.show", task_id=mine.task_id))
    return go(url_for("matters.show", instance_id=started.instance_id))


@bp.post("/start/<key>/draft")
def draft(key: str) -> Response:
    """Keep what was typed."""
    view = _start_view(key)
    run(SaveDraft(view.draft_key or f"start:{key}", submitted(view.form, Place()).values))
    return draft_saved(url_for("start.form", key=key))


@bp.get("/matters/<int:instance_id>/acts/<node_id>")
def trigger(instance_id: int, node_id: str) -> str:
    """Show the form of an act of the matter, such as 撤回 or 中止."""
    return _trigger_page(ask(FindTrigger(instance_id, node_id)))


@bp.post("/matters/<int:instance_id>/acts/<node_id>")
def do_trigger(instance_id: int, node_id: str) -> Response | tuple[str, int]:
    """Do it, once for each page of its form."""
    if was_done():
        flash("这一操作已办理。", "ok")
        return go(url_for("matters.show", instance_id=instance_id))
    view = ask(FindTrigger(instance_id, node_id))
    posted = submitted(view.form, Place(instance_id))
    typed = posted.values
    if posted.redraw:
        return _trigger_page(view, typed), 200
    try:
        run_once(TriggerEvent(instance_id, node_id, typed))
    except InvalidSubmissionError as refused:
        return _trigger_page(view, typed, errors=refused.fields), 422
    except (InvalidError, NotAllowedError, ConflictError) as refused:
        return _trigger_page(view, typed, stale=f"{refused}{_KEPT}"), status_of(refused)
    flash(f"“{view.label}”已办理。", "ok")
    return go(url_for("matters.show", instance_id=instance_id))


@bp.post("/matters/<int:instance_id>/acts/<node_id>/draft")
def trigger_draft(instance_id: int, node_id: str) -> Response:
    """Keep what was typed."""
    view = ask(FindTrigger(instance_id, node_id))
    run(SaveDraft(view.draft_key, submitted(view.form, Place(instance_id)).values))
    return draft_saved(url_for("start.trigger", instance_id=instance_id, node_id=node_id))


def _start_view(key: str) -> StartView:
    view: StartView = ask(FindStartForm(key, request.values.get("unit_code") or None))
    return view


def _start_page(
    view: StartView, typed: Mapping[str, Any] | None = None, errors: Mapping[str, Any] | None = None, stale: str = ""
) -> str:
    return _page(
        view,
        typed,
        errors,
        stale,
        heading=view.title,
        summary=view.summary,
        start_units=view.units,
        unit_code=request.values.get("unit_code", ""),
        submit_label=view.submit_label,
        draft_url=url_for("start.draft", key=view.key),
        back=url_for("start.index"),
    )


def _trigger_page(
    view: Any, typed: Mapping[str, Any] | None = None, errors: Mapping[str, Any] | None = None, stale: str = ""
) -> str:
    where = {"instance_id": view.instance_id, "node_id": view.node_id}
    return _page(
        view,
        typed,
        errors,
        stale,
        matter=view.instance_id,
        heading=f"{view.label} · {view.number}",
        summary="",
        start_units=(),
        submit_label=view.label,
        draft_url=url_for("start.trigger_draft", **where),
        back=url_for("matters.show", instance_id=view.instance_id),
    )


def _page(
    view: Any,
    typed: Mapping[str, Any] | None,
    errors: Mapping[str, Any] | None,
    stale: str,
    matter: int | None = None,
    **more: Any,
) -> str:
    """Draw a form that begins something; htmx gets the form only."""
    kept = typed if typed is not None else view.draft.values if view.draft else None
    sheet = blank(view.form, view.variables, Place(matter), kept, errors)
    template = "start/_form.html" if is_partial() else "start/form.html"
    key = idempotency_key() or new_key()
    return render_template(template, sheet=sheet, stale=stale, draft=view.draft, idempotency=key, **more)
