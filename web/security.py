"""What every answer carries and every request must satisfy: headers, same origin, CSRF, sizes, storable text."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import RequestEntityTooLarge

from config.settings import Settings
from engine.errors import TextNotStorableError
from web.errors import refusal

# security.md D8: works with every editor in Chromium; nothing inline, nothing from elsewhere.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
# A file that was uploaded is never a page of ours (security S25).
FILE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:"
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "private, no-store",
}
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_FORM_BYTES, _FORM_PARTS = 4 * 1024 * 1024, 5_000
# Only these take files; everything else stays small, whoever asks.
_WITH_FILES = frozenset(
    {
        "attachments.upload",
        "tasks.complete",
        "tasks.draft",
        "start.begin",
        "start.draft",
        "start.do_trigger",
        "start.trigger_draft",
        "modeler.create",
    }
)
# Programs that log in with each call, by password or token: no cookie is sent or read, so there is nothing to forge.
_WITH_PASSWORD = frozenset({"modeler.create"})
# The pages of a trial are an application of their own, which checks for itself.
_CHECKED_INSIDE = "play.inside"
_MARGIN = 64 * 1024
_LARGEST_ID = 2**62
csrf = CSRFProtect()


def register(app: Flask, settings: Settings) -> None:
    """Set the limits, the cookies and the checks of one application."""
    app.config.update(
        SECRET_KEY=settings.key(),
        MAX_CONTENT_LENGTH=settings.upload_mb * 1024 * 1024 + _MARGIN,
        MAX_FORM_MEMORY_SIZE=_FORM_BYTES,
        MAX_FORM_PARTS=_FORM_PARTS,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        WTF_CSRF_CHECK_DEFAULT=False,
        SESSION_COOKIE_NAME="__Host-bihuan_form" if settings.secure_cookies else "bihuan_form",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )
    csrf.init_app(app)
    app.before_request(_check_request)
    app.after_request(lambda answer: _add_headers(answer, settings))


def _check_request() -> Response | None:
    """Refuse what comes from another site, is too large, or no database can store."""
    if request.method in _UNSAFE and not _same_origin():
        return refusal(403, "请求来自其他网站，已拒绝。")
    if request.endpoint == _CHECKED_INSIDE:
        return None
    if request.endpoint not in _WITH_FILES or request.mimetype != "multipart/form-data":
        request.max_content_length = _FORM_BYTES
    if (request.content_length or 0) > (request.max_content_length or 0):
        raise RequestEntityTooLarge
    if not all(_may_exist(part) for part in (request.view_args or {}).values()):
        abort(404)
    _check_text(_texts(request.args.items(multi=True)), 400)
    if request.method in _UNSAFE:
        if request.endpoint not in _WITH_PASSWORD:
            csrf.protect()
        _check_text(_texts(request.form.items(multi=True)), 422)
    return None


def _may_exist(part: object) -> bool:
    """Tell whether a part of an address is a text or a number that both databases can look for."""
    return is_storable(part) if isinstance(part, str) else not isinstance(part, int) or part <= _LARGEST_ID


def _same_origin() -> bool:
    """Tell whether the browser says that one of our own pages sent this (security S20)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def _texts(pairs: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    for name, value in pairs:
        yield name, name
        yield name, value


def _check_text(pairs: Iterable[tuple[str, str]], status: int) -> None:
    """Refuse NUL and lone surrogates at the edge (security S28)."""
    for name, text in pairs:
        if not is_storable(text):
            if status == 400:
                abort(400)
            raise TextNotStorableError(field="".join(letter for letter in name if letter.isprintable())[:60])


def is_storable(text: str) -> bool:
    """Tell whether both databases can store a text."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _add_headers(answer: Response, settings: Settings) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if settings.secure_cookies:
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if getattr(g, "clear_site_data", False):
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer
