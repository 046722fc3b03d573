"""The cases of the DMN TCK, where they are: level 2 whole, level 3 to 99 %, external functions excepted."""

import os

import pytest

from tests.engine.dmn import tck

needs_cases = pytest.mark.skipif(
    not tck.CASES.is_dir() and os.environ.get("CI") != "true",
    reason=f"the conformance cases are not at {tck.CASES} (see BIHUAN_CONFORMANCE)",
)


@pytest.fixture(scope="module")
def results():
    assert tck.CASES.is_dir(), f"CI needs the conformance cases at {tck.CASES}"
    found = tck.run_all()
    print(tck.table(found))
    return found


def _share(results, level):
    own = [one for one in results if one.level.endswith(level) and one.name not in tck.EXTERNAL]
    failures = [f"{one.name} {failure}" for one in own for failure in one.failures]
    return 1 - len(failures) / sum(one.total for one in own), failures


@needs_cases
def test_every_case_of_level_2_is_right(results):
    share, failures = _share(results, "2")
    assert share == 1, failures


@needs_cases
def test_of_level_3_at_most_one_case_in_a_hundred_is_wrong(results):
    share, failures = _share(results, "3")
    assert share >= 0.99, failures
