"""The table of conformance suites at the end of a test run.

A test of a suite asks pytest for `record_property` and reports each case, before it asserts anything:

    tell(record_property, "BPMN (betsy)", "events", "Link_Event", PASS)

Cases that come in bulk are told with their number, one line per outcome:

    tell(record_property, "DMN (TCK)", "level 3", "0016-some-every", FAIL, number=2)

Where the cases are not there the suite says so with its reason, and then skips: `tell_absent(...)`. The figures travel
as properties of the test's report, so that with xdist they reach the process that prints. Saying the same twice (two
tests about one case, a fixture that two workers run) counts once.
"""

from collections import defaultdict

PASS, FAIL, DEFECTIVE, EXCEPTED, ABSENT = "pass", "fail", "defective", "excepted", "absent"
OUTCOMES = (PASS, FAIL, DEFECTIVE, EXCEPTED)
PROPERTY = "conformance"


def tell(record_property, suite, category, case, outcome, *, number=1):
    """Report a case, or `number` cases of one outcome: PASS, FAIL, DEFECTIVE (the suite's fault) or EXCEPTED."""
    assert outcome in OUTCOMES
    record_property(PROPERTY, (suite, category, case, outcome, number))


def tell_absent(record_property, suite, reason):
    """Report that a suite's cases are not there."""
    record_property(PROPERTY, (suite, "", reason, ABSENT, 0))


def told(reports):
    """Return what reports carry: (suite, category, case, outcome) -> number."""
    return {
        tuple(value[:4]): value[4]
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == PROPERTY
    }


def lines(results):
    """Return the lines of the table: per suite its categories with the number of each outcome, and their sum."""
    suites = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    for (suite, category, case, outcome), number in sorted(results.items()):
        if outcome == ABSENT:
            yield f"{suite}: skipped, {case}"
        else:
            suites[suite][category][outcome] += number
            suites[suite]["all"][outcome] += number
    for suite, categories in suites.items():
        shown = [outcome for outcome in OUTCOMES if outcome in {PASS, FAIL} or categories["all"][outcome]]
        width = max(len(suite), *(len(category) for category in categories))
        yield _row(width, suite, ["cases", *shown])
        for category in [*(name for name in categories if name != "all"), "all"]:
            counts = [categories[category][outcome] for outcome in shown]
            yield _row(width, category, [sum(counts), *counts])


def _row(width, head, cells):
    return f"{head:<{width}}" + "".join(f"{cell:>11}" for cell in cells)
