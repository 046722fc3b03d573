"""Putting the program together from its settings: the engine, the worker, the definition files on disk."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from config.settings import Settings
from engine.bpmn.checks import DefinitionFile
from engine.channels import EmailSettings
from engine.clock import Clock, SystemClock
from engine.database import Database
from engine.engine import Engine
from engine.files import MEBIBYTE, FileStore
from engine.passwords import AccountRules
from engine.worker import Worker

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("processes", "forms", "config")
EXAMPLE = Path("config") / "example"
_SUFFIXES = frozenset({".bpmn", ".dmn", ".form", ".toml"})


def make_engine(settings: Settings, clock: Clock | None = None) -> Engine:
    """Return the engine over the database and the file store of the settings."""
    return Engine(
        Database(settings.database),
        clock or SystemClock(),
        FileStore(settings.files_dir, settings.upload_mb * MEBIBYTE),
        accounts=account_rules(settings),
        example=settings.example,
        chain_key=settings.key(),
    )


def account_rules(settings: Settings) -> AccountRules:
    """Return the rules of passwords and sessions; in example mode passwords do not grow old with the clock."""
    return AccountRules(
        memory_kib=settings.password_memory_kib,
        days=0 if settings.example else settings.password_days,
        idle_minutes=settings.session_idle_minutes,
        absolute_hours=settings.session_hours,
        sessions=settings.session_limit,
    )


def make_worker(engine: Engine, settings: Settings) -> Worker:
    """Return a worker that sends mail if a mail server is set."""
    anchor = Path(settings.anchor_file) if settings.anchor_file else None
    channels = {"email": email_settings(settings)} if settings.smtp_host else {}
    return Worker(engine, channels, anchor, settings.archive_days)


def email_settings(settings: Settings) -> EmailSettings:
    """Return the mail server of the settings."""
    return EmailSettings(
        host=settings.smtp_host,
        sender=settings.smtp_sender or f"bihuan@{settings.smtp_host}",
        port=settings.smtp_port,
        security=settings.smtp_security,
        username=settings.smtp_username,
        password=settings.smtp_password,
        ca_file=settings.smtp_ca_file or None,
    )


def definition_files(paths: Iterable[Path] = ()) -> tuple[DefinitionFile, ...]:
    """Return the definition files below some paths; without any, those that came with the program.

    Their names are relative: `processes/<key>/…`, `forms/<key>/…`, `config/<kind>.toml`. The example is left out.
    """
    chosen = list(paths) or [ROOT / folder for folder in FOLDERS]
    found = {_name(file): file for path in chosen for file in _below(path)}
    return tuple(DefinitionFile(name, found[name].read_bytes()) for name in sorted(found))


def _below(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    for file in sorted(path.rglob("*")) if path.is_dir() else ():
        if file.is_file() and file.suffix in _SUFFIXES and "example" not in file.relative_to(path).parts:
            yield file


def _name(file: Path) -> str:
    """Return the name from the folder of its kind on; of a file elsewhere, with the folder it lies in."""
    parts = file.resolve().parts
    known = [place for place, part in enumerate(parts[:-1]) if part in FOLDERS]
    return "/".join(parts[known[-1] :] if known else parts[-2:])
