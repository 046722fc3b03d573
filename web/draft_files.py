"""The editors of decision tables and forms: the files beside a procedure's diagram, each with its own draft."""

import json
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.commands.draft_files import CheckDraftFile, FindDraftFile, ListDraftFiles, SaveDraftFile
from engine.errors import InvalidError
from engine.queries.definitions import FindDefinition
from web.answers import file_text
from web.asking import ask, run
from web.auth import requires_role
from web.definitions import given_json, given_row_version
from web.editor_choices import ListEditorChoices
from web.errors import problem_json
from web.filters import when
from web.security import is_storable

bp = Blueprint("draft_files", __name__, url_prefix="/definitions")
_OFFICE = "process_admin"
_KINDS = {"dmn": "决策表", "form": "表单"}
_DMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"
  xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/"
  id="{id}_definitions" name="{id}" namespace="http://bihuan/decisions">
  <decision id="{id}" name="新决策">
    <decisionTable id="{id}_table" hitPolicy="UNIQUE">
      <input id="{id}_input"><inputExpression id="{id}_expression" typeRef="string"><text /></inputExpression></input>
      <output id="{id}_output" name="result" typeRef="string" />
    </decisionTable>
  </decision>
  <dmndi:DMNDI><dmndi:DMNDiagram><dmndi:DMNShape dmnElementRef="{id}">
    <dc:Bounds height="80" width="180" x="160" y="100" />
  </dmndi:DMNShape></dmndi:DMNDiagram></dmndi:DMNDI>
</definitions>
"""


@bp.get("/<key>/files/<name>")
@requires_role(_OFFICE)
def editor(key: str, name: str) -> str:
    """Open the editor of one decision file or form."""
    file = ask(FindDraftFile(key, name))
    definition = ask(FindDefinition(key))
    kind = name.rpartition(".")[2]
    return render_template(
        "definitions/file_editor.html", definition=definition, file=file, name=name, kind=kind, kind_words=_KINDS[kind],
        choices=ask(ListEditorChoices(key)), files=ask(ListDraftFiles(key)),
    )  # fmt: skip


@bp.get("/<key>/files/<name>/draft")
@requires_role(_OFFICE)
def content(key: str, name: str) -> Response:
    """Hand the editor the draft, or what is in force where there is none."""
    kind = "application/xml" if name.endswith(".dmn") else "application/json"
    return file_text(ask(FindDraftFile(key, name)).text, f"{kind}; charset=utf-8")


@bp.post("/<key>/files")
@requires_role(_OFFICE)
def begin(key: str) -> AnyResponse:
    """Begin a new decision table or form, and open it."""
    stem, kind = request.form.get("name", "").strip(), request.form.get("kind", "")
    if kind not in _KINDS:
        raise InvalidError(reason="请选择决策表或表单。")
    name = f"{stem}.{kind}"
    run(SaveDraftFile(key, name, _empty(stem, kind), new=True))
    return redirect(url_for("draft_files.editor", key=key, name=name), 303)


@bp.post("/<key>/files/<name>/draft")
@requires_role(_OFFICE)
def save(key: str, name: str) -> AnyResponse:
    """Keep the draft of one file; an older page than the draft is told so (409)."""
    given = given_json()
    version = run(SaveDraftFile(key, name, _text(given), given_row_version(given)))
    return jsonify({"row_version": version, "saved_at": when(ask(FindDefinition(key)).draft_saved_at)})


@bp.post("/<key>/files/<name>/check")
@requires_role(_OFFICE)
def check(key: str, name: str) -> AnyResponse:
    """Say what stands against publishing the file together with the rest of the draft."""
    problems = ask(CheckDraftFile(key, name, _text(given_json())))
    return jsonify({"problems": [problem_json(problem) for problem in problems]})


def _text(given: dict[str, Any]) -> str:
    text = given.get("xml")
    if not isinstance(text, str) or not is_storable(text):
        raise InvalidError(reason="文件为空或含有无法保存的字符。")
    return text


def _empty(stem: str, kind: str) -> str:
    if kind == "dmn":
        return _DMN.format(id=stem)
    schema = {"type": "default", "id": stem, "schemaVersion": 19, "components": []}
    return json.dumps(schema, ensure_ascii=False, indent=2)
