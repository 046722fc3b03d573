"""Scenarios: a run of a procedure that was tried out, kept to be replayed at each later change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select

from engine.command import Context
from engine.commands.drafts import require_keeper
from engine.errors import InvalidError, NotFoundError
from engine.execution.replaying import from_json
from engine.model import tables
from engine.text import check_text, read_text

MOST = 50


class TooManyScenariosError(InvalidError):
    """A procedure has as many scenarios as are replayed."""

    words = "这个流程已有 {most} 个场景，请先删除不用的。"


class ScenarioNotFoundError(NotFoundError):
    """No such scenario."""

    words = "没有找到这个场景。"


@dataclass(frozen=True)
class SaveScenario:
    """Keep a recorded run (`replaying.as_json`) of a procedure under a name; returns its id.

    Raises InvalidError for a name that is empty or taken, TooManyScenariosError.
    """

    key: str
    name: str
    content: Mapping[str, Any]

    def execute(self, context: Context) -> int:
        """Check and insert."""
        require_keeper(context)
        name = read_text(self.name, "场景名称", least=1, most=80)
        check_text(self.content, "场景")
        from_json(self.content)
        table = tables.scenario
        names = list(context.session.execute(select(table.c.name).where(table.c.key == self.key)).scalars())
        if name in names:
            raise InvalidError(reason=f"已有名为“{name}”的场景。")
        if len(names) >= MOST:
            raise TooManyScenariosError(most=MOST)
        row = {
            "key": self.key, "name": name, "content": dict(self.content), "created_by": context.actor.person_id,
            "created_at": context.now,
        }  # fmt: skip
        made = context.session.connection().execute(insert(table).returning(table.c.id), row).scalar_one()
        context.record("scenario saved", subject=self.key, name=name)
        return int(made)


@dataclass(frozen=True)
class DropScenario:
    """Throw a scenario away."""

    scenario_id: int

    def execute(self, context: Context) -> str:
        """Delete it and return the key of its procedure; raises ScenarioNotFoundError."""
        require_keeper(context)
        table = tables.scenario
        gone = delete(table).where(table.c.id == self.scenario_id).returning(table.c.key, table.c.name)
        row = context.session.connection().execute(gone).first()
        if row is None:
            raise ScenarioNotFoundError(scenario_id=self.scenario_id)
        context.record("scenario dropped", subject=row.key, name=row.name)
        return str(row.key)
