"""Replay: the matters of the last days through a draft with their real data, and what would have been otherwise.

Told by number and step only: who changes procedures has no access to what matters hold (domain section 4).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from engine.command import Context
from engine.errors import InvalidError
from engine.execution.recording import record, tasks_of
from engine.execution.replaying import SAME, DraftDefinitions, differences, replay
from engine.execution.rows import RESTRICTED
from engine.model import ProcessInstance
from engine.proposals import drafted
from engine.queries.definitions import require_keeper

MOST = 200


@dataclass(frozen=True)
class Replayed:
    """One matter: verdict is same, other_way, later or stuck; `words` say in Chinese what differs.

    `sure` is false where the present version, replayed, does not take the way the matter really took, so that not all
    of its data was at hand.
    """

    instance_id: int
    number: str
    verdict: str
    words: tuple[str, ...]
    sure: bool


@dataclass(frozen=True)
class ReplayReport:
    """All matters replayed, those that differ first; `left_out` were too many."""

    matters: tuple[Replayed, ...]
    left_out: int

    def count(self, verdict: str) -> int:
        """Return how many have a verdict."""
        return Counter(one.verdict for one in self.matters)[verdict]


@dataclass(frozen=True)
class ReplayDraft:
    """Put the matters that began within the last `days` through the draft of their procedure.

    Raises NoDraftError, InvalidDefinitionError, ProcessDefinitionNotFoundError and InvalidError for a silly number.
    """

    key: str
    days: int

    def execute(self, context: Context) -> ReplayReport:
        """Replay each on the version it runs on and on the draft, and compare the two."""
        require_keeper(context)
        if not 1 <= self.days <= 3_660:
            raise InvalidError(reason="天数应在 1 到 3660 之间。")
        draft = drafted(context, self.key)
        since = context.now - timedelta(days=self.days)
        asked = (
            select(ProcessInstance)
            .where(ProcessInstance.key == self.key, ProcessInstance.started_at >= since)
            .order_by(ProcessInstance.id.desc())
        )
        rows = list(context.session.execute(asked.limit(MOST + 1)).scalars())
        found = [_replayed(context, draft, row) for row in rows[:MOST]]
        found.sort(key=lambda one: (one.verdict == SAME, one.instance_id))
        return ReplayReport(tuple(found), max(0, len(rows) - MOST))


def _replayed(context: Context, draft: DraftDefinitions, row: ProcessInstance) -> Replayed:
    deployed = context.catalog.deployed(row.definition_id)
    tasks = tasks_of(context, row)
    recorded = record(context, row, tasks)
    before = replay(context, context.catalog, deployed.ref, recorded)
    after = replay(context, draft, draft.ref, recorded)
    really = Counter(task.node_id for task in tasks if task.token)
    verdict, words = differences(before, after)
    number = "受限事项" if row.sensitivity >= RESTRICTED else row.number
    return Replayed(row.id, number, verdict, words, Counter(node for node, _ in before.steps) == really)
