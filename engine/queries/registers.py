"""Registers and option lists: what one procedure's result tells another, within the scope of who asks."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from engine.access import require_visible, visible_among
from engine.command import Context
from engine.model import RegisterEntry
from engine.options import Option, entry_title, near_units, options_of
from engine.queries.office_views import RegisterRow
from engine.text import check_text

MOST_ROWS = 1_000


@dataclass(frozen=True)
class ListRegister:
    """Entries of a register, newest key first; their data only where the actor may see the matter behind them."""

    register: str
    status: str = ""
    search: str = ""
    limit: int = 200

    def execute(self, context: Context) -> tuple[RegisterRow, ...]:
        """Read the entries of the actor's district and of the units above."""
        check_text([self.register, self.status, self.search], "查询条件")
        entry = RegisterEntry
        near = or_(entry.unit_code == "", entry.unit_code.in_(near_units(context)))
        statement = select(entry).where(entry.register == self.register, near)
        if self.status:
            statement = statement.where(entry.status == self.status)
        if self.search.strip():
            statement = statement.where(entry.key.contains(self.search.strip(), autoescape=True))
        size = max(1, min(self.limit, MOST_ROWS))
        rows = context.session.execute(statement.order_by(entry.key.desc()).limit(size)).scalars().all()
        matters = (row.instance_id for row in rows)
        seen = {None, *visible_among(context.session, context.actor, context.directory, matters)}
        return tuple(_row(row, context, readable=row.instance_id in seen) for row in rows)


@dataclass(frozen=True)
class OptionsFor:
    """The options of one source (`code:…`, `people…`, `units…`, `register:…`) for the actor, perhaps in a matter."""

    source: str
    instance_id: int | None = None

    def execute(self, context: Context) -> tuple[Option, ...]:
        """List them; raises UnknownOptionsError, MatterNotFoundError."""
        check_text(self.source, "选项来源")
        if self.instance_id is not None:
            require_visible(context.session, context.actor, context.directory, self.instance_id)
        return options_of(context, self.instance_id)(self.source)


def _row(row: Any, context: Context, *, readable: bool) -> RegisterRow:
    data = dict(row.data) if readable else {}
    return RegisterRow(
        row.register,
        row.key,
        f"{row.key} {entry_title(data)}".strip(),
        row.instance_id if readable else None,
        row.unit_code or "",
        context.directory.unit_name(row.unit_code),
        row.status or "",
        row.valid_from,
        row.valid_until,
        data,
        row.updated_at,
    )
