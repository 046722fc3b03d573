"""Reading a posted form: names such as `evidence[0].name` become nested values; unknown names are dropped."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from engine.forms import Field, Form

ADD_ROW, REMOVE_ROW, DROP_FILE, REDRAW = "_add", "_remove", "_drop", "_redraw"
ROW_MARK = "_row"
MOST_ROWS = 1000

Attach = Callable[[str, FileStorage], Mapping[str, Any]]
"""Keeps a file that came with the form, for a field path; returns {id, name}."""


@dataclass(frozen=True)
class Submission:
    """What was posted. `redraw` says that a row was added or removed: draw the page again and check nothing."""

    values: dict[str, Any]
    redraw: bool = False


def parse_submission(
    form: Form,
    posted: MultiDict[str, str],
    files: MultiDict[str, FileStorage] | None = None,
    attach: Attach | None = None,
) -> Submission:
    """Return the posted values of a form, nested as form-js nests them; texts stay texts, engine.forms reads them.

    Files chosen without the script come with the form: `attach` keeps each and gives its id. Rows in which nothing is
    filled are dropped, unless the post only adds or removes a row or a file.
    """
    redraw = any(name in posted for name in (ADD_ROW, REMOVE_ROW, DROP_FILE, REDRAW))
    reading = _Reading(posted, files or MultiDict(), attach, keep_blank=redraw)
    return Submission(reading.values(form.fields, ""), redraw)


@dataclass(frozen=True)
class _Reading:
    """One post being read."""

    posted: MultiDict[str, str]
    files: MultiDict[str, FileStorage]
    attach: Attach | None
    keep_blank: bool

    def values(self, fields: Iterable[Field], prefix: str) -> dict[str, Any]:
        """Return the values of fields that share a scope."""
        found: dict[str, Any] = {}
        for field in fields:
            name = prefix + ".".join(field.key)
            if field.kind == "group":
                inner = self.values(field.children, f"{name}." if field.key else prefix)
                _put(found, field.key, inner)
            elif field.kind == "dynamiclist":
                _put(found, field.key, self.rows(field, name))
            elif field.keyed and not field.computed and self.is_posted(name):
                _put(found, field.key, self.value(field, name))
        return found

    def is_posted(self, name: str) -> bool:
        """Tell whether the page had a control of this field; boxes that are not ticked post nothing but their mark."""
        return name in self.posted or name in self.files or f"{name}.{ROW_MARK}" in self.posted

    def value(self, field: Field, name: str) -> Any:
        """Return one value as posted."""
        if field.kind in {"checklist", "taglist"}:
            return [text for text in self.posted.getlist(name) if text]
        if field.kind == "filepicker":
            return self.kept_files(name)
        texts = self.posted.getlist(name)
        if field.kind == "checkbox":
            return "true" in texts
        return texts[-1] if texts else None

    def kept_files(self, name: str) -> list[dict[str, Any]]:
        """Return the files of a field: those named by id, and those that came with the post."""
        dropped = set(self.posted.getlist(DROP_FILE))
        known = (text.partition("/") for text in self.posted.getlist(name) if text)
        kept = [{"id": key, "name": title or key} for key, _, title in known if f"{name}:{key}" not in dropped]
        if self.attach:
            kept.extend(dict(self.attach(name, file)) for file in self.files.getlist(name) if file.filename)
        return kept

    def rows(self, field: Field, name: str) -> list[dict[str, Any]]:
        """Return the rows of a list in the order of their numbers, which may have gaps."""
        start = re.compile(re.escape(name) + r"\[(\d{1,6})\]\.")
        names = [*self.posted.keys(), *self.files.keys()]
        numbers = sorted({int(match[1]) for match in map(start.match, names) if match})[:MOST_ROWS]
        removed = set(self.posted.getlist(REMOVE_ROW))
        numbers = [number for number in numbers if f"{name}[{number}]" not in removed]
        rows = [self.values(field.children, f"{name}[{number}].") for number in numbers]
        if not self.keep_blank and field.schema.get("allowAddRemove") is not False:
            rows = [row for row in rows if not _is_blank_row(field.children, row)]
        return rows + [{} for added in self.posted.getlist(ADD_ROW) if added == name]


def _put(values: dict[str, Any], key: Sequence[str], value: Any) -> None:
    """Put a value at a key of several parts; a group without a key puts its values beside the others."""
    if not key:
        values.update(value)
        return
    for part in key[:-1]:
        values = values.setdefault(part, {})
    if isinstance(value, dict) and isinstance(values.get(key[-1]), dict):
        values[key[-1]].update(value)
    else:
        values[key[-1]] = value


def _is_blank_row(fields: Iterable[Field], row: Mapping[str, Any]) -> bool:
    """Tell whether nothing in a row differs from a new one."""
    for field in fields:
        value: Any = row
        for part in field.key:
            value = value.get(part) if isinstance(value, Mapping) else None
        if field.kind == "group":
            if not _is_blank_row(field.children, value or {}):
                return False
        elif field.kind == "dynamiclist":
            if any(not _is_blank_row(field.children, inner) for inner in value or []):
                return False
        elif value not in (None, "", False, []) and value != field.schema.get("defaultValue"):
            return False
    return True
