"""Extensions within the rule, and pauses of the clock."""

from datetime import date

import pytest

from engine.deadlines import ExtensionRefusedError, extended, latest_extension, resumed
from engine.deadlines.changes import may_stop
from tests.engine.deadlines.conftest import on


@pytest.fixture
def check(register):
    return register.due("LD-04", on("03-09"))


@pytest.fixture
def seizure(register):
    return register.due("CO-02", on("03-02"))


def test_the_latest_extension_counts_on_from_the_due_day(register, check):
    assert check.due_at == on("03-30", "17:30")
    assert latest_extension(register, check, used=0) == on("04-21", "17:30")


def test_the_latest_extension_of_a_statutory_date_counts_from_its_legal_end(register, seizure):
    assert seizure.legal_due_at == on("04-01", "23:59:59")
    assert latest_extension(register, seizure, used=0) == on("04-30", "17:30"), "1 May is a day of rest"


def test_an_extension_within_the_rule_moves_due_and_legal_end(register, seizure):
    longer = extended(register, seizure, date(2026, 4, 20), used=0)
    assert (longer.due_at, longer.legal_due_at) == (on("04-20", "17:30"), on("04-20", "23:59:59"))
    assert longer.code == seizure.code


def test_hours_are_extended_by_hours(register):
    review = register.due("ST-03", on("03-09", "10:00"))
    assert latest_extension(register, review, used=1) == on("03-09", "16:00")
    assert extended(register, review, on("03-09", "15:30"), used=0).due_at == on("03-09", "15:30")


@pytest.mark.parametrize(
    ("day", "used", "word"),
    [
        (date(2026, 4, 22), 0, "最晚可延至 2026-04-21 17:30"),
        (date(2026, 3, 30), 0, "应晚于原期限"),
        (date(2026, 3, 1), 0, "应晚于原期限"),
        (date(2026, 4, 3), 1, "最多延期 1 次"),
    ],
)
def test_an_extension_beyond_the_rule_is_refused_with_the_reason(register, check, day, used, word):
    with pytest.raises(ExtensionRefusedError, match=word):
        extended(register, check, day, used)


def test_a_date_without_a_rule_cannot_be_extended(register):
    with pytest.raises(ExtensionRefusedError, match="TR-02 不允许延期"):
        extended(register, register.due("TR-02", on("03-09")), date(2026, 3, 13), used=0)


def test_after_a_pause_as_many_working_days_are_left_as_before(register, check):
    longer = resumed(register, check, on("03-16"), on("04-02"))
    assert longer.due_at == on("04-17", "17:30"), "ten working days were left on 16 March"


def test_after_a_pause_natural_days_go_on_and_rest_days_still_move_the_inner_date(register, seizure):
    longer = resumed(register, seizure, on("03-12"), on("03-22"))
    assert longer.legal_due_at == on("04-11", "23:59:59")
    assert longer.due_at == on("04-10", "17:30")


def test_after_a_pause_hours_go_on_by_its_length(register):
    order = register.due("TR-03", on("03-09", "10:20"))
    longer = resumed(register, order, on("03-09", "12:00"), on("03-09", "15:30"))
    assert (longer.due_at, longer.legal_due_at) == (on("03-10", "13:50"), on("03-10", "14:30"))


def test_the_right_of_a_party_still_ends_at_midnight_after_a_pause(register):
    fine = register.due("PN-08", on("03-09"))
    longer = resumed(register, fine, on("03-10"), on("03-20"))
    assert (longer.due_at, longer.legal_due_at) == (on("04-03", "23:59:59"), on("04-03", "23:59:59"))


def test_an_earlier_ordered_date_keeps_driving_after_a_pause(register):
    due = register.due("PN-03", on("03-09"), extra_due=date(2026, 3, 12))
    longer = resumed(register, due, on("03-10"), on("03-17"))
    assert (longer.due_at, longer.legal_due_at) == (on("03-19", "17:30"), on("03-25", "23:59:59"))


@pytest.mark.parametrize(("stop", "go"), [("03-31", "04-20"), ("03-16", "03-16")])
def test_a_pause_after_the_due_date_or_without_length_changes_nothing(register, check, stop, go):
    assert resumed(register, check, on(stop), on(go)) == check


def test_only_the_reasons_of_the_row_stop_the_clock(register):
    assert may_stop(register, "CO-02", "检测检验鉴定")
    assert not may_stop(register, "CO-02", "专家论证")
    assert not may_stop(register, "LD-02", "专家论证")
