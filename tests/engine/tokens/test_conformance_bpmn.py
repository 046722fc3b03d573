"""The outside BPMN suite (betsy): every shown test but those whose model is defective."""

import os

import pytest

from engine.errors import InvalidBpmnError
from tests.conformance_table import DEFECTIVE, FAIL, PASS, tell, tell_absent
from tests.engine.tokens import betsy
from tests.engine.tokens.betsy import FOLDER, Suite, load_tests, observe, verdict

SUITE = "BPMN (betsy)"
TESTS = load_tests()


def test_the_suite_is_there(record_property):
    if TESTS:
        return
    reason = f"the conformance cases are not at {FOLDER}; set BIHUAN_CONFORMANCE"
    tell_absent(record_property, SUITE, reason)
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.mark.parametrize("test", TESTS, ids=lambda test: f"{test['category']}/{test['name']}")
def test_a_model_gives_the_trace_the_suite_expects(test, record_property):
    model = (FOLDER / test["model"]).read_bytes()
    wrong = [
        (case["variables"], case["expected"], observed)
        for case in test["cases"]
        if not verdict(case["expected"], observed := observe(model, case, test["name"]))
    ]
    reason = betsy.DEFECTIVE.get(test["name"])
    outcome = PASS if not wrong else FAIL if reason is None else DEFECTIVE
    tell(record_property, SUITE, test["category"], test["name"], outcome)
    if reason is None:
        assert not wrong
    else:
        assert wrong, f"{test['name']} is said to be defective ({reason}), yet it passes"


@pytest.mark.parametrize("name", ["MultiInstanceTask_NegativeLoopCardinality", "Token_CompletionQuantity_Zero"])
def test_what_is_refused_at_deployment_names_element_and_reason(name):
    test = next((test for test in TESTS if test["name"] == name), None)
    if test is None:
        pytest.skip(f"{name} is not at {FOLDER}")
    with pytest.raises(InvalidBpmnError) as refusal:
        Suite((FOLDER / test["model"]).read_bytes())
    assert all(problem.element and problem.line and problem.message for problem in refusal.value.problems)
