"""Logs: one line of JSON per request, command and failure, with the ids of matter, task and request; never content."""

import logging
import re
import sys
import time
from typing import Any
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request

from engine.engine import Engine, Observed

_ID = re.compile(r"[A-Za-z0-9._\-]{1,64}")
_NAMED = ("instance_id", "task_id", "key", "kind")
_QUIET = ("apscheduler", "spiff", "alembic")
# It warns of every request that waits for a thread, which says nothing; how long people wait is in the requests' lines.
_SILENT = "waitress.queue"
log = structlog.get_logger("bihuan")


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
# Everything goes through the standard library, so that whoever embeds the shell decides what is written where.
structlog.configure(
    processors=[structlog.stdlib.filter_by_level, *_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
)


def configure(level: str, *, readable: bool | None = None) -> None:
    """Send every line to stderr, as JSON or, on a terminal, readable; the standard library's lines too."""
    readable = sys.stderr.isatty() if readable is None else readable
    last: list[Any] = (
        [structlog.dev.ConsoleRenderer()]
        if readable
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    handler = logging.StreamHandler()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
    )
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger(_SILENT).setLevel(logging.ERROR)


def observe(one: Observed) -> None:
    """Write a command: its name, whom and what it concerned, how long it took, and the error it ended with."""
    source = getattr(one.command, "job", one.command)
    named = {name: value for name in _NAMED if (value := getattr(source, name, None)) is not None}
    if one.error:
        named["error"] = one.error
    write = log.info if source is not one.command else log.debug
    write(
        "job" if source is not one.command else "command",
        command=type(one.command).__name__,
        person=one.person_id,
        milliseconds=round(one.seconds * 1000, 1),
        **named,
    )


def register(app: Flask, engine: Engine) -> None:
    """Give every request an id, which its lines and its answer carry, and write a line when it is answered."""
    engine.observers.append(observe)
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _ID.fullmatch(given) else uuid4().hex
    g.asked_at = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(answer: Response) -> Response:
    answer.headers["X-Request-ID"] = g.get("request_id", "")
    if request.endpoint in {"static", "account.health", "metrics.ready", "metrics.show"}:
        return answer
    actor = g.get("actor")
    named = {name: value for name, value in (request.view_args or {}).items() if name in _NAMED}
    log.info(
        "request",
        method=request.method,
        endpoint=request.endpoint,
        status=answer.status_code,
        person=actor.person_id if actor is not None else None,
        milliseconds=round((time.perf_counter() - g.get("asked_at", time.perf_counter())) * 1000, 1),
        **named,
    )
    return answer
