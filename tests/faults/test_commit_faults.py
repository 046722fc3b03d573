"""Errors before and after COMMIT: a client that tries again with its key acts once and gets the first answer."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.clock import FrozenClock
from engine.files import FileStore
from engine.passwords import AccountRules
from engine.queries.invariants import ListViolations
from engine.task_actions.comment import AddComment
from tests.conftest import MONDAY
from tests.factories import complete, deploy, line, open_task, prepare, procedure, read, start, user
from tests.faults.commit_faults import FaultyDatabase, RetryingEngine
from tests.faults.rules_of_work import FILES
from tests.faults.scene import LONG
from tests.web.conftest import Browser

ROOT = Path(__file__).resolve().parents[2]
SHORT = ["tests/procedures/test_lead_handling.py", "tests/engine/task_actions/test_complete.py"]
# All that commits; only tests that count statements or commits keep commits that do not fail (marker `counts`).
WHOLE = ["tests/procedures", "tests/contract", "tests/web", "tests/config",
         *(f"tests/engine/{name}" for name in ("channels", "commands", "comparison", "deadlines", "execution", "forms",
                                               "jobs", "queries", "task_actions", "topics")),
         *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests/engine").glob("test_*.py"))]  # fmt: skip


@pytest.fixture
def faulty(database, tmp_path, chance):
    """An engine of which a third of the commits fail before, and a third after."""
    url = database.url.render_as_string(hide_password=False)
    made = FaultyDatabase(url, 33, chance.random())
    rules = AccountRules(memory_kib=64)
    yield RetryingEngine(made, FrozenClock(MONDAY), FileStore(tmp_path / "files"), accounts=rules, example=True)
    made.close()


def test_each_act_of_a_client_that_tries_again_happens_once(faulty, figure):
    prepare(faulty)
    deploy(faulty, *procedure("demo", line(user("first"), user("second"), keys=("first", "second"))))
    matters = [start(faulty, "demo") for _ in range(10)]
    for begun in matters:
        following = complete(faulty, begun.tasks[0].task_id).next[0].task_id
        assert complete(faulty, following).finished
    assert len(read(faulty, "process_instance")) == len(matters)
    assert len(read(faulty, "history_event", action="task completed")) == 2 * len(matters)
    assert len({one.number for one in matters}) == len(matters)
    assert faulty.ask(ListViolations()) == ()
    assert min(faulty.database.failed.values()) > 5
    failed = faulty.database.failed
    figure("6 commits that fail", f"{failed['before']} before, {failed['after']} after COMMIT, each act once")


def test_checker_detects_what_a_client_without_a_key_does_twice(faulty):
    task = read(faulty, "user_task", id=open_task(faulty))[0]
    faulty.with_key = False
    from tests.factories import person

    for _ in range(20):
        faulty.run(AddComment(task.instance_id, task.id, "意见"), person(faulty, "alice"))
    assert len(read(faulty, "comment")) > 20


def test_a_form_sent_again_after_a_lost_answer_gets_the_first_one(engine, browse):
    """Over HTTP: what a page sends carries its key, and a second post of the same page changes nothing."""
    deploy(engine, *procedure("demo", line(user("work"), user("after"), keys=("work", "after"))))
    browser = browse("alice")
    acts = re.search(r'name="idempotency_key" value="(\w+)"', browser.text("/start/demo"))[1]
    posts = [browser.post("/start/demo", {"idempotency_key": acts}) for _ in range(2)]
    assert [one.status_code for one in posts] == [303, 303]
    assert posts[0].headers["Location"] == posts[1].headers["Location"]
    (matter,) = read(engine, "process_instance")
    task = read(engine, "user_task", status="open")[0].id
    browser.post(f"/tasks/{task}/claim")
    assert twice(browser, f"/tasks/{task}/comment", {"text": "意见"}) == [303, 303]
    assert len(read(engine, "comment")) == 1
    assert twice(browser, f"/tasks/{task}/transfer", {"to_person": "bob", "reason": "请代办"}) == [303, 303]
    assert [row.assignee for row in read(engine, "user_task", id=task)] == ["bob"]
    assert len(read(engine, "history_event", instance_id=matter.id, action="task transferred")) == 1


def test_an_act_sent_again_after_a_lost_answer_happens_once_though_it_ended_the_matter(engine, browse):
    deploy(engine, *FILES)
    browser = browse("alice")
    assert browser.post("/start/ruled").status_code == 303
    assert twice(browser, "/matters/1/acts/withdraw", {}) == [303, 303]
    assert len(read(engine, "history_event", action="act triggered")) == 1
    assert read(engine, "process_instance")[0].ended_at is not None


def twice(browser: Browser, path, fields):
    """Post a page's form twice; returns the statuses."""
    return [browser.post(path, {**fields, "idempotency_key": f"key-{path.count('/')}-{len(path)}"}).status_code
            for _ in range(2)]  # fmt: skip


def test_the_suite_is_green_while_commits_fail():
    """The tests that use the engine, once more, with five of a hundred commits failing before and five after."""
    environment = {**os.environ, "BIHUAN_TEST_COMMIT_FAULTS": "5"}
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST", "BIHUAN_TEST_LONG"):
        environment.pop(name, None)
    chosen = ["-n", "2", *WHOLE] if LONG else ["-n", "0", "-k", "sqlite", *SHORT]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:]
    assert "passed" in done.stdout or "100%" in done.stdout
