"""The table of conformance suites counts each case once and says where cases are missing."""

from types import SimpleNamespace

import pytest

from tests.conformance_table import ABSENT, DEFECTIVE, FAIL, PASS, lines, tell, tell_absent, told


def reports(*calls):
    """Reports as pytest and xdist hand them over: one per call, with lists in place of tuples."""
    properties = []
    for call in calls:
        call(lambda name, value: properties.append([name, list(value)]))
    return [SimpleNamespace(user_properties=[each]) for each in properties] + [SimpleNamespace()]


def case(category, name, outcome, number=1):
    return lambda record: tell(record, "DMN", category, name, outcome, number=number)


def test_cases_are_counted_by_category_and_outcome():
    found = told(reports(case("two", "a", PASS, 3), case("two", "a", FAIL), case("one", "b", DEFECTIVE)))
    assert [line.split() for line in lines(found)] == [
        ["DMN", "cases", "pass", "fail", "defective"],
        ["one", "1", "0", "0", "1"],
        ["two", "4", "3", "1", "0"],
        ["all", "5", "3", "1", "1"],
    ]


def test_a_case_told_twice_counts_once():
    found = told(reports(case("one", "a", PASS), case("one", "a", PASS)))
    assert next(reversed(list(lines(found)))).split() == ["all", "1", "1", "0"]


def test_an_absent_suite_says_why():
    found = told(reports(lambda record: tell_absent(record, "DMN", "no cases here")))
    assert list(lines(found)) == ["DMN: skipped, no cases here"]


def test_an_unknown_outcome_is_a_mistake_of_the_test():
    with pytest.raises(AssertionError):
        tell(None, "DMN", "one", "a", ABSENT)
