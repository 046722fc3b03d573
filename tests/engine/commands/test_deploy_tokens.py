"""Deploy tokens: kept as a hash, for a while, for their owner's drafts, ended with the password or the account."""

import hashlib

import pytest
from sqlalchemy import select

from engine.actor import ENGINE
from engine.commands.deploy_tokens import CreateDeployToken, RevokeDeployToken, UseDeployToken
from engine.commands.people import ChangePassword, DeactivatePerson, SetPassword
from engine.commands.sessions import LogIn
from engine.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from engine.model import AuditEvent, DeployToken
from engine.queries.deploy_tokens import ListDeployTokens
from engine.queries.sessions import FindActor
from tests.rows import PASSWORD, load_people, person


@pytest.fixture(autouse=True)
def people(engine):
    load_people(engine, PASSWORD)


def make(engine, label="办公室电脑", days=30, person_id="modeller"):
    return engine.run(CreateDeployToken(label, days), person(engine, person_id))


def use(engine, token, **more):
    return engine.run(UseDeployToken(token, "10.0.0.1", **more), ENGINE)


def own(engine):
    return engine.ask(ListDeployTokens(), person(engine, "modeller"))


def events(engine):
    with engine.database.transaction(write=False) as session:
        return list(session.execute(select(AuditEvent.action).order_by(AuditEvent.seq)).scalars())


def log_in(engine, password=PASSWORD):
    return engine.run(LogIn("modeller", password), ENGINE).token


def test_the_token_is_not_in_the_database_and_opens_no_session(engine):
    token = make(engine)
    with engine.database.transaction(write=False) as session:
        row = session.execute(select(DeployToken)).scalar_one()
        assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert len(token.partition("~")[2]) >= 43
    assert engine.ask(FindActor(token), ENGINE) is None


def test_a_token_gives_its_owner_and_shows_when_it_was_used(engine, clock):
    token = make(engine)
    assert own(engine)[0].last_used_at is None
    clock.advance(days=3)
    actor = use(engine, token)
    assert (actor.person_id, actor.client_ip, "process_admin" in actor.roles) == ("modeller", "10.0.0.1", True)
    (seen,) = own(engine)
    assert (seen.state, seen.last_used_at, seen.last_ip) == ("live", clock.now(), "10.0.0.1")


def test_what_is_done_with_tokens_is_audited(engine):
    token = make(engine)
    use(engine, token)
    use(engine, token, deploys=True)
    use(engine, token + "x")
    engine.run(RevokeDeployToken(own(engine)[0].id), person(engine, "modeller"))
    told = [action for action in events(engine) if action.startswith("deploy token")]
    assert told == [
        "deploy token created", "deploy token used", "deploy token refused", "deploy token revoked",
    ]  # fmt: skip


def test_a_token_ends_on_its_day_or_when_it_is_revoked(engine, clock):
    short, revoked = make(engine, days=1), make(engine)
    engine.run(RevokeDeployToken(own(engine)[0].id), person(engine, "modeller"))
    assert use(engine, revoked) is None
    clock.advance(hours=23)
    assert use(engine, short)
    clock.advance(hours=1)
    assert use(engine, short) is None
    assert [one.state for one in own(engine)] == ["ended", "expired"]


@pytest.mark.parametrize(
    ("command", "who"),
    [
        (ChangePassword(PASSWORD, "Zr9!uferlos-heute"), "modeller"),
        (SetPassword("modeller", "Zr9!uferlos-heute"), "system"),
        (DeactivatePerson("modeller"), "system"),
    ],
    ids=["changed", "set", "deactivated"],
)
def test_a_token_ends_with_the_password_and_the_account(engine, command, who):
    token = make(engine)
    engine.run(command, person(engine, who))
    assert use(engine, token) is None


def test_a_token_does_not_outlive_the_age_of_the_password(engine, clock):
    clock.advance(days=60)
    token = make(engine, days=90)
    clock.advance(days=29)
    assert use(engine, token)
    clock.advance(days=2)
    assert use(engine, token) is None


def test_wrong_tokens_lock_the_account_like_wrong_passwords_and_one_that_ended_does_not(engine, clock):
    ended, good = make(engine), make(engine)
    engine.run(RevokeDeployToken(own(engine)[1].id), person(engine, "modeller"))
    for _ in range(6):
        assert use(engine, ended) is None
    assert log_in(engine)
    for guess in ("a", "b", "c", "d", "e"):
        assert use(engine, f"modeller~{guess}") is None
    assert use(engine, good) is None
    assert log_in(engine) is None
    clock.advance(minutes=15)
    assert use(engine, good)


@pytest.mark.parametrize("token", ["", "~", "nobody~x", "modeller", "modeller~" + "a" * 10_000])
def test_a_token_that_was_never_given_finds_nobody(engine, token):
    assert use(engine, token) is None


def test_the_token_of_one_with_the_name_of_another_is_good_for_neither(engine):
    assert use(engine, make(engine).replace("modeller~", "alice~")) is None


def test_only_who_keeps_procedures_makes_tokens_and_only_their_owner_revokes_them(engine):
    with pytest.raises(NotAllowedError):
        make(engine, person_id="alice")
    make(engine)
    with pytest.raises(NotFoundError):
        engine.run(RevokeDeployToken(own(engine)[0].id), person(engine, "alice"))
    engine.run(RevokeDeployToken(own(engine)[0].id), person(engine, "modeller"))
    with pytest.raises(NotFoundError):
        engine.run(RevokeDeployToken(own(engine)[0].id), person(engine, "modeller"))


@pytest.mark.parametrize(("label", "days"), [("电脑", 0), ("电脑", 91), (" ", 30), ("长" * 61, 30)])
def test_a_token_has_a_label_and_at_most_ninety_days(engine, label, days):
    with pytest.raises(InvalidError):
        make(engine, label, days)
    assert own(engine) == ()


def test_nobody_has_more_than_ten_live_tokens_and_old_ones_are_forgotten(engine, clock):
    for number in range(10):
        make(engine, f"第 {number} 台", days=1)
    with pytest.raises(ConflictError):
        make(engine)
    clock.advance(days=2)
    make(engine)
    assert len(own(engine)) == 11
    clock.advance(days=90)
    make(engine)
    assert len(own(engine)) == 2
