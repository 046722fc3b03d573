"""Global tasks are called like processes (BPMN 2.0.2 §10.2.5)."""

import pytest

from engine.bpmn.checks import check_definitions
from tests.engine.bpmn.corpus.builder import KNOWN, diagram
from tests.factories import deploy, do, line, prepare, procedure, read, start

SIGN = '<bpmn:globalUserTask id="sign" name="签字" {}/>'
CALL = '<bpmn:callActivity id="c" name="签字" calledElement="sign"/>'


def test_a_global_user_task_is_done_by_its_candidates(engine):
    prepare(engine)
    sign = SIGN.format('camunda:candidateGroups="squad_officer"')
    deploy(engine, *procedure("letter", line(CALL, keys=("c",)), more=sign))
    matter = start(engine, "letter").instance_id
    assert [row.name for row in read(engine, "user_task")] == ["签字"]
    do(engine, matter, "sign.task")
    assert [row.status for row in read(engine, "process_instance")] == ["completed"]


@pytest.mark.parametrize(("attributes", "rules"), [("", ["nobody"]), ('camunda:candidateGroups="squad_officer"', [])])
def test_a_global_user_task_needs_somebody_to_do_it(attributes, rules):
    file = diagram(line(CALL, keys=("c",)), more=SIGN.format(attributes))
    assert [problem.rule for problem in check_definitions([file], KNOWN)] == rules
