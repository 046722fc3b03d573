"""Filing a form: what of a submission is true, and what is stored apart from the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from engine.attachments import files_of
from engine.command import Context
from engine.errors import InvalidSubmissionError
from engine.forms import Form
from engine.model import tables
from engine.options import options_of


@dataclass(frozen=True)
class Filed:
    """A submission that was accepted: `values` as filed, `vault` to be stored apart, `variables` for the matter.

    Fields that are hidden now lose an earlier answer: it no longer holds.
    """

    values: dict[str, Any]
    vault: Mapping[str, Any]
    variables: dict[str, Any]


NOTHING_FILED = Filed({}, {}, {})


def checked(
    context: Context, form: Form, values: Mapping[str, Any], variables: Mapping[str, Any], instance_id: int | None
) -> Filed:
    """Return what of a submission is true; raises InvalidSubmissionError with the fields at fault."""
    files = files_of(context, instance_id)
    found = form.check(values, variables, options_of(context, instance_id), context.now, files)
    if found.errors:
        raise InvalidSubmissionError(found.errors)
    cleared = {name: None for name in found.cleared if variables.get(name) is not None}
    return Filed(found.values, found.vault, {**found.values, **cleared})


def keep_apart(context: Context, instance_id: int, vault: Mapping[str, Any]) -> None:
    """Seal what belongs into the vault (举报人身份) and store it apart from the file (domain 2.6)."""
    rows = [
        {
            "instance_id": instance_id,
            "field": name,
            "value": context.vault.seal(value, f"{instance_id}:{name}"),
            "at": context.now,
        }
        for name, value in vault.items()
    ]
    if rows:
        context.session.connection().execute(insert(tables.vault_entry), rows)
        context.record("vault written", instance_id, fields=sorted(vault))
