"""Filing a form: what of a submission is true, and what is stored apart from the file."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert

from engine.attachments import files_of
from engine.command import Context
from engine.errors import InvalidSubmissionError
from engine.forms import Form
from engine.model import tables
from engine.options import options_of


def checked(
    context: Context, form: Form, values: Mapping[str, Any], variables: Mapping[str, Any], instance_id: int | None
) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """Return what of a submission is true, and what belongs into the vault; raises InvalidSubmissionError."""
    files = files_of(context, instance_id)
    found = form.check(values, variables, options_of(context, instance_id), context.now, files)
    if found.errors:
        raise InvalidSubmissionError(found.errors)
    return found.values, found.vault


def keep_apart(context: Context, instance_id: int, vault: Mapping[str, Any]) -> None:
    """Store what belongs into the vault (举报人身份) apart from the file (domain 2.6)."""
    rows = [{"instance_id": instance_id, "field": name, "value": value, "at": context.now} for name, value in vault.items()]
    if rows:
        context.session.connection().execute(insert(tables.vault_entry), rows)
        context.record("vault written", instance_id, fields=sorted(vault))
