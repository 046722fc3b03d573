"""The outside BPMN suite (betsy): every shown test but those whose model is defective."""

import os

import pytest

from engine.errors import InvalidBpmnError
from tests.engine.tokens.betsy import DEFECTIVE, FOLDER, Suite, load_tests, observe, verdict

TESTS = load_tests()


def test_the_suite_is_there():
    if TESTS:
        return
    reason = f"the conformance cases are not at {FOLDER}; set BIHUAN_CONFORMANCE"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.mark.parametrize("test", TESTS, ids=lambda test: f"{test['category']}/{test['name']}")
def test_a_model_gives_the_trace_the_suite_expects(test):
    model = (FOLDER / test["model"]).read_bytes()
    wrong = [
        (case["variables"], case["expected"], observed)
        for case in test["cases"]
        if not verdict(case["expected"], observed := observe(model, case, test["name"]))
    ]
    if test["name"] in DEFECTIVE:
        assert wrong, f"{test['name']} is said to be defective ({DEFECTIVE[test['name']]}), yet it passes"
    else:
        assert not wrong


@pytest.mark.parametrize("name", ["MultiInstanceTask_NegativeLoopCardinality", "Token_CompletionQuantity_Zero"])
def test_what_is_refused_at_deployment_names_element_and_reason(name):
    test = next((test for test in TESTS if test["name"] == name), None)
    if test is None:
        pytest.skip(f"{name} is not at {FOLDER}")
    with pytest.raises(InvalidBpmnError) as refusal:
        Suite((FOLDER / test["model"]).read_bytes())
    assert all(problem.element and problem.line and problem.message for problem in refusal.value.problems)
