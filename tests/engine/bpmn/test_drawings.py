"""A file that is a drawing only is kept as a drawing, and its check lists what keeps it from being executed."""

from dataclasses import replace

import pytest

from engine.actor import ENGINE
from engine.bpmn.check_drawing import drawings_in
from engine.bpmn.checks import DefinitionFile, check_definitions
from engine.errors import InvalidDefinitionError, ProcessDefinitionNotFoundError
from engine.queries.definitions import FindDefinition, ListProcedures
from engine.queries.starting import ListStartable
from tests.engine.bpmn.corpus.builder import KNOWN, diagram, line, user
from tests.engine.bpmn.corpus.drawings import DRAWINGS, PLAIN, document, pools, process
from tests.factories import deploy, prepare, procedure, read, start

PATH = "processes/drawn/drawn.bpmn"


def problems(inside, known=KNOWN):
    return check_definitions([DefinitionFile(PATH, document(inside))], known)


def test_there_are_at_least_ten_drawings():
    assert len(DRAWINGS) >= 10


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_not_refused_and_its_list_names_what_cannot_run(name):
    inside, named = DRAWINGS[name]
    found = problems(inside)
    assert [one for one in found if one.severity == "error"] == []
    assert drawings_in(found) == {PATH}
    told = [one for one in found if one.rule != "drawing"]
    assert any(named in f"{one.element} {one.message}" for one in told), told
    assert all(one.line for one in told if one.element)


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_deploys_and_is_never_started(engine, name):
    prepare(engine)
    made = deploy(engine, DefinitionFile(PATH, document(DRAWINGS[name][0])))
    assert [(one.kind, one.version, one.changed) for one in made.definitions] == [("drawing", 1, True)]
    assert any(one.rule == "drawing" for one in made.warnings)
    row = read(engine, "process_definition")[0]
    assert (row.key, row.executable) == (made.definitions[0].key, False)
    assert [card.key for card in engine.ask(ListProcedures(), ENGINE)] == [row.key]
    assert engine.ask(FindDefinition(row.key), ENGINE).xml
    assert engine.ask(ListStartable(), ENGINE) == ()
    with pytest.raises(ProcessDefinitionNotFoundError):
        start(engine, row.key)


def test_a_process_that_is_meant_to_run_is_never_kept_as_a_drawing():
    found = problems(process(PLAIN, more='isExecutable="true"'))
    assert drawings_in(found) == frozenset()
    assert any(one.severity == "error" for one in found)


def test_a_process_that_does_not_say_runs_if_it_can_beside_a_pool_that_is_only_drawn():
    can = diagram(line(user("work"), keys=("work",)), "drawn", more=pools(("citizen", ""), ("bureau", "drawn")))
    silent = replace(can, content=can.content.replace(b' isExecutable="true"', b""))
    assert drawings_in(check_definitions([silent], KNOWN)) == frozenset()


def test_a_file_with_nothing_in_it_is_no_drawing():
    assert [one.rule for one in problems("") if one.severity == "error"] == ["no-process"]


def test_what_is_wrong_with_any_file_refuses_a_drawing_too():
    deep = "<bpmn:task id='t'/>"
    for level in range(55):
        deep = f'<bpmn:subProcess id="s{level}">{deep}</bpmn:subProcess>'
    found = problems(process(deep, more='isExecutable="false"'))
    assert [one.rule for one in found if one.severity == "error"] == ["too-deep"]


def test_a_drawing_does_not_take_the_place_of_a_procedure_that_runs(engine):
    prepare(engine)
    files = procedure("drawn", line(user("work"), keys=("work",)))
    deploy(engine, *files)
    drawn = replace(files[0], content=files[0].content.replace(b'isExecutable="true"', b'isExecutable="false"'))
    with pytest.raises(InvalidDefinitionError, match="图样不能代替它"):
        deploy(engine, drawn)
    assert start(engine, "drawn").tasks


def test_a_drawing_beside_procedures_leaves_them_as_they_are(engine):
    prepare(engine)
    deploy(engine, *procedure("demo", line(user("work"), keys=("work",))))
    deploy(engine, DefinitionFile(PATH, document(DRAWINGS["a choreography"][0])))
    assert start(engine, "demo").tasks


def test_however_much_is_told_it_is_told_which_files_are_drawings():
    crowd = "".join(f'<bpmn:serviceTask id="t{n}"/>' for n in range(300))
    files = [DefinitionFile(f"processes/{name}/{name}.bpmn", document(process(crowd, name))) for name in "ab"]
    found = check_definitions(files, KNOWN)
    assert len(found) == 200
    assert drawings_in(found) == {file.path for file in files}
