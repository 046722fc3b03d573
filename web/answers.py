"""Answers that are no pages: drawings and definition files."""

from flask import Response, make_response

from web.security import FILE_POLICY


def svg(text: str) -> Response:
    """Return a drawing as a picture that runs nothing."""
    return file_text(text, "image/svg+xml; charset=utf-8")


def file_text(text: str, kind: str) -> Response:
    """Return a file of this content type, which no browser runs."""
    answer = make_response(text)
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer
