"""Who may have a task, and what changes when it goes to somebody: the rules behind claim, transfer and submission.

Separation of duties (`bihuan:notSameAs`), recusal by unit (`bihuan:excludeUnit`) and valid certificates
(`bihuan:certified`, 处罚法 42) come from the task's node; administrators take no part in S2 and S3 (domain 2.6).
"""

from dataclasses import replace

from sqlalchemy import delete, insert, select

from engine.access import S2, S3
from engine.actor import ADMIN_ROLES, Actor, person_principal
from engine.calendar import local_date
from engine.command import Context
from engine.directory import Colleague, members, positions_of
from engine.errors import EngineError, NotAllowedError, SeparationOfDutiesError
from engine.model import Notice, Participant, Person, ProcessInstance, TaskAccess, UserTask
from engine.task_rules import TaskRules, rules_of


def is_candidate(actor: Actor, task: UserTask) -> bool:
    """Tell whether the actor is among the candidates of a task, by name or by a position held today."""
    return not actor.principals.isdisjoint(task.candidates or ())


def possible_assignees(context: Context, task: UserTask) -> tuple[Colleague, ...]:
    """Return the people behind the candidates of a task; of one given directly, those with the assignee's positions."""
    principals = list(task.candidates or ())
    if not principals and task.assignee:
        held = positions_of(context.session, task.assignee, context.now)
        principals = [f"r:{one.role}@{one.unit_code}" for one in held if one.role not in ADMIN_ROLES]
    found = members(context.session, context.directory, principals, context.now)
    roles = {principal[2:].partition("@")[0] for principal in principals if principal.startswith("r:")}
    return tuple(replace(one, roles=_role_names(context, one.id, roles)) for one in found)


def may_have(context: Context, task: UserTask, person_id: str) -> str:
    """Return why a person may not have a task, in Chinese; an empty text where nothing stands against it."""
    refusal = refused(context, task, person_id)
    return "" if refusal is None else str(refusal)


def require_may_have(context: Context, task: UserTask, person_id: str) -> None:
    """Raise SeparationOfDutiesError or NotAllowedError where a rule stands against this person doing the task."""
    refusal = refused(context, task, person_id)
    if refusal is not None:
        raise refusal


def refused(context: Context, task: UserTask, person_id: str) -> EngineError | None:
    """Return the first rule that stands against a person doing a task, as the error it would raise."""
    person = context.session.get(Person, person_id)
    if person is None or not person.active:
        return NotAllowedError(reason="该人员不在岗。")
    rules = rules_of(context, task)
    return (
        _administrators(context, task, person)
        or _separation(context, task, person, rules)
        or _recusal(context, person, rules)
        or _certificate(context, person, rules)
    )


def give(context: Context, task: UserTask, person_id: str, *, told: bool = False) -> None:
    """Make a person the assignee; the task leaves all other worklists. `told` puts a notice into his.

    He takes part in the matter from now on; of a restricted one he is put on the access list (domain 2.6).
    """
    task.assignee = person_id
    task.claimed_at = context.now
    task.row_version += 1
    _write_access(context, task, (person_principal(person_id),), "assigned")
    add_participant(context, task.instance_id, person_id, "assignee")
    if task.sensitivity >= S3:
        add_participant(context, task.instance_id, person_id, "access", note=task.name)
    if told:
        context.session.execute(
            insert(Notice).values(
                person_id=person_id,
                kind="assigned",
                instance_id=task.instance_id,
                task_id=task.id,
                text=_handed_over(task),
                created_at=context.now,
                dedupe_key=f"give:{task.id}:{task.row_version}",
            )
        )


def put_back(context: Context, task: UserTask) -> None:
    """Free a task: it stands in the worklists of its candidates again."""
    task.assignee = None
    task.claimed_at = None
    task.row_version += 1
    _write_access(context, task, tuple(task.candidates or ()), "claimable")


def add_participant(context: Context, instance_id: int, person_id: str, kind: str, note: str = "") -> None:
    """Let a person take part in a matter as `kind`, once."""
    known = select(Participant.person_id).where(
        Participant.instance_id == instance_id, Participant.person_id == person_id, Participant.kind == kind
    )
    if context.session.execute(known).first() is None:
        context.session.execute(
            insert(Participant).values(
                instance_id=instance_id, person_id=person_id, kind=kind, since=context.now, note=note
            )
        )


def person_name(context: Context, person_id: str) -> str:
    """Return a person's name; the id where there is none."""
    name = context.session.execute(select(Person.name).where(Person.id == person_id)).scalar_one_or_none()
    return name or person_id


def _handed_over(task: UserTask) -> str:
    """Return the notice's text; of a restricted matter the number only (domain section 10)."""
    shown = task.number if task.sensitivity >= S3 else f"{task.number} {task.title} · {task.name}"
    return f"转交给您办理：{shown}"


def _write_access(context: Context, task: UserTask, principals: tuple[str, ...], status: str) -> None:
    due_at = (
        context.session.execute(delete(TaskAccess).where(TaskAccess.task_id == task.id).returning(TaskAccess.due_at))
        .scalars()
        .first()
    )
    rows = [
        {"principal": principal, "status": status, "due_at": due_at, "task_id": task.id} for principal in principals
    ]
    context.session.execute(insert(TaskAccess), rows)


def _administrators(context: Context, task: UserTask, person: Person) -> EngineError | None:
    if task.sensitivity < S2:
        return None
    if ADMIN_ROLES & {one.role for one in positions_of(context.session, person.id, context.now)}:
        return NotAllowedError(reason="管理员不接触事项内容。")
    return None


def _separation(context: Context, task: UserTask, person: Person, rules: TaskRules) -> EngineError | None:
    """Find a step named in notSameAs that this person completed anywhere in the matter, its start included."""
    if not rules.not_same_as:
        return None
    done = select(UserTask.name).where(
        UserTask.instance_id == task.instance_id,
        UserTask.node_id.in_(rules.not_same_as),
        UserTask.completed_by == person.id,
    )
    other = context.session.execute(done.limit(1)).scalar_one_or_none()
    if other is None and rules.not_starter:
        begun = select(ProcessInstance.started_by).where(ProcessInstance.id == task.instance_id)
        other = "登记" if context.session.execute(begun).scalar_one() == person.id else None
    return None if other is None else SeparationOfDutiesError(other=other, task=task.name)


def _recusal(context: Context, person: Person, rules: TaskRules) -> EngineError | None:
    for unit in rules.excluded_units:
        if person.unit_code in context.directory.subtree(unit):
            name = context.directory.unit_name(unit)
            return NotAllowedError(reason=f"事项涉及{name}，该单位人员应当回避。")
    return None


def _certificate(context: Context, person: Person, rules: TaskRules) -> EngineError | None:
    if not rules.certified:
        return None
    valid = person.cert_no and person.cert_valid_to and person.cert_valid_to >= local_date(context.now)
    return None if valid else NotAllowedError(reason="办理这项任务须持有有效的行政执法证（行政处罚法第四十二条）。")


def _role_names(context: Context, person_id: str, roles: set[str]) -> tuple[str, ...]:
    held = positions_of(context.session, person_id, context.now)
    return tuple(dict.fromkeys(context.directory.role_name(one.role) for one in held if not roles or one.role in roles))
