"""Who may know of a matter: the one predicate behind every list, count, search, export, attachment and link.

Domain section 2.6: S0 all staff; S1 the own unit and those above it; S2 who takes part, their direct leaders, the
reviewers of law (法制审核) above them; S3 only who is named on the access list of the matter or has a task in it now.
The three administrators and the process administrator have no case content: they see only what they take part in
themselves, and never S2 or S3. Unknown and forbidden look the same.

Each part of the predicate looks at one matter by an index, whatever else somebody takes part in. Who counts very many
matters may have it found out in another way; what is found out stays the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, false, or_, select, true
from sqlalchemy.orm import Session

from engine.actor import Actor, person_principal
from engine.directory import Directory
from engine.errors import MatterNotFoundError, UserTaskNotFoundError
from engine.model import EveryTask, LoginSession, Participant, Person, ProcessInstance, TaskAccess, UserTask
from engine.passwords import AccountRules

S0, S1, S2, S3 = range(4)


class Looking:
    """How it is found out what somebody has to do with a matter: at each matter by itself, by an index."""

    def takes_part(self, actor: Actor, kinds: Iterable[str] = ()) -> Any:
        """Match matters with the actor among the participants, of some kinds if any are given."""
        found = select(Participant.instance_id).where(
            Participant.instance_id == ProcessInstance.id, Participant.person_id == actor.person_id
        )
        if kinds:
            found = found.where(Participant.kind.in_(tuple(kinds)))
        return found.correlate(ProcessInstance).exists()

    def has_work(self, actor: Actor, statuses: tuple[str, ...]) -> Any:
        """Match matters with an open task the actor has or may claim."""
        # Not a join: SQLite would begin with the actor's whole worklist, and read it again for each matter.
        access = select(TaskAccess.task_id).where(
            TaskAccess.task_id == UserTask.id,
            TaskAccess.principal.in_(sorted(actor.principals)),
            TaskAccess.status.in_(statuses),
        )
        work = select(UserTask.id).where(
            UserTask.instance_id == ProcessInstance.id,
            UserTask.status == "open",
            access.correlate(UserTask).exists(),
        )
        return work.correlate(ProcessInstance).exists()

    def leads(self, units: Sequence[str]) -> Any:
        """Match matters in which somebody of these units takes part."""
        # Not a join: SQLite would begin with the people of the units, and read all they ever took part in each time.
        unit = select(Person.unit_code).where(Person.id == Participant.person_id).scalar_subquery()
        led = select(Participant.instance_id).where(Participant.instance_id == ProcessInstance.id, unit.in_(units))
        return led.correlate(ProcessInstance).exists()


def visible_instances(actor: Actor, directory: Directory, looking: Looking | None = None) -> Any:
    """Return the condition on table process_instance under which `actor` may see a matter's content."""
    if actor.is_engine:
        return true()
    looking = looking or Looking()
    own = or_(looking.takes_part(actor), looking.has_work(actor, ("assigned", "claimable")))
    if actor.is_administrator:
        return and_(ProcessInstance.sensitivity <= S1, own)
    named = or_(looking.takes_part(actor, ("access",)), looking.has_work(actor, ("assigned",)))
    return or_(
        *_by_level(actor, directory, looking),
        and_(ProcessInstance.sensitivity <= S2, own),
        and_(ProcessInstance.sensitivity == S3, named),
    )


def listed_instances(actor: Actor, directory: Directory, looking: Looking | None = None) -> Any:
    """Return the condition under which a matter may stand in the actor's lists.

    Beyond what is visible: restricted matters the actor registered or may claim work in, with number, status, due and
    light only (domain 2.6). So whoever has work in a matter, or may claim some, has it listed.
    """
    if actor.is_engine or actor.is_administrator:
        return visible_instances(actor, directory, looking)
    looking = looking or Looking()
    named = or_(ProcessInstance.started_by == actor.person_id, looking.takes_part(actor, ("access",)))
    return or_(
        *_by_level(actor, directory, looking),
        and_(ProcessInstance.sensitivity <= S2, looking.takes_part(actor)),
        and_(ProcessInstance.sensitivity == S3, named),
        looking.has_work(actor, ("assigned", "claimable")),
    )


def is_masked(sensitivity: int) -> bool:
    """Tell whether lists show a matter of this level with number, status, due and light only."""
    return sensitivity >= S3


def led_units(actor: Actor, directory: Directory) -> list[str]:
    """Return the units whose people the actor leads directly."""
    leading = directory.roles_where(leads=True)
    return sorted({held.unit_code for held in actor.positions if held.role in leading})


def may_see(session: Session, actor: Actor, directory: Directory, instance_id: int) -> bool:
    """Tell whether a matter exists and `actor` may see its content; a yes is asked once per transaction."""
    known: set[tuple[str, int]] = session.info.setdefault("seen", set())
    if (actor.person_id, instance_id) in known:
        return True
    asked = select(ProcessInstance.id).where(ProcessInstance.id == instance_id, visible_instances(actor, directory))
    if session.execute(asked).first() is None:
        return False
    known.add((actor.person_id, instance_id))
    return True


def visible_among(
    session: Session, actor: Actor, directory: Directory, instance_ids: Iterable[int | None]
) -> frozenset[int]:
    """Return those of some matters whose content `actor` may see; None among them is passed over."""
    known = {one for one in instance_ids if one is not None}
    if not known:
        return frozenset()
    asked = select(ProcessInstance.id).where(ProcessInstance.id.in_(known), visible_instances(actor, directory))
    return frozenset(session.execute(asked).scalars())


def require_visible(session: Session, actor: Actor, directory: Directory, instance_id: int) -> None:
    """Raise MatterNotFoundError for a matter that is unknown or that `actor` may not know of."""
    if not may_see(session, actor, directory, instance_id):
        raise MatterNotFoundError(instance_id=instance_id)


def find_task(session: Session, actor: Actor, directory: Directory, task_id: int, *, lock: bool = False) -> UserTask:
    """Return a task the actor may know of, locked if asked; raises UserTaskNotFoundError for all others.

    One knows of the tasks of the matters one may see, and of those one has or may claim.
    """
    task = session.get(UserTask, task_id, with_for_update=lock, populate_existing=lock)
    if task is None and not lock:
        task = session.execute(select(EveryTask).where(EveryTask.id == task_id)).scalar()
    if task is None or (actor.is_administrator and task.sensitivity >= S2):
        raise UserTaskNotFoundError(task_id=task_id)
    named = {person_principal(task.assignee)} if task.assignee else set(task.candidates or ())
    if task.status == "open" and named & actor.principals:
        return task
    if not may_see(session, actor, directory, task.instance_id):
        raise UserTaskNotFoundError(task_id=task_id)
    return task


def idle_since(now: datetime, rules: AccountRules) -> datetime:
    """Return the instant since which a session must have been used."""
    return now - timedelta(minutes=rules.idle_minutes)


def session_is_over(now: Any, idle: Any) -> Any:
    """Return the condition under which a session is over: idle too long, or older than the absolute limit (S16)."""
    return or_(LoginSession.expires_at <= now, LoginSession.last_seen_at <= idle)


def _by_level(actor: Actor, directory: Directory, looking: Looking) -> Iterator[Any]:
    """Yield what the level of a matter and its unit open; this comes first: the databases look no further."""
    yield ProcessInstance.sensitivity == S0
    yield and_(ProcessInstance.sensitivity == S1, _in_line(actor, directory))
    leads = looking.leads(units) if (units := led_units(actor, directory)) else false()
    yield and_(ProcessInstance.sensitivity == S2, or_(_reviews(actor, directory), leads))


def _in_line(actor: Actor, directory: Directory) -> Any:
    """Match matters of the actor's units and of the units below them (domain section 14)."""
    units = {actor.unit_code, *(held.unit_code for held in actor.positions)}
    return ProcessInstance.unit_code.in_(sorted(directory.subtree_of(units)))


def _reviews(actor: Actor, directory: Directory) -> Any:
    """Match matters of the units whose acts the actor reviews in law (法制审核)."""
    legal = directory.roles_where(legal=True)
    units = {held.unit_code for held in actor.positions if held.role in legal}
    return ProcessInstance.unit_code.in_(sorted(directory.subtree_of(units))) if units else false()
