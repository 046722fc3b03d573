"""The address a desktop modeler deploys to (Camunda 7 REST, /deployment/create): what it sends arrives as a draft.

The modeler logs in with each call, by a deploy token (Bearer) or by HTTP basic authentication with a person's own name
and password; there is no session and no cookie, so no other site can use one.
"""

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request, url_for
from werkzeug.datastructures import FileStorage

from engine.actor import ENGINE, Actor
from engine.bpmn.checks import DefinitionFile
from engine.commands.arriving import ReceiveDraft
from engine.commands.deploy_tokens import UseDeployToken
from engine.commands.sessions import LogIn, LogOut
from engine.errors import EngineError, InvalidDefinitionError
from engine.queries.sessions import FindSession
from web.asking import engine
from web.auth import client_ip, open_to_all
from web.errors import status_of

bp = Blueprint("modeler", __name__, url_prefix="/engine-rest")
VERSION = "7.24.0"


@bp.get("/version")
@open_to_all
def version() -> Response:
    """Say which engine's files are understood; the modeler asks before it deploys."""
    actor = _actor()
    return jsonify({"version": VERSION}) if actor else _log_in_first()


@bp.get("/deployment")
@open_to_all
def deployments() -> Response:
    """Answer the modeler's trial of its connection; what was deployed is seen in the browser."""
    return jsonify([]) if _actor() else _log_in_first()


@bp.post("/deployment/create")
@open_to_all
def create() -> Response:
    """Take the files of a deployment into drafts, and answer as the modeler expects."""
    actor = _actor(deploys=True)
    if actor is None:
        return _log_in_first()
    files = tuple(_read(given) for given in request.files.values())
    try:
        arrived = engine().run(ReceiveDraft(files), actor)
    except EngineError as refused:
        return _refused(refused)
    name = request.form.get("deployment-name", "")[:200]
    keys = sorted({one.procedure for one in arrived})
    pages = [url_for("definitions.editor", key=key, _external=True) for key in keys]
    now = engine().clock.now().strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return jsonify({
        "links": [{"method": "GET", "href": page, "rel": "self"} for page in pages],
        "id": f"draft:{','.join(keys)}", "name": name, "source": "bihuan-draft", "deploymentTime": now,
        "tenantId": None, "deployedProcessDefinitions": None, "deployedCaseDefinitions": None,
        "deployedDecisionDefinitions": None, "deployedDecisionRequirementsDefinitions": None,
    })  # fmt: skip


def _read(given: FileStorage) -> DefinitionFile:
    """Return a file by its own name; what was kept on disk while it arrived is given up."""
    content = given.read()
    given.close()
    return DefinitionFile((given.filename or "").replace("\\", "/").rpartition("/")[2], content)


def _actor(*, deploys: bool = False) -> Actor | None:
    """Return who asks, by token, or by name and password; the session opened for that ends at once."""
    given = request.authorization
    if given is not None and given.type == "bearer" and given.token:
        found: Actor | None = engine().run(UseDeployToken(given.token, client_ip(), deploys), ENGINE)
        return found
    if given is None or given.type != "basic" or not given.username or not given.password:
        return None
    made = engine().run(LogIn(given.username, given.password, client_ip(), request.user_agent.string), ENGINE)
    if made.token is None or made.must_change_password:
        return None
    session = engine().ask(FindSession(made.token, client_ip()), ENGINE)
    engine().run(LogOut(made.token), ENGINE)
    return session.actor if session else None


def _log_in_first() -> Response:
    answer = _failed(401, "AuthenticationException", "用户名、密码或令牌不正确，或账号须先在浏览器登录修改密码。")
    answer.headers["WWW-Authenticate"] = 'Basic realm="bihuan", charset="UTF-8"'
    return answer


def _refused(error: EngineError) -> Response:
    words = str(error)
    if isinstance(error, InvalidDefinitionError):
        words = "；".join(f"{problem.file}：{problem.message}" for problem in error.problems)
    status = status_of(error)
    if status >= 500:
        current_app.logger.error("a deployment of a modeler failed: %s", error)
    return _failed(status, "RestException", words)


def _failed(status: int, kind: str, words: str, **more: Any) -> Response:
    answer = jsonify({"type": kind, "message": words, "code": 0, **more})
    answer.status_code = status
    return answer
