"""Backups: the database as of one moment, then the attachments it names; and their way back into an empty place.

The database is copied first: content is kept before a row names it and swept a day after nothing does, so whatever the
copy names is still there when the files are copied, however much is written meanwhile.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from engine.database import Database
from engine.errors import InvalidError
from engine.files import FileStore
from engine.model import Base

SQLITE_COPY, POSTGRESQL_COPY, FILES, MANIFEST = "bihuan.sqlite3", "bihuan.pgdump", "files", "backup.json"
_COUNTED = ("process_instance", "user_task", "history_event", "attachment", "job")


class BackupError(InvalidError):
    """A backup cannot be made or put back."""

    words = "备份没有完成：{reason}"


def make_backup(database: Database, files: FileStore, target: Path, now: datetime) -> dict[str, Any]:
    """Write database, attachments and a manifest into a new folder while the program runs; returns the manifest.

    Raises BackupError where the folder has something in it, PostgreSQL's pg_dump cannot do it or there is no room; the
    folder is then as empty as before.
    """
    if target.exists() and any(target.iterdir()):
        raise BackupError(reason=f"目录 {target} 不是空的。")
    try:
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        return _write(database, files, target, now)
    except BaseException as wrong:
        _empty(target)
        if isinstance(wrong, (OSError, DBAPIError)):
            raise BackupError(reason=f"{wrong}") from wrong
        raise


def _write(database: Database, files: FileStore, target: Path, now: datetime) -> dict[str, Any]:
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")  # VACUUM takes no transaction around it
            connection.exec_driver_sql("VACUUM INTO ?", (str(target / SQLITE_COPY),))
    else:
        _program("pg_dump", database, "--format=custom", "--no-owner", "--file", str(target / POSTGRESQL_COPY))
    copied = _copy_files(files.root, target / FILES)
    manifest = {"made_at": now.isoformat(), "database": database.url.get_backend_name(), "files": copied}
    (target / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), "utf-8")
    return manifest


def _empty(folder: Path) -> None:
    for path in folder.glob("*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def put_back(source: Path, database: Database, files: FileStore) -> dict[str, Any]:
    """Put a backup into an empty database and store; returns its manifest.

    Raises BackupError where there is no backup, it is of the other kind of database, or the place is not empty.
    """
    try:
        manifest: dict[str, Any] = json.loads((source / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as wrong:
        raise BackupError(reason=f"{source} 不是备份目录。") from wrong
    if manifest["database"] != database.url.get_backend_name():
        raise BackupError(reason=f"备份来自 {manifest['database']}，与现在设置的数据库不同。")
    if files.root.exists() and any(files.root.iterdir()):
        raise BackupError(reason=f"附件目录 {files.root} 不是空的。")
    if database.is_sqlite:
        _put_file_back(source / SQLITE_COPY, Path(str(database.url.database)))
    else:
        _require_empty(database)
        _program("pg_restore", database, "--exit-on-error", "--no-owner", str(source / POSTGRESQL_COPY))
    _copy_files(source / FILES, files.root)
    return manifest


def count_rows(database: Database) -> dict[str, int]:
    """Return how many rows the telling tables have."""
    with database.transaction(write=False) as session:
        tables = Base.metadata.tables
        return {name: session.execute(select(func.count()).select_from(tables[name])).scalar_one() for name in _COUNTED}


def _copy_files(source: Path, target: Path) -> int:
    """Copy whole content, and none that is still being written; returns how many files there were."""
    copied = 0
    for path in _contents(source):
        place = target / path.parent.name / path.name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
        copied += 1
    return copied


def _contents(root: Path) -> Iterable[Path]:
    return sorted(root.glob("??/*"))


def _put_file_back(copy: Path, place: Path) -> None:
    left = [path for path in (place, Path(f"{place}-wal")) if path.exists()]
    if left:
        raise BackupError(reason=f"{left[0]} 已经存在，请恢复到空的数据目录。")
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(copy, place)


def _require_empty(database: Database) -> None:
    asked = text("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")
    with database.transaction(write=False) as session:
        if session.execute(asked).scalar_one():
            raise BackupError(reason="数据库不是空的，请先建立一个新的数据库。")


def _program(name: str, database: Database, *arguments: str) -> None:
    """Run a program of PostgreSQL's on this database; the password goes by the environment, never by the arguments."""
    url = database.url.set(drivername="postgresql", password=None)
    place = url.render_as_string(hide_password=False)
    program = shutil.which(name)
    if program is None:
        raise BackupError(reason=f"找不到 {name}，请安装 PostgreSQL 客户端，版本不低于服务器。")
    environment = {**os.environ, "PGPASSWORD": str(database.url.password or "")}
    command = [program, "--dbname", place, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BackupError(reason=f"{name}：{done.stderr.strip()[-500:]}")
