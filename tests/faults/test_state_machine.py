"""People do whatever comes to their mind, in any order: the engine agrees with a small model of what is allowed."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from engine.engine import Engine
from engine.queries.chains import ListBrokenChains
from engine.queries.invariants import ListViolations
from engine.task_actions import claim
from tests.factories import deploy, read, worker
from tests.faults.rules_of_work import FILES, HOURS, EngineDesk, WebDesk
from tests.faults.scene import LONG

PEOPLE = st.sampled_from(["alice", "bob", "lead", "charlie"])
SQUAD = ("alice", "bob", "lead")
PICK = st.integers(0, 30)


@dataclass
class Known:
    """What the model knows of a matter: who began it, at which step it is (None: ended), who has it, since when."""

    id: int
    starter: str
    step: str | None = "register"
    assignee: str | None = None
    since: object = None

    def may_have(self, name):
        """Who may have the step: not the registrant at the check, only the leader after time has passed."""
        if self.step == "check":
            return name in SQUAD and name != self.starter
        return name == ("lead" if self.step == "escalated" else self.starter)


class People(RuleBasedStateMachine):
    """The acts, each with what the model says of it; an act that is refused must change nothing."""

    desk: object = None
    engine: Engine = None
    clock: object = None

    @initialize()
    def begin(self):
        self.matters = []
        self.keys = 0

    @rule(name=st.sampled_from(SQUAD))
    def start(self, name):
        made = self.desk.start(name)
        self.matters.append(Known(made, name, assignee=name))

    @precondition(lambda self: self.matters)
    @rule(pick=PICK, name=PEOPLE)
    def claim(self, pick, name):
        matter, task = self._pick(pick)
        allowed = matter.step is not None and matter.may_have(name) and matter.assignee in (None, name)
        self._expect(self.desk.claim(task, name), allowed, matter, assignee=name)

    @precondition(lambda self: self.matters)
    @rule(pick=PICK, name=PEOPLE)
    def release(self, pick, name):
        matter, task = self._pick(pick)
        allowed = matter.step in {"check", "escalated"} and matter.assignee == name
        self._expect(self.desk.release(task, name), allowed, matter, assignee=None)

    @precondition(lambda self: self.matters)
    @rule(pick=PICK, name=PEOPLE, to=st.sampled_from(SQUAD))
    def transfer(self, pick, name, to):
        matter, task = self._pick(pick)
        if matter.step != "check" or name == "lead":
            return  # what a leader may assign is told by tests of its own
        allowed = matter.assignee == name and (to == name or matter.may_have(to))
        self._expect(self.desk.transfer(task, name, to), allowed, matter, assignee=to)

    @precondition(lambda self: self.matters)
    @rule(pick=PICK, name=PEOPLE, outcome=st.sampled_from(["同意", "退回"]), again=st.booleans())
    def complete(self, pick, name, outcome, again):
        matter, task = self._pick(pick)
        allowed = matter.step is not None and matter.assignee == name
        self.keys += 1
        key = f"{matter.id}-{self.keys}"
        following = {
            "register": {"step": "check", "assignee": None},
            "check": {"step": "register", "assignee": matter.starter} if outcome == "退回" else {"step": None},
        }.get(matter.step, {"step": None})
        self._expect(self.desk.complete(task, name, outcome, key), allowed, matter, **following, since=self.clock.now())
        if again and allowed:
            assert self.desk.complete(task, name, outcome, key)
            self._agree(matter)

    @precondition(lambda self: self.matters)
    @rule(pick=PICK, name=PEOPLE)
    def withdraw(self, pick, name):
        matter, _ = self._pick(pick)
        allowed = matter.step is not None and matter.starter == name
        self._expect(self.desk.withdraw(matter.id, name), allowed, matter, step=None)

    @rule(hours=st.sampled_from([1, 3, 5]))
    def pass_time(self, hours):
        self.clock.advance(hours=hours)
        worker(self.engine).drain()
        for matter in self.matters:
            if matter.step == "check" and self.clock.now() >= matter.since + timedelta(hours=HOURS):
                matter.step, matter.assignee = "escalated", None
            self._agree(matter)

    @rule()
    def restart(self):
        """A program that starts again knows nothing but what is in the database."""
        old = self.engine
        fresh = Engine(old.database, self.clock, old.files, accounts=old.accounts, example=True)
        for name in ("_directory", "_configured", "_catalog"):
            setattr(old, name, getattr(fresh, name))

    def teardown(self):
        for matter in getattr(self, "matters", ()):
            self._agree(matter)
        assert self.engine.ask(ListViolations()) == ()
        assert self.engine.ask(ListBrokenChains(b"")).broken == ()

    def _pick(self, number):
        matter = self.matters[number % len(self.matters)]
        return matter, read(self.engine, "user_task", instance_id=matter.id)[-1].id

    def _expect(self, done, allowed, matter, **change):
        assert done == allowed, (matter, change)
        if allowed:
            for name, value in change.items():
                setattr(matter, name, value)
        self._agree(matter)

    def _agree(self, matter):
        found = [
            (row.node_id, row.assignee) for row in read(self.engine, "user_task", instance_id=matter.id, status="open")
        ]
        assert found == ([] if matter.step is None else [(matter.step, matter.assignee)]), matter
        ended = read(self.engine, "process_instance", id=matter.id)[0].ended_at is not None
        assert ended == (matter.step is None)


def run(desk, engine, clock, examples, steps, *, chance=True):
    """Run the machine with one desk; without chance it goes the same ways each time."""
    machine = type("Machine", (People,), {"desk": desk, "engine": engine, "clock": clock})
    chosen = settings(max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
                      derandomize=not chance,
                      phases=[Phase.generate, *([Phase.shrink] if LONG else [])], suppress_health_check=list(HealthCheck), print_blob=True)  # fmt: skip
    run_state_machine_as_test(machine, settings=chosen)


@pytest.fixture
def ruled(engine, browse):
    """The engine with the procedure and people who can log in."""
    deploy(engine, *FILES)
    return engine


# Each run ends with a look at everything there is, so the long form is cut into parts with a database of their own.
@pytest.mark.parametrize("part", range(50 if LONG else 4))
def test_whatever_people_do_the_engine_agrees_with_the_model(ruled, clock, part):
    run(EngineDesk(ruled), ruled, clock, 100 if LONG else 50, 50 if LONG else 30)


@pytest.mark.parametrize("part", range(40 if LONG else 1))  # in more runs people's passwords would grow too old
def test_whatever_people_post_the_pages_agree_with_the_model(ruled, clock, browse, part):
    run(WebDesk(ruled, browse), ruled, clock, 25 if LONG else 10, 50 if LONG else 30)


def test_checker_detects_a_claim_that_nobody_checks(ruled, clock, monkeypatch):
    monkeypatch.setattr(claim, "require_may_have", lambda *given: None)
    with pytest.raises(AssertionError):
        run(EngineDesk(ruled), ruled, clock, 300, 30, chance=False)
