"""附件: stored under a random name, handed out as a download or a picture, never as a page of ours."""

from pathlib import Path

from flask import Blueprint, Response, flash, jsonify, redirect, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.errors import InvalidSubmissionError
from engine.queries.attachments import OpenAttachment
from engine.task_actions.attach import AttachFile, RemoveAttachment
from web.asking import ask, engine, run, whole_number
from web.auth import local_target
from web.errors import wants_json
from web.security import FILE_POLICY

bp = Blueprint("attachments", __name__, url_prefix="/attachments")
# What a browser shows without running anything (security S25).
_SHOWN = frozenset({"application/pdf", "image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp"})


@bp.get("/<uuid:attachment_id>")
def download(attachment_id: object) -> Response:
    """Hand out a file; `?show=1` lets the browser show a PDF or a picture."""
    found, path = ask(OpenAttachment(str(attachment_id)))
    shown = request.args.get("show") == "1" and found.content_type in _SHOWN
    answer = send_file(
        Path(path).absolute(),
        mimetype=found.content_type,
        as_attachment=not shown,
        download_name=found.name,
        conditional=True,
        max_age=0,
    )
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.post("")
def upload() -> AnyResponse | tuple[Response, int]:
    """Keep one file of a field, a task or a matter; scripts get JSON, a plain form goes back to its page."""
    given = request.files.get("file")
    if given is None or not given.filename:
        raise InvalidSubmissionError({"file": ["请选择文件。"]})
    stored = engine().files.keep(given.stream, given.filename)
    attachment_id = run(
        AttachFile(
            whole_number(request.values.get("instance_id")),
            whole_number(request.values.get("task_id")),
            request.form.get("field") or None,
            stored,
            request.form.get("category") or None,
        )
    )
    if wants_json():
        address = url_for("attachments.download", attachment_id=attachment_id)
        return jsonify({"id": attachment_id, "name": stored.name, "size": stored.size, "url": address}), 201
    flash(f"“{stored.name}”已上传。", "ok")
    return _back()


@bp.post("/<uuid:attachment_id>/remove")
def remove(attachment_id: object) -> AnyResponse:
    """Take a file out of the file; the removal stays on record."""
    run(RemoveAttachment(str(attachment_id)))
    if wants_json():
        return Response(status=204)
    flash("附件已移除，移除记录保留在办理过程中。", "ok")
    return _back()


def _back() -> AnyResponse:
    referrer = (request.referrer or "").removeprefix(request.host_url.rstrip("/"))
    return redirect(local_target(request.form.get("back") or referrer, url_for("worklist.index")), 303)
