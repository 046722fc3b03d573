"""Drafts of definitions: saved while somebody edits, checked, published as a new version or thrown away."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from engine.bpmn.checks import DefinitionFile
from engine.bpmn.reader import read_bpmn
from engine.calendar import host_functions
from engine.command import Context
from engine.commands.deployments import CheckAndProve, Deploy
from engine.errors import (
    ConflictError,
    InvalidDefinitionError,
    NotAllowedError,
    NotFoundError,
    Problem,
    ProcessDefinitionNotFoundError,
)
from engine.execution.version_files import SETTINGS, files_of, versions_of
from engine.model import tables
from engine.proposals import NoDraftError, OutdatedDraftError, draft_files, draft_version, in_draft
from engine.text import check_text, read_text

KEEPER = "process_admin"


class StaleDraftError(ConflictError):
    """Somebody saved the draft after this page was opened."""

    words = "草稿已被{who}修改，您的修改没有保存。请另存文件后刷新页面。"


class ApprovalNeededError(ConflictError):
    """Changes of this installation are published by a procedure of approval (config/rules.toml, [publish])."""

    words = "流程变更须经审批后发布，请保存草稿后提请变更。"


class DraftNotFoundError(NotFoundError):
    """There is no draft of this procedure."""

    words = "没有找到这个流程的草稿，请先保存。"


@dataclass(frozen=True)
class SaveDefinitionDraft:
    """Keep an edited diagram; any state may be saved. Returns the draft's new row version.

    `row_version` is that of the draft the page shows, None where it showed none. Raises StaleDraftError.
    """

    key: str
    xml: str
    row_version: int | None = None

    def execute(self, context: Context) -> int:
        """Insert or update the one draft of the procedure."""
        require_keeper(context)
        check_text(self.xml, "流程文件")
        newest = _newest(context, self.key)
        draft = _locked(context, self.key)
        if (draft.row_version if draft else None) != self.row_version:
            raise StaleDraftError(who=draft.saved_by if draft else "其他人")
        table, connection = tables.definition_draft, context.session.connection()
        saved = {"content": self.xml, "saved_by": context.actor.person_id, "saved_at": context.now}
        if draft is None:
            row = {"key": self.key, "kind": "bpmn", "base_version": newest.version, "row_version": 1, **saved}
            connection.execute(insert(table), row)
            return 1
        following = int(draft.row_version) + 1
        connection.execute(update(table).where(table.c.id == draft.id).values(row_version=following, **saved))
        return following


@dataclass(frozen=True)
class CheckDraft:
    """Check an edited diagram as publishing would, and keep nothing; returns errors and warnings."""

    key: str
    xml: str

    def execute(self, context: Context) -> tuple[Problem, ...]:
        """Read and check the file."""
        require_keeper(context)
        check_text(self.xml, "流程文件")
        file = _file(_newest(context, self.key), self.xml)
        try:
            files = whole_draft(context, self.key, {file.path: self.xml})
            return (*_same_procedure(context, file, self.key), *CheckAndProve(files).execute(context))
        except InvalidDefinitionError as refused:
            return refused.problems


@dataclass(frozen=True)
class PublishDraft:
    """Publish the whole draft as a new version and return its number; running matters stay on theirs.

    `row_version` is that of the diagram. Raises ApprovalNeededError where changes go through a procedure of approval,
    DraftNotFoundError, StaleDraftError, OutdatedDraftError, and InvalidDefinitionError with every problem;
    then the draft stays.
    """

    key: str
    row_version: int | None
    reason: str
    svg: str | None = None

    def execute(self, context: Context) -> int:
        """Deploy the draft's file and remove the draft in one transaction."""
        require_keeper(context)
        reason = read_text(self.reason, "修改说明", least=2, most=500)
        if approval_procedure(context):
            raise ApprovalNeededError
        draft = _locked(context, self.key)
        if draft is None:
            raise DraftNotFoundError
        if draft.row_version != self.row_version:
            raise StaleDraftError(who=draft.saved_by)
        newest = _newest(context, self.key)
        base, _ = draft_files(context, self.key, newest.file)
        if base != newest.version:
            raise OutdatedDraftError(base=base, newest=newest.version)
        file = _file(newest, draft.content)
        problems = _same_procedure(context, file, self.key)
        if problems:
            raise InvalidDefinitionError(problems)
        files = (file, *_beside(context, self.key, file.path))
        made = Deploy(files, f"在线编辑：{reason}"[:200]).execute(context)
        _drop(context, self.key)
        version = next(one.version for one in made.definitions if one.key == self.key)
        context.record("definition published", subject=self.key, version=version, reason=reason)
        return version


@dataclass(frozen=True)
class DiscardDefinitionDraft:
    """Throw the draft of a procedure away; published versions stay."""

    key: str

    def execute(self, context: Context) -> None:
        """Delete it; raises DraftNotFoundError."""
        require_keeper(context)
        if draft_version(context, self.key) is None:
            raise DraftNotFoundError
        _drop(context, self.key)
        context.record("definition draft discarded", subject=self.key)


def whole_draft(context: Context, key: str, edited: Mapping[str, str]) -> tuple[DefinitionFile, ...]:
    """Return every file of a procedure as it would be after publishing: in force, then drafted, then as edited."""
    newest = versions_of(context, key)[-1]
    settings = SETTINGS.format(key=key)
    files = {path: text.decode("utf-8") for path, text in files_of(context, key, newest.version).items()}
    with suppress(NoDraftError):
        files.update(draft_files(context, key, newest.file)[1])
    files.update(edited)
    return tuple(DefinitionFile(path, text.encode("utf-8")) for path, text in files.items() if path != settings)


def approval_procedure(context: Context) -> str | None:
    """Return the key of the procedure that approves changes, or None where none is set and deployed."""
    procedure = context.config.get("rules", {}).get("publish", {}).get("procedure")
    return procedure if procedure in {one.key for one in context.catalog.all_latest()} else None


def require_keeper(context: Context) -> None:
    """Raise NotAllowedError unless the actor keeps the procedures."""
    if not context.actor.is_engine and KEEPER not in context.actor.roles:
        raise NotAllowedError(reason="流程由流程管理员维护。")


def _newest(context: Context, key: str) -> Any:
    table = tables.process_definition
    asked = select(table.c.file, table.c.version).where(table.c.key == key).order_by(table.c.version.desc()).limit(1)
    row = context.session.execute(asked).first()
    if row is None:
        raise ProcessDefinitionNotFoundError(key=key[:80])
    return row


def _locked(context: Context, key: str) -> Any:
    table = tables.definition_draft
    return context.session.execute(select(table).where(table.c.key == key).with_for_update()).first()


def _drop(context: Context, key: str) -> None:
    context.session.connection().execute(delete(tables.definition_draft).where(in_draft(key)))


def _beside(context: Context, key: str, path: str) -> tuple[DefinitionFile, ...]:
    """Return the decisions and forms of the draft; the diagram lies at `path`."""
    try:
        _, files = draft_files(context, key, path)
    except NoDraftError:
        return ()
    return tuple(DefinitionFile(name, text.encode("utf-8")) for name, text in files.items() if name != path)


def _file(newest: Any, xml: str) -> DefinitionFile:
    return DefinitionFile(newest.file, xml.encode("utf-8"))


def _same_procedure(context: Context, file: DefinitionFile, key: str) -> tuple[Problem, ...]:
    """Return a problem unless the file still holds the procedure it is a draft of."""
    found = set(read_bpmn(file.content, file.path, host_functions(context.calendar)).processes)
    if found == {key}:
        return ()
    return (Problem(file.path, "process-id", f"流程的标识须为“{key}”，一个文件只含这一个流程；请勿改名或增加流程。"),)
