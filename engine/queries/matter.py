"""A matter with all that belongs to it (一事一档): overview, steps, people, what was filed, links, acts, timeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, or_, select

from engine.access import S3, require_visible, visible_instances
from engine.command import Context
from engine.model import (
    EveryEvent,
    EveryTask,
    MatterLink,
    Participant,
    Person,
    ProcessDefinition,
    ProcessInstance,
)
from engine.prepared import Prepared
from engine.queries.acts import matter_acts
from engine.queries.forms import forms_by_id
from engine.queries.history_words import entry_kind, entry_text
from engine.queries.matter_views import FiledTask, LinkView, MatterView, ParticipantView, TimelineEntry
from engine.queries.matters import matter_statement, open_work
from engine.queries.rows import MATTER_STATUS, matter_row, names_of, task_row
from engine.queries.task import comments_of

KINDS = {"starter": "登记人", "assignee": "办理人", "access": "知悉人员", "cc": "抄送"}
MOST_EVENTS = 2_000
# How many events are read first where only the newest entries are wanted; not every event is an entry.
_LAST = 40


@dataclass(frozen=True)
class FindMatter:
    """Everything the page of a matter needs but its timeline, files and diagram; raises MatterNotFoundError."""

    instance_id: int

    def execute(self, context: Context) -> MatterView:
        """Read it, after the one check of scope."""
        require_visible(context.session, context.actor, context.directory, self.instance_id)
        matter = context.session.get_one(ProcessInstance, self.instance_id)
        definition = context.catalog.deployed(matter.definition_id)
        row = context.session.execute(matter_statement().where(ProcessInstance.id == matter.id)).one()
        work = open_work(context, [matter.id]).get(matter.id, [])
        people = [row.started_by, *(task.assignee for task in work)]
        people += [one[2:] for task in work for one in task.candidates or () if one.startswith("p:")]
        names = names_of(context, people)
        about: Mapping[str, Any] = definition.procedure or {}
        return MatterView(
            row=matter_row(row, context, work, names, mask=False),
            version=definition.version,
            retention=str(about.get("retention", "")),
            documents=tuple(str(one) for one in about.get("documents", ())),
            tasks=tuple(task_row(task, context, names, mask=False) for task in work),
            participants=_participants(context, matter.id),
            filed=filed_tasks(context, matter.id),
            links=_links(context, matter.id),
            acts=matter_acts(context, matter),
            comments=comments_of(context, matter.id),
        )


@dataclass(frozen=True)
class ListTimeline:
    """The history of a matter in words, oldest first, perhaps only its newest entries; raises MatterNotFoundError."""

    instance_id: int
    newest: int | None = None

    def execute(self, context: Context) -> tuple[TimelineEntry, ...]:
        """Read the events."""
        require_visible(context.session, context.actor, context.directory, self.instance_id)
        connection, wanted = context.session.connection(), {"instance": self.instance_id}
        if self.newest:
            events = _LAST_EVENTS.rows(connection, wanted)
            found = _entries(context, [_Event(*event) for event in reversed(events)])
            if len(found) >= self.newest or len(events) < _LAST:
                return tuple(found[-self.newest :])
        found = _entries(context, [_Event(*event) for event in _EVENTS.rows(connection, wanted)])
        return tuple(found[-self.newest :] if self.newest else found)


class _Event(NamedTuple):
    """What the timeline tells of a history event."""

    id: int
    at: datetime
    actor: str
    actor_name: str
    unit_code: str | None
    acting_for: str | None
    action: str
    object: str
    details: Mapping[str, Any] | None
    task_id: int | None


_OF_MATTER = select(*(getattr(EveryEvent, name) for name in _Event._fields)).where(
    EveryEvent.instance_id == bindparam("instance")
)
_EVENTS = Prepared(_OF_MATTER.order_by(EveryEvent.seq).limit(MOST_EVENTS))
_LAST_EVENTS = Prepared(_OF_MATTER.order_by(EveryEvent.seq.desc()).limit(_LAST))


def filed_tasks(context: Context, instance_id: int) -> tuple[FiledTask, ...]:
    """Return what the steps of a matter filed, in the order they were completed."""
    rows = context.session.execute(
        select(EveryTask, Person.name, Person.unit_code)
        .outerjoin(Person, Person.id == EveryTask.completed_by)
        .where(EveryTask.instance_id == instance_id, EveryTask.status == "completed")
        .order_by(EveryTask.completed_at, EveryTask.token != "", EveryTask.id)
    ).all()
    forms = forms_by_id(context, (task.form_id for task, _, _ in rows))
    return tuple(
        FiledTask(
            task_id=task.id,
            step=task.name,
            completed_at=task.completed_at or task.created_at,
            completed_by=task.completed_by or "",
            completed_by_name=name or task.completed_by or "",
            unit_name=context.directory.unit_name(unit),
            form=forms.get(task.form_id or 0),
            values=task.submission or {},
        )
        for task, name, unit in rows
    )


def _participants(context: Context, instance_id: int) -> tuple[ParticipantView, ...]:
    rows = context.session.execute(
        select(Participant, Person.name, Person.unit_code)
        .outerjoin(Person, Person.id == Participant.person_id)
        .where(Participant.instance_id == instance_id)
        .order_by(Participant.since, Participant.person_id, Participant.kind)
    )
    return tuple(
        ParticipantView(
            one.person_id,
            name or one.person_id,
            context.directory.unit_name(unit),
            one.kind,
            KINDS.get(one.kind, one.kind),
            one.since,
            one.note or "",
        )
        for one, name, unit in rows
    )


def _links(context: Context, instance_id: int) -> tuple[LinkView, ...]:
    """Return the matters linked either way; of those the actor may not see, the number only."""
    other = or_(
        (MatterLink.from_instance == instance_id) & (MatterLink.to_instance == ProcessInstance.id),
        (MatterLink.to_instance == instance_id) & (MatterLink.from_instance == ProcessInstance.id),
    )
    seen = visible_instances(context.actor, context.directory)
    rows = context.session.execute(
        select(
            MatterLink.kind,
            MatterLink.from_instance,
            ProcessInstance.id,
            ProcessInstance.number,
            ProcessInstance.title,
            ProcessInstance.status,
            ProcessInstance.sensitivity,
            ProcessDefinition.title.label("procedure_title"),
            seen.label("seen"),
        )
        .join(ProcessInstance, other)
        .join(ProcessDefinition, ProcessDefinition.id == ProcessInstance.definition_id)
        .order_by(MatterLink.id)
    )
    return tuple(_link(row, instance_id) for row in rows)


def _link(row: Any, instance_id: int) -> LinkView:
    masked = not row.seen or row.sensitivity >= S3
    return LinkView(
        instance_id=row.id,
        number=row.number or "",
        title="" if masked else row.title or "",
        procedure_title="" if masked else row.procedure_title,
        status_text=MATTER_STATUS[row.status] if row.seen else "",
        kind=row.kind,
        direction="to" if row.from_instance == instance_id else "from",
        masked=masked,
    )


def _entries(context: Context, events: Sequence[_Event]) -> list[TimelineEntry]:
    names = names_of(context, _people_in(events))
    return [
        TimelineEntry(
            id=event.id,
            at=event.at,
            actor=event.actor,
            actor_name=event.actor_name,
            unit_name=context.directory.unit_name(event.unit_code),
            acting_for_name=names.get(event.acting_for or "", event.acting_for or ""),
            kind=entry_kind(event.action),
            text=text,
            details=event.details or {},
            task_id=event.task_id,
        )
        for event in events
        if (text := entry_text(event.action, {"decision": event.object, **(event.details or {})}, names))
    ]


def _people_in(events: Sequence[_Event]) -> set[str]:
    """Return the ids of people that entries speak of."""
    found = {event.acting_for for event in events if event.acting_for}
    for event in events:
        details = event.details or {}
        for key in ("to", "before", "person", "persons"):
            value = details.get(key) or ()
            found.update(str(one) for one in (value if isinstance(value, list) else [value]))
    return found
