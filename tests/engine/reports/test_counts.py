"""Reports count what a walk over every matter counts: for everybody, over periods near and far, on both databases."""

import random
from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from engine.access import Looking, listed_instances
from engine.actor import ENGINE, Actor
from engine.model import ProcessInstance, tables
from engine.reports import OpenWork, Timeliness
from engine.reports.looking import Gathered, Planned
from engine.reports.scope import begin, end
from tests.factories import read
from tests.rows import EAST, OTHER_SQUAD, PEOPLE, ROLES, SQUAD, STREET, UNITS, WEST, add_definition, load_people, person

MATTERS, SEED = 400, 20261201
KEYS = ("lead", "petition", "penalty")
KINDS = ("starter", "assignee", "access", "cc")
# Some take part in much, some in little, and the matters of alice's squad are not hers alone.
STAFF = ("alice", "alice", "bob", "charlie", "handler", "lead", "western", "modeller")
PRINCIPALS = (
    "p:alice", "p:handler", "p:western", "p:modeller", f"r:squad_officer@{SQUAD}", f"r:squad_leader@{SQUAD}",
    f"r:dist_intake@{EAST}", f"r:dist_intake@{WEST}", f"r:dist_leader@{EAST}",
)  # fmt: skip
DAY = date(2026, 3, 2)
PERIODS = (
    (DAY - timedelta(days=29), DAY),
    (DAY - timedelta(days=700), DAY - timedelta(days=400)),
    (DAY - timedelta(days=1500), DAY - timedelta(days=1400)),
    (DAY - timedelta(days=3000), DAY + timedelta(days=30)),
    (DAY + timedelta(days=5), DAY + timedelta(days=9)),
    (DAY - timedelta(days=9000), DAY - timedelta(days=8000)),
)


@pytest.fixture
def bureau(engine):
    """Some hundred matters of all kinds, spread over five years, of which one in three runs."""
    load_people(engine)
    definitions = {key: add_definition(engine, key) for key in KEYS}
    _Rows(engine, random.Random(SEED), definitions).write()
    return engine


class _Rows:
    """Random rows that keep to what is always so: what has ended has no open task."""

    def __init__(self, engine, chance, definitions):
        self.now, self.database = engine.clock.now(), engine.database
        self.chance, self.definitions = chance, definitions

    def write(self):
        matters = [self._matter(number) for number in range(1, MATTERS + 1)]
        parts = [row for one in matters for row in self._participants(one)]
        tasks = [self._task(one, number) for number, one in enumerate(self._with_work(matters), 1)]
        access = [row for one in tasks if one["status"] == "open" for row in self._access(one)]
        with self.database.transaction() as session:
            for name, rows in (("process_instance", matters), ("participant", parts), ("user_task", tasks),
                               ("task_access", access)):  # fmt: skip
                session.execute(insert(getattr(tables, name)), rows)

    def _matter(self, number):
        key, begun = self.chance.choice(KEYS), self._before(1800)
        ended = None if self.chance.random() < 0.35 else begun + timedelta(minutes=self._minutes())
        ended = None if ended and ended > self.now else ended
        return {
            "id": number, "definition_id": self.definitions[key], "key": key, "number": f"N-{number}",
            "title": f"事项{number}", "status": "completed" if ended else self.chance.choice(("active", "suspended")),
            "row_version": 1, "state": {}, "unit_code": self.chance.choice([one["code"] for one in UNITS]),
            "sensitivity": self.chance.choice((0, 1, 1, 1, 2, 2, 3)), "priority": "",
            "started_by": self.chance.choice(STAFF), "started_at": begun, "ended_at": ended,
            "overdue": self.chance.random() < 0.3,
        }  # fmt: skip

    def _minutes(self):
        """From none to some years; some end at the very instant a period ends."""
        days = self.chance.choice((0, 1, 30, 89, 90, 400))
        return self.chance.choice((days * 24 * 60, 1, 60, int(2 ** (self.chance.random() * 20))))

    def _before(self, days):
        if self.chance.random() < 0.1:
            return self.chance.choice([bound for since, until in PERIODS for bound in (begin(since), end(until))
                                       if bound < self.now])  # fmt: skip
        return self.now - timedelta(minutes=self.chance.randrange(days * 24 * 60))

    def _participants(self, matter):
        """Somebody may take part in more than one way."""
        found = {(self.chance.choice(STAFF), self.chance.choice(KINDS)) for _ in range(self.chance.randrange(4))}
        return [
            {"instance_id": matter["id"], "person_id": who, "kind": kind, "since": self.now, "note": ""}
            for who, kind in sorted(found)
        ]

    def _with_work(self, matters):
        return [one for one in matters for _ in range(self.chance.randrange(3))]

    def _task(self, matter, number):
        """A task of the matter, perhaps of another unit (移送), with another light than its due date says."""
        open_ = matter["ended_at"] is None and self.chance.random() < 0.7
        due = None if self.chance.random() < 0.3 else self.now + timedelta(hours=self.chance.randrange(-90, 90))
        return {
            "id": number, "instance_id": matter["id"], "token": "1", "node_id": "work", "definition_id": matter["definition_id"],
            "process_key": matter["key"], "process_title": "", "name": "核查", "number": matter["number"],
            "title": matter["title"], "unit_code": self.chance.choice((matter["unit_code"], STREET, OTHER_SQUAD, "gone")),
            "sensitivity": min(matter["sensitivity"], 2), "priority": "", "candidates": [],
            "assignee": self.chance.choice((None, "alice", "western", "handler")),
            "status": "open" if open_ else "completed", "row_version": 1, "created_at": self.now, "due_at": due,
            "light": self.chance.randrange(4), "extensions_used": 0,
        }  # fmt: skip

    def _access(self, task):
        assignee, count = task["assignee"], self.chance.randrange(3)
        named = [f"p:{assignee}"] if assignee else self.chance.sample(PRINCIPALS, count)
        status = "assigned" if assignee else "claimable"
        due = task["due_at"] or self.now
        return [{"principal": one, "status": status, "due_at": due, "task_id": task["id"]} for one in named]


class Naive:
    """The rules of domain section 2.6 and what reports count, said once more without a database."""

    def __init__(self, engine):
        self.now = engine.clock.now()
        self.matters = {one.id: one for one in read(engine, "process_instance")}
        self.tasks = [one for one in read(engine, "user_task") if one.status == "open"]
        self.parts, self.work = defaultdict(set), defaultdict(set)
        for one in read(engine, "participant"):
            self.parts[one.instance_id].add((one.person_id, one.kind))
        matter_of = {one.id: one.instance_id for one in self.tasks}
        for one in read(engine, "task_access"):
            self.work[matter_of[one.task_id]].add(one.principal)

    def lists(self, actor, matter):
        """Whether a matter stands in somebody's lists."""
        own = {kind for who, kind in self.parts[matter.id] if who == actor.person_id}
        work = not self.work[matter.id].isdisjoint(actor.principals)
        if actor.is_engine:
            return True
        if actor.is_administrator:
            return matter.sensitivity <= 1 and bool(own or work)
        by_level = (
            lambda: True,
            lambda: matter.unit_code in _below({actor.unit_code, *(held.unit_code for held in actor.positions)}) or own,
            lambda: matter.unit_code in _below(_units(actor, "legal")) or self._leads(actor, matter) or own,
            lambda: "access" in own or matter.started_by == actor.person_id,
        )
        return bool(work or by_level[matter.sensitivity]())

    def _leads(self, actor, matter):
        return any(PEOPLE[who][0] in _units(actor, "leads") for who, _ in self.parts[matter.id])

    def timeliness(self, actor, since, until):
        """Counted by procedure: closed, on time, open at the end, late."""
        first, last = begin(since), end(until)
        found = defaultdict(Counter)
        for one in self.matters.values():
            closed = one.ended_at is not None and first <= one.ended_at < last
            still = one.started_at < last and (one.ended_at is None or one.ended_at >= last)
            if (closed or still) and self.lists(actor, one):
                found[one.key].update({"closed": closed, "on time": closed and not one.overdue, "still": still,
                                       "late": one.overdue})  # fmt: skip
        return sorted(tuple(one[name] for name in ("closed", "on time", "still", "late")) for one in found.values())

    def open_work(self, actor):
        """Counted by unit: open, to claim, yellow, red, late."""
        found = defaultdict(Counter)
        for one in self.tasks:
            if self.lists(actor, self.matters[one.instance_id]):
                late = one.light == 3 or (one.due_at is not None and one.due_at <= self.now)
                found[one.unit_code].update(
                    {"open": 1, "free": one.assignee is None, "late": late, one.light: not late}
                )
        return sorted(tuple(one[name] for name in ("open", "free", 1, 2, "late")) for one in found.values())


def _below(codes):
    found = set(codes)
    while True:
        more = {one["code"] for one in UNITS if {one.get("business_parent"), one.get("admin_parent")} & found}
        if more <= found:
            return found
        found |= more


def _units(actor, mark):
    roles = {role["id"] for role in ROLES if role.get(mark)}
    return {held.unit_code for held in actor.positions if held.role in roles}


def everybody(engine):
    """All of the organisation, the engine, and somebody who has nothing to do with it."""
    return [*(person(engine, name) for name in PEOPLE), ENGINE, Actor("stranger", "外人", "999")]


def test_matters_closed_and_open_are_counted_as_by_hand(bureau):
    naive, counted = Naive(bureau), 0
    for actor in everybody(bureau):
        for since, until in PERIODS:
            table = bureau.ask(Timeliness(since, until), actor)
            shown = sorted((row[1], row[2], row[4], row[5]) for row in table.rows)
            assert shown == naive.timeliness(actor, since, until), (actor.person_id, since)
            counted += len(shown)
    assert counted > 100


def test_open_tasks_are_counted_as_by_hand(bureau):
    naive = Naive(bureau)
    for actor in everybody(bureau):
        table = bureau.ask(OpenWork(DAY, DAY), actor)
        assert sorted(row[1:] for row in table.rows) == naive.open_work(actor), actor.person_id


def test_every_way_of_looking_finds_the_same_matters(bureau):
    naive = Naive(bureau)
    for actor in everybody(bureau):
        expected = {one.id for one in naive.matters.values() if naive.lists(actor, one)}
        for looking in (Looking(), Gathered() if bureau.database.is_sqlite else Planned()):
            with bureau.database.transaction(write=False) as session:
                directory = bureau.context(session, actor).directory
                condition = listed_instances(actor, directory, looking)
                found = set(session.execute(select(ProcessInstance.id).where(condition)).scalars())
            assert found == expected, (actor.person_id, looking)
