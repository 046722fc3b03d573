"""Drafts of the decisions and forms beside a procedure: each file of a draft is saved and checked for itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from engine.bpmn.xml import LARGEST
from engine.checking import CheckAndProve
from engine.command import Context
from engine.commands.drafts import StaleDraftError, require_keeper, whole_draft
from engine.errors import ConflictError, InvalidDefinitionError, InvalidError, NotFoundError, Problem
from engine.execution.version_files import files_of, versions_of
from engine.model import tables
from engine.proposals import NoDraftError, draft_files
from engine.text import check_text

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,79}\.(dmn|form)")


class DraftFileNotFoundError(NotFoundError):
    """The procedure has no such file."""

    words = "没有找到这个决策表或表单。"


class FileTakenError(ConflictError):
    """A new file would take the name of one that is there."""

    words = "已有名为“{name}”的文件，请换一个名称。"


@dataclass(frozen=True)
class DraftFile:
    """One decision file or form as its editor shows it; `row_version` is None while there is no draft of it."""

    path: str
    text: str
    row_version: int | None
    saved_by: str | None


@dataclass(frozen=True)
class FindDraftFile:
    """The draft of a decision file or form, or what is in force; raises DraftFileNotFoundError, NotAllowedError."""

    key: str
    name: str

    def execute(self, context: Context) -> DraftFile:
        """Read the draft, else the version in force."""
        require_keeper(context)
        path = path_of(self.key, self.name)
        table = tables.definition_draft
        row = context.session.execute(select(table).where(table.c.key == path)).first()
        if row is not None:
            return DraftFile(path, row.content, row.row_version, row.saved_by)
        content = _in_force(context, self.key).get(path)
        if content is None:
            raise DraftFileNotFoundError
        return DraftFile(path, content.decode("utf-8"), None, None)


@dataclass(frozen=True)
class ListDraftFiles:
    """The files of a procedure by name, those of its draft among them; True where the draft holds a changed one."""

    key: str

    def execute(self, context: Context) -> Mapping[str, bool]:
        """Read the names; raises ProcessDefinitionNotFoundError, NotAllowedError."""
        require_keeper(context)
        drafted = {path for path, _ in _drafted(context, self.key) if path.endswith((".dmn", ".form"))}
        known = {path for path in _in_force(context, self.key) if path.endswith((".dmn", ".form"))}
        return {path.rpartition("/")[2]: path in drafted for path in sorted(known | drafted)}


@dataclass(frozen=True)
class SaveDraftFile:
    """Keep an edited decision file or form; any state may be saved. Returns the draft's new row version.

    `new` begins a file that is not there yet. Raises StaleDraftError, FileTakenError, DraftFileNotFoundError.
    """

    key: str
    name: str
    text: str
    row_version: int | None = None
    new: bool = False

    def execute(self, context: Context) -> int:
        """Insert or update the one draft of the file."""
        require_keeper(context)
        path = path_of(self.key, self.name)
        _check_size(self.text)
        versions = versions_of(context, self.key)
        table, connection = tables.definition_draft, context.session.connection()
        draft = context.session.execute(select(table).where(table.c.key == path).with_for_update()).first()
        self._check_place(draft is not None or path in _in_force(context, self.key))
        if (draft.row_version if draft else None) != self.row_version:
            raise StaleDraftError(who=draft.saved_by if draft else "其他人")
        saved = {"content": self.text, "saved_by": context.actor.person_id, "saved_at": context.now}
        if draft is None:
            kind = path.rpartition(".")[2]
            row = {"key": path, "kind": kind, "base_version": versions[-1].version, "row_version": 1, **saved}
            connection.execute(insert(table), row)
            return 1
        following = int(draft.row_version) + 1
        connection.execute(update(table).where(table.c.id == draft.id).values(row_version=following, **saved))
        return following

    def _check_place(self, there: bool) -> None:
        if self.new and there:
            raise FileTakenError(name=self.name)
        if not self.new and not there:
            raise DraftFileNotFoundError


@dataclass(frozen=True)
class CheckDraftFile:
    """Check an edited file together with the rest of the draft, and keep nothing; returns what is said about it."""

    key: str
    name: str
    text: str

    def execute(self, context: Context) -> tuple[Problem, ...]:
        """Read and check the whole draft with this file in it."""
        require_keeper(context)
        _check_size(self.text)
        return check_whole(context, self.key, path_of(self.key, self.name), self.text)


def check_whole(context: Context, key: str, path: str, text: str) -> tuple[Problem, ...]:
    """Check and prove one edited file with the diagram and every other file of the draft, as publishing would."""
    if not versions_of(context, key):
        raise DraftFileNotFoundError
    try:
        return CheckAndProve(whole_draft(context, key, {path: text})).execute(context)
    except InvalidDefinitionError as refused:
        return tuple(refused.problems)


def path_of(key: str, name: str) -> str:
    """Return the path of a file beside a procedure's diagram; raises DraftFileNotFoundError for any other name."""
    if not _NAME.fullmatch(name):
        raise DraftFileNotFoundError
    return f"{'processes' if name.endswith('.dmn') else 'forms'}/{key}/{name}"


def _in_force(context: Context, key: str) -> dict[str, bytes]:
    versions = versions_of(context, key)
    if not versions:
        raise DraftFileNotFoundError
    return files_of(context, key, versions[-1].version)


def _drafted(context: Context, key: str) -> list[tuple[str, str]]:
    try:
        return list(draft_files(context, key, "")[1].items())
    except NoDraftError:
        return []


def _check_size(text: str) -> None:
    check_text(text, "文件")
    if len(text.encode("utf-8")) > LARGEST:
        raise InvalidError(reason="文件超过 2 MB。")
