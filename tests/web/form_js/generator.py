"""Random forms with random data, one kind of field at a time; deterministic by seed."""

import random
from collections.abc import Callable
from typing import Any

from tests.web.form_js import fields, nested, shown
from tests.web.form_js.values import Made, facts

KINDS: dict[str, Callable[[random.Random], Made]] = {
    "textfield": fields.text("textfield"),
    "textarea": fields.text("textarea"),
    "number": fields.number,
    "checkbox": fields.checkbox,
    "select": fields.one("select"),
    "radio": fields.one("radio"),
    "checklist": fields.many("checklist"),
    "taglist": fields.many("taglist"),
    "datetime": fields.when,
    "filepicker": fields.files,
    "expression": fields.expression,
    "text": shown.text,
    "table": shown.table,
    "separator": shown.bare("separator"),
    "spacer": shown.bare("spacer"),
    "button": shown.bare("button"),
    "group": nested.group,
    "dynamiclist": nested.rows,
}
# Not kinds, but what any kind may have or stand in.
MIXED: dict[str, Callable[[random.Random], Made]] = {"defaults": fields.defaults, "deep": nested.deep}


def case(kind: str, seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a schema and the data to fill it with."""
    rng = random.Random(f"{kind}-{seed}")
    components, values = {**KINDS, **MIXED}[kind](rng)
    known = facts(rng)
    schema = {"type": "default", "id": "Form_1", "schemaVersion": 19, "components": components}
    return schema, {**known, **values}
