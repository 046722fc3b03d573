"""部署令牌: what a process administrator gives a desktop modeler instead of the password."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.commands.deploy_tokens import LONGEST_DAYS, CreateDeployToken, RevokeDeployToken
from engine.errors import EngineError
from engine.queries.deploy_tokens import ListDeployTokens
from web.asking import ask, run, whole_number
from web.auth import requires_role
from web.errors import status_of

bp = Blueprint("deploy_tokens", __name__, url_prefix="/deploy-tokens")
_OFFICE = "process_admin"
_DAYS = (7, 30, LONGEST_DAYS)


@bp.get("")
@requires_role(_OFFICE)
def index() -> str:
    """Show the person's own tokens."""
    return _page()


@bp.post("")
@requires_role(_OFFICE)
def create() -> str | tuple[str, int]:
    """Make a token and show it with this answer; no other answer, address or cookie ever has it."""
    label = request.form.get("label", "")
    days = whole_number(request.form.get("days")) or 0
    try:
        made = run(CreateDeployToken(label, days))
    except EngineError as refused:
        return _page(label=label[:60], days=days, message=str(refused)), status_of(refused)
    return _page(made=made)


@bp.post("/<int:token_id>/revoke")
@requires_role(_OFFICE)
def revoke(token_id: int) -> AnyResponse:
    """End a token."""
    run(RevokeDeployToken(token_id))
    flash("令牌已撤销，用它的建模器不能再部署。", "ok")
    return redirect(url_for("deploy_tokens.index"), 303)


def _page(*, label: str = "", days: int = 30, message: str = "", made: str = "") -> str:
    return render_template(
        "definitions/deploy_tokens.html", tokens=ask(ListDeployTokens()), choices=_DAYS, label=label, days=days,
        message=message, made=made, address=url_for("modeler.version", _external=True).removesuffix("/version"),
    )  # fmt: skip
