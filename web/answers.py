"""Answers that are no pages: drawings."""

from flask import Response, make_response

from web.security import FILE_POLICY


def svg(text: str) -> Response:
    """Return a drawing as a picture that runs nothing."""
    answer = make_response(text)
    answer.headers["Content-Type"] = "image/svg+xml; charset=utf-8"
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer
