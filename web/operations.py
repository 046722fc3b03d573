"""系统: the people, what waits for an operator, and the clock of the example mode."""

from datetime import UTC, datetime, time, timedelta

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.commands.incidents import RetryIncident
from engine.commands.messages import MoveExampleClock
from engine.errors import InvalidError
from engine.queries.operations import ListIncidents
from engine.queries.people import ListPeople
from web.asking import ask, present, run
from web.auth import current_actor, requires_role
from web.filters import SHANGHAI, full, local

bp = Blueprint("operations", __name__, url_prefix="/system")
STEPS = (
    ("1h", "1 小时"),
    ("4h", "4 小时"),
    ("1d", "1 天"),
    ("7d", "7 天"),
    ("workday", "下一个工作日 9:00"),
)
_STEPS = {"1h": timedelta(hours=1), "4h": timedelta(hours=4), "1d": timedelta(days=1), "7d": timedelta(days=7)}
_OPENING = time(9)
_DAY_KINDS = {True: "工作日", False: "休息日"}


@bp.get("")
def index() -> Response:
    """Open the first page this administrator has."""
    endpoints = [endpoint for endpoint, _ in _sections()]
    if not endpoints:
        abort(404)
    return redirect(url_for(endpoints[0]))


@bp.get("/people")
@requires_role("sys_admin", "sec_admin")
def people() -> str:
    """Show people with their positions."""
    search = request.args.get("search", "").strip()[:60]
    found = ask(ListPeople(search=search))
    return render_template("system/people.html", people=found, search=search, sections=_sections())


@bp.get("/incidents")
@requires_role("sys_admin", "process_admin")
def incidents() -> str:
    """Show what the worker could not do."""
    return render_template("system/incidents.html", incidents=ask(ListIncidents()), sections=_sections())


@bp.post("/incidents/<int:incident_id>/retry")
@requires_role("sys_admin", "process_admin")
def retry(incident_id: int) -> Response:
    """Let the worker try again."""
    run(RetryIncident(incident_id))
    flash("已重新排队，结果稍后可见。", "ok")
    return redirect(url_for("operations.incidents"), 303)


@bp.get("/clock")
def clock() -> str:
    """Show the system's time; in the example mode with the buttons that move it."""
    example = current_app.config["EXAMPLE"]
    now, calendar = present()
    kind = _DAY_KINDS[calendar.is_workday(local(now).date())]
    sections = _sections() or (("operations.clock", "示例时钟"),)
    return render_template(
        "system/clock.html",
        example=example and "sys_admin" in current_actor().roles,
        day_kind=kind,
        steps=STEPS,
        sections=sections,
    )


@bp.post("/clock")
@requires_role("sys_admin")
def move_clock() -> Response:
    """Move the example's clock forward."""
    if not current_app.config["EXAMPLE"]:
        abort(404)
    run(MoveExampleClock(_target(request.form.get("step", ""))))
    now, _ = present()
    flash(f"系统时间已拨到 {full(now)}。后台正在补做到期的事，稍候刷新即可看到。", "ok")
    return redirect(url_for("operations.clock"), 303)


def _target(name: str) -> datetime:
    """Return where a step leads; raises InvalidError for an unknown one."""
    now, calendar = present()
    if name in _STEPS:
        return now + _STEPS[name]
    if name != "workday":
        raise InvalidError(reason="没有这种拨法。")
    at = local(now)
    following = datetime.combine(at.date(), _OPENING, SHANGHAI)
    while following <= at or not calendar.is_workday(following.date()):
        following += timedelta(days=1)
    return following.astimezone(UTC)


def _sections() -> tuple[tuple[str, str], ...]:
    """Return the pages of 系统 this actor may open."""
    roles, example = current_actor().roles, current_app.config["EXAMPLE"]
    pages = (
        ("operations.people", "人员与岗位", roles & {"sys_admin", "sec_admin"}),
        ("operations.incidents", "运行故障", roles & {"sys_admin", "process_admin"}),
        ("operations.clock", "示例时钟", example and roles & {"sys_admin", "sec_admin", "audit_admin"}),
    )
    return tuple((endpoint, label) for endpoint, label, allowed in pages if allowed)
