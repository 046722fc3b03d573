"""Form: a form as compiled; what a page shows of it and what a submission to it is worth."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.forms.checking import check_form
from engine.forms.model import Checked, Field, FileSource, OptionSource, Prepared
from engine.forms.preparing import prepare_filed, prepare_form


@dataclass(frozen=True)
class Form:
    """A form that was read without problems. `name` is the file or the key `<procedure>/<form>`."""

    id: str
    name: str
    fields: tuple[Field, ...]
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    def prepare(
        self,
        variables: Mapping[str, Any],
        options: OptionSource,
        now: datetime,
        values: Mapping[str, Any] | None = None,
    ) -> Prepared:
        """Return what the page shows. `values` are a draft or a refused submission: what was typed wins."""
        return prepare_form(self, variables, options, now, values)

    def check(
        self,
        submitted: Mapping[str, Any],
        variables: Mapping[str, Any],
        options: OptionSource,
        now: datetime,
        files: FileSource | None = None,
    ) -> Checked:
        """Return what of `submitted` (form-js data: nested by key and row) is true, and what is wrong with it.

        `files` describes the attachments that may be filed here; without it there are none.
        """
        return check_form(self, submitted, variables, options, now, files)

    def filed(self, submission: Mapping[str, Any], options: OptionSource, now: datetime) -> Prepared:
        """Return a filed submission for reading: nothing is computed anew, and only what was filed is visible."""
        return prepare_filed(self, submission, options, now)

    def __iter__(self) -> Iterator[Field]:
        """Yield all fields, those of groups and lists too."""
        pending = list(reversed(self.fields))
        while pending:
            one = pending.pop()
            yield one
            pending.extend(reversed(one.children))

    @property
    def outcome(self) -> Field | None:
        """Return the field whose choices are the main buttons, if there is one."""
        return next((one for one in self if one.outcome), None)
