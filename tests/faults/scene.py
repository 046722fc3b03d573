"""Scenes: a database with small procedures and open matters, and what must hold in it afterwards."""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from engine.actor import ENGINE
from engine.clock import FrozenClock, SystemClock
from engine.commands.process_instances import StartProcess
from engine.commands.sessions import LogIn
from engine.database import Database
from engine.engine import Engine
from engine.files import FileStore
from engine.migrations import migrate
from engine.passwords import AccountRules
from engine.queries.chains import ListBrokenChains
from engine.queries.invariants import ListViolations
from tests.factories import (
    DEADLINES,
    LADDER,
    DefinitionFile,
    deploy,
    flows,
    form_file,
    line,
    person,
    procedure,
    read,
    service,
    text_field,
    user,
)
from tests.rows import PASSWORD, load_people

LONG = bool(os.environ.get("BIHUAN_TEST_LONG"))
BRANCHES = 8
OWN = 'camunda:assignee="alice" camunda:formRef="note" camunda:formRefBinding="latest"'


@dataclass(frozen=True)
class Place:
    """Where a scene plays: what a process needs to take part."""

    url: str
    folder: Path

    @property
    def files(self):
        return self.folder / "files"

    @property
    def received(self):
        """What left by the recorded channel."""
        return self.folder / "received.jsonl"


class Scene:
    """A migrated database with the procedures `timed`, `plain` and `parallel`, and an engine to look at it."""

    def __init__(self, url, folder):
        self.place = Place(url, folder)
        self.clock = FrozenClock(SystemClock().now())
        self.database = Database(url)
        migrate(self.database)
        accounts = AccountRules(memory_kib=64)
        self.engine = Engine(self.database, self.clock, FileStore(self.place.files), accounts=accounts)
        load_people(self.engine, PASSWORD)
        config = {"deadlines": DEADLINES.encode(), "ladder": LADDER.read_bytes()}
        deploy(self.engine, *(DefinitionFile(f"config/{name}.toml", content) for name, content in config.items()))
        for key, inside in (("timed", TIMED), ("plain", PLAIN), ("parallel", PARALLEL)):
            deploy(self.engine, *procedure(key, inside), form_file(key, "note", text_field("note")))
        self.alice = person(self.engine, "alice")

    def start(self, key, count):
        """Start matters; returns their ids."""
        return [self.engine.run(StartProcess(key, {}), self.alice).instance_id for _ in range(count)]

    def start_timed(self, count, spread=timedelta(), ahead=timedelta()):
        """Start matters whose timers are due from now, or some time ahead, over a span of time."""
        present, made = SystemClock().now() + ahead, []
        for place in range(count):
            self.clock.move_to(present - timedelta(hours=1) + spread * place / count)
            made += self.start("timed", 1)
        self.clock.move_to(SystemClock().now())
        return made

    def tasks(self, instance_id=None):
        """The ids of open tasks, of one matter or of all."""
        where = {} if instance_id is None else {"instance_id": instance_id}
        return [row.id for row in read(self.engine, "user_task", status="open", **where)]

    def check(self):
        """Nothing in the database may contradict anything else in it."""
        assert self.violations() == []

    def violations(self):
        """What the checker finds: broken rules and broken chains."""
        found = [str(one) for one in self.engine.ask(ListViolations())]
        return found + list(self.engine.ask(ListBrokenChains(b"")).broken)

    def close(self):
        """Give the connections back."""
        self.database.close()


PLAIN = line(user("work", OWN), keys=("work",))
TIMED = line(
    '<bpmn:intermediateCatchEvent id="pause"><bpmn:timerEventDefinition>'
    "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>",
    service("tell", "notify", inputs={"persons": "bob", "text": "时间已到"}),
    user("work", OWN),
    keys=("pause", "tell", "work"),
)
_NAMES = [f"branch{number}" for number in range(BRANCHES)]
PARALLEL = (
    '<bpmn:startEvent id="start"/><bpmn:parallelGateway id="fork"/><bpmn:parallelGateway id="join"/>'
    + "".join(user(name, OWN) for name in _NAMES)
    + '<bpmn:endEvent id="end"/>' + flows("start>fork", "join>end")
    + flows(*(f"fork>{name}" for name in _NAMES), *(f"{name}>join" for name in _NAMES))
)  # fmt: skip


def logged_in(scene, *people):
    """Log people in; returns the tokens of their sessions."""
    return [scene.engine.run(LogIn(one, PASSWORD), ENGINE).token for one in people]
