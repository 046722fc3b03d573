"""Serving: the web server and the worker beside it, begun and ended in order."""

import signal
from collections.abc import Callable, Iterable
from typing import Any

import click
import waitress

from config.settings import Settings
from engine.engine import Engine
from engine.errors import Problem
from engine.migrations import newest_revision, revision_of
from engine.worker import Worker
from web import create_app
from web.assembly import make_engine

_CONNECTIONS = 2000
_BODY_MARGIN = 1024 * 1024


def checked_engine(settings: Settings) -> Engine:
    """Return the engine, or end with a message where the database is of another version; raises UnavailableError."""
    engine = make_engine(settings)
    if revision_of(engine.database) != newest_revision():
        raise click.ClickException("数据库版本与程序不符，请先运行 bihuan migrate。")
    return engine


def serve(
    engine: Engine, settings: Settings, place: tuple[str, int], worker: Worker | None, started: Callable[[str], Any]
) -> None:
    """Serve until Ctrl-C or SIGTERM, with the worker beside if there is one; `started` is told the address."""
    host, port = place
    server = waitress.create_server(
        create_app(engine, settings),
        host=host,
        port=port,
        threads=settings.threads,
        ident=None,
        # A browser keeps up to six connections open; beyond select's 1,024 descriptors only poll works.
        connection_limit=_CONNECTIONS,
        asyncore_use_poll=True,
        max_request_body_size=settings.upload_mb * 1024 * 1024 + _BODY_MARGIN,
        clear_untrusted_proxy_headers=settings.trusted_proxies == 0,
    )
    # Both end in order, also where the shell that started us ignores Ctrl-C for its background jobs.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if worker is not None:
        worker.start(settings.worker_seconds)
    started(f"http://{host}:{server.effective_port}/")
    try:
        server.run()
    finally:
        server.close()
        if worker is not None:
            worker.stop()
        engine.database.close()


def tell(problems: Iterable[Problem]) -> None:
    """Print problems, one a line, so that editors and CI find the place."""
    for problem in problems:
        click.echo(f"{'错误' if problem.severity == 'error' else '提示'} {problem}", err=problem.severity == "error")
