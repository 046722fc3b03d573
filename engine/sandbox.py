"""A sandbox: a draft in a bureau of its own, with the real forms, decisions, calendar and posts, and no way out.

It is an SQLite file of its own with the organisation and the newest definitions, but no matter, no password and no
address in it; no channel is given to its worker. Its clock can be moved forward.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, insert, select

from engine.actor import ENGINE
from engine.bpmn.checks import DefinitionFile
from engine.clock import Clock
from engine.command import Context
from engine.database import Database
from engine.deploying import Deploy
from engine.engine import Engine
from engine.errors import NotFoundError
from engine.execution.recording import record, tasks_of
from engine.execution.replaying import as_json
from engine.files import FileStore
from engine.migrations import migrate
from engine.model import ProcessInstance, tables
from engine.worker import Worker

_MOST_JOBS = 500
_WHOLE = ("unit", "person", "position", "config_document", "deployment")
_NEWEST = ("process_definition", "decision_definition", "form_definition")
# Nobody logs in or is written to from a sandbox.
_OWN = {"password_hash": "", "email": "", "phone": "", "cert_no": "", "must_change_password": False}


class NoMatterTriedError(NotFoundError):
    """Nothing was started in the sandbox yet."""

    words = "还没有试运行过事项，请先发起并办理。"


class Sandbox:
    """One sandbox on disk, with its engine and a worker that runs when told to."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Open what `make` made in a folder."""
        database = Database(f"sqlite:///{folder / 'sandbox.sqlite3'}")
        self.engine = Engine(database, clock, FileStore(folder / "files"), example=True, chain_key="sandbox" * 6)
        self._worker = Worker(self.engine)

    @classmethod
    def make(cls, folder: Path, source: Engine, files: tuple[DefinitionFile, ...]) -> "Sandbox":
        """Make a sandbox in an empty folder: copy what `source` has deployed, and deploy the draft's files over it.

        Raises InvalidDefinitionError; what lies in the folder then is of no use.
        """
        made = cls(folder, source.clock)
        migrate(made.engine.database)
        with source.database.transaction(write=False) as session:
            rows = dict(_rows(session.connection()))
        with made.engine.database.transaction() as session:
            for name, found in rows.items():
                if found:
                    session.connection().execute(insert(getattr(tables, name)), found)
        made.engine.run(Deploy(files, "试运行"), ENGINE)
        return made

    def settle(self) -> None:
        """Do what is due."""
        self._worker.drain(_MOST_JOBS)

    def recorded(self, key: str) -> dict[str, Any]:
        """Return the newest matter of a procedure as a record to be replayed; raises NoMatterTriedError."""
        return self.engine.ask(_RecordNewest(key))

    def close(self) -> None:
        """Let go of the file."""
        self.engine.database.close()


@dataclass(frozen=True)
class _RecordNewest:
    """The newest matter of a procedure as a record."""

    key: str

    def execute(self, context: Context) -> dict[str, Any]:
        """Read it from its tasks and history."""
        asked = select(ProcessInstance).where(ProcessInstance.key == self.key).order_by(ProcessInstance.id.desc())
        row = context.session.execute(asked.limit(1)).scalar()
        if row is None:
            raise NoMatterTriedError
        return as_json(record(context, row, tasks_of(context, row)))


def _rows(connection: Connection) -> Any:
    """Yield table name and rows of everything a sandbox starts with."""
    for name in _WHOLE:
        found = connection.execute(select(getattr(tables, name))).mappings()
        yield name, [_without_secrets(dict(row)) for row in found]
    for name in _NEWEST:
        table = getattr(tables, name)
        newest = select(func.max(table.c.id)).group_by(table.c.key)
        yield name, [dict(row) for row in connection.execute(select(table).where(table.c.id.in_(newest))).mappings()]
    setting = tables.setting
    kept = connection.execute(select(setting).where(setting.c.name.in_(("clock_offset",)))).mappings()
    yield "setting", [dict(row) for row in kept]


def _without_secrets(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _OWN.get(name, value) for name, value in row.items()}
