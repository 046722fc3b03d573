"""What forms and task attributes may read besides the matter's variables: `matter`, `actor` and `task`."""

from datetime import datetime
from typing import Any

from engine.actor import Actor
from engine.calendar import local
from engine.directory import Directory


def actor_context(actor: Actor, directory: Directory) -> dict[str, Any]:
    """Return who acts: id, name, unit, unit_name, roles (ids)."""
    return {
        "id": actor.person_id,
        "name": actor.name,
        "unit": actor.unit_code,
        "unit_name": directory.unit_name(actor.unit_code),
        "roles": sorted(actor.roles),
    }


def matter_context(matter: Any, directory: Directory) -> dict[str, Any]:
    """Return a matter: id, number, title, unit, unit_name, sensitivity ("S2"), started_by, started_on."""
    return {
        "id": matter.id,
        "number": matter.number,
        "title": matter.title,
        "unit": matter.unit_code,
        "unit_name": directory.unit_name(matter.unit_code),
        "sensitivity": f"S{matter.sensitivity}",
        "started_by": matter.started_by,
        "started_on": _day(matter.started_at),
    }


def new_matter_context(
    unit_code: str, sensitivity: int, actor: Actor, directory: Directory, now: datetime
) -> dict[str, Any]:
    """Return the context of a matter about to start."""
    return {
        "id": None,
        "number": None,
        "title": None,
        "unit": unit_code,
        "unit_name": directory.unit_name(unit_code),
        "sensitivity": f"S{sensitivity}",
        "started_by": actor.person_id,
        "started_on": _day(now),
    }


def task_context(task: Any) -> dict[str, Any]:
    """Return a task: id, name, due and legal_due (days), deadline (code), created_on."""
    return {
        "id": task.id,
        "name": task.name,
        "due": _day(task.due_at),
        "legal_due": _day(task.legal_due_at),
        "deadline": task.deadline_code,
        "created_on": _day(task.created_at),
    }


def _day(instant: datetime | None) -> str | None:
    """Return an instant as the ISO day in Shanghai, as forms keep dates."""
    return None if instant is None else local(instant).date().isoformat()
