"""Putting the parts together: the engine over its database, the worker, and the WSGI server."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from waitress.server import create_server

from config.settings import Settings
from engine.bpmn.checks import DefinitionFile
from engine.channels import EmailSettings
from engine.clock import Clock, SystemClock
from engine.commands.deployments import config_kind
from engine.database import Database
from engine.engine import Engine
from engine.files import FileStore
from engine.passwords import AccountRules
from engine.worker import Worker
from web import create_app

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("processes", "forms", "config")
_SUFFIXES = frozenset({".bpmn", ".dmn", ".form", ".toml"})
_GRACE = 10


def build_engine(settings: Settings, clock: Clock | None = None) -> Engine:
    """Return the engine that the settings describe; the database is not touched yet."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    accounts = AccountRules(
        memory_kib=settings.password_memory_kib, days=settings.password_days, idle_minutes=settings.session_idle_minutes,
        absolute_hours=settings.session_hours, sessions=settings.session_limit,
    )  # fmt: skip
    files = FileStore(settings.files_dir, settings.upload_mb * 1024 * 1024)
    return Engine(
        Database(settings.database), clock or SystemClock(), files, accounts=accounts, example=settings.example,
        chain_key=settings.key(),
    )  # fmt: skip


def build_worker(engine: Engine, settings: Settings) -> Worker:
    """Return the worker with the channels that are configured."""
    channels: dict[str, Any] = {}
    if settings.smtp_host:
        channels["email"] = EmailSettings(
            settings.smtp_host, settings.smtp_sender, settings.smtp_port, settings.smtp_security, settings.smtp_username,
            settings.smtp_password, settings.smtp_ca_file,
        )  # fmt: skip
    anchor = Path(settings.anchor_file) if settings.anchor_file else settings.data_dir / "anchors.jsonl"
    return Worker(engine, channels, anchor)


def serve(engine: Engine, settings: Settings, *, with_worker: bool) -> None:
    """Serve until SIGINT or SIGTERM; requests at hand are finished, and so is the worker's job."""
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    server = create_server(
        create_app(engine, settings), host=settings.host, port=settings.port, threads=settings.threads,
        max_request_body_size=(settings.upload_mb + 5) * 1024 * 1024, ident="bihuan", cleanup_interval=_GRACE,
    )  # fmt: skip
    worker = build_worker(engine, settings) if with_worker else None
    with _ending_by_signal():
        if worker is not None:
            worker.start(settings.worker_seconds)
        try:
            server.run()
        finally:
            server.close()
            if worker is not None:
                worker.stop()
            engine.database.close()


def work(engine: Engine, settings: Settings) -> None:
    """Run a worker until SIGINT or SIGTERM."""
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    worker = build_worker(engine, settings)
    with _ending_by_signal():
        worker.start(settings.worker_seconds)
        try:
            signal.pause()
        finally:
            worker.stop()
            engine.database.close()


def collect(paths: tuple[Path, ...]) -> tuple[DefinitionFile, ...]:
    """Return the definition files at or below some paths, in a fixed order; none given means the product's own."""
    wanted = paths or tuple(ROOT / folder for folder in FOLDERS)
    found = [file for path in wanted for file in ([path] if path.is_file() else sorted(path.rglob("*")))]
    files = [DefinitionFile(_shown(file), file.read_bytes()) for file in found if file.suffix in _SUFFIXES and file.is_file()]
    return tuple(file for file in files if _belongs(file))


def _belongs(file: DefinitionFile) -> bool:
    """Leave out the example's data and other TOML that defines nothing."""
    if file.suffix != ".toml":
        return True
    return file.path.endswith("procedure.toml") or (config_kind(file) is not None and "example" not in file.path.split("/"))


def _shown(file: Path) -> str:
    absolute = file.resolve()
    return str(absolute.relative_to(ROOT)) if absolute.is_relative_to(ROOT) else str(file)


@contextmanager
def _ending_by_signal() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, previous)
