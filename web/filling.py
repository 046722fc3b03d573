"""A form on a page: prepared for whoever looks, drawn by form_rendering, read back when it is posted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from flask import Flask, g, request, url_for
from markupsafe import Markup
from werkzeug.datastructures import FileStorage

from engine.forms import Option
from engine.queries.matter_views import FiledTask
from engine.queries.registers import OptionsFor
from engine.queries.views import FormView
from engine.task_actions.attach import AttachFile
from web.asking import ask, engine, idempotency_key, run
from web.form_rendering import (
    Outcome,
    Submission,
    field_id,
    field_names,
    outcome_of,
    parse_submission,
    render_form,
)


@dataclass(frozen=True)
class Place:
    """Where a form is filled: in a matter and a task, or (both None) before there is one."""

    instance_id: int | None = None
    task_id: int | None = None


@dataclass(frozen=True)
class Sheet:
    """A form as drawn: its markup, its outcome buttons, and what was refused about the last submission."""

    markup: Markup
    outcome: Outcome | None = None
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    field_id = staticmethod(field_id)


def register(app: Flask) -> None:
    """Let templates show filed data and give each form the key of its submission."""
    app.jinja_env.globals.update(filed_values=filed_values, idempotency_key=idempotency_key, new_key=new_key)


def blank(
    view: FormView | None,
    variables: Mapping[str, Any],
    place: Place,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
) -> Sheet | None:
    """Draw a form to be filled, with what was typed and what was wrong with it; None where there is no form."""
    if view is None:
        return None
    form = view.form
    prepared = form.prepare(variables, _options(place.instance_id), g.now, typed)
    wrong = errors or {}
    markup = render_form(form, prepared, wrong, mode="edit", upload_url=_upload_url(place))
    return Sheet(markup, outcome_of(form, prepared), wrong, field_names(prepared))


def filled(view: FormView | None, values: Mapping[str, Any], instance_id: int | None) -> Sheet | None:
    """Draw a form that was filed, for reading."""
    if view is None:
        return None
    form = view.form
    return Sheet(render_form(form, form.filed(values, _options(instance_id), g.now), {}, mode="read"))


def filed_values(filed: FiledTask, instance_id: int) -> Markup:
    """Draw what a step filed; used by the file of a matter."""
    sheet = filled(filed.form, filed.values, instance_id)
    return sheet.markup if sheet else Markup("")


def submitted(view: FormView | None, place: Place) -> Submission:
    """Return what was typed into the form of this request; files that came with it are kept."""
    if view is None:
        return Submission({})
    return parse_submission(view.form, request.form, request.files, _keeper(place))


def new_key() -> str:
    """Return a key for one submission of one page."""
    return uuid4().hex


def _upload_url(place: Place) -> str:
    return url_for("attachments.upload", instance_id=place.instance_id, task_id=place.task_id)


def _options(instance_id: int | None) -> Callable[[str], Sequence[Option]]:
    """Return the source of choices for a page about a matter; each list is read once."""
    known: dict[str, Sequence[Option]] = {}

    def options(source: str) -> Sequence[Option]:
        if source not in known:
            known[source] = ask(OptionsFor(source, instance_id))
        return known[source]

    return options


def _keeper(place: Place) -> Callable[[str, FileStorage], Mapping[str, Any]]:
    """Return what keeps a file that came with a form posted without script."""

    def keep(path: str, file: FileStorage) -> Mapping[str, Any]:
        stored = engine().files.keep(file.stream, file.filename or "")
        made = run(AttachFile(place.instance_id, place.task_id, path, stored, None))
        return {"id": made, "name": stored.name}

    return keep
