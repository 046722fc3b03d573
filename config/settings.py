"""Settings: read once from BIHUAN_* and never changed; the only reader of the environment."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any

PREFIX = "BIHUAN_"
# Names the tests read themselves (make test-long); they set nothing.
_OF_TESTS = "BIHUAN_TEST_"
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_YES, _NO = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})


class SettingsError(ValueError):
    """A BIHUAN_ variable is unknown or has an impossible value; the message names it."""


@dataclass(frozen=True)
class Settings:
    """Everything an installation chooses; field `name` is the variable `BIHUAN_NAME`."""

    data_dir: Path = Path("var")
    database_url: str = ""
    secret_key: str = ""
    bureau_name: str = "示例市城市管理行政执法局"
    host: str = "127.0.0.1"
    port: int = 8000
    threads: int = 8
    secure_cookies: bool = False
    trusted_proxies: int = 0
    example: bool = False
    worker_seconds: int = 5
    upload_mb: int = 200
    session_idle_minutes: int = 30
    session_hours: int = 12
    session_limit: int = 3
    password_memory_kib: int = 46 * 1024
    password_days: int = 90
    smtp_host: str = ""
    smtp_port: int = 25
    smtp_sender: str = ""
    smtp_security: str = "none"
    smtp_username: str = ""
    smtp_password: str = ""
    smtp_ca_file: str = ""
    anchor_file: str = ""
    archive_days: int = 90
    log_level: str = "INFO"
    metrics_from: str = "127.0.0.1,::1"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the BIHUAN_ variables; raises SettingsError for an unknown name or a wrong value."""
        known = {f"{PREFIX}{field.name.upper()}": field for field in fields(cls)}
        given = {name: text for name, text in environment.items() if name.startswith(PREFIX)}
        unknown = sorted(name for name in given if name not in known and not name.startswith(_OF_TESTS))
        if unknown:
            raise SettingsError(f"未知的设置：{'、'.join(unknown)}（可用的设置见 README）")
        values = {known[name].name: _read(name, known[name].type, given[name]) for name in given if name in known}
        return cls(**values)

    def __post_init__(self) -> None:
        """Refuse impossible values."""
        for name, least, most in _BOUNDS:
            if not least <= getattr(self, name) <= most:
                raise SettingsError(f"{PREFIX}{name.upper()} 应在 {least} 与 {most} 之间，现为 {getattr(self, name)}")
        if self.smtp_security not in {"none", "starttls", "tls"}:
            raise SettingsError(f"{PREFIX}SMTP_SECURITY 应为 none、starttls 或 tls，现为 {self.smtp_security}")
        if self.secret_key and len(self.secret_key) < 32:
            raise SettingsError(f"{PREFIX}SECRET_KEY 至少 32 个字符")
        try:
            _ = [ip_network(one) for one in self.metrics_networks]
        except ValueError as wrong:
            raise SettingsError(f"{PREFIX}METRICS_FROM 应为用逗号分隔的地址或网段，现为 {self.metrics_from}") from wrong
        if self.log_level.upper() not in _LEVELS:
            raise SettingsError(f"{PREFIX}LOG_LEVEL 应为 {'、'.join(_LEVELS)} 之一，现为 {self.log_level}")

    @property
    def database(self) -> str:
        """Return the database's URL; without one, SQLite below the data directory."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'bihuan.sqlite3').absolute()}"

    @property
    def metrics_networks(self) -> tuple[str, ...]:
        """Return the addresses and networks that may read /metrics."""
        return tuple(one.strip() for one in self.metrics_from.split(",") if one.strip())

    @property
    def files_dir(self) -> Path:
        """Return where attachments are kept."""
        return self.data_dir / "files"

    def key(self) -> str:
        """Return the secret that signs form tokens; made once and kept below the data directory where none is set."""
        if self.secret_key:
            return self.secret_key
        path = self.data_dir / "secret_key"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="ascii") as file:
                path.chmod(0o600)
                file.write(secrets.token_hex(32))
        except FileExistsError:
            pass
        return path.read_text(encoding="ascii")


_BOUNDS = (
    ("port", 0, 65535),
    ("threads", 1, 64),
    ("trusted_proxies", 0, 5),
    ("worker_seconds", 1, 3600),
    ("upload_mb", 1, 200),
    ("session_idle_minutes", 5, 720),
    ("session_hours", 1, 24),
    ("session_limit", 1, 10),
    ("password_memory_kib", 8, 1024 * 1024),
    ("password_days", 0, 3650),
    ("smtp_port", 1, 65535),
    ("archive_days", 1, 36_500),
)


def _read(name: str, kind: Any, text: str) -> Any:
    """Turn the text of a variable into the type of its field."""
    readers: dict[Any, Callable[[str], Any]] = {int: int, bool: _truth, Path: Path, str: str}
    try:
        return readers[kind](text.strip())
    except ValueError as wrong:
        raise SettingsError(f"{name} 的值“{text}”无效") from wrong


def _truth(text: str) -> bool:
    lowered = text.lower()
    if lowered not in _YES | _NO:
        raise ValueError(text)
    return lowered in _YES
