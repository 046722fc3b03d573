"""Procedures and their versions, for the process administrator and for reading."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from engine.command import Context
from engine.errors import NotAllowedError, ProcessDefinitionNotFoundError
from engine.execution.matter import RUNNING
from engine.model import (
    DecisionDefinition,
    DefinitionDraft,
    Deployment,
    FormDefinition,
    Incident,
    ProcessDefinition,
    ProcessInstance,
)
from engine.queries.office_views import DefinitionView, ProcedureCard
from engine.queries.rows import names_of

KEEPERS = frozenset({"process_admin"})


@dataclass(frozen=True)
class ListProcedures:
    """All procedures with versions, running matters, incidents and drafts, by group and code."""

    def execute(self, context: Context) -> tuple[ProcedureCard, ...]:
        """Read them; raises NotAllowedError unless the actor keeps the procedures."""
        require_keeper(context)
        rows = context.session.execute(_versions().order_by(ProcessDefinition.key, ProcessDefinition.version)).all()
        running = _running(context)
        incidents = _incidents(context)
        drafts = _newest_drafts(context)
        people = [row.deployed_by for row in rows] + [draft.saved_by for draft in drafts.values()]
        names = names_of(context, people)
        by_key: dict[str, list[Any]] = defaultdict(list)
        for row in rows:
            by_key[row.key].append(row)
        cards = [
            _card(versions, running, incidents.get(key, 0), drafts.get(key), names) for key, versions in by_key.items()
        ]
        return tuple(sorted(cards, key=lambda card: (card.callable_only, card.group, card.code, card.key)))


@dataclass(frozen=True)
class FindDefinition:
    """One version of a procedure, the newest where none is named; with the draft in work.

    Everybody may read a diagram; drafts and figures are for the process administrator.
    """

    key: str
    version: int | None = None

    def execute(self, context: Context) -> DefinitionView:
        """Read it; raises ProcessDefinitionNotFoundError."""
        wanted = ProcessDefinition.key == self.key
        versions = tuple(
            context.session.execute(
                select(ProcessDefinition.version).where(wanted).order_by(ProcessDefinition.version)
            ).scalars()
        )
        version = self.version if self.version is not None else (versions[-1] if versions else None)
        if version not in versions:
            raise ProcessDefinitionNotFoundError(key=self.key[:80])
        row = context.session.execute(
            select(ProcessDefinition, Deployment.deployed_at, Deployment.deployed_by)
            .join(Deployment, Deployment.id == ProcessDefinition.deployment_id)
            .where(wanted, ProcessDefinition.version == version)
        ).one()
        return _view(context, row, versions)


def require_keeper(context: Context) -> None:
    """Raise NotAllowedError unless the actor keeps the procedures."""
    if not context.actor.is_engine and context.actor.roles.isdisjoint(KEEPERS):
        raise NotAllowedError(reason="流程由流程管理员维护。")


def _versions() -> Any:
    return select(
        ProcessDefinition.id,
        ProcessDefinition.key,
        ProcessDefinition.version,
        ProcessDefinition.title,
        ProcessDefinition.procedure,
        Deployment.deployed_at,
        Deployment.deployed_by,
    ).join(Deployment, Deployment.id == ProcessDefinition.deployment_id)


def _running(context: Context) -> dict[int, int]:
    """Count the running matters per definition."""
    running = select(func.count()).where(
        ProcessInstance.definition_id == ProcessDefinition.id, ProcessInstance.status.in_(RUNNING)
    )
    counted = select(ProcessDefinition.id, running.correlate(ProcessDefinition).scalar_subquery())
    return dict(context.session.execute(counted).all())


def _incidents(context: Context) -> dict[str, int]:
    """Count the open incidents per procedure."""
    counted = (
        select(ProcessInstance.key, func.count())
        .join(Incident, Incident.instance_id == ProcessInstance.id)
        .where(Incident.resolved_at.is_(None))
        .group_by(ProcessInstance.key)
    )
    return dict(context.session.execute(counted).all())


def _card(
    versions: list[Any], running: dict[int, int], incidents: int, draft: Any, names: dict[str, str]
) -> ProcedureCard:
    newest = versions[-1]
    about = newest.procedure or {}
    per_version = {row.version: running.get(row.id, 0) for row in versions}
    return ProcedureCard(
        key=newest.key,
        title=newest.title,
        code=str(about.get("code", "")),
        group=str(about.get("group", "")),
        summary=str(about.get("summary", "")),
        version=newest.version,
        versions=tuple(row.version for row in reversed(versions)),
        deployed_at=newest.deployed_at,
        deployed_by=names.get(newest.deployed_by, newest.deployed_by),
        running=sum(per_version.values()),
        running_by_version=per_version,
        incidents=incidents,
        callable_only=bool(about.get("callable_only")),
        draft_id=draft.id if draft else None,
        draft_saved_by=names.get(draft.saved_by, draft.saved_by) if draft else None,
        draft_saved_at=draft.saved_at if draft else None,
    )


def _view(context: Context, row: Any, versions: tuple[int, ...]) -> DefinitionView:
    one, deployed_at, deployed_by = row
    keeper = context.actor.is_engine or not context.actor.roles.isdisjoint(KEEPERS)
    draft = _newest_drafts(context).get(one.key) if keeper else None
    diagram = _draft_of_diagram(context, one.key) if keeper else None
    names = names_of(context, [deployed_by, draft.saved_by if draft else None])
    return DefinitionView(
        id=one.id,
        key=one.key,
        title=one.title,
        version=one.version,
        versions=tuple(reversed(versions)),
        file=one.file,
        xml=one.xml.decode("utf-8"),
        svg=one.svg,
        procedure=one.procedure or {},
        deployed_at=deployed_at,
        deployed_by=names.get(deployed_by, deployed_by),
        running=_running(context).get(one.id, 0) if keeper else 0,
        forms=_keys(context, FormDefinition),
        decisions=_keys(context, DecisionDefinition),
        draft_id=draft.id if draft else None,
        draft_xml=diagram.content if diagram else None,
        draft_row_version=diagram.row_version if diagram else None,
        draft_base_version=draft.base_version if draft else None,
        draft_saved_by=names.get(draft.saved_by, draft.saved_by) if draft else None,
        draft_saved_at=draft.saved_at if draft else None,
    )


def _newest_drafts(context: Context) -> dict[str, Any]:
    """Return the file saved last of each procedure's draft; decisions and forms are named by path."""
    rows = context.session.execute(select(DefinitionDraft).order_by(DefinitionDraft.saved_at)).scalars()
    return {row.key.split("/")[1] if "/" in row.key else row.key: row for row in rows}


def _draft_of_diagram(context: Context, key: str) -> Any:
    return context.session.execute(select(DefinitionDraft).where(DefinitionDraft.key == key)).scalar_one_or_none()


def _keys(context: Context, kind: Any) -> tuple[str, ...]:
    """Return the keys of all forms or decisions, for the editor's pickers."""
    return tuple(context.session.execute(select(kind.key).distinct().order_by(kind.key)).scalars())
