"""Once: a command that a client may send again after a time-out, and that acts the first time only (security R2)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from engine.command import Command, Context
from engine.database import upsert
from engine.model import tables


@dataclass(frozen=True)
class Once:
    """Run a command unless the actor has sent this key before; then give the first answer again.

    An answer that is a number or a text is kept; of others is only known that they were given. The key is taken first,
    so that of two requests that come at once the second waits for the first; what was rolled back is not remembered.
    """

    command: Command[Any]
    key: str

    def execute(self, context: Context) -> Any:
        """Take the key, act, and keep the answer in the same transaction."""
        table, connection = tables.idempotency, context.session.connection()
        mine = (table.c.person_id == context.actor.person_id, table.c.key == self.key)
        row = {"person_id": context.actor.person_id, "key": self.key, "result": {}, "at": context.now}
        taken = upsert(connection, table, ("person_id", "key")).returning(table.c.key)
        if connection.execute(taken, row).first() is None:
            return connection.execute(select(table.c.result).where(*mine)).scalar_one().get("answer")
        answer = self.command.execute(context)
        kept = answer if isinstance(answer, (int, str)) else None
        connection.execute(update(table).where(*mine).values(result={"answer": kept}))
        return answer
