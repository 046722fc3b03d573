"""Negative controls: the safeguards against races and crashes taken out, one after the other; the checker must see it.

Each effect is kept by several safeguards at once. Where one alone is taken out the others still hold, and the tests say
so; only without all of them is a step lost or done twice.
"""

import threading

import pytest
from sqlalchemy import bindparam, select, text, update

from engine.actor import ENGINE
from engine.execution import saving
from engine.jobs import fire_timer
from engine.jobs.acquire import AcquireJobs, take
from engine.jobs.fire_timer import FireTimer
from engine.model import ProcessInstance, UserTask, tables
from engine.prepared import Prepared
from engine.task_actions import complete
from engine.task_actions.complete import CompleteTask
from tests.factories import read
from tests.faults.children import new_engine
from tests.faults.scene import Scene
from tests.postgresql import new_database


@pytest.fixture
def on_postgresql(postgresql_server, tmp_path):
    """A scene on PostgreSQL, where transactions really run side by side; SQLite lets one write at a time."""
    made = Scene(new_database(postgresql_server, "faults_safeguards"), tmp_path)
    yield made
    made.close()


def no_lock(monkeypatch):
    """Load task and matter without locking them."""
    columns = [getattr(UserTask, name).label(f"t_{name}") for name in complete._TASK]
    asked = select(*columns, *complete.MATTER_COLUMNS).join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
    monkeypatch.setattr(complete, "_LOAD", Prepared(asked.where(UserTask.id == bindparam("id"))))


def no_compare_and_set(monkeypatch):
    """Save a matter whatever its version has become."""
    monkeypatch.setattr(saving, "_SAVE", _without_condition(saving._SAVE, tables.process_instance))


def no_state_check(monkeypatch):
    """Close a task whatever its status has become."""
    monkeypatch.setattr(complete, "_CLOSE", _without_condition(complete._CLOSE, tables.user_task))


def no_unique_key(scene):
    """Let two events of a matter have the same number."""
    with scene.database.transaction() as session:
        session.execute(text("ALTER TABLE history_event DROP CONSTRAINT uq_history_event_instance_id_seq"))


def _without_condition(prepared, table):
    values = {getattr(name, "name", name): value for name, value in prepared._statement._values.items()}
    return Prepared(update(table).where(table.c.id == bindparam("b_id")).values(values))


@pytest.fixture
def side_by_side(monkeypatch):
    """Let two completions load before either writes; returns what they raised."""
    meeting = threading.Barrier(2)
    real = complete.run_event

    def meet(*given):
        meeting.wait(10)
        return real(*given)

    def run(scene, *tasks):
        monkeypatch.setattr(complete, "run_event", meet)
        raised = []

        def one(number, task):
            engine = new_engine(scene.place)
            try:
                engine.run(CompleteTask(task, {}, None, f"key-{number}"), scene.alice)
            except Exception as error:  # noqa: BLE001 - the test looks at it
                raised.append(error)
            engine.database.close()

        threads = [threading.Thread(target=one, args=given) for given in enumerate(tasks)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return raised

    return run


def test_without_the_lock_the_other_safeguards_still_let_one_of_two_complete(on_postgresql, side_by_side, monkeypatch):
    scene = on_postgresql
    scene.start("plain", 1)
    no_lock(monkeypatch)
    (task,) = scene.tasks()
    assert len(side_by_side(scene, task, task)) == 1
    scene.check()


def test_checker_detects_a_task_completed_twice(on_postgresql, side_by_side, monkeypatch):
    scene = on_postgresql
    scene.start("plain", 1)
    no_lock(monkeypatch)
    no_compare_and_set(monkeypatch)
    no_state_check(monkeypatch)
    no_unique_key(scene)
    (task,) = scene.tasks()
    assert side_by_side(scene, task, task) == []
    assert any(one.startswith("completed once") for one in scene.violations())


def test_checker_detects_a_branch_that_another_one_overwrote(on_postgresql, side_by_side, monkeypatch):
    scene = on_postgresql
    (matter,) = scene.start("parallel", 1)
    no_lock(monkeypatch)
    no_compare_and_set(monkeypatch)
    no_unique_key(scene)
    assert side_by_side(scene, *scene.tasks(matter)[:2]) == []
    assert any(one.startswith("work of a matter") for one in scene.violations())


def due_timer(scene):
    """A job whose time has come, acquired twice: as if the first lease had run out."""
    scene.start_timed(1)
    (job,) = scene.engine.run(AcquireJobs("one"), ENGINE)
    return job


def test_checker_detects_an_effect_in_a_second_transaction(scene):
    """The job is gone with the first transaction, and the worker dies before the second."""
    job = due_timer(scene)
    with scene.database.transaction() as session:
        assert take(scene.engine.context(session, ENGINE), job)
    assert any(one.startswith("timers of a matter") for one in scene.violations())


def test_checker_detects_an_effect_whose_job_stays(scene, monkeypatch):
    monkeypatch.setattr(fire_timer, "take", lambda context, job: True)
    scene.engine.run(FireTimer(due_timer(scene)), ENGINE)
    monkeypatch.undo()
    violations = scene.violations()
    assert any("that nothing waits for" in one for one in violations) or any("job" in one for one in violations)


def test_without_a_lease_two_workers_still_fire_a_timer_once(scene):
    """Both hold the same job; whoever deletes it in the transaction of its effect has fired it."""
    job = due_timer(scene)
    for _ in range(2):
        scene.engine.run(FireTimer(job), ENGINE)
    assert len(read(scene.engine, "history_event", action="timer fired")) == 1
    scene.check()


def test_checker_detects_a_lease_without_an_end(scene):
    """A job that somebody holds for ever is one that nobody will do."""
    due_timer(scene)
    with scene.database.transaction() as session:
        session.execute(update(tables.job).where(tables.job.c.kind == "timer").values(lease_until=None))
    assert any(one.startswith("a lease has holder and end") for one in scene.violations())
