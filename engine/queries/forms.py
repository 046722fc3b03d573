"""Forms as deployed, by key or by id; and the drafts kept for them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from engine.command import Context
from engine.model import FormDefinition, TaskDraft
from engine.queries.views import Draft, FormView

_COLUMNS = (FormDefinition.id, FormDefinition.key, FormDefinition.version, FormDefinition.schema)


def newest_form(context: Context, key: str | None) -> FormView | None:
    """Return the newest version of a form, or None."""
    if not key:
        return None
    statement = select(*_COLUMNS).where(FormDefinition.key == key).order_by(FormDefinition.version.desc()).limit(1)
    return _view(context.session.execute(statement).first())


def forms_by_id(context: Context, ids: Iterable[int | None]) -> dict[int, FormView]:
    """Return form versions by id, in one statement."""
    wanted = sorted({one for one in ids if one is not None})
    if not wanted:
        return {}
    rows = context.session.execute(select(*_COLUMNS).where(FormDefinition.id.in_(wanted)))
    return {row.id: view for row in rows if (view := _view(row)) is not None}


def find_draft(context: Context, key: str) -> Draft | None:
    """Return the actor's draft under a key, or None."""
    row = context.session.execute(
        select(TaskDraft.values.label("kept"), TaskDraft.saved_at).where(
            TaskDraft.person_id == context.actor.person_id, TaskDraft.key == key
        )
    ).first()
    return None if row is None else Draft(row.kept, row.saved_at)


def _view(row: Any) -> FormView | None:
    return None if row is None else FormView(row.key, row.version, row.schema, row.id)
