"""Replay: the matters of the last days through a draft with their real data, and what would have been otherwise.

Told by number and step only: who changes procedures has no access to what matters hold (domain section 4).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from engine.bpmn.reader import read_bpmn
from engine.calendar import host_functions
from engine.command import Context, Deployed
from engine.dmn import DmnModel, read_dmn
from engine.errors import InvalidError, ProcessDefinitionNotFoundError
from engine.execution.nodes import start_node
from engine.execution.replaying import Act, Course, DraftDefinitions, Recorded, replay
from engine.execution.rows import RESTRICTED
from engine.execution.version_files import versions_of
from engine.model import HistoryEvent, ProcessInstance, UserTask, Variable
from engine.proposals import draft_files
from engine.queries.definitions import require_keeper
from engine.tokens import Process

MOST = 200
SAME, OTHER_WAY, LATER, STUCK = "same", "other_way", "later", "stuck"
_LEAVING = frozenset({"throw", "end"})
_FROM_OUTSIDE = frozenset({"message", "signal"})


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
        draft = _draft(context, self.key)
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


def _draft(context: Context, key: str) -> DraftDefinitions:
    versions = versions_of(context, key)
    if not versions:
        raise ProcessDefinitionNotFoundError(key=key[:80])
    _, files = draft_files(context, key, versions[-1].file)
    functions = host_functions(context.calendar)
    models: dict[str, DmnModel] = {}
    process: Process | None = None
    for path, text in files.items():
        if path.endswith(".dmn"):
            model = read_dmn(text.encode(), path, functions=functions)
            models.update(dict.fromkeys(model.decisions, model))
        elif path.endswith(".bpmn"):
            process = read_bpmn(text.encode(), path, functions=functions).processes[key]
    return DraftDefinitions(context.catalog, key, process or context.catalog.latest_of(key).process, models)


def _replayed(context: Context, draft: DraftDefinitions, row: ProcessInstance) -> Replayed:
    deployed = context.catalog.deployed(row.definition_id)
    tasks = _tasks(context, row)
    recorded = _recorded(context, row, deployed, tasks)
    before = replay(context, context.catalog, deployed.ref, recorded)
    after = replay(context, draft, draft.ref, recorded)
    really = Counter(task.node_id for task in tasks if task.token)
    verdict, words = _compare(before, after)
    number = "受限事项" if row.sensitivity >= RESTRICTED else row.number
    return Replayed(row.id, number, verdict, words, Counter(node for node, _ in before.steps) == really)


def _compare(before: Course, after: Course) -> tuple[str, tuple[str, ...]]:
    was, now = dict(before.steps), dict(after.steps)
    new = [f"多经过“{name}”" for node, name in now.items() if node not in was]
    gone = [f"不再经过“{name}”" for node, name in was.items() if node not in now]
    again: Counter[str] = Counter(node for node, _ in after.steps)
    again.subtract(Counter(node for node, _ in before.steps))
    gone += [f"“{now[node]}”少办 {-count} 次" for node, count in again.items() if count < 0 and node in now]
    new += [f"“{now[node]}”多办 {count} 次" for node, count in again.items() if count > 0 and node in was]
    late, early = _dates(before, after, now)
    stands = [f"停在“{name}”" for name in after.open if name not in before.open]
    if after.incident and after.incident != before.incident:
        stands = [f"停住：{after.incident}"]
    words = (*new, *gone, *stands, *late, *early)
    verdict = STUCK if stands else OTHER_WAY if new or gone else LATER if late else SAME
    return verdict, words


def _dates(before: Course, after: Course, names: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return what is due later and what earlier than it was."""
    both = [(node, before.due[node], due) for node, due in after.due.items() if node in before.due]
    late = [f"“{names[node]}”的期限晚 {_span(old, new)}" for node, old, new in both if new > old]
    early = [f"“{names[node]}”的期限早 {_span(new, old)}" for node, old, new in both if new < old]
    return late, early


def _span(one: datetime, other: datetime) -> str:
    hours = round((other - one).total_seconds() / 3600)
    return f"{hours // 24} 天" if hours >= 24 else f"{hours} 小时"


def _tasks(context: Context, row: ProcessInstance) -> list[UserTask]:
    asked = select(UserTask).where(UserTask.instance_id == row.id).order_by(UserTask.created_at, UserTask.id)
    return list(context.session.execute(asked).scalars())


def _recorded(context: Context, row: ProcessInstance, deployed: Deployed, tasks: list[UserTask]) -> Recorded:
    known = _variables(context, row)
    begun = start_node(deployed.process)
    filed = next((task for task in tasks if not task.token and begun is not None and task.node_id == begun.id), None)
    given: dict[str, Any] = {
        name: known[name] for name in ("starter", "matter_unit", "matter_no", "matter_id") if name in known
    }
    events = list(_events(context, row))
    start: str | None = None
    if filed is not None:
        values: dict[str, Any] = {**(filed.submission or {}), **given}
    else:
        # A message began it: what nobody filed came with the message.
        names = {name for task in tasks for name in (task.submission or {})}
        start = next((act.node for act in events if _starts(deployed.process, act.node)), None)
        values = {name: value for name, value in known.items() if name not in names}
    acts = [
        Act(task.completed_at, task.node_id, task.submission or {})
        for task in tasks
        if task.token and task.status == "completed" and task.completed_at is not None
    ]
    acts += [act for act in events if not _starts(deployed.process, act.node)]
    return Recorded(row.started_at, start, values, sorted(acts, key=lambda act: act.at), known)


def _starts(process: Process, node: str) -> bool:
    found = process.nodes.get(node)
    return found is not None and found.kind == "start" and found.scope == process.id


def _variables(context: Context, row: ProcessInstance) -> dict[str, Any]:
    asked = select(Variable.name, Variable.value).where(Variable.instance_id == row.id).order_by(Variable.scope.desc())
    found: dict[str, Any] = dict(context.session.execute(asked).all())
    return found


def _events(context: Context, row: ProcessInstance) -> Iterator[Act]:
    """Yield the messages and signals that reached the matter, as its path tells."""
    asked = select(HistoryEvent.at, HistoryEvent.details).where(
        HistoryEvent.instance_id == row.id, HistoryEvent.action == "steps passed"
    )
    for at, details in context.session.execute(asked.order_by(HistoryEvent.seq)):
        for ref, node_id, _ in details.get("path", ()):
            node = context.catalog.process(ref).nodes.get(node_id)
            if (
                node is not None
                and any(event.kind in _FROM_OUTSIDE for event in node.events)
                and node.kind not in _LEAVING
            ):
                yield Act(at, node_id, {}, is_event=True)
