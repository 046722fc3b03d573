"""How the pages talk to the engine: queries and commands in the name of whoever is logged in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import current_app, g, request

from engine.calendar import Calendar
from engine.command import Context
from engine.commands.once import Once
from engine.commands.openings import RecordOpening
from engine.engine import Engine
from engine.queries.answers import FindWhetherDone
from web.auth import current_actor

RESTRICTED = 3


@dataclass(frozen=True)
class FindTime:
    """The engine's present instant and its working calendar."""

    def execute(self, context: Context) -> tuple[datetime, Calendar]:
        """Return what the context was given."""
        return context.now, context.calendar


@dataclass(frozen=True)
class ListOwnPositions:
    """The positions of whoever asks, in words."""

    def execute(self, context: Context) -> tuple[str, ...]:
        """Name them from the directory."""
        return tuple(
            context.directory.role_name(held.role) + (f"（代 {held.acting_for_name}）" if held.acting_for_name else "")
            for held in context.actor.positions
        )


def engine() -> Engine:
    """Return the engine of this application."""
    return cast("Engine", current_app.extensions["bihuan"])


def ask(query: Any) -> Any:
    """Ask a query as the actor of this request, from the one view of the database if one is open."""
    answer = g.get("answer")
    return answer(query) if answer else engine().ask(query, current_actor())


@contextmanager
def one_view() -> Iterator[None]:
    """Within, every question is answered from one and the same view of the database, at one instant."""
    if g.get("answer"):
        yield
        return
    with engine().asking(current_actor()) as answer:
        g.answer = answer
        g.now, _ = answer(FindTime())
        try:
            yield
        finally:
            g.pop("answer")


def run(command: Any) -> Any:
    """Run a command as the actor of this request."""
    return engine().run(command, current_actor())


def run_once(command: Any) -> Any:
    """Run a command of a form that may be sent again after a time-out: by its key it acts once."""
    key = idempotency_key()
    return run(Once(command, key) if key else command)


def was_done() -> bool:
    """Tell whether this very form was sent before and carried out, so that what it was about may be gone by now."""
    key = idempotency_key()
    return bool(key) and bool(ask(FindWhetherDone(key)))


def note_opening(instance_id: int, sensitivity: int) -> None:
    """Write into the history of a restricted matter that the actor looked into it (domain 2.6)."""
    if sensitivity >= RESTRICTED:
        run(RecordOpening(instance_id))


def present() -> tuple[datetime, Calendar]:
    """Return the engine's present instant and its calendar, read anew."""
    return engine().ask(FindTime())


def whole_number(text: str | None, most: int = 2**62) -> int | None:
    """Read a number of an address; None where it is none or out of range."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    number = int(text)
    return number if number <= most else None


def idempotency_key() -> str:
    """Return the key the page was given, so that pressing twice acts once; long or odd ones are cut."""
    key = request.form.get("idempotency_key", "")
    return "".join(letter for letter in key if letter.isascii() and (letter.isalnum() or letter == "-"))[:64]


def forget_frame() -> None:
    """Count anew after an act of this request changed what the frame shows."""
    g.pop("frame", None)
