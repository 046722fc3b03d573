"""The organisation: units, people and their roles taken in from config (domain section 3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select, update

from engine.command import Context
from engine.commands.people import AddPerson, keep_hash
from engine.commands.positions import locked_person, organisation_changed
from engine.errors import NotAllowedError
from engine.model import Person, Unit
from engine.passwords import hash_password
from engine.text import check_text

_UNIT_COLUMNS = ("name", "short_name", "level", "admin_parent", "business_parent", "decision_authority", "doc_prefix",
                 "legal_review_unit", "active")  # fmt: skip


@dataclass(frozen=True)
class LoadOrganisation:
    """Take in units, and people with roles in their unit, from parsed TOML; what exists is updated, nothing removed.

    `[[unit]]` has the columns of table unit; `[[person]]` id, name, unit, email, phone, cert_no, cert_valid_to, roles.
    `password` is given to new people who have none; they must change it at first login unless `keep_password`.
    """

    content: Mapping[str, Any]
    password: str | None = field(default=None, repr=False)
    keep_password: bool = False

    def execute(self, context: Context) -> int:
        """Write units first, then people; returns how many people are new."""
        if not context.actor.is_engine:
            raise NotAllowedError(reason="组织架构由命令行或变更审批导入。")
        check_text(self.content, "组织架构")
        for row in self.content.get("unit", ()):
            _put_unit(context, row)
        context.session.flush()
        known = set(context.session.execute(select(Person.id)).scalars())
        rows = [row for row in self.content.get("person", ()) if row["id"] not in known]
        shared = hash_password(self.password, context.accounts) if self.password and rows else None
        for row in rows:
            _put_person(context, row, shared, must_change=not self.keep_password)
        context.record("organisation loaded", units=len(self.content.get("unit", ())), people=len(rows))
        organisation_changed(context)
        return len(rows)


def _put_unit(context: Context, row: Mapping[str, Any]) -> None:
    values = {key: row[key] for key in _UNIT_COLUMNS if key in row}
    known = context.session.execute(
        update(Unit).where(Unit.code == row["code"]).values(**values).returning(Unit.code)
    ).first()
    if known is None:
        filled = {"short_name": row["name"], "active": True} | values
        context.session.execute(insert(Unit).values(code=row["code"], **filled))


def _put_person(context: Context, row: Mapping[str, Any], password_hash: str | None, *, must_change: bool) -> None:
    keys = ("cert_no", "cert_valid_to", "email", "phone")
    new = AddPerson(row["id"], row["name"], row["unit"], None, tuple(row.get("roles", ())),
                    **{key: row[key] for key in keys if row.get(key)})  # fmt: skip
    new.execute(context)
    if password_hash:
        person = locked_person(context, new.person_id)
        keep_hash(context, person, password_hash, must_change=must_change)
