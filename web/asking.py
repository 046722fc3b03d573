"""How the pages talk to the engine: queries and commands in the name of whoever is logged in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import current_app, g, request

from engine.calendar import Calendar
from engine.command import Context
from engine.engine import Engine
from engine.forms import Form
from web.auth import current_actor


@dataclass(frozen=True)
class FindTime:
    """The engine's present instant and its working calendar."""

    def execute(self, context: Context) -> tuple[datetime, Calendar]:
        """Return what the context was given."""
        return context.now, context.calendar


@dataclass(frozen=True)
class FindForm:
    """A form by its id, compiled once per process by the catalog."""

    form_id: int

    def execute(self, context: Context) -> Form:
        """Return it from the catalog."""
        return context.catalog.form(self.form_id).form


def engine() -> Engine:
    """Return the engine of this application."""
    return cast("Engine", current_app.extensions["bihuan"])


def ask(query: Any) -> Any:
    """Ask a query as the actor of this request."""
    return engine().ask(query, current_actor())


def run(command: Any) -> Any:
    """Run a command as the actor of this request."""
    return engine().run(command, current_actor())


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
