"""Login, logout, password, appearance, help: everything about the person in front of the screen."""

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from engine.commands.people import ChangePassword
from engine.commands.sessions import EndSession
from engine.errors import InvalidError
from engine.queries.sessions import ListSessions
from web.asking import ask, run
from web.auth import current_actor, drop_cookie, keep_cookie, local_target, log_in, log_out, session_token
from web.frame import THEMES

bp = Blueprint("account", __name__)
_YEAR = 365 * 24 * 3600


@bp.route("/login", methods=["GET", "POST"])
def login() -> str | AnyResponse | tuple[str, int]:
    """Show the login page; log in, and go where the person wanted to go."""
    if request.method == "GET":
        return _login_page()
    name = request.form.get("login", "").strip()
    made = log_in(name, request.form.get("password", ""))
    if made.token is None:
        return _login_page(name, made.refusal), 422
    session.clear()
    wanted = local_target(request.args.get("next"), url_for("worklist.index"))
    answer = redirect(url_for("account.password") if made.must_change_password else wanted, 303)
    keep_cookie(answer, made.token)
    return answer


@bp.post("/logout")
def logout() -> AnyResponse:
    """End the session and clear what the browser kept."""
    log_out()
    session.clear()
    answer = redirect(url_for("account.login"), 303)
    drop_cookie(answer)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@bp.route("/password", methods=["GET", "POST"])
def password() -> str | AnyResponse | tuple[str, int]:
    """Ask for a new password (forced at first login and when it is too old) and change it."""
    if request.method == "GET":
        return _password_page()
    new = request.form.get("new_password", "")
    if new != request.form.get("repeat_password", ""):
        return _password_page("两次输入的新密码不一致。", ("new_password", "repeat_password")), 422
    try:
        run(ChangePassword(request.form.get("old_password", ""), new))
    except InvalidError as refused:
        return _password_page(str(refused), ("old_password", "new_password")), 422
    session.clear()
    flash("密码已修改，请用新密码登录。", "ok")
    answer = redirect(url_for("account.login"), 303)
    drop_cookie(answer)
    return answer


@bp.get("/account")
def show() -> str:
    """Show the person's own positions, sessions and display."""
    return render_template("account/show.html", sessions=ask(ListSessions(session_token())))


@bp.post("/account/sessions/<session_id>/end")
def end_session(session_id: str) -> AnyResponse:
    """End another session of one's own."""
    run(EndSession(session_id[:200]))
    flash("该登录已结束。", "ok")
    return redirect(url_for("account.show"), 303)


@bp.post("/account/appearance")
def appearance() -> AnyResponse:
    """Keep light or dark, and the width of the navigation, in cookies that say nothing else."""
    back = local_target(request.form.get("back") or _referring_path(), url_for("account.show"))
    answer = redirect(back, 303)
    if "theme" in request.form:
        theme = request.form["theme"]
        _keep(answer, "theme", theme if theme in THEMES else "")
    if "narrow" in request.form:
        _keep(answer, "narrow", "1" if request.form["narrow"] == "1" else "")
    return answer


@bp.get("/more")
def more() -> str:
    """Show every entry; the phone's fourth button."""
    return render_template("account/more.html")


@bp.get("/help", endpoint="help")
def show_help() -> str:
    """Explain the product to whoever uses it."""
    return render_template("help.html", example=current_app.config["EXAMPLE"])


@bp.get("/health")
def health() -> Response:
    """Tell a load balancer that this process answers; the database is asked by nobody here."""
    return make_response(("ok", 200, {"Content-Type": "text/plain"}))


def _login_page(name: str = "", refusal: str = "") -> str:
    wanted = local_target(request.args.get("next"), "")
    return render_template("account/login.html", login=name[:100], refusal=refusal, next=wanted)


def _password_page(message: str = "", wrong: tuple[str, ...] = ()) -> str:
    forced = current_actor().must_change_password
    return render_template("account/password.html", forced=forced, message=message, wrong=wrong)


def _referring_path() -> str:
    referrer = request.referrer or ""
    return referrer.removeprefix(request.host_url.rstrip("/")) if referrer.startswith(request.host_url) else ""


def _keep(answer: AnyResponse, name: str, value: str) -> None:
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    answer.set_cookie(name, value, max_age=_YEAR if value else 0, httponly=True, samesite="Lax", secure=secure)
