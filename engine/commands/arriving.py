"""What a desktop modeler deploys arrives as drafts: nothing is published, and nobody's work is overwritten."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from engine.bpmn.checks import DefinitionFile
from engine.bpmn.xml import LARGEST, B, parse_xml
from engine.command import Context
from engine.commands.draft_files import SaveDraftFile
from engine.commands.drafts import SaveDefinitionDraft, StaleDraftError, require_keeper
from engine.errors import InvalidDefinitionError, InvalidError, Problem
from engine.model import tables
from engine.text import check_text

_MOST = 50


@dataclass(frozen=True)
class Arrived:
    """One file taken into a draft: of which procedure, under which name."""

    procedure: str
    name: str


@dataclass(frozen=True)
class ReceiveDraft:
    """Take the files of one deployment into the drafts of their procedures, all or none.

    Whose draft is being edited by another person is refused (StaleDraftError). Raises InvalidDefinitionError for a
    file that cannot be read or whose procedure is not known, ProcessDefinitionNotFoundError and NotAllowedError.
    """

    files: tuple[DefinitionFile, ...]

    def execute(self, context: Context) -> tuple[Arrived, ...]:
        """Find the procedure of each file, and save."""
        require_keeper(context)
        if not 0 < len(self.files) <= _MOST:
            raise InvalidError(reason=f"请发送 1 至 {_MOST} 个文件。")
        texts = {file.path: _text(file) for file in self.files}
        diagrams = {file.path: _process(file) for file in self.files if file.suffix == ".bpmn"}
        among = next(iter(diagrams.values()), None)
        arrived = []
        for file in self.files:
            key = diagrams.get(file.path) or among or _owner(context, file)
            arrived.append(Arrived(key, file.path))
            _save(context, key, file, texts[file.path])
        context.record("draft received", subject=", ".join(f"{one.procedure}/{one.name}" for one in arrived)[:200])
        return tuple(arrived)


def _save(context: Context, key: str, file: DefinitionFile, text: str) -> None:
    table = tables.definition_draft
    diagram = file.suffix == ".bpmn"
    folder = "processes" if file.suffix == ".dmn" else "forms"
    row_key = key if diagram else f"{folder}/{key}/{file.path}"
    draft = context.session.execute(select(table).where(table.c.key == row_key).with_for_update()).first()
    if draft is not None and draft.content == text:
        return
    if draft is not None and draft.saved_by != context.actor.person_id:
        raise StaleDraftError(who=draft.saved_by)
    version = draft.row_version if draft else None
    if diagram:
        SaveDefinitionDraft(key, text, version).execute(context)
    else:
        new = draft is None and file.path not in _names(context, key, file)
        SaveDraftFile(key, file.path, text, version, new=new).execute(context)


def _text(file: DefinitionFile) -> str:
    if file.suffix not in {".bpmn", ".dmn", ".form"}:
        raise InvalidDefinitionError([Problem(file.path, "kind", "只接收 .bpmn、.dmn 和 .form 文件。")])
    if len(file.content) > LARGEST:
        raise InvalidDefinitionError([Problem(file.path, "too-large", "文件超过 2 MB。")])
    try:
        text = file.content.decode("utf-8-sig")
        if file.suffix == ".form":
            json.loads(text)
        else:
            parse_xml(file.content, file.path)
    except (UnicodeDecodeError, ValueError, RecursionError) as wrong:
        raise InvalidDefinitionError([Problem(file.path, "not-readable", "文件不是 UTF-8 或格式有误。")]) from wrong
    check_text(text, file.path)
    return text


def _process(file: DefinitionFile) -> str:
    """Return the id of the one executable process of a diagram."""
    root = parse_xml(file.content, file.path)
    found = [one.get("id", "") for one in root.iter(f"{B}process") if one.get("isExecutable") == "true"]
    if len(found) != 1:
        reason = f"文件须含一个可执行的流程，现有 {len(found)} 个。"
        raise InvalidDefinitionError([Problem(file.path, "process-id", reason)])
    return found[0]


def _owner(context: Context, file: DefinitionFile) -> str:
    """Return the procedure a decision file or form sent alone belongs to: the one that has a file of this name."""
    owners = {name.split("/")[0] for name in _known(context, file.suffix) if name.split("/")[1] == file.path}
    if len(owners) != 1:
        reason = "无法确定它属于哪个流程，请与流程图一起发送。"
        raise InvalidDefinitionError([Problem(file.path, "which-procedure", reason)])
    return owners.pop()


def _names(context: Context, key: str, file: DefinitionFile) -> set[str]:
    return {name.split("/")[1] for name in _known(context, file.suffix) if name.startswith(f"{key}/")}


def _known(context: Context, suffix: str) -> Sequence[str]:
    """Return `<procedure>/<file name>` of every decision file or form in force."""
    if suffix == ".form":
        keys = context.session.execute(select(tables.form_definition.c.key).distinct()).scalars()
        return [f"{key}.form" for key in keys if key.count("/") == 1]
    paths = context.session.execute(select(tables.decision_definition.c.file).distinct()).scalars()
    return ["/".join(path.split("/")[-2:]) for path in paths if path.count("/") >= 1]
