"""Changes of procedures: two versions side by side, a draft sent to approval, an earlier version put back."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.commands.changes import ProposeChange, RollBack
from engine.comparison.change import ADDED, CHANGED, MOVED, REMOVED
from engine.errors import InvalidSubmissionError
from engine.queries.changes import FindProposal, PreviewProposal
from engine.queries.comparison import CompareVersions, ComparisonView
from engine.queries.definitions import FindDefinition
from engine.queries.replay import ReplayDraft
from web.answers import svg
from web.asking import ask, present, run
from web.auth import requires_role
from web.filters import local
from web.map import State, draw

bp = Blueprint("changes", __name__, url_prefix="/definitions")
_OFFICE = "process_admin"
_FIELDS = ("reason", "impact", "effective_on", "law_basis")


@dataclass(frozen=True)
class Pictures:
    """Where the two coloured diagrams of a comparison are drawn."""

    before: str
    after: str


@bp.get("/<key>/compare")
def compare(key: str) -> str:
    """Show two versions side by side, the newest two where none are named."""
    before, after = _pair(key)
    view = ask(CompareVersions(key, before, after))
    pictures = Pictures(*(_picture_of(key, side, before, after) for side in ("before", "after")))
    return render_template("changes/compare.html", view=view, pictures=pictures, proposal=None)


@bp.get("/<key>/compare/<any(before, after):side>.svg")
def picture(key: str, side: str) -> Response:
    """Draw one side of a comparison in colours."""
    return _drawn(ask(CompareVersions(key, *_pair(key))), side)


@bp.get("/changes/<int:instance_id>")
def proposal(instance_id: int) -> str:
    """Show what a matter of approval would change."""
    found = ask(FindProposal(instance_id))
    pictures = Pictures(
        *(url_for("changes.proposed", instance_id=instance_id, side=side) for side in ("before", "after"))
    )
    return render_template("changes/compare.html", view=found.view, pictures=pictures, proposal=found)


@bp.get("/changes/<int:instance_id>/<any(before, after):side>.svg")
def proposed(instance_id: int, side: str) -> Response:
    """Draw one side of a proposal in colours."""
    return _drawn(ask(FindProposal(instance_id)).view, side)


@bp.get("/<key>/replay")
@requires_role(_OFFICE)
def replay(key: str) -> str:
    """Put the matters of the last days through the draft and show what would have been otherwise."""
    days = _number(request.args.get("days", "")) or 30
    report = ask(ReplayDraft(key, days))
    return render_template(
        "changes/replay.html", key=key, title=ask(FindDefinition(key)).title, days=days, report=report
    )


@bp.get("/<key>/propose")
@requires_role(_OFFICE)
def proposing(key: str) -> str:
    """Show what the draft would change and what is said about it, and ask for reason, effect and date."""
    return _proposal_page(key, {})


@bp.post("/<key>/propose")
@requires_role(_OFFICE)
def propose(key: str) -> AnyResponse | tuple[str, int]:
    """Send the draft to approval and open the matter that began; what is missing is told on the same page."""
    given = {name: request.form.get(name, "")[:4000] for name in _FIELDS}
    command = ProposeChange(
        key, _number(request.form.get("row_version", "")), **given, migrate=request.form.get("migrate") == "是"
    )
    try:
        started = run(command)
    except InvalidSubmissionError as refused:
        errors = {name: "；".join(words) for name, words in refused.fields.items()}
        return _proposal_page(key, given, errors), 422
    flash(f"已提请变更，编号 {started.number}。审批通过并到生效日期后自动发布。", "ok")
    return redirect(url_for("matters.show", instance_id=started.instance_id), 303)


@bp.get("/<key>/draft/<any(before, after):side>.svg")
@requires_role(_OFFICE)
def drafted(key: str, side: str) -> Response:
    """Draw one side of what the draft would change."""
    view = ask(PreviewProposal(key)).view
    if view is None:
        abort(404)
    return _drawn(view, side)


@bp.post("/<key>/rollback")
@requires_role(_OFFICE)
def roll_back(key: str) -> AnyResponse:
    """Put an earlier version back into force."""
    version = _number(request.form.get("version", ""))
    made = run(RollBack(key, version or 0, request.form.get("reason", "")[:500]))
    flash(f"已按第 {version} 版的内容发布第 {made} 版，审批人已收到通知。在办事项按原版本办理。", "ok")
    return redirect(url_for("definitions.show", key=key), 303)


def _proposal_page(key: str, given: dict[str, str], errors: dict[str, str] | None = None) -> str:
    today = local(present()[0]).date().isoformat()
    return render_template(
        "changes/propose.html", found=ask(PreviewProposal(key)), given=given, errors=errors or {}, today=today
    )


def _pair(key: str) -> tuple[int, int]:
    """Return the versions asked for; without them the newest and the one before."""
    newest = ask(FindDefinition(key)).versions[0]
    after = _number(request.args.get("after", "")) or newest
    return _number(request.args.get("before", "")) or max(1, after - 1), after


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _picture_of(key: str, side: str, before: int, after: int) -> str:
    return url_for("changes.picture", key=key, side=side, before=before, after=after)


def _drawn(view: ComparisonView, side: str) -> Response:
    kinds = (REMOVED, CHANGED, MOVED) if side == "before" else (ADDED, CHANGED, MOVED)
    marks: dict[str, Any] = {element: kind for kind in kinds for element in view.comparison.elements(kind)}
    return svg(draw(view.before_xml if side == "before" else view.after_xml, State(marks=marks)))
