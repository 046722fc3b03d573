"""流程管理: procedures with their versions, the diagram of each, and the editor's draft, check and publication."""

from itertools import groupby
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.commands.draft_files import ListDraftFiles
from engine.commands.drafts import CheckDraft, DiscardDefinitionDraft, PublishDraft, SaveDefinitionDraft
from engine.errors import InvalidError
from engine.queries.definitions import FindDefinition, ListProcedures
from web.answers import file_text
from web.asking import ask, run
from web.auth import requires_role
from web.editor_choices import FindWhetherApproved, ListEditorChoices
from web.errors import problem_json
from web.filters import when
from web.map import draw
from web.security import is_storable

bp = Blueprint("definitions", __name__, url_prefix="/definitions")
_OFFICE = "process_admin"
_LARGEST = 2 * 1024 * 1024
_SVG, _XML = "image/svg+xml; charset=utf-8", "application/xml; charset=utf-8"


@bp.get("")
@requires_role(_OFFICE)
def index() -> str:
    """Show every procedure by its group."""
    cards = sorted(ask(ListProcedures()), key=lambda card: (card.callable_only, card.group, card.title))
    groups = [
        (name if not shared else "公共环节", list(some))
        for (shared, name), some in groupby(cards, key=lambda card: (card.callable_only, _group(card)))
    ]
    return render_template("definitions/index.html", groups=groups)


@bp.get("/<key>")
@requires_role(_OFFICE)
def show(key: str) -> str:
    """Show one version with its diagram."""
    return render_template("definitions/show.html", definition=_definition(key))


@bp.get("/<key>/map.svg")
@requires_role(_OFFICE)
def picture(key: str) -> Response:
    """Draw the diagram of a version."""
    return file_text(draw(_definition(key).xml), _SVG)


@bp.get("/<key>/file.bpmn")
@requires_role(_OFFICE)
def xml(key: str) -> Response:
    """Hand out the file of a version, for any other editor."""
    found = _definition(key)
    answer = file_text(found.xml, _XML)
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.key}-{found.version}.bpmn"'
    return answer


@bp.get("/<key>/editor")
@requires_role(_OFFICE)
def editor(key: str) -> str:
    """Open the editor."""
    return render_template(
        "definitions/editor.html", definition=_definition(key), choices=ask(ListEditorChoices(key)),
        files=ask(ListDraftFiles(key)), proposing=ask(FindWhetherApproved()),
    )  # fmt: skip


@bp.get("/<key>/draft")
@requires_role(_OFFICE)
def draft_xml(key: str) -> Response:
    """Hand the editor the draft, or the newest version where there is none."""
    found = ask(FindDefinition(key))
    return file_text(found.draft_xml or found.xml, _XML)


@bp.post("/<key>/draft")
@requires_role(_OFFICE)
def save_draft(key: str) -> AnyResponse:
    """Keep the draft; an older page than the draft is told so (409)."""
    given = given_json()
    version = run(SaveDefinitionDraft(key, _xml(given), given_row_version(given)))
    saved = ask(FindDefinition(key))
    return jsonify({"row_version": saved.draft_row_version or version, "saved_at": when(saved.draft_saved_at)})


@bp.post("/<key>/check")
@requires_role(_OFFICE)
def check(key: str) -> AnyResponse:
    """Say what stands against publishing."""
    problems = ask(CheckDraft(key, _xml(given_json())))
    return jsonify({"problems": [problem_json(problem) for problem in problems]})


@bp.post("/<key>/publish")
@requires_role(_OFFICE)
def publish(key: str) -> AnyResponse:
    """Publish the draft as a new version; running matters stay on theirs."""
    given = given_json()
    version = run(PublishDraft(key, given_row_version(given), str(given.get("reason") or "")[:500]))
    flash(f"已发布第 {version} 版。办理中的事项继续按原版本办理。", "ok")
    return jsonify({"version": version, "url": url_for("definitions.show", key=key)})


@bp.post("/<key>/discard")
@requires_role(_OFFICE)
def discard(key: str) -> AnyResponse:
    """Throw the draft away."""
    run(DiscardDefinitionDraft(key))
    flash("草稿已放弃。", "ok")
    return redirect(url_for("definitions.show", key=key), 303)


def _group(card: Any) -> str:
    return "" if card.callable_only else card.group


def _definition(key: str) -> Any:
    version = request.args.get("version", "")
    return ask(FindDefinition(key, int(version) if version.isdigit() and len(version) < 9 else None))


def given_json() -> dict[str, Any]:
    """Return the JSON object of this request; raises InvalidError for anything else."""
    try:
        given = request.get_json(silent=True)
    except RecursionError:  # nested a hundred thousand times
        given = None
    if not isinstance(given, dict):
        raise InvalidError(reason="请求的内容不是 JSON 对象。")
    return given


def _xml(given: dict[str, Any]) -> str:
    text = given.get("xml")
    if not isinstance(text, str) or not is_storable(text) or len(text.encode()) > _LARGEST:
        raise InvalidError(reason="流程文件为空、过大（超过 2 MB）或含有无法保存的字符。")
    return text


def given_row_version(given: dict[str, Any]) -> int | None:
    """Return the row version the page was given, None where it was given none."""
    number = given.get("row_version")
    return number if isinstance(number, int) and not isinstance(number, bool) else None
