"""Versions of a procedure are compared with the forms that were in force with them."""

import pytest

from engine.errors import ProcessDefinitionNotFoundError
from engine.execution.version_files import files_of
from engine.queries.comparison import CompareVersions
from tests.factories import deploy, form_file, line, person, prepare, procedure, text_field, user


def step(name):
    more = 'camunda:candidateGroups="squad_officer" camunda:formRef="check"'
    return procedure("demo", line(user("check", name=name, more=more), keys=("check",)))


@pytest.fixture
def versions(engine):
    prepare(engine)
    deploy(engine, *step("核查"), form_file("demo", "check", text_field("found", "发现")))
    deploy(engine, *step("实地核查"), form_file("demo", "check", text_field("found", "发现的问题")))
    deploy(engine, *step("现场核查"), form_file("demo", "check", text_field("found", "问题")))
    return engine


def said(engine, before, after):
    found = engine.ask(CompareVersions("demo", before, after), person(engine, "alice")).comparison
    return [change.words for file in found.files for change in file.changes]


def test_diagram_and_form_are_compared_as_they_were_deployed(versions):
    assert said(versions, 1, 2) == [
        "用户任务“实地核查”：名称由“核查”改为“实地核查”",
        "字段“发现的问题”：名称由“发现”改为“发现的问题”",
    ]
    assert said(versions, 1, 3)[1] == "字段“问题”：名称由“发现”改为“问题”"
    assert said(versions, 3, 2)[0] == "用户任务“实地核查”：名称由“现场核查”改为“实地核查”"


def test_a_version_that_is_not_there_is_not_found(versions):
    with pytest.raises(ProcessDefinitionNotFoundError):
        said(versions, 1, 9)


def test_the_newest_version_has_the_newest_forms_even_if_they_came_alone(versions):
    deploy(versions, form_file("demo", "check", text_field("found", "新问题")))
    with versions.database.transaction(write=False) as session:
        from engine.actor import ENGINE

        context = versions.context(session, ENGINE)
        assert "新问题" in files_of(context, "demo", 3)["forms/demo/check.form"].decode()
        assert "新问题" not in files_of(context, "demo", 2)["forms/demo/check.form"].decode()
