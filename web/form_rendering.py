"""Drawing a form on the server: fields for filling without any script, filed data for reading; rules for the script."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import Any

from flask import render_template
from markupsafe import Markup

from engine.feel import Expression
from engine.forms import Form, Option, Prepared, PreparedField
from engine.forms.model import NESTED_KINDS
from web.form_submission import Submission, parse_submission
from web.form_values import choice_text, shown_text, typed_text
from web.form_words import words_markup

__all__ = ["Outcome", "Submission", "field_id", "field_names", "outcome_of", "parse_submission", "render_form"]

Errors = Mapping[str, Sequence[str]]
# Lists with more columns than this are drawn as cards on every screen.
TABLE_COLUMNS = 5
# From this many choices on, the script adds a search field.
SEARCHABLE = 9
# Rules the script works with, by the name of their data attribute.
EXPRESSIONS = {
    "hide": "hide",
    "readonly": "readonly",
    "required-if": "required_if",
    "compute": "compute",
    "options": "options",
    "suggestion": "suggestion",
    "multiple": "multiple",
}


@dataclass(frozen=True)
class Outcome:
    """The field whose choices are the buttons of the action bar: `key` is their name, `value` what was chosen."""

    key: str
    label: str
    options: tuple[Option, ...]
    value: Any
    suggested: Any = None


def render_form(
    form: Form, prepared: Prepared, errors: Errors | None = None, mode: str = "edit", *, upload_url: str = ""
) -> Markup:
    """Draw the fields of a form, without the outcome and without the <form> around them.

    `mode` is edit, or read for filed data. `upload_url` is where the script sends files as they are chosen.
    """
    template = "forms/read.html" if mode == "read" else "forms/form.html"
    drawing = Drawing(form, errors or {})
    return Markup(  # noqa: S704 - the template escapes
        render_template(template, drawing=drawing, prepared=prepared, upload_url=upload_url)
    )


def outcome_of(form: Form, prepared: Prepared) -> Outcome | None:
    """Return the visible outcome field, whose choices are the main buttons, or None."""
    field = prepared.outcome
    if field is None or field.read_only or not form.outcome:
        return None
    suggested = field.suggestion.value if field.suggestion else None
    return Outcome(field.path, field.label, field.options, field.value, suggested)


@lru_cache(maxsize=4096)
def field_id(path: str) -> str:
    """Return the id of a field's control: `evidence[0].name` has `field-evidence-0--name`."""
    return "field-" + re.sub(r"[^\w-]", "-", path)


def field_names(prepared: Prepared) -> dict[str, str]:
    """Return what each path is called in a summary of errors: `证据清单第 1 行：名称`."""
    names: dict[str, str] = {}
    _name_all(prepared.fields, "", names)
    return names


def _name_all(fields: Sequence[PreparedField], before: str, names: dict[str, str]) -> None:
    for field in fields:
        names[field.path] = f"{before}{field.label}"
        _name_all(field.children, before, names)
        for number, row in enumerate(field.rows, 1):
            _name_all(row, f"{before}{field.label}第 {number} 行：", names)


@dataclass(frozen=True)
class Drawing:
    """What the templates ask about a field."""

    form: Form
    errors: Errors

    field_id = staticmethod(field_id)
    shown = staticmethod(shown_text)
    typed = staticmethod(typed_text)
    choice_text = staticmethod(choice_text)
    words = staticmethod(words_markup)

    def messages(self, field: PreparedField) -> Sequence[str]:
        """Return what is wrong with a field."""
        return self.errors.get(field.path, ())

    @property
    def has_conditions(self) -> bool:
        """Tell whether an answer can change what else is asked, so that a page without script needs a button."""
        return any(field.rules.hide or field.rules.options or field.computed for field in self.form)

    def is_table(self, field: PreparedField) -> bool:
        """Tell whether a list is narrow enough to be a table on the desk."""
        row = field.field.children
        return len(row) <= TABLE_COLUMNS and all(one.kind not in {"group", "dynamiclist"} for one in row)

    def is_searchable(self, field: PreparedField) -> bool:
        """Tell whether a field has so many choices that searching helps."""
        return len(field.options) >= SEARCHABLE

    def offered(self, field: PreparedField) -> list[tuple[str, Option, bool]]:
        """Return the choices of a field, each as text and with whether it is taken; a value may still be a text."""
        values = field.value if isinstance(field.value, list) else [field.value]
        texts = [(choice_text(option.value), option) for option in field.options]
        return [(text, option, option.value in values or text in values) for text, option in texts]

    def lost_choice(self, field: PreparedField) -> str:
        """Return a chosen value that is no longer offered, so that the page can say so instead of losing it."""
        if field.value in (None, "", []) or isinstance(field.value, list):
            return ""
        return "" if any(chosen for *_, chosen in self.offered(field)) else str(field.value)

    def files(self, field: PreparedField) -> list[dict[str, Any]]:
        """Return the files of a field as {id, name, size}."""
        items = field.value if isinstance(field.value, list) else []
        return [item if isinstance(item, dict) else {"id": item, "name": str(item)} for item in items]

    def runs(self, fields: Sequence[PreparedField]) -> list[tuple[str, list[PreparedField]]]:
        """Cut visible fields into runs of `pair` (label and value) and `other` (groups and lists)."""
        shown = [field for field in fields if field.visible and (field.field.keyed or field.field.kind in NESTED_KINDS)]
        runs = groupby(shown, key=lambda field: "pair" if field.field.keyed else "other")
        return [(kind, list(run)) for kind, run in runs]

    def cells(self, row: Sequence[PreparedField]) -> list[PreparedField]:
        """Return the fields of a row that hold a value, those of its groups too."""
        found: list[PreparedField] = []
        for cell in row:
            found.extend(self.cells(cell.children) if cell.children else [cell] if cell.field.keyed else [])
        return found

    def help(self, field: PreparedField) -> str:
        """Return the words that help to fill a field."""
        return field.field.properties.get("bihuan:help") or field.field.schema.get("description") or ""

    def described_by(self, field: PreparedField) -> str:
        """Return the ids of help and error for aria-describedby."""
        base, parts = field_id(field.path), []
        if field.field.properties.get("bihuan:help"):
            parts.append(f"{base}-help")
        if self.messages(field):
            parts.append(f"{base}-error")
        return " ".join(parts)

    def rules(self, field: PreparedField) -> dict[str, str]:
        """Return the rules of a field for the script, as data attributes; host functions only the server knows."""
        rules = field.field.rules
        found: dict[str, Any] = {
            "hide": rules.hide.text if rules.hide else None,
            "readonly": getattr(rules.readonly, "text", None),
            "required-if": rules.required_if.text if rules.required_if else None,
            "compute": rules.compute.text if rules.compute else None,
            "options": rules.options.text if rules.options else None,
            "suggestion": rules.suggestion.text if rules.suggestion else None,
            "multiple": getattr(rules.multiple, "text", None),
            "says": self._label(field),
            "serialize": field.field.schema.get("serializeToString") is True,
            "pattern": rules.pattern_text or None,
            "pattern-message": rules.pattern_message or None,
        }
        if field.field.type == "opinion" and not rules.required_if:
            found["opinion"] = "true"
        server_only = [name for name in EXPRESSIONS if found[name] and self._stands(name, field)]
        kept = {name: str(text) for name, text in found.items() if text and name not in server_only}
        if server_only:
            kept["server-only"] = " ".join(server_only)
        if "suggestion" in server_only:
            kept["suggested"] = json.dumps(field.suggestion.value if field.suggestion else None, ensure_ascii=False)
        checks = [[check.expression.text, check.message] for check in rules.checks]
        checks = [check for check in checks if not self._on_server_only(check[0])]
        if checks:
            kept["checks"] = json.dumps(checks, ensure_ascii=False)
        for name, rule in rules.limits.items():
            text = getattr(rule, "text", None)
            kept[name.lower()] = f"={text}" if text else str(rule)
        return kept

    def _label(self, field: PreparedField) -> str | None:
        """Return the parts of a label that answers change, as JSON: words, and expressions in lists of one."""
        read = [part for part in field.field.rules.label if isinstance(part, Expression)]
        changes = any(part.names & self._answers for part in read)
        if not changes or any(self._on_server_only(part.text) for part in read):
            return None
        parts = [[part.text] if isinstance(part, Expression) else part for part in field.field.rules.label]
        return json.dumps(parts, ensure_ascii=False)

    def _stands(self, name: str, field: PreparedField) -> bool:
        """Tell whether what the server found out stands: no answer changes it, or only the server can find it out."""
        rule = getattr(field.field.rules, EXPRESSIONS[name])
        return not (rule.names & self._answers) or self._on_server_only(rule.text)

    @cached_property
    def _answers(self) -> frozenset[str]:
        """Return the names by which expressions read what is typed."""
        return frozenset(
            {"this", "parent", "_this_", "_parent_", "i", "_i_"} | {one.key[0] for one in self.form if one.key}
        )

    def _on_server_only(self, text: str) -> bool:
        return any(re.search(rf"\b{re.escape(name)}\s*\(", text) for name in self.form.functions)
