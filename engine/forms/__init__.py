"""Forms: form-js JSON (schema 19), read once; the server decides which fields there are and what they may hold.

`read_form(schema, name)` gives a `Form`: `form.prepare` says what a page shows, `form.check` what a submission is
worth, `form.filed` how filed data is shown. The rules are those of form-js-viewer 2.0; stricter ones say so.
"""

from engine.forms.form import Form
from engine.forms.model import Checked, Field, Option, Prepared, PreparedField, Suggestion
from engine.forms.reader import read_form

__all__ = ["Checked", "Field", "Form", "Option", "Prepared", "PreparedField", "Suggestion", "read_form"]
