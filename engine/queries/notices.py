"""The actor's notices, newest first."""

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select

from engine.command import Context
from engine.model import Notice
from engine.prepared import Prepared
from engine.queries.office_views import NoticeView

MOST_ROWS = 200
COUNT_LIMIT = 100


@dataclass(frozen=True)
class ListNotices:
    """Notices of the actor; `before` is the id of the last one seen, for the next page."""

    unread: bool = False
    before: int | None = None
    limit: int = 30

    def execute(self, context: Context) -> tuple[NoticeView, ...]:
        """Read one page."""
        statement = select(Notice).where(Notice.person_id == context.actor.person_id)
        if self.unread:
            statement = statement.where(Notice.read_at.is_(None))
        if self.before is not None:
            statement = statement.where(Notice.id < self.before)
        size = max(1, min(self.limit, MOST_ROWS))
        rows = context.session.execute(statement.order_by(Notice.id.desc()).limit(size)).scalars()
        return tuple(
            NoticeView(row.id, row.kind, row.text, row.instance_id, row.task_id, row.created_at, row.read_at)
            for row in rows
        )


@dataclass(frozen=True)
class CountNotices:
    """How many of the actor's notices are unread, counted up to COUNT_LIMIT."""

    def execute(self, context: Context) -> int:
        """Count."""
        ((count,),) = _UNREAD.rows(context.session.connection(), {"person": context.actor.person_id})
        return int(count)


_UNREAD = Prepared(
    select(func.count()).select_from(
        select(Notice.id)
        .where(Notice.person_id == bindparam("person"), Notice.read_at.is_(None))
        .limit(COUNT_LIMIT)
        .subquery()
    )
)
