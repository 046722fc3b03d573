"""Logging in and out: server-side sessions, the lock, and answers that tell nothing (security S16, S17)."""

import hashlib

import pytest
from sqlalchemy import select

from engine.actor import ENGINE
from engine.commands.people import DeactivatePerson, SetPassword
from engine.commands.sessions import EndSession, LogIn, LogOut, TouchSession
from engine.errors import TextNotStorableError
from engine.model import AuditEvent, LoginSession
from engine.passwords import Tried
from engine.queries.sessions import FindActor, FindSession, ListSessions, TryPassword
from tests.rows import EAST, PASSWORD, load_people, person


@pytest.fixture
def people(engine):
    load_people(engine, PASSWORD)


def log_in(engine, login="intake", password=PASSWORD, **more):
    return engine.run(LogIn(login, password, "10.0.0.1", "browser", **more), ENGINE)


def test_a_login_opens_a_session_whose_token_is_not_in_the_database(engine, people):
    made = log_in(engine)
    with engine.database.transaction(write=False) as session:
        row = session.execute(select(LoginSession)).scalar_one()
        assert row.token_hash == hashlib.sha256(made.token.encode()).hexdigest()
        assert (row.person_id, row.client_ip, row.user_agent) == ("intake", "10.0.0.1", "browser")
    assert len(made.token) >= 43
    assert not made.must_change_password


def test_the_actor_behind_a_token_has_the_positions_of_today(engine, people):
    actor = engine.ask(FindActor(log_in(engine).token, "10.0.0.1"), ENGINE)
    assert (actor.person_id, actor.unit_code, actor.client_ip) == ("intake", EAST, "10.0.0.1")
    assert actor.principals == {"p:intake", f"r:dist_intake@{EAST}"}


@pytest.mark.parametrize("token", ["", "nonsense", "\x00", "\ud800", "a" * 10_000])
def test_a_token_that_was_never_given_finds_nobody(engine, people, token):
    assert engine.ask(FindActor(token), ENGINE) is None


def test_unknown_login_wrong_password_and_lock_get_the_same_answer(engine, people):
    wrong = log_in(engine, password="wrong")
    unknown = log_in(engine, login="nobody")
    for _ in range(5):
        log_in(engine, password="wrong")
    locked = log_in(engine)
    assert wrong == unknown == locked
    assert locked.token is None
    assert locked.refusal


def test_five_failures_lock_for_fifteen_minutes(engine, clock, people):
    for _ in range(5):
        assert log_in(engine, password="wrong").token is None
    clock.advance(minutes=14)
    assert log_in(engine).token is None
    clock.advance(minutes=2)
    assert log_in(engine).token


def test_a_success_forgets_earlier_failures(engine, people):
    for _ in range(3):
        for _ in range(4):
            log_in(engine, password="wrong")
        assert log_in(engine).token


def test_a_session_idle_for_thirty_minutes_is_over(engine, clock, people):
    token = log_in(engine).token
    clock.advance(minutes=20)
    engine.run(TouchSession(token), ENGINE)
    clock.advance(minutes=20)
    assert engine.ask(FindActor(token), ENGINE)
    clock.advance(minutes=11)
    assert engine.ask(FindActor(token), ENGINE) is None


def test_a_session_is_over_after_twelve_hours_however_much_it_is_used(engine, clock, people):
    token = log_in(engine).token
    for _ in range(35):
        clock.advance(minutes=20)
        engine.run(TouchSession(token), ENGINE)
    assert engine.ask(FindActor(token), ENGINE)
    clock.advance(minutes=20)
    assert engine.ask(FindActor(token), ENGINE) is None


def test_the_use_of_a_session_is_written_once_a_minute(engine, clock, people):
    token = log_in(engine).token
    assert not engine.ask(FindSession(token), ENGINE).touch_due
    clock.advance(seconds=61)
    assert engine.ask(FindSession(token), ENGINE).touch_due
    engine.run(TouchSession(token), ENGINE)
    assert not engine.ask(FindSession(token), ENGINE).touch_due


def test_a_fourth_session_ends_the_one_used_longest_ago(engine, clock, people):
    tokens = []
    for _ in range(4):
        tokens.append(log_in(engine).token)
        clock.advance(seconds=5)
    assert [engine.ask(FindActor(token), ENGINE) is not None for token in tokens] == [False, True, True, True]


def test_logging_out_ends_this_session_only(engine, people):
    first, second = log_in(engine).token, log_in(engine).token
    engine.run(LogOut(first), ENGINE)
    engine.run(LogOut(first), ENGINE)
    assert engine.ask(FindActor(first), ENGINE) is None
    assert engine.ask(FindActor(second), ENGINE)


def test_one_can_look_at_ones_own_sessions_and_end_them_but_not_those_of_others(engine, people):
    mine, other = log_in(engine).token, log_in(engine, login="handler").token
    me = engine.ask(FindActor(mine), ENGINE)
    found = engine.ask(ListSessions(mine), me)
    assert [row.present for row in found] == [True]
    engine.run(EndSession(hashlib.sha256(other.encode()).hexdigest()), me)
    assert engine.ask(FindActor(other), ENGINE)
    engine.run(EndSession(found[0].id), me)
    assert engine.ask(FindActor(mine), ENGINE) is None


def test_who_is_deactivated_or_given_a_new_password_is_out_at_once(engine, people):
    tokens = {login: log_in(engine, login=login).token for login in ("intake", "handler")}
    engine.run(DeactivatePerson("intake"), person(engine, "system"))
    engine.run(SetPassword("handler", "Other#pass77word"), person(engine, "system"))
    assert [engine.ask(FindActor(token), ENGINE) for token in tokens.values()] == [None, None]
    assert log_in(engine).token is None
    assert log_in(engine, login="handler", password="Other#pass77word").must_change_password


def test_a_password_older_than_ninety_days_must_be_changed(engine, clock, people):
    clock.advance(days=91)
    made = log_in(engine)
    assert made.must_change_password
    assert engine.ask(FindActor(made.token), ENGINE).must_change_password


def test_text_no_database_stores_is_refused(engine, people):
    with pytest.raises(TextNotStorableError):
        log_in(engine, login="in\x00take")


def test_logins_and_refusals_are_audited(engine, people):
    log_in(engine)
    log_in(engine, password="wrong")
    with engine.database.transaction(write=False) as session:
        events = session.execute(select(AuditEvent.action, AuditEvent.object).order_by(AuditEvent.id)).all()
    assert [tuple(row) for row in events[-2:]] == [("login", "intake"), ("login refused", "intake")]


def test_nothing_secret_shows_in_what_is_logged(people):
    assert PASSWORD not in repr(LogIn("intake", PASSWORD))


def test_a_password_is_tried_before_anything_is_locked_and_not_again(engine, people):
    tried = engine.ask(TryPassword("intake", PASSWORD), ENGINE)
    assert (tried.fits, engine.ask(TryPassword("intake", "wrong"), ENGINE).fits) == (True, False)
    # What was found out counts, not the password that comes with it: it is not looked at a second time.
    assert engine.run(LogIn("intake", "", tried=tried), ENGINE).token


def test_a_password_that_was_tried_on_another_hash_is_checked_again(engine, people):
    assert engine.run(LogIn("intake", "wrong", tried=Tried("another", fits=True)), ENGINE).token is None


def test_trying_an_unknown_login_finds_nothing_out(engine, people):
    assert engine.ask(TryPassword("nobody", PASSWORD), ENGINE) == Tried(None, fits=False)
