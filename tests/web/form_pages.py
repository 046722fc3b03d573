"""A small application that draws any form, with the product's own templates, styles and script."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, jsonify, render_template_string, request
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

import web
from engine.forms import Form, Option, Prepared, read_form
from web import filters
from web.form_rendering import field_names, outcome_of, parse_submission, render_form
from web.security import CONTENT_SECURITY_POLICY

ROOT = Path(web.__file__).parents[1]
NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
HOST = dict.fromkeys(("addWorkingDays", "workingDaysBetween", "isWorkday"), lambda *_: None)
VARIABLES: dict[str, Any] = {
    "matter": {"id": 1, "number": "LD-DJ-2026-00001", "title": "示例", "unit": "DJ", "unit_name": "东江区局"},
    "actor": {"id": "dj.fenban", "name": "陈守一", "unit": "DJ", "roles": []},
    "task": {"id": 1, "due": None},
}
PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>表单</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="csrf-token" content="token">
{% for sheet in ("tokens", "base", "parts", "forms") %}<link rel="stylesheet" href="/static/css/{{ sheet }}.css">{% endfor %}
<script type="module" src="/static/dist/form.js"></script></head><body><main>
<form id="task-form" class="form" method="post" enctype="multipart/form-data" novalidate>
{% if errors %}<div id="error-summary">{% for path, messages in errors.items() %}<p data-path="{{ path }}">{{ names.get(path, path) }}：{{ messages|join("；") }}</p>{% endfor %}</div>{% endif %}
{{ fields }}
<div class="action-bar">{% for option in outcome.options if outcome %}<button class="btn btn-primary" name="{{ outcome.key }}" value="{{ option.value }}">{{ option.label }}</button>
{% else %}<button class="btn btn-primary" data-main>提交</button>{% endfor %}</div></form></main></body></html>"""


def options(source: str) -> Sequence[Option]:
    """Return choices of the example organisation and the code lists."""
    kind, _, rest = source.partition(":")
    if kind == "people":
        people = _toml("config/example/organisation.toml")["person"]
        return [Option(one["id"], f"{one['name']}（{one['unit']}）") for one in people]
    if kind == "units":
        return [Option(one["code"], one["name"]) for one in _toml("config/example/organisation.toml")["unit"]]
    lists = {one["id"]: one["items"] for one in _toml("config/codes.toml")["list"]}
    names = rest.split("+") if kind == "code" else []
    found = (lists.get(name, [{"value": name, "label": name}]) for name in names)
    return [Option(item["value"], item["label"]) for items in found for item in items]


def files(ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Describe any attachment."""
    return {one: {"name": f"{one}.pdf", "size": 10} for one in ids}


def shipped() -> list[str]:
    """Return the keys of all shipped forms."""
    return sorted(str(path.relative_to(ROOT / "forms"))[:-5] for path in (ROOT / "forms").glob("*/*.form"))


def shipped_form(key: str) -> Form:
    """Return a shipped form."""
    return read_form(json.loads((ROOT / "forms" / f"{key}.form").read_text("utf-8")), key, HOST)


FORMS: dict[str, Form] = {}


@lru_cache
def form_app() -> Flask:
    """Return the application with a page per entry of FORMS; a good submission answers with the values as JSON."""
    variables = VARIABLES
    app = Flask("web", template_folder=str(ROOT / "web/templates"), static_folder=str(ROOT / "web/static"))
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    filters.register(app)
    app.before_request(lambda: setattr(g, "now", NOW))
    app.add_url_rule("/attachments/<attachment_id>", "attachments.download", lambda attachment_id: attachment_id)

    @app.post("/attachments", endpoint="attachments.upload")
    def upload() -> tuple[Response, int]:
        file = request.files["file"]
        if file.filename == "bad.exe":
            return jsonify(message="不接受这种文件。"), 422
        return jsonify(id="up-1", name=file.filename, size=len(file.read()), url="/attachments/up-1"), 201

    @app.route("/forms/<path:key>", methods=["GET", "POST"])
    def page(key: str) -> Any:
        form, errors, values = FORMS.get(key) or shipped_form(key), {}, None
        if request.method == "POST":
            posted = parse_submission(
                form, request.form, request.files, lambda _, file: {"id": "nojs", "name": file.filename}
            )
            values = posted.values
            if not posted.redraw:
                checked = form.check(values, variables, options, NOW, files)
                errors = checked.errors
                if not errors:
                    return jsonify(checked.values)
        return drawn(form, form.prepare(variables, options, NOW, values), errors), 422 if errors else 200

    @app.after_request
    def policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    return app


def drawn(form: Form, prepared: Prepared, errors: Mapping[str, Sequence[str]] | None = None) -> str:
    """Return a whole page with a form."""
    return render_template_string(
        PAGE,
        fields=render_form(form, prepared, errors, upload_url="/attachments"),
        outcome=outcome_of(form, prepared),
        errors=errors or {},
        names=field_names(prepared),
    )


def markup(form: Form, values: Mapping[str, Any] | None = None, mode: str = "edit", **more: Any) -> Markup:
    """Return only the fields of a form."""
    with form_app().test_request_context():
        g.now = NOW
        if mode == "read":
            return render_form(form, form.filed(values or {}, options, NOW), mode="read")
        return render_form(form, form.prepare(more.pop("variables", VARIABLES), options, NOW, values), **more)


def posted(form: Form, entries: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the values of the entries that a browser would send."""
    return parse_submission(form, MultiDict(entries)).values


@lru_cache
def _toml(path: str) -> Any:
    return tomllib.loads((ROOT / path).read_text("utf-8"))
