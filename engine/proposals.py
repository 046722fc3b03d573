"""Proposals to change a procedure: a draft frozen with what differs and what was found, and its publication (P34)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update

from engine.bpmn.checks import DefinitionFile
from engine.bpmn.reader import read_bpmn
from engine.calendar import host_functions
from engine.checking import CheckAndProve
from engine.command import Context
from engine.comparison import Comparison, compare_files
from engine.database import upsert
from engine.deploying import Deploy
from engine.dmn import DmnModel, read_dmn
from engine.errors import ConflictError, InvalidDefinitionError, NotFoundError, ProcessDefinitionNotFoundError
from engine.execution.changes import REGISTER
from engine.execution.replaying import DraftDefinitions, differences, from_json, replay
from engine.execution.version_files import files_of, versions_of
from engine.model import tables
from engine.proving import is_undecided

OPEN, PUBLISHED, CLOSED = "open", "published", "closed"
_MOST_TOLD = 3_600
UNPROVED = "【证明未能判定】"
"""Begins the new content of a change that nothing proved; the form of the test asks for a reason then."""


class NoDraftError(NotFoundError):
    """There is no draft of this procedure."""

    words = "没有找到这个流程的草稿，请先保存。"


class NothingChangedError(ConflictError):
    """The draft says the same as the version in force."""

    words = "草稿与现行版本没有差别，无需提请变更。"


class OutdatedDraftError(ConflictError):
    """A newer version was published after the draft was begun; publishing it would undo that one."""

    words = "草稿是在第 {base} 版上修改的，现行已是第 {newest} 版。请另存您的修改，放弃草稿后在新版本上重做。"


@dataclass(frozen=True)
class Frozen:
    """A draft as proposed: files by path, how it differs from the version in force, what check and proof say.

    `decided` is false where the proof could not be brought to an end.
    """

    key: str
    base_version: int
    files: Mapping[str, str]
    comparison: Comparison
    findings: tuple[str, ...]
    decided: bool = True

    @property
    def changes(self) -> list[str]:
        """Return the differences in words."""
        return [f"{file.kind} {change.words}" for file in self.comparison.files for change in file.changes]


def freeze(context: Context, key: str) -> Frozen:
    """Return the draft of a procedure as it may be proposed.

    Raises NoDraftError, OutdatedDraftError, NothingChangedError, ProcessDefinitionNotFoundError, and
    InvalidDefinitionError with every reason why it may not be published.
    """
    versions = versions_of(context, key)
    if not versions:
        raise ProcessDefinitionNotFoundError(key=key[:80])
    newest = versions[-1]
    base, files = draft_files(context, key, newest.file)
    if base != newest.version:
        raise OutdatedDraftError(base=base, newest=newest.version)
    problems = CheckAndProve(_definition_files(files)).execute(context)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InvalidDefinitionError(errors)
    before = files_of(context, key, newest.version)
    comparison = compare_files(before, {**before, **{path: text.encode() for path, text in files.items()}})
    if not comparison.files:
        raise NothingChangedError
    findings = (*(problem.message for problem in problems), *otherwise(context, key, files))
    return Frozen(key, newest.version, files, comparison, findings, not is_undecided(problems))


def otherwise(context: Context, key: str, files: Mapping[str, str]) -> list[str]:
    """Return which saved scenarios take another way with these files than in the version in force."""
    table = tables.scenario
    rows = context.session.execute(select(table).where(table.c.key == key).order_by(table.c.id)).all()
    present, changed = context.catalog.latest_of(key).ref, definitions_of(context, key, files)
    found = []
    for row in rows:
        recorded = from_json(row.content)
        before = replay(context, context.catalog, present, recorded)
        _, words = differences(before, replay(context, changed, changed.ref, recorded))
        found += [f"场景“{row.name}”：{'；'.join(words)}"] if words else []
    return found


def draft_files(context: Context, key: str, file: str) -> tuple[int | None, dict[str, str]]:
    """Return the version a draft was begun on and its files as texts by path; raises NoDraftError.

    `file` is the path of the diagram. A draft has a row per changed file: the diagram's is named by the procedure,
    those of decisions and forms by their paths.
    """
    table = tables.definition_draft
    asked = select(table).where(in_draft(key)).order_by(table.c.key).with_for_update()
    rows = context.session.execute(asked).all()
    if not rows:
        raise NoDraftError
    base = min((row.base_version for row in rows), key=lambda version: version or 0)
    return base, {file if row.key == key else row.key: row.content for row in rows}


def in_draft(key: str) -> ColumnElement[bool]:
    """Return the condition that finds the rows of a procedure's draft."""
    name = tables.definition_draft.c.key
    beside = (name.startswith(f"{folder}/{key}/", autoescape=True) for folder in ("processes", "forms"))
    return or_(name == key, *beside)


def draft_version(context: Context, key: str) -> int | None:
    """Return a number that grows with every save of any file of a draft, or None without one."""
    table = tables.definition_draft
    return context.session.execute(select(func.sum(table.c.row_version)).where(in_draft(key))).scalar()


def drafted(context: Context, key: str) -> DraftDefinitions:
    """Return the deployed definitions with the draft in its place, for runs without effects.

    Raises NoDraftError, ProcessDefinitionNotFoundError and InvalidDefinitionError.
    """
    versions = versions_of(context, key)
    if not versions:
        raise ProcessDefinitionNotFoundError(key=key[:80])
    _, files = draft_files(context, key, versions[-1].file)
    return definitions_of(context, key, files)


def definitions_of(context: Context, key: str, files: Mapping[str, str]) -> DraftDefinitions:
    """Return the deployed definitions with some files of a procedure in their place; raises InvalidDefinitionError."""
    functions = host_functions(context.calendar)
    models: dict[str, DmnModel] = {}
    process = None
    for path, text in files.items():
        if path.endswith(".dmn"):
            model = read_dmn(text.encode(), path, functions=functions)
            models.update(dict.fromkeys(model.decisions, model))
        elif path.endswith(".bpmn"):
            process = read_bpmn(text.encode(), path, functions=functions).processes.get(key)
    return DraftDefinitions(context.catalog, key, process or context.catalog.latest_of(key).process, models)


def keep(context: Context, frozen: Frozen, instance_id: int) -> int:
    """Write a new proposal and return its id."""
    row = {
        **_columns(frozen), "key": frozen.key, "status": OPEN, "proposed_by": context.actor.person_id,
        "proposed_at": context.now, "instance_id": instance_id,
    }  # fmt: skip
    table = tables.change_proposal
    return int(context.session.connection().execute(insert(table).returning(table.c.id), row).scalar_one())


def proposal_of(context: Context, instance_id: int) -> Any:
    """Return the locked proposal of a matter of approval, or None for one that changes nothing by itself."""
    table = tables.change_proposal
    asked = select(table).where(table.c.instance_id == instance_id).with_for_update()
    return context.session.execute(asked).first()


def renew(context: Context, proposal: Any) -> Frozen:
    """Take the draft as it is now into an open proposal; raises as `freeze` does."""
    frozen = freeze(context, proposal.key)
    _set(context, proposal.id, **_columns(frozen))
    return frozen


def publish(context: Context, proposal: Any, *, migrate: bool, number: str) -> int:
    """Deploy an approved proposal as the next version, which is returned, and note the approval in the register.

    Raises OutdatedDraftError where another version was published meanwhile, and InvalidDefinitionError.
    """
    newest = versions_of(context, proposal.key)[-1]
    if newest.version != proposal.base_version:
        raise OutdatedDraftError(base=proposal.base_version, newest=newest.version)
    made = Deploy(_definition_files(proposal.files), f"变更 {number}").execute(context)
    version = next((one.version for one in made.definitions if one.key == proposal.key), newest.version)
    _set(context, proposal.id, status=PUBLISHED, published_version=version)
    approve(context, proposal.key, version, {"migrate": migrate, "number": number}, proposal.instance_id)
    _drop_draft(context, proposal)
    context.record("definition published", subject=proposal.key, version=version, change=number)
    return version


def close(context: Context, proposal: Any) -> None:
    """End a proposal that was not approved or was taken back; its draft stays."""
    _set(context, proposal.id, status=CLOSED)


def approve(context: Context, key: str, version: int, data: Mapping[str, Any], instance_id: int | None) -> None:
    """Note in the register `approved_change` what was approved about a version."""
    row = {
        "register": REGISTER, "key": f"{key}:{version}", "status": "approved", "data": dict(data), "unit_code": "",
        "instance_id": instance_id, "updated_at": context.now,
    }  # fmt: skip
    connection = context.session.connection()
    changing = ("status", "data", "instance_id", "updated_at")
    connection.execute(upsert(connection, tables.register_entry, ("register", "key"), changing), [row])


def _columns(frozen: Frozen) -> dict[str, Any]:
    return {
        "base_version": frozen.base_version, "files": dict(frozen.files), "changes": frozen.changes,
        "findings": list(frozen.findings),
    }  # fmt: skip


def _definition_files(texts: Mapping[str, str]) -> tuple[DefinitionFile, ...]:
    return tuple(DefinitionFile(path, text.encode("utf-8")) for path, text in texts.items())


def _set(context: Context, proposal: int, **values: Any) -> None:
    table = tables.change_proposal
    context.session.connection().execute(update(table).where(table.c.id == proposal).values(values))


def _drop_draft(context: Context, proposal: Any) -> None:
    """Throw the draft away unless somebody went on with it after it was proposed."""
    table = tables.definition_draft
    same = table.c.content.in_(list(proposal.files.values()))
    context.session.connection().execute(delete(table).where(in_draft(proposal.key), same))


def told(frozen: Frozen) -> str:
    """Return the changes of a draft as the text of a form, cut where a form would not take it."""
    changes = frozen.changes if frozen.decided else [UNPROVED, *frozen.changes]
    lines: list[str] = []
    length = 0
    for change in changes:
        length += len(change) + 1
        if length > _MOST_TOLD:
            return "\n".join([*lines, f"……共 {len(changes)} 处，见附件“版本对比.txt”"])
        lines.append(change)
    return "\n".join(lines)
