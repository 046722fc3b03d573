"""Engine: where transactions begin and end, and what a command is given."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine.actor import ENGINE, Actor
from engine.clock import Clock
from engine.command import Command, Context, Query
from engine.configured import Configured, ConfiguredCache
from engine.database import Database, is_retryable
from engine.directory import DirectoryCache
from engine.errors import UnavailableError
from engine.execution.catalog import CatalogCache, SessionCatalog
from engine.execution.saving import finish
from engine.files import FileStore
from engine.model import Setting
from engine.passwords import AccountRules
from engine.prepared import Prepared
from engine.vault import Vault

Result = TypeVar("Result")
TRIES = 4
_SETTINGS = ("directory_version", "catalog_version", "clock_offset")
_VERSIONS = Prepared(select(Setting.name, Setting.value).where(or_(*(Setting.name == name for name in _SETTINGS))))


@dataclass(frozen=True)
class Observed:
    """A command that was run: by whom, how long it took (seconds), and the name of the error it raised, if any."""

    command: Any
    person_id: str
    seconds: float
    error: str


class Engine:
    """The product's public face: `run` a command, `ask` a query; each is one transaction and one instant."""

    def __init__(  # noqa: PLR0913
        self,
        database: Database,
        clock: Clock,
        files: FileStore,
        *,
        accounts: AccountRules | None = None,
        example: bool = False,
        chain_key: str = "",
    ) -> None:
        """Keep what commands need; `example` lets the clock be moved, `chain_key` keys chains and vault."""
        self.database = database
        self.clock = clock
        self.files = files
        self.accounts = accounts or AccountRules()
        self.example = example
        self.worker_event = threading.Event()
        self.observers: list[Callable[[Observed], None]] = []
        self.vault = Vault(chain_key.encode())
        self._chain_key = chain_key.encode()
        self._directory = DirectoryCache()
        self._configured = ConfiguredCache()
        self._catalog: CatalogCache | None = None

    def run(self, command: Command[Result], actor: Actor) -> Result:
        """Run a command in a transaction of its own; whatever it raises rolls everything back.

        A transaction the database gave up for the sake of another is run again; raises UnavailableError where the
        database cannot be reached. `observers` are told of every command, whatever became of it.
        """
        begun = perf_counter()
        try:
            result = self._run(command, actor)
        except BaseException as error:
            self._tell(command, actor, begun, type(error).__name__)
            raise
        self._tell(command, actor, begun, "")
        return result

    def _run(self, command: Command[Result], actor: Actor) -> Result:
        for attempt in range(TRIES):
            try:
                with self.database.transaction() as session:
                    context = self.context(session, actor)
                    result = command.execute(context)
                    finish(context, self._chain_key)
                break
            except DBAPIError as error:
                if not is_retryable(error):
                    raise
                if attempt == TRIES - 1:
                    raise UnavailableError from error
        if context.wakes:
            self.worker_event.set()
        return result

    def _tell(self, command: Any, actor: Actor, begun: float, error: str) -> None:
        seconds = perf_counter() - begun
        parts = getattr(command, "commands", (command,))
        for observe in self.observers:
            for part in parts:
                observe(Observed(part, actor.person_id, seconds / len(parts), error))

    def ask(self, query: Query[Result], actor: Actor = ENGINE) -> Result:
        """Answer a query, at one instant and over one connection."""
        with self.database.transaction(write=False) as session:
            return query.execute(self.context(session, actor))

    @contextmanager
    def asking(self, actor: Actor = ENGINE) -> Iterator[Callable[[Query[Any]], Any]]:
        """Give a function that answers the many questions of one page, at one instant and over one connection."""
        with self.database.transaction(write=False) as session:
            context = self.context(session, actor)
            yield lambda query: query.execute(context)

    def context(self, session: Session, actor: Actor) -> Context:
        """Return the context of one transaction: the instant is read here, once."""
        versions: dict[str, Any] = dict(_VERSIONS.rows(session.connection(), {}))
        configured = self._configured.current(session, versions.get("catalog_version"))
        return Context(
            session=session,
            now=self.clock.now() + timedelta(seconds=versions.get("clock_offset") or 0 if self.example else 0),
            actor=actor,
            catalog=SessionCatalog(session, self._catalog_cache(configured), versions.get("catalog_version")),
            directory=self._directory.at(session, versions.get("directory_version"), versions.get("catalog_version")),
            calendar=configured.calendar,
            deadlines=configured.deadlines,
            ladder=configured.ladder,
            files=self.files,
            accounts=self.accounts,
            vault=self.vault,
            config=configured.documents,
            example=self.example,
        )

    def _catalog_cache(self, configured: Configured) -> CatalogCache:
        if self._catalog is None or self._catalog.functions is not configured.functions:
            self._catalog = CatalogCache(configured.functions)
        return self._catalog
