"""The program over HTTP: one reader alone, then fifty at once who pause between pages; the example bureau on SQLite."""

import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import tomllib
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from urllib.parse import urlencode

from web.assembly import EXAMPLE, ROOT
from web.demo_cli import EXAMPLE_PASSWORD

USERS, SESSIONS_EACH, PAUSE = 50, 3, 1.0
# Has tasks in the example.
BUSY = "dj.chengban1"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_TASK = re.compile(r'href="(/tasks/\d+)"')


def measure(engines, *, quick):
    """Milliseconds from request to the last byte, over loopback."""
    rounds = 5 if quick else 20
    with tempfile.TemporaryDirectory(prefix="bihuan-http-") as folder:
        port = _free_port()
        server = _served(folder, port)
        try:
            logins = [
                login for login in _logins() if login.startswith(("dj.", "xl.", "lj.")) for _ in range(SESSIONS_EACH)
            ]
            people = [Reader(port, login) for login in logins[:USERS]]
            busy = Reader(port, BUSY)
            alone = [busy.round() for _ in range(rounds * 2)]
            crowd = _together(people, rounds)
        finally:
            server.terminate()
            server.wait(30)
    rows = []
    for name, found in (("one reader", alone), (f"{len(people)} readers, {PAUSE:.0f} s between pages", crowd)):
        for page in ("worklist", "task page", "list of matters"):
            times = sorted(times[page] for times in found if page in times)
            if times:
                late = times[int(len(times) * 0.95)]
                rows.append(
                    [name, page, len(times), f"{median(times):.0f} ms", f"{late:.0f} ms", f"{times[-1]:.0f} ms"]
                )
    return "Over HTTP", ["who", "page", "requests", "p50", "p95", "longest"], rows


class Reader:
    """One session of one person."""

    def __init__(self, port, login):
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies = {}
        token = _TOKEN.search(self._ask("GET", "/login"))[1]
        self._ask("POST", "/login", urlencode({"csrf_token": token, "login": login, "password": EXAMPLE_PASSWORD}))

    def round(self):
        """Read the worklist and a task of it, or else the list of matters; returns the milliseconds of each."""
        begun = perf_counter()
        page = self._ask("GET", "/work")
        found = {"worklist": (perf_counter() - begun) * 1000}
        tasks = _TASK.findall(page)
        place = random.choice(tasks) if tasks else "/matters"
        begun = perf_counter()
        self._ask("GET", place)
        found["task page" if tasks else "list of matters"] = (perf_counter() - begun) * 1000
        return found

    def _ask(self, method, path, body=None):
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        text = answer.read().decode()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status}")
        return text


def _together(people, rounds):
    found, lock = [], threading.Lock()

    def read(person):
        sleep(random.random() * PAUSE)
        for _ in range(rounds):
            times = person.round()
            with lock:
                found.append(times)
            sleep(PAUSE * 2 * (0.5 + random.random() / 2))

    threads = [threading.Thread(target=read, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _served(folder, port):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BIHUAN_")}
    environment.update(BIHUAN_DATA_DIR=folder, BIHUAN_PORT=str(port), BIHUAN_PASSWORD_MEMORY_KIB="64")
    environment["BIHUAN_LOG_LEVEL"] = "WARNING"
    program = [str(Path(sys.executable).parent / "bihuan"), "demo"]
    subprocess.run([*program, "load"], env=environment, check=True, stdout=subprocess.DEVNULL)
    server = subprocess.Popen([*program, "run"], env=environment, stdout=subprocess.DEVNULL)
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server
        sleep(0.1)
    server.terminate()
    raise RuntimeError("the server does not answer")


def _logins():
    content = tomllib.loads((ROOT / EXAMPLE / "organisation.toml").read_text("utf-8"))
    return [person["id"] for person in content["person"]]


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
