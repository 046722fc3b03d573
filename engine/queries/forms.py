"""Forms as deployed, by key or by id; and the drafts kept for them."""

from collections.abc import Iterable

from sqlalchemy import bindparam, select

from engine.command import Context, DeployedForm
from engine.model import TaskDraft
from engine.prepared import Prepared
from engine.queries.views import Draft, FormView

_DRAFT = Prepared(
    select(TaskDraft.values, TaskDraft.saved_at).where(
        TaskDraft.person_id == bindparam("person"), TaskDraft.key == bindparam("draft")
    )
)


def newest_form(context: Context, key: str | None) -> FormView | None:
    """Return the newest version of a form, or None."""
    found = context.catalog.latest_form(key) if key else None
    return _view(found) if found else None


def forms_by_id(context: Context, ids: Iterable[int | None]) -> dict[int, FormView]:
    """Return form versions by id, from the catalog."""
    return {one: _view(context.catalog.form(one)) for one in set(ids) if one is not None}


def find_draft(context: Context, key: str) -> Draft | None:
    """Return the actor's draft under a key, or None."""
    found = _DRAFT.rows(context.session.connection(), {"person": context.actor.person_id, "draft": key})
    return Draft(*found[0]) if found else None


def _view(form: DeployedForm) -> FormView:
    return FormView(form.key, form.version, form.schema, form.form)
