"""One engine on each database, side by side, each with its own real files and fsync."""

import tempfile
from pathlib import Path

from engine.clock import FrozenClock
from engine.database import Database
from engine.engine import Engine
from engine.files import FileStore
from engine.migrations import migrate
from engine.passwords import AccountRules
from tests.conftest import MONDAY
from tests.factories import prepare
from tests.postgresql import new_database, postgresql


def on_both(stack):
    """Engines on empty databases by name; they live as long as the stack is open."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bihuan-bench-")))
    cluster = stack.enter_context(postgresql())
    urls = {"SQLite": f"sqlite:///{folder / 'bench.sqlite3'}", "PostgreSQL": new_database(cluster, "bench")}
    engines = {name: _engine(url, folder / name) for name, url in urls.items()}
    for engine in engines.values():
        stack.callback(engine.database.close)
    return engines


def _engine(url, folder):
    database = Database(url)
    migrate(database)
    engine = Engine(database, FrozenClock(MONDAY), FileStore(folder / "files"), accounts=AccountRules(memory_kib=64))
    prepare(engine)
    return engine
