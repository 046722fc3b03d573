"""What config/ says, as deployed: the calendar, the deadlines, the ladder, and the other documents by kind."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.calendar import Calendar, host_functions
from engine.deadlines import DeadlineRegister, Ladder
from engine.model import ConfigDocument

Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Configured:
    """One state of the configuration, parsed."""

    documents: Mapping[str, Any]
    calendar: Calendar
    deadlines: DeadlineRegister
    ladder: Ladder
    functions: Functions

    @classmethod
    def read(cls, documents: Mapping[str, Any]) -> "Configured":
        """Parse the documents; raises CalendarError or DeadlineConfigError naming what is wrong."""
        calendar = _calendar(json.dumps(documents.get("calendar", {})))
        return cls(
            documents,
            calendar,
            DeadlineRegister.from_config(documents.get("deadlines", {}), calendar),
            Ladder.from_config(documents.get("ladder", {}), calendar),
            host_functions(calendar),
        )


@lru_cache(maxsize=4)
def _calendar(content: str) -> Calendar:
    """Return the same calendar for the same content: what was compiled with its functions stays good."""
    return Calendar.from_config(json.loads(content))


class ConfiguredCache:
    """The configuration of one process, read anew after each deployment."""

    def __init__(self) -> None:
        """Start empty."""
        self._version: Any = None
        self._configured: Configured | None = None

    def current(self, session: Session, version: Any) -> Configured:
        """Return the configuration as of a catalog version."""
        if self._configured is None or version != self._version:
            self._configured, self._version = Configured.read(read_documents(session)), version
        return self._configured


def read_documents(session: Session) -> dict[str, Any]:
    """Return the newest document of each kind."""
    newest = select(ConfigDocument.kind, ConfigDocument.content).order_by(ConfigDocument.version)
    return {row.kind: row.content for row in session.execute(newest)}
