"""Proposed changes of a procedure, as who proposes and who approves sees them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.access import require_visible
from engine.command import Context
from engine.comparison import compare_files
from engine.errors import InvalidDefinitionError, NotFoundError
from engine.execution.version_files import files_of, versions_of
from engine.model import ChangeProposal, ProcessDefinition, ProcessInstance
from engine.proposals import NothingChangedError, OutdatedDraftError, draft_version, freeze
from engine.queries.comparison import ComparisonView
from engine.queries.definitions import require_keeper
from engine.queries.rows import names_of


class ProposalNotFoundError(NotFoundError):
    """There is no such proposal, or it is not for the actor."""

    words = "没有找到这项变更。"


@dataclass(frozen=True)
class ProposalView:
    """One proposal: its comparison with the version it was drafted on, and what check and proof said."""

    id: int
    number: str
    instance_id: int
    status: str
    proposed_by: str
    proposed_at: datetime
    findings: tuple[str, ...]
    published_version: int | None
    view: ComparisonView


@dataclass(frozen=True)
class DraftProposal:
    """What a draft would propose: its comparison, what the check and the saved scenarios say, and what forbids it.

    `view` is None where the draft cannot be compared; `problems` are the reasons why it cannot be proposed.
    """

    key: str
    title: str
    row_version: int | None
    view: ComparisonView | None
    findings: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class PreviewProposal:
    """Look at what the draft of a procedure would propose, and change nothing.

    Raises ProcessDefinitionNotFoundError, NoDraftError and NotAllowedError.
    """

    key: str

    def execute(self, context: Context) -> DraftProposal:
        """Check the draft as proposing it would."""
        require_keeper(context)
        versions = versions_of(context, self.key)
        title = versions[-1].title if versions else self.key
        row_version = draft_version(context, self.key)
        try:
            frozen = freeze(context, self.key)
        except InvalidDefinitionError as refused:
            problems = tuple(problem.message for problem in refused.problems)
            return DraftProposal(self.key, title, row_version, None, (), problems)
        except (NothingChangedError, OutdatedDraftError) as refused:
            return DraftProposal(self.key, title, row_version, None, (), (str(refused),))
        before = files_of(context, self.key, frozen.base_version)
        after = {**before, **{path: text.encode() for path, text in frozen.files.items()}}
        file = versions[-1].file
        view = ComparisonView(
            self.key, title, frozen.base_version, frozen.base_version + 1, (), before[file].decode(),
            after[file].decode(), frozen.comparison,
        )  # fmt: skip
        return DraftProposal(self.key, title, row_version, view, frozen.findings, ())


@dataclass(frozen=True)
class ProposalRow:
    """A proposal in a list; status is open, published or closed."""

    id: int
    number: str
    instance_id: int
    status: str
    proposed_by: str
    proposed_at: datetime
    base_version: int
    published_version: int | None


@dataclass(frozen=True)
class FindProposal:
    """The proposal of a matter of approval, for whoever may see that matter; raises ProposalNotFoundError."""

    instance_id: int

    def execute(self, context: Context) -> ProposalView:
        """Read it and compare it with the version it changes."""
        require_visible(context.session, context.actor, context.directory, self.instance_id)
        asked = (
            select(ChangeProposal, ProcessInstance.number)
            .join(ProcessInstance, ProcessInstance.id == ChangeProposal.instance_id)
            .where(ChangeProposal.instance_id == self.instance_id)
        )
        row = context.session.execute(asked).first()
        if row is None:
            raise ProposalNotFoundError(instance_id=self.instance_id)
        found, number = row
        names = names_of(context, [found.proposed_by])
        return ProposalView(
            found.id, number, self.instance_id, found.status, names.get(found.proposed_by, found.proposed_by),
            found.proposed_at, tuple(found.findings), found.published_version, _compared(context, found),
        )  # fmt: skip


@dataclass(frozen=True)
class ListProposals:
    """The proposals of a procedure, newest first, for the process administrator."""

    key: str

    def execute(self, context: Context) -> tuple[ProposalRow, ...]:
        """Read them; raises NotAllowedError."""
        require_keeper(context)
        asked = (
            select(ChangeProposal, ProcessInstance.number)
            .join(ProcessInstance, ProcessInstance.id == ChangeProposal.instance_id)
            .where(ChangeProposal.key == self.key)
            .order_by(ChangeProposal.id.desc())
            .limit(50)
        )
        rows = context.session.execute(asked).all()
        names = names_of(context, [row.proposed_by for row, _ in rows])
        return tuple(
            ProposalRow(
                row.id, number, int(row.instance_id or 0), row.status, names.get(row.proposed_by, row.proposed_by),
                row.proposed_at, row.base_version, row.published_version,
            )
            for row, number in rows
        )  # fmt: skip


def _compared(context: Context, proposal: Any) -> ComparisonView:
    before = files_of(context, proposal.key, proposal.base_version)
    after = {**before, **{path: text.encode() for path, text in proposal.files.items()}}
    row = context.session.execute(
        select(ProcessDefinition.title, ProcessDefinition.file).where(
            ProcessDefinition.key == proposal.key, ProcessDefinition.version == proposal.base_version
        )
    ).one()
    return ComparisonView(
        proposal.key, row.title, proposal.base_version, proposal.base_version + 1, (),
        before[row.file].decode(), after[row.file].decode(), compare_files(before, after),
    )  # fmt: skip
