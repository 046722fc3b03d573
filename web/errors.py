"""One table from error family to HTTP status, and the Chinese pages that go with it."""

from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from engine.errors import (
    NO_SPACE,
    ConflictError,
    EngineError,
    InvalidDefinitionError,
    InvalidError,
    InvalidSubmissionError,
    NotAllowedError,
    NotFoundError,
    StorageFullError,
    UnavailableError,
)
from engine.files import FileTooLargeError

# Looked up from the top: a class stands before its family.
STATUS_BY_FAMILY: dict[type[EngineError], int] = {
    FileTooLargeError: 413,
    InvalidError: 422,
    NotFoundError: 404,
    NotAllowedError: 403,
    ConflictError: 409,
    StorageFullError: 507,
    UnavailableError: 503,
}

TITLES: dict[int, str] = {
    400: "请求没有被接受",
    401: "请先登录",
    403: "没有权限",
    404: "没有找到",
    405: "不支持这种操作",
    409: "情况已经变化",
    413: "文件或内容过大",
    422: "填写的内容需要修改",
    500: "系统出了故障",
    503: "暂时无法连接数据库",
    507: "服务器存储空间已满",
}
_WORDS: dict[int, str] = {
    400: "请求的内容不完整或已经过期，没有保存任何内容。请返回上一页刷新后再试。",
    401: "您还没有登录，或登录已过期。",
    404: "没有找到，或者您无权知悉。",
    405: "这个地址不支持这种操作。",
    413: "上传的内容超过了允许的大小，没有保存。请压缩或分次上传。",
    500: "这是系统的问题，不是您的操作有误。刚才的操作没有生效，故障已记入日志，请稍后再试。",
}
EXPIRED = "页面已过期（可能重新登录过），没有保存任何内容。请返回上一页，刷新后再提交；已自动保存的草稿不受影响。"
_REPEATABLE = frozenset({503, 507})
_NOT_REPEATED = frozenset({"csrf_token", "password", "old_password", "new_password", "repeat_password"})
_MOST_REPEATED = 2_000
# Where the page of an error shows what was typed, to be copied from.
_WORDS_KEPT = frozenset({400, 403, 404, 409, 422})
_NOT_SHOWN = frozenset({"row_version", "idempotency_key", "login", "back", "instance_id", "task_id", "save"})


def status_of(error: EngineError) -> int:
    """Return the HTTP status of an error's family; 500 for one that people should never see."""
    return next((status for family, status in STATUS_BY_FAMILY.items() if isinstance(error, family)), 500)


def wants_json() -> bool:
    """Tell whether the caller is a script that reads JSON."""
    return request.accept_mimetypes.best == "application/json"


def is_partial() -> bool:
    """Tell whether htmx asked for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def refusal(status: int, message: str, **more: Any) -> Response:
    """Answer a refusal in the form the caller reads: JSON, a note for htmx that leaves the page alone, or a page."""
    if wants_json():
        answer = jsonify({"message": message, **more})
    elif is_partial():
        answer = make_response(render_template("_refusal.html", message=message, more=more))
        answer.headers["HX-Retarget"] = "#messages"
        answer.headers["HX-Reswap"] = "innerHTML"
    else:
        answer = make_response(_page(status, message, more))
    answer.status_code = status
    if status in _REPEATABLE:
        answer.headers["Retry-After"] = "5"
    return answer


def register(app: Flask) -> None:
    """Answer every error of the engine, of HTTP and of our own making in Chinese."""
    app.register_error_handler(EngineError, _engine_error)
    app.register_error_handler(CSRFError, lambda _: refusal(400, EXPIRED))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _bug)


def _engine_error(error: EngineError) -> Response:
    status = status_of(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        current_app.logger.error("an error for operators reached a page: %s", error)
        return refusal(status, _WORDS[500])
    return refusal(status, str(error), **_more(error))


def _more(error: EngineError) -> dict[str, Any]:
    if isinstance(error, InvalidSubmissionError):
        return {"fields": error.fields}
    if isinstance(error, InvalidDefinitionError):
        return {"problems": [problem_json(problem) for problem in error.problems]}
    return {}


def problem_json(problem: Any) -> dict[str, Any]:
    """Return a Problem as the editor's drawer reads it, with the run that shows it, if there is one."""
    names = ("file", "element", "line", "rule", "message", "severity")
    return {**{name: getattr(problem, name) for name in names}, "trace": [step.as_json() for step in problem.trace]}


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    status = error.code or 500
    if status in {301, 302, 303, 304, 307, 308}:
        return error.get_response()  # type: ignore[return-value]
    return refusal(status, _WORDS.get(status, _WORDS[400] if status < 500 else _WORDS[500]))


def _bug(error: Exception) -> Response:
    if isinstance(error, OSError) and error.errno in NO_SPACE:  # a large post is kept in a temporary file
        return _engine_error(StorageFullError())
    current_app.logger.error("unexpected error at %s %s", request.method, request.path, exc_info=error)
    return refusal(500, _WORDS[500])


def _page(status: int, message: str, more: dict[str, Any]) -> str:
    return render_template(
        "error.html",
        status=status,
        title=TITLES.get(status, TITLES[400] if status < 500 else TITLES[500]),
        message=message,
        more=more,
        again=_typed() if status in _REPEATABLE and request.method == "POST" else None,
        kept=words_typed() if status in _WORDS_KEPT else (),
        signed_in=getattr(g, "actor", None) is not None,
    )


def words_typed() -> list[tuple[str, str]]:
    """Return names and texts of a post that cannot be drawn in their form any more, so that no word is lost.

    What another site sent is not shown: it was refused before anybody asked who is there.
    """
    foreign = "actor" not in g and request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin"
    if request.method != "POST" or foreign:
        return []
    shown = ((name, value.replace("\0", "\ufffd")) for name, value in _typed() if name not in _NOT_SHOWN)
    return [(name, value) for name, value in shown if value.strip()]


def _typed() -> list[tuple[str, str]]:
    """Return what was typed into the form that could not be saved, so that one press sends it again."""
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in _NOT_REPEATED]
    return typed[:_MOST_REPEATED]
