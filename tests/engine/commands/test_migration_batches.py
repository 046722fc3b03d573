"""Running matters go over to another version: previewed, in the background, pausable, undone while nothing happened."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from engine.actor import ENGINE
from engine.commands.migration_batches import (
    MigrationEndedError,
    MigrationUnderWayError,
    NothingToMigrateError,
    PauseMigration,
    ResumeMigration,
    StartMigration,
    UndoMigration,
)
from engine.errors import InvalidError, NotAllowedError
from engine.execution.changes import REGISTER, MigrationNotApprovedError
from engine.jobs.migrate_matters import AT_ONCE
from engine.queries.migration_batches import FindMigration, ListMigrations, PreviewMigration
from tests.factories import (
    claim,
    complete,
    deploy,
    do,
    flows,
    form_file,
    line,
    open_tasks,
    pass_time,
    person,
    prepare,
    procedure,
    props,
    read,
    start,
    tell_story,
    text_field,
    user,
    worker,
)

KEY = "moving"
BOUNDARY = (
    '<bpmn:boundaryEvent id="late" attachedToRef="{0}" cancelActivity="false"><bpmn:timerEventDefinition>'
    '<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">{1}</bpmn:timeDuration></bpmn:timerEventDefinition>'
    '</bpmn:boundaryEvent><bpmn:endEvent id="noted"/><bpmn:sequenceFlow id="fl" sourceRef="late" targetRef="noted"/>'
)


@pytest.fixture
def bureau(engine):
    prepare(engine)
    return engine


def two_steps(first="check", name="核查", inside="", more="", after=""):
    tasks = user(first, name=name, inside=inside, more=more or None) + user("reply", name="反馈") + after
    return procedure(KEY, line(tasks, keys=(first, "reply")))


def approve(engine, version, *, migrate=True):
    row = {
        "register": REGISTER, "key": f"{KEY}:{version}", "status": "approved", "data": {"migrate": migrate},
        "updated_at": engine.clock.now(), "unit_code": "",
    }  # fmt: skip
    with engine.database.transaction() as session:
        from engine.model import tables

        session.connection().execute(insert(tables.register_entry), row)


def versions(engine, old, new):
    deploy(engine, *old)
    matter = start(engine, KEY).instance_id
    deploy(engine, *new)
    approve(engine, 2)
    return matter


def migrate(engine, **more):
    batch = engine.run(StartMigration(KEY, 1, 2, "新版本更清楚", **more), person(engine, "modeller"))
    worker(engine).drain()
    return batch


def look(engine, batch):
    return engine.ask(FindMigration(batch), person(engine, "modeller"))


def preview(engine, **more):
    return engine.ask(PreviewMigration(KEY, 1, 2, **more), person(engine, "modeller"))


def test_a_matter_goes_over_with_its_task_and_ends_on_the_new_version(bureau):
    matter = versions(bureau, two_steps(), two_steps(name="实地核查", more='camunda:candidateGroups="dist_intake"'))
    batch = migrate(bureau)
    assert (look(bureau, batch).status, look(bureau, batch).moved) == ("done", 1)
    (task,) = read(bureau, "user_task", instance_id=matter, status="open")
    assert task.name == "实地核查"
    assert all("dist_intake" in one for one in task.candidates)
    assert {row.principal for row in read(bureau, "task_access", task_id=task.id)} == set(task.candidates)
    latest = max(read(bureau, "process_definition", key=KEY), key=lambda row: row.version)
    assert read(bureau, "process_instance", id=matter)[0].definition_id == latest.id == task.definition_id
    assert "matter migrated" in tell_story(bureau, matter)


def test_who_has_claimed_a_task_keeps_it(bureau):
    matter = versions(bureau, two_steps(), two_steps(more='camunda:candidateGroups="dist_intake"'))
    claim(bureau, *open_tasks(bureau, matter))
    migrate(bureau)
    do(bureau, matter, "check")
    assert [row.node_id for row in read(bureau, "user_task", instance_id=matter, status="open")] == ["reply"]


def test_a_task_gets_the_form_of_the_new_version(bureau):
    form = form_file(KEY, "check", text_field("found", "发现"))
    new = (*two_steps(more='camunda:candidateGroups="squad_officer" camunda:formRef="check"'), form)
    matter = versions(bureau, two_steps(), new)
    migrate(bureau)
    (task,) = read(bureau, "user_task", instance_id=matter, status="open")
    assert task.form_key == f"{KEY}/check"
    complete(bureau, task.id, found="有")


def test_the_preview_says_what_goes_over_and_what_needs_a_name(bureau):
    matter = versions(bureau, two_steps(), two_steps("inspect", "核查"))
    other = start(bureau, KEY).instance_id
    found = preview(bureau)
    assert (found.total, found.count("mapping")) == (1, 1)
    assert found.missing_nodes == (("check", "核查"),)
    assert found.suggested == {"check": "inspect"}
    assert "新版本里没有" in found.groups[0].reasons[0]
    assert preview(bureau, nodes=found.suggested).count("moves") == 1
    assert {one.instance_id for one in found.groups[0].matters} == {matter} != {other}


def test_a_step_of_another_kind_cannot_go_over(bureau):
    new = procedure(
        KEY,
        line(
            '<bpmn:manualTask id="check" name="核查" camunda:candidateGroups="squad_officer"/>' + user("reply"),
            keys=("check", "reply"),
        ),
    )
    matter = versions(bureau, two_steps(), new)
    assert preview(bureau).count("cannot") == 1
    batch = look(bureau, migrate(bureau))
    assert (batch.moved, batch.refused) == (0, 1)
    assert "不是同一种环节" in batch.matters[0].reason
    do(bureau, matter, "check")
    do(bureau, matter, "reply")
    assert read(bureau, "process_instance", id=matter)[0].status == "completed"


def test_a_mapping_names_the_step_that_takes_its_place(bureau):
    matter = versions(bureau, two_steps(), two_steps("inspect"))
    assert look(bureau, migrate(bureau, nodes={"check": "inspect"})).moved == 1
    do(bureau, matter, "inspect")
    do(bureau, matter, "reply")
    assert read(bureau, "process_instance", id=matter)[0].status == "completed"


@pytest.mark.parametrize(("timers", "days"), [("keep", 10), ("restart", 22), ("recompute", 20)])
def test_an_armed_timer_is_kept_restarted_or_recomputed(bureau, clock, timers, days):
    deploy(bureau, *two_steps(after=BOUNDARY.format("check", "P10D")))
    matter = start(bureau, KEY).instance_id
    begun = clock.now()
    clock.advance(days=2)
    deploy(bureau, *two_steps(after=BOUNDARY.format("check", "P20D")))
    approve(bureau, 2)
    batch = migrate(bureau, timers=timers)
    (timer,) = read(bureau, "job", instance_id=matter, kind="timer")
    assert timer.due_at - begun == timedelta(days=days)
    bureau.run(UndoMigration(batch), person(bureau, "modeller"))
    (timer,) = read(bureau, "job", instance_id=matter, kind="timer")
    assert timer.due_at - begun == timedelta(days=10)
    pass_time(bureau, clock, days=9)
    assert "timer fired" in tell_story(bureau, matter)


@pytest.mark.parametrize(
    ("deadline", "due", "moves"),
    [("T-WD", "recompute", True), ("T-LAW", "recompute", False), ("T-WD", "keep", False)],
)
def test_a_due_date_is_recomputed_but_never_to_lengthen_a_duty(bureau, deadline, due, moves):
    short = {"deadline": "T-WD", "deadlineVariant": "urgent"} if deadline == "T-WD" else {"deadline": "T-WD"}
    matter = versions(bureau, two_steps(inside=props(**short)), two_steps(inside=props(deadline=deadline)))
    before = read(bureau, "user_task", instance_id=matter)[0]
    batch = migrate(bureau, due=due)
    after = read(bureau, "user_task", instance_id=matter)[0]
    assert (after.due_at > before.due_at) is moves
    assert after.due_at >= before.due_at
    bureau.run(UndoMigration(batch), person(bureau, "modeller"))
    assert read(bureau, "user_task", instance_id=matter)[0].due_at == before.due_at


def test_undone_a_matter_is_as_it_was(bureau):
    matter = versions(bureau, two_steps(), two_steps("inspect", more='camunda:candidateGroups="dist_intake"'))

    def everything():
        return [
            [{key: value for key, value in row._mapping.items() if key not in {"row_version", "chain_head", "chain_seq"}}
             for row in read(bureau, table, instance_id=matter)]
            for table in ("user_task", "job", "subscription", "variable")
        ] + [read(bureau, "process_instance", id=matter)[0].state, {row.principal for row in read(bureau, "task_access")}]  # fmt: skip

    before = everything()
    batch = migrate(bureau, nodes={"check": "inspect"})
    assert everything() != before
    assert bureau.run(UndoMigration(batch), person(bureau, "modeller")) == (1, 0)
    assert everything() == before
    do(bureau, matter, "check")


def test_a_matter_that_moved_on_is_not_undone(bureau):
    matter = versions(bureau, two_steps(), two_steps(name="实地核查"))
    batch = migrate(bureau)
    do(bureau, matter, "check")
    assert bureau.run(UndoMigration(batch), person(bureau, "modeller")) == (0, 1)
    assert "已经前进" in look(bureau, batch).matters[0].reason
    do(bureau, matter, "reply")


def test_a_batch_is_paused_and_goes_on(bureau):
    deploy(bureau, *two_steps())
    matters = [start(bureau, KEY).instance_id for _ in range(AT_ONCE + 5)]
    deploy(bureau, *two_steps(name="实地核查"))
    approve(bureau, 2)
    admin = person(bureau, "modeller")
    batch = bureau.run(StartMigration(KEY, 1, 2, "新版本"), admin)
    worker(bureau).tick(1)
    bureau.run(PauseMigration(batch), admin)
    worker(bureau).drain()
    assert (look(bureau, batch).moved, look(bureau, batch).waiting) == (AT_ONCE, 5)
    bureau.run(ResumeMigration(batch), admin)
    worker(bureau).drain()
    assert (look(bureau, batch).status, look(bureau, batch).moved) == ("done", len(matters))
    with pytest.raises(MigrationEndedError):
        bureau.run(PauseMigration(batch), admin)
    assert [one.id for one in bureau.ask(ListMigrations(KEY), admin)] == [batch]


def test_a_matter_that_fails_each_time_does_not_hold_up_the_others(bureau, clock, monkeypatch):
    from engine.jobs import migrate_matters

    deploy(bureau, *two_steps())
    matters = [start(bureau, KEY).instance_id for _ in range(3)]
    deploy(bureau, *two_steps(name="实地核查"))
    approve(bureau, 2)
    real = migrate_matters.take_over

    def fail(context, instance_id, plan):
        if instance_id == matters[1]:
            raise ZeroDivisionError
        return real(context, instance_id, plan)

    monkeypatch.setattr(migrate_matters, "take_over", fail)
    batch = bureau.run(StartMigration(KEY, 1, 2, "新版本"), person(bureau, "modeller"))
    pass_time(bureau, clock, hours=1)
    found = look(bureau, batch)
    assert (found.status, found.moved, found.refused) == ("done", 2, 1)
    assert found.matters[0].instance_id == matters[1]


def test_killed_in_the_middle_nothing_is_lost_and_another_worker_goes_on(bureau, clock, monkeypatch):
    from engine.jobs import migrate_matters

    deploy(bureau, *two_steps())
    matters = [start(bureau, KEY).instance_id for _ in range(5)]
    deploy(bureau, *two_steps(name="实地核查"))
    approve(bureau, 2)
    real = migrate_matters.take_over

    def die(context, instance_id, plan):
        if instance_id == matters[2]:
            raise SystemExit
        return real(context, instance_id, plan)

    with monkeypatch.context() as patched:
        patched.setattr(migrate_matters, "take_over", die)
        batch = bureau.run(StartMigration(KEY, 1, 2, "新版本"), person(bureau, "modeller"))
        with pytest.raises(SystemExit):
            worker(bureau).tick()
    assert look(bureau, batch).moved == 0
    clock.advance(minutes=5)
    worker(bureau).drain()
    assert (look(bureau, batch).status, look(bureau, batch).moved) == ("done", 5)
    assert {row.name for row in read(bureau, "user_task", status="open")} == {"实地核查"}


def test_without_an_approval_nobody_migrates(bureau):
    deploy(bureau, *two_steps())
    start(bureau, KEY)
    deploy(bureau, *two_steps(name="实地核查"))
    with pytest.raises(MigrationNotApprovedError):
        migrate(bureau)
    approve(bureau, 2, migrate=False)
    with pytest.raises(MigrationNotApprovedError):
        migrate(bureau)


def test_only_who_keeps_the_procedures_migrates(bureau):
    versions(bureau, two_steps(), two_steps(name="实地核查"))
    with pytest.raises(NotAllowedError):
        bureau.run(StartMigration(KEY, 1, 2, "新版本"), person(bureau, "alice"))
    with pytest.raises(NotAllowedError):
        bureau.ask(PreviewMigration(KEY, 1, 2), person(bureau, "alice"))


@pytest.mark.parametrize("wrong", [{"nodes": {"none": "check"}}, {"nodes": {"check": "none"}}, {"timers": "never"}])
def test_a_plan_that_names_what_is_not_there_is_refused(bureau, wrong):
    versions(bureau, two_steps(), two_steps(name="实地核查"))
    with pytest.raises(InvalidError):
        migrate(bureau, **wrong)
    with pytest.raises(InvalidError):
        bureau.run(StartMigration(KEY, 1, 9, "新版本"), person(bureau, "modeller"))


def test_two_batches_of_a_procedure_do_not_run_at_once(bureau):
    versions(bureau, two_steps(), two_steps(name="实地核查"))
    bureau.run(StartMigration(KEY, 1, 2, "新版本"), person(bureau, "modeller"))
    with pytest.raises(MigrationUnderWayError):
        bureau.run(StartMigration(KEY, 1, 2, "新版本"), person(bureau, "modeller"))
    worker(bureau).drain()
    with pytest.raises(NothingToMigrateError):
        bureau.run(StartMigration(KEY, 1, 2, "新版本"), person(bureau, "modeller"))


def test_a_token_that_waits_at_a_join_goes_over(bureau):
    def both(extra=""):
        inside = (
            '<bpmn:startEvent id="s"/><bpmn:parallelGateway id="g"/><bpmn:parallelGateway id="j"/><bpmn:endEvent id="e"/>'
            + user("a", name=f"甲{extra}") + user("b") + flows("s>g", "g>a", "g>b", "a>j", "b>j", "j>e")
        )  # fmt: skip
        return procedure(KEY, inside)

    deploy(bureau, *both())
    matter = start(bureau, KEY).instance_id
    do(bureau, matter, "a")
    deploy(bureau, *both("改"))
    approve(bureau, 2)
    assert look(bureau, migrate(bureau)).moved == 1
    do(bureau, matter, "b")
    assert read(bureau, "process_instance", id=matter)[0].status == "completed"


def test_a_called_procedure_goes_over_inside_the_matter_that_called_it(bureau):
    caller = procedure(
        "caller",
        line(f'<bpmn:callActivity id="call" name="核查" calledElement="{KEY}"/>', keys=("call",)),
    )
    called = two_steps()
    deploy(bureau, *with_callable(called), *caller)
    matter = start(bureau, "caller").instance_id
    deploy(bureau, *with_callable(two_steps("inspect")))
    approve(bureau, 2)
    assert look(bureau, migrate(bureau, nodes={"check": "inspect"})).moved == 1
    own = read(bureau, "process_instance", id=matter)[0]
    assert read(bureau, "process_definition", id=own.definition_id)[0].key == "caller"
    do(bureau, matter, "inspect")
    do(bureau, matter, "reply")
    assert read(bureau, "process_instance", id=matter)[0].status == "completed"


def with_callable(files):
    from tests.factories import DefinitionFile

    diagram, toml = files
    return diagram, DefinitionFile(toml.path, b"callable_only = true\n" + toml.content)


def test_a_repeated_step_goes_over_with_all_its_performances(bureau):
    def signers(name):
        loop = (
            '<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality xsi:type="bpmn:tFormalExpression">3'
            "</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
        )
        return procedure(KEY, line(user("sign", name=name, inside=loop), keys=("sign",)))

    deploy(bureau, *signers("会签"))
    matter = start(bureau, KEY).instance_id
    complete(bureau, open_tasks(bureau, matter)[0])
    deploy(bureau, *signers("会签（新）"))
    approve(bureau, 2)
    assert look(bureau, migrate(bureau)).moved == 1
    assert {row.name for row in read(bureau, "user_task", instance_id=matter, status="open")} == {"会签（新）"}
    for task in open_tasks(bureau, matter):
        complete(bureau, task)
    assert read(bureau, "process_instance", id=matter)[0].status == "completed"


def test_the_engine_itself_may_not_be_mistaken_for_an_approval(bureau):
    versions(bureau, two_steps(), two_steps(name="实地核查"))
    assert bureau.run(StartMigration(KEY, 1, 2, "新版本"), ENGINE) > 0
