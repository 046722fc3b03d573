"""A cold start, until the login page is there, and taking every shipped procedure in."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from engine.actor import ENGINE
from engine.clock import SystemClock
from engine.commands.deployments import Deploy
from engine.database import Database
from engine.engine import Engine
from engine.files import FileStore
from engine.migrations import migrate
from tests.benchmarks.tables import p50, timed
from tests.postgresql import new_database
from web.assembly import definition_files


def measure(engines, *, quick):
    """Deploy into an empty database, then start `bihuan serve` on it as a new process."""
    rows = []
    for name, engine in engines.items():
        place = Path(engine.files.root).parent / f"begin-{name}"
        url = f"sqlite:///{place / 'begin.sqlite3'}"
        if not engine.database.is_sqlite:
            url = new_database(engine.database.url.render_as_string(hide_password=False), "bench_begin")
        place.mkdir(parents=True)
        took = _deploy(url, place)
        starts = [_start(url, place) for _ in range(2 if quick else 5)]
        rows.append([name, f"{p50(starts):.2f} s", f"{took / 1000:.2f} s"])
    return "Beginning", ["database", "cold start to the login page", "deploying all procedures"], rows


def _deploy(url, place):
    database = Database(url)
    migrate(database)
    engine = Engine(database, SystemClock(), FileStore(place / "files"))
    took, _ = timed(lambda: engine.run(Deploy(definition_files(), "bench"), ENGINE))
    database.close()
    return took


def _start(url, place):
    """Seconds from the start of the process to the first page."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {"BIHUAN_DATABASE_URL": url, "BIHUAN_DATA_DIR": str(place), "BIHUAN_PORT": str(port)}
    began = time.perf_counter()
    program = [sys.executable, "-c", "from web.cli import main; main()", "serve", "--no-worker"]
    server = subprocess.Popen(program, env={**os.environ, **own}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _answers(port):
            assert server.poll() is None, "the server ended"
            assert time.perf_counter() - began < 60, "the server does not answer"
        return time.perf_counter() - began
    finally:
        server.terminate()
        server.wait()


def _answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=5) as answer:
            return answer.status == 200
    except urllib.error.HTTPError:
        raise
    except OSError:
        time.sleep(0.01)
        return False
