"""Saved scenarios of a procedure, and the files a trial runs on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.command import Context
from engine.errors import ProcessDefinitionNotFoundError
from engine.execution.replaying import DraftDefinitions, differences, from_json, replay
from engine.execution.version_files import files_of, versions_of
from engine.model import Scenario
from engine.proposals import NoDraftError, draft_files, drafted
from engine.queries.definitions import require_keeper
from engine.queries.rows import names_of


@dataclass(frozen=True)
class ScenarioView:
    """A scenario with the way it takes in force, and how it would differ on the draft (verdict "" without one)."""

    id: int
    name: str
    created_by: str
    created_at: datetime
    steps: tuple[str, ...]
    status: str
    verdict: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class ListScenarios:
    """The scenarios of a procedure, each replayed on the version in force and on the draft."""

    key: str

    def execute(self, context: Context) -> tuple[ScenarioView, ...]:
        """Read and replay them; raises NotAllowedError, ProcessDefinitionNotFoundError."""
        require_keeper(context)
        present = context.catalog.latest_of(self.key).ref
        try:
            draft = drafted(context, self.key)
        except NoDraftError:
            draft = None
        rows = list(
            context.session.execute(select(Scenario).where(Scenario.key == self.key).order_by(Scenario.id)).scalars()
        )
        names = names_of(context, [row.created_by for row in rows])
        return tuple(_view(context, row, present, draft, names) for row in rows)


@dataclass(frozen=True)
class FindDraftFiles:
    """The files of a procedure's draft as texts by path; those of the version in force where there is none.

    Raises ProcessDefinitionNotFoundError.
    """

    key: str

    def execute(self, context: Context) -> dict[str, str]:
        """Read them."""
        require_keeper(context)
        versions = versions_of(context, self.key)
        if not versions:
            raise ProcessDefinitionNotFoundError(key=self.key[:80])
        newest = versions[-1]
        try:
            return draft_files(context, self.key, newest.file)[1]
        except NoDraftError:
            return {newest.file: files_of(context, self.key, newest.version)[newest.file].decode()}


def _view(
    context: Context, row: Scenario, present: str, draft: DraftDefinitions | None, names: dict[str, str]
) -> ScenarioView:
    recorded = from_json(row.content)
    course = replay(context, context.catalog, present, recorded)
    verdict, words = differences(course, replay(context, draft, draft.ref, recorded)) if draft else ("", ())
    return ScenarioView(
        row.id, row.name, names.get(row.created_by, row.created_by), row.created_at,
        tuple(name for _, name in course.steps), course.status, verdict, words,
    )  # fmt: skip
