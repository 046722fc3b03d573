"""The program over HTTP, on both databases: one person alone, then fifty at once who pause between pages.

The bureau is the example's. Everybody also has a matter of two steps that goes round, to complete tasks of.
"""

import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import tomllib
from collections import defaultdict
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from urllib.parse import urlencode

from engine.clock import SystemClock
from engine.database import Database
from engine.engine import Engine
from engine.files import FileStore
from tests.factories import deploy, flows, form_file, procedure, start, text_field, user
from tests.postgresql import new_database
from web.assembly import EXAMPLE, ROOT
from web.demo_cli import EXAMPLE_PASSWORD

USERS, PAUSE = 50, 1.0
# Has tasks in the example, with the long forms of real procedures.
BUSY = "dj.chengban1"
OWN = 'camunda:assignee="${starter}" camunda:formRef="work"'
# Some of them sit there in up to three sessions, which is as many as anybody may have.
ROLES = frozenset({"squad_officer", "squad_leader", "town_leader", "dist_intake", "dist_handler", "dist_leader"})
PAGES = ("worklist", "list of matters", "task page", "complete")
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"')
_TASK = re.compile(r"/tasks/(\d+)")


def measure(engines, *, quick):
    """Milliseconds from request to the last byte, over loopback."""
    rounds, rows = (5 if quick else 20), []
    for name, engine in engines.items():
        with tempfile.TemporaryDirectory(prefix="bihuan-http-") as folder:
            url = "" if name == "SQLite" else new_database(engine.database.url, "http")
            with served(folder, url) as (port, tasks):
                busy, *others = (Client(port, *owned) for owned in tasks)
                alone = busy.go_round(rounds * 2, 0)
                crowd = together(others, rounds)
        for who, found in (("one", alone), (f"{USERS}, {PAUSE:.0f} s between pages", crowd)):
            rows += [[name, who, page, *_told(sorted(found[page]))] for page in PAGES]
    return "Over HTTP", ["database", "people", "page", "requests", "p50", "p95", "longest"], rows


def _told(times):
    late = times[int(len(times) * 0.95)]
    return len(times), f"{median(times):.0f} ms", f"{late:.0f} ms", f"{times[-1]:.0f} ms"


class Client:
    """One session of one person, who has a task that comes again whenever it is completed."""

    def __init__(self, port, login, task):
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies = {}
        self._task = task
        token = _TOKEN.search(self._ask("GET", "/login")[0])[1]
        self._ask("POST", "/login", {"csrf_token": token, "login": login, "password": EXAMPLE_PASSWORD})

    def go_round(self, rounds, pause):
        """Read the worklist, the matters and a task, then complete one's own; milliseconds by page."""
        found = defaultdict(list)
        for _ in range(rounds):
            for page, method, path, fields in self._round():
                sleep(pause * (0.5 + random.random()))
                begun = perf_counter()
                self._last, onwards = self._ask(method, path, fields)
                found[page].append((perf_counter() - begun) * 1000)
            self._task = int(_TASK.search(onwards)[1])
        return found

    def _round(self):
        yield "worklist", "GET", "/work", None
        tasks = set(map(int, _TASK.findall(self._last))) - {self._task}
        yield "list of matters", "GET", "/matters", None
        if tasks:
            yield "task page", "GET", f"/tasks/{random.choice(sorted(tasks))}", None
        yield "task page", "GET", f"/tasks/{self._task}", None
        form = self._last.partition('<form id="task-form"')[2].partition("</form>")[0]
        fields = {**dict(_HIDDEN.findall(form)), "note": "已核实", "again": "是"}
        yield "complete", "POST", f"/tasks/{self._task}/complete", fields

    def _ask(self, method, path, fields=None):
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, fields and urlencode(fields), headers)
        answer = self._connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        text = answer.read().decode()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status}")
        return text, answer.headers.get("Location", "")


def together(people, rounds):
    """Let people go round at once; milliseconds by page."""
    found, lock = defaultdict(list), threading.Lock()

    def work(person):
        for page, times in person.go_round(rounds, PAUSE).items():
            with lock:
                found[page] += times

    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@contextmanager
def served(folder, url):
    """The example bureau at work; yields the port, and people with a task of a matter that goes round."""
    port = _free_port()
    program, environment = loaded(folder, url, BIHUAN_PORT=str(port))
    with closing(Database(url or f"sqlite:///{folder}/bihuan.sqlite3")) as database:
        tasks = _tasks(Engine(database, SystemClock(), FileStore(Path(folder) / "files")))
    server = subprocess.Popen([*program, "run"], env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port, tasks
    finally:
        server.terminate()
        server.wait(30)


def loaded(folder, url, **more):
    """Load the example bureau; the program that did, and the environment it ran in."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BIHUAN_")}
    environment.update(BIHUAN_DATA_DIR=str(folder), BIHUAN_DATABASE_URL=url, BIHUAN_PASSWORD_MEMORY_KIB="64")
    environment.update(BIHUAN_LOG_LEVEL="ERROR", **more)
    program = [str(Path(sys.executable).parent / "bihuan"), "demo"]
    subprocess.run([*program, "load"], env=environment, check=True, stdout=subprocess.DEVNULL)
    return program, environment


def _tasks(engine):
    content = tomllib.loads((ROOT / EXAMPLE / "organisation.toml").read_text("utf-8"))
    officers = [one["id"] for one in content["person"] if not ROLES.isdisjoint(one.get("roles", ()))]
    inside = (
        '<bpmn:startEvent id="start"/>' + user("work", OWN) + user("check", OWN)
        + '<bpmn:exclusiveGateway id="gw" default="gw_end"/><bpmn:endEvent id="end"/>'
        + flows("start>work", "work>check", "check>gw", 'gw>work?${again = "是"}', "gw>end")
    )  # fmt: skip
    fields = text_field("note", "说明"), text_field("again", "再来")
    deploy(engine, *procedure("rounds", inside, roles=",".join(ROLES)), form_file("rounds", "work", *fields))
    people = [BUSY, *islice(cycle(one for one in officers if one != BUSY), USERS)]
    return [(one, start(engine, "rounds", one).tasks[0].task_id) for one in people]


def _wait_for(port):
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.1)
    raise RuntimeError("the server does not answer")


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
