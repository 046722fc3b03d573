"""Due dates by domain sections 5 and 11."""

from datetime import UTC, date, datetime

import pytest

from engine.deadlines import DeadlineRegister, UnknownDeadlineError
from engine.deadlines.register import DeadlineConfigError
from tests.engine.deadlines.conftest import on

LAST = "23:59:59"


@pytest.mark.parametrize(
    ("code", "start", "due", "legal"),
    [
        # Working days: the day of the start is not counted, 调休 and festivals are.
        ("LD-02", on("03-09"), on("03-10", "17:30"), None),
        ("LD-02", on("03-06"), on("03-09", "17:30"), None),
        ("LD-02", on("03-07"), on("03-09", "17:30"), None),
        ("LD-02", on("02-13"), on("02-14", "17:30"), None),
        ("LD-02", on("02-14"), on("02-24", "17:30"), None),
        ("LD-04", on("03-09"), on("03-30", "17:30"), None),
        ("PN-03", on("09-18", "16:00"), on("09-29", "17:30"), on("09-29", LAST)),
        # A duty of the authority in natural days moves to the last working day before; the legal end stays.
        ("TR-02", on("03-09"), on("03-12", "17:30"), on("03-12", LAST)),
        ("TR-02", on("03-05"), on("03-06", "17:30"), on("03-08", LAST)),
        ("CO-02", on("09-03"), on("09-30", "17:30"), on("10-03", LAST)),
        # No working day is left after the start: the legal end itself is due.
        ("TR-02", on("09-30", "16:00"), on("10-03", "17:30"), on("10-03", LAST)),
        # Rights of parties and duties of other authorities run on to the next working day, until 24:00.
        ("PN-08", on("09-18"), on("10-08", LAST), on("10-08", LAST)),
        ("TR-05", on("03-05"), on("03-09", LAST), on("03-09", LAST)),
        ("PN-05", on("03-09"), on("03-16", LAST), on("03-16", LAST)),
        # A minimum period never ends early.
        ("RA-02", on("09-04"), on("10-08", LAST), on("10-08", LAST)),
        # Months end on the same day, else the last of the month.
        ("CO-06", on("2025-11-30"), on("02-28", "17:30"), on("02-28", LAST)),
        ("RA-04", on("08-31"), on("2027-02-26", "17:30"), None),
        # Hours run on through nights and festivals; the legal end counts from the next full hour.
        ("TR-03", on("09-30", "16:20"), on("10-01", "16:20"), on("10-01", "17:00")),
        ("TR-03", on("09-30", "16:00"), on("10-01", "16:00"), on("10-01", "16:00")),
        ("ST-03", on("03-09", "22:00"), on("03-10", "02:00"), None),
        ("PO-09", on("03-09", "10:10"), on("03-11", "11:00"), on("03-11", "11:00")),
        ("IN-02", on("03-09", "10:10"), on("03-09", "10:40"), on("03-09", "10:40")),
    ],
)
def test_a_due_date_follows_from_the_start(register, code, start, due, legal):
    told = register.due(code, start)
    assert (told.due_at, told.legal_due_at) == (due, legal)


def test_the_day_of_the_start_is_that_of_shanghai(register):
    late_on_sunday_in_utc = datetime(2026, 3, 8, 16, 30, tzinfo=UTC)
    assert register.due("LD-02", late_on_sunday_in_utc).due_at == on("03-10", "17:30")


@pytest.mark.parametrize(
    ("variant", "due", "kind"),
    [(None, on("03-10", "17:30"), "WD"), ("", on("03-10", "17:30"), "WD"), ("urgent", on("03-09", "12:00"), "H")],
)
def test_a_variant_has_its_own_limit_and_kind(register, variant, due, kind):
    told = register.due("LD-02", on("03-09"), variant)
    assert (told.due_at, told.kind) == (due, kind)


def test_an_earlier_date_of_a_superior_drives_the_lights_and_the_statutory_one_stays_visible(register):
    told = register.due("PN-03", on("03-09"), extra_due=date(2026, 3, 12))
    assert told.due_at == on("03-12", "17:30")
    assert told.legal_due_at == on("03-18", LAST)
    assert told.text == "要求 2026-03-12 前 · 法定 PN-03"


def test_a_later_date_of_a_superior_changes_nothing(register):
    told = register.due("PN-03", on("03-09"), extra_due=date(2026, 6, 1))
    assert (told.due_at, told.text) == (on("03-18", "17:30"), "法定 PN-03")


def test_where_the_superior_orders_the_limit_his_date_replaces_it(register):
    assert register.due("LD-04", on("03-09"), extra_due=date(2026, 5, 20)).due_at == on("05-20", "17:30")
    assert register.due("LD-04", on("03-09"), extra_due=date(2026, 3, 11)).due_at == on("03-11", "17:30")


def test_an_ordered_day_of_rest_moves_to_the_working_day_before(register):
    assert register.due("PN-03", on("03-09"), extra_due=date(2026, 3, 15)).due_at == on("03-13", "17:30")


def test_an_ordered_instant_is_taken_as_it_is(register):
    assert register.due("TR-03", on("03-09"), extra_due=on("03-09", "18:00")).due_at == on("03-09", "18:00")


def test_years_without_an_arrangement_are_named(register):
    assert register.due("RA-04", on("08-31")).unknown_years == (2027,)
    assert register.due("LD-02", on("03-09")).unknown_years == ()


@pytest.mark.parametrize(("code", "variant"), [("LD-99", None), ("LD-02", "slow"), ("", None)])
def test_an_unknown_code_or_variant_is_refused(register, code, variant):
    with pytest.raises(UnknownDeadlineError, match="时限登记表中没有"):
        register.due(code, on("03-09"), variant)


GOOD = {"code": "X-01", "owner": "internal", "kind": "WD", "limit": 3}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"code": " "}, "code"),
        ({"owner": "us"}, "owner"),
        ({"kind": "days"}, "kind"),
        ({"limit": 0}, "limit"),
        ({"limit": True}, "limit"),
        ({"limit": "3"}, "limit"),
        ({"limit": 10**9}, "limit"),
        ({"confidence": "maybe"}, "confidence"),
        ({"variants": {"a": 3}}, "变体"),
        ({"variants": {"a": {"limit": 3, "kind": "W"}}}, "kind"),
        ({"extension": {"limit": 0}}, "limit"),
        ({"extension": {"limit": 3, "times": 0}}, "times"),
    ],
)
def test_a_wrong_row_is_refused_by_key(calendar, change, word):
    with pytest.raises(DeadlineConfigError, match=word):
        DeadlineRegister.from_config({"deadline": [GOOD | change]}, calendar)


def test_a_code_given_twice_is_refused(calendar):
    with pytest.raises(DeadlineConfigError, match="重复"):
        DeadlineRegister.from_config({"deadline": [GOOD, GOOD]}, calendar)
