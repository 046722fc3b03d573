"""Answers and questions that are no pages: JSON given and SVG drawn."""

from typing import Any

from flask import Request, Response, make_response

from engine.errors import InvalidError
from web.security import FILE_POLICY


def json_of(request: Request) -> dict[str, Any]:
    """Return the JSON object of a request; raises InvalidError where it is none."""
    try:
        given = request.get_json(silent=True)
    except RecursionError:  # nested a hundred thousand times
        given = None
    if not isinstance(given, dict):
        raise InvalidError(reason="请求的内容不是 JSON 对象。")
    return given


def row_version_of(given: dict[str, Any]) -> int | None:
    """Return the row version a page sent with its JSON, or None."""
    number = given.get("row_version")
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def svg(text: str) -> Response:
    """Return a drawing as a picture that runs nothing."""
    answer = make_response(text)
    answer.headers["Content-Type"] = "image/svg+xml; charset=utf-8"
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer
