"""Deploying: all or nothing, unchanged content makes no new version, running matters keep theirs."""

import pytest
from sqlalchemy import func, select

from engine.actor import ENGINE
from engine.commands.deployments import CheckDefinitions, Deploy
from engine.errors import InvalidDefinitionError
from engine.model import tables
from tests.factories import (
    DEADLINES,
    DefinitionFile,
    deploy,
    do,
    flows,
    form_file,
    line,
    open_tasks,
    prepare,
    procedure,
    props,
    read,
    start,
    text_field,
    user,
)

FORM = 'camunda:candidateGroups="squad_officer" camunda:formRef="register"'


def one_step(name="办理", more=None):
    return procedure("demo", line(user("work", more, name=name), keys=("work",)))


def count_rows(engine):
    names = ("deployment", "process_definition", "decision_definition", "form_definition", "config_document", "setting")
    with engine.database.transaction(write=False) as session:
        return {
            name: session.execute(select(func.count()).select_from(getattr(tables, name))).scalar() for name in names
        }


@pytest.fixture(autouse=True)
def organisation(engine):
    prepare(engine)


def test_a_deployment_makes_first_versions_of_everything_in_it(engine):
    made = deploy(engine, *one_step(more=FORM), form_file("demo", "register", text_field("note")))
    assert {(one.kind, one.key, one.version, one.changed) for one in made.definitions} == {
        ("process", "demo", 1, True),
        ("form", "demo/register", 1, True),
    }
    (row,) = read(engine, "process_definition", key="demo")
    assert (row.title, row.version, row.executable, row.file) == ("demo流程", 1, True, "processes/demo/demo.bpmn")
    assert row.procedure["start_roles"] == ["squad_officer"]


def test_unchanged_content_makes_no_new_version(engine):
    deploy(engine, *one_step())
    again = deploy(engine, *one_step())
    assert [(one.version, one.changed) for one in again.definitions] == [(1, False)]
    assert len(read(engine, "process_definition", key="demo")) == 1


def test_changed_content_makes_the_next_version_and_running_matters_keep_theirs(engine):
    deploy(engine, *one_step("第一版"))
    old = start(engine, "demo")
    made = deploy(engine, *one_step("第二版"))
    new = start(engine, "demo")
    assert [(one.version, one.changed) for one in made.definitions] == [(2, True)]
    assert (old.tasks[0].name, new.tasks[0].name) == ("第一版", "第二版")
    assert do(engine, old.instance_id, "work").finished


def test_a_changed_procedure_toml_alone_makes_a_new_version(engine):
    diagram, about = one_step()
    deploy(engine, diagram, about)
    renamed = DefinitionFile(about.path, about.content.replace("demo流程".encode(), "新名称".encode()))
    assert deploy(engine, diagram, renamed).definitions[0].version == 2
    assert read(engine, "process_definition", version=2)[0].title == "新名称"


def test_a_diagram_alone_keeps_the_procedure_toml_it_had(engine):
    deploy(engine, *one_step("第一版"))
    deploy(engine, one_step("第二版")[0])
    newest = read(engine, "process_definition", version=2)[0]
    assert newest.procedure["start_roles"] == ["squad_officer"]


def test_one_broken_file_refuses_the_whole_deployment(engine):
    before = count_rows(engine)
    broken = DefinitionFile("processes/broken/broken.bpmn", b"<definitions/>")
    with pytest.raises(InvalidDefinitionError) as refusal:
        deploy(engine, *one_step(), broken)
    assert [problem.file for problem in refusal.value.problems] == ["processes/broken/broken.bpmn"]
    assert count_rows(engine) == before


def test_a_refusal_names_the_element_and_the_reason(engine):
    with pytest.raises(InvalidDefinitionError) as refusal:
        deploy(engine, *one_step(more='camunda:candidateGroups="nobody_at_all"'))
    (problem,) = [one for one in refusal.value.problems if one.severity == "error"]
    assert (problem.element, problem.rule) == ("work", "unknown-role")
    assert "nobody_at_all" in problem.message


def test_checking_keeps_nothing(engine):
    before = count_rows(engine)
    problems = engine.ask(CheckDefinitions(one_step(more='camunda:candidateGroups="nobody_at_all"')))
    assert [problem.rule for problem in problems if problem.severity == "error"] == ["unknown-role"]
    assert count_rows(engine) == before


def test_a_diagram_may_use_deadlines_that_come_with_it(engine):
    config = DEADLINES.replace("T-WD", "T-NEW").encode()
    inside = line(user("work", inside=props(deadline="T-NEW")), keys=("work",))
    deploy(engine, DefinitionFile("config/deadlines.toml", config), *procedure("demo", inside))
    started = start(engine, "demo")
    assert read(engine, "user_task", instance_id=started.instance_id)[0].deadline_code == "T-NEW"


def test_configuration_that_cannot_be_read_is_refused_with_its_file(engine):
    before = count_rows(engine)
    with pytest.raises(InvalidDefinitionError) as refusal:
        deploy(engine, DefinitionFile("config/deadlines.toml", b"[[deadline]\n"))
    assert refusal.value.problems[0].file == "config/deadlines.toml"
    assert count_rows(engine) == before


def test_a_form_deployed_later_is_the_one_that_new_tasks_get(engine):
    deploy(engine, *one_step(more=FORM), form_file("demo", "register", text_field("note")))
    old = start(engine, "demo")
    deploy(engine, form_file("demo", "register", text_field("note"), text_field("more", "补充")))
    new = start(engine, "demo")
    rows = {row.instance_id: row.form_id for row in read(engine, "user_task")}
    versions = {row.id: row.version for row in read(engine, "form_definition")}
    assert (versions[rows[old.instance_id]], versions[rows[new.instance_id]]) == (1, 2)


def test_a_deployment_is_audited(engine):
    deploy(engine, *one_step())
    event = read(engine, "audit_event", action="definitions deployed")[-1]
    assert event.details["changed"] == ["process demo v1"]


def test_a_second_process_sees_a_deployment_at_once(engine, clock, files):
    from engine.engine import Engine

    deploy(engine, *one_step("第一版"))
    other = Engine(engine.database, clock, files)
    assert start(other, "demo").tasks[0].name == "第一版"
    other.run(Deploy(one_step("第二版"), "test"), ENGINE)
    assert start(engine, "demo").tasks[0].name == "第二版"


def test_an_abandoned_version_can_still_be_finished_after_a_restart(engine, clock, files):
    from engine.engine import Engine

    deploy(engine, *one_step("第一版"))
    started = start(engine, "demo")
    deploy(engine, *one_step("第二版"))
    fresh = Engine(engine.database, clock, files)
    assert open_tasks(fresh, started.instance_id) == [started.tasks[0].task_id]
    assert do(fresh, started.instance_id, "work").finished


def nested(levels):
    """A step inside so many sub-processes."""
    inside, key = user("work"), "work"
    for level in range(levels + 1):
        row = flows(f"s{level}>{key}", f"{key}>e{level}")
        inside = f'<bpmn:startEvent id="s{level}"/><bpmn:endEvent id="e{level}"/>{inside}{row}'
        if level < levels:
            key = f"p{level}"
            inside = f'<bpmn:subProcess id="{key}" name="第{level}层">{inside}</bpmn:subProcess>'
    return procedure("nested", inside)


def test_fifty_nested_sub_processes_are_deployed_and_run_and_more_are_refused(engine):
    deploy(engine, *nested(50))
    matter = start(engine, "nested").instance_id
    do(engine, matter, "work")
    assert read(engine, "process_instance", id=matter)[0].status == "completed"
    with pytest.raises(InvalidDefinitionError, match="嵌套超过 50 层"):
        deploy(engine, *nested(51))
