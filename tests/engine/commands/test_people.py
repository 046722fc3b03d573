"""People: who may add them, what their passwords must be, and the three administrators apart (security S15, S18)."""

from itertools import pairwise

import pytest
from sqlalchemy import select

from engine.actor import ENGINE
from engine.commands.organisation import LoadOrganisation
from engine.commands.people import (
    AddPerson,
    ChangePassword,
    DeactivatePerson,
    PasswordUsedBeforeError,
    PersonExistsError,
    SetPassword,
    WrongPasswordError,
)
from engine.commands.positions import (
    EndPosition,
    GrantPosition,
    OwnRightsError,
    RolesApartError,
    UnknownRoleError,
    UnknownUnitError,
)
from engine.commands.sessions import LogIn
from engine.errors import InvalidError, NotAllowedError, PersonNotFoundError
from engine.model import Person, Unit
from engine.passwords import WeakPasswordError
from engine.queries.people import ListPeople
from tests.rows import CITY, EAST, PASSWORD, SQUAD, WEST, load_people, organisation, person


@pytest.fixture
def people(engine):
    load_people(engine, PASSWORD)


@pytest.fixture
def system(engine, people):
    return person(engine, "system")


@pytest.fixture
def security(engine, people):
    return person(engine, "security")


def test_the_system_administrator_adds_people_who_must_change_their_password(engine, system):
    assert engine.run(AddPerson("dora", "杜若（示例）", EAST, "Strong#pass77word"), system) == "dora"
    assert engine.run(LogIn("dora", "Strong#pass77word"), ENGINE).must_change_password
    assert person(engine, "dora").positions == ()


@pytest.mark.parametrize("login", ["d", "dora lee", "杜若", "a" * 41, "../x", "dora\x00"])
def test_an_impossible_login_is_refused(engine, system, login):
    with pytest.raises(InvalidError):
        engine.run(AddPerson(login, "杜若（示例）", EAST), system)


def test_a_login_is_given_once_and_only_in_a_unit_there_is(engine, system):
    with pytest.raises(PersonExistsError):
        engine.run(AddPerson("alice", "又一人（示例）", EAST), system)
    with pytest.raises(UnknownUnitError):
        engine.run(AddPerson("dora", "杜若（示例）", "999"), system)


@pytest.mark.parametrize("who", ["alice", "chief", "security", "audit", "modeller"])
def test_nobody_else_adds_people(engine, people, who):
    actor = person(engine, who)
    for command in (
        AddPerson("dora", "杜若", EAST),
        SetPassword("alice", "Strong#pass77word"),
        DeactivatePerson("alice"),
    ):
        with pytest.raises(NotAllowedError):
            engine.run(command, actor)
    if who != "security":
        with pytest.raises(NotAllowedError):
            engine.run(GrantPosition("alice", "dist_handler", EAST), actor)


def test_the_system_administrator_gives_no_roles(engine, system):
    with pytest.raises(NotAllowedError):
        engine.run(AddPerson("dora", "杜若（示例）", EAST, roles=("dist_chief",)), system)
    with pytest.raises(NotAllowedError):
        engine.run(GrantPosition("alice", "dist_handler", EAST), system)


def test_a_position_holds_from_the_next_request_and_until_it_ends(engine, clock, security):
    position = engine.run(GrantPosition("alice", "dist_handler", EAST), security)
    assert f"r:dist_handler@{EAST}" in person(engine, "alice").principals
    engine.run(EndPosition(position), security)
    assert f"r:dist_handler@{EAST}" not in person(engine, "alice").principals


def test_a_position_for_a_time_ends_by_itself_and_names_whom_one_acts_for(engine, clock, security):
    today = clock.now().date()
    engine.run(
        GrantPosition("alice", "dist_leader", EAST, valid_to=today.replace(day=today.day), acting_for="chief"), security
    )
    held = [one for one in person(engine, "alice").positions if one.role == "dist_leader"]
    assert [(one.acting_for, one.acting_for_name) for one in held] == [("chief", "chief（示例）")]
    clock.advance(days=2)
    assert "dist_leader" not in person(engine, "alice").roles


@pytest.mark.parametrize(
    ("who", "role"),
    [
        ("system", "sec_admin"),
        ("system", "audit_admin"),
        ("audit", "sys_admin"),
        ("system", "dist_handler"),
        ("alice", "sys_admin"),
        ("alice", "audit_admin"),
    ],
)
def test_an_administrator_holds_nothing_else(engine, security, who, role):
    with pytest.raises(RolesApartError):
        engine.run(GrantPosition(who, role, CITY), security)


def test_nobody_changes_his_own_rights(engine, security):
    with pytest.raises(OwnRightsError):
        engine.run(GrantPosition("security", "sec_admin", WEST), security)
    own = next(row for row in engine.ask(ListPeople(search="security"), security) if row.id == "security")
    with pytest.raises(OwnRightsError):
        engine.run(EndPosition(own.positions[0].id), security)


def test_unknown_roles_units_and_people_are_refused(engine, security):
    with pytest.raises(UnknownRoleError):
        engine.run(GrantPosition("alice", "emperor", EAST), security)
    with pytest.raises(UnknownUnitError):
        engine.run(GrantPosition("alice", "dist_handler", "999"), security)
    with pytest.raises(PersonNotFoundError):
        engine.run(GrantPosition("nobody", "dist_handler", EAST), security)


def test_one_changes_ones_own_password_knowing_the_old_one(engine, people):
    alice = person(engine, "alice")
    with pytest.raises(WrongPasswordError):
        engine.run(ChangePassword("wrong", "Strong#pass77word"), alice)
    engine.run(ChangePassword(PASSWORD, "Strong#pass77word"), alice)
    assert engine.run(LogIn("alice", PASSWORD), ENGINE).token is None
    made = engine.run(LogIn("alice", "Strong#pass77word"), ENGINE)
    assert made.token
    assert not made.must_change_password


def test_the_last_five_passwords_are_not_used_again(engine, clock, people):
    alice = person(engine, "alice")
    passwords = [PASSWORD, *(f"Strong#pass77word{number}" for number in range(5))]
    for old, new in pairwise(passwords):
        clock.advance(minutes=1)
        engine.run(ChangePassword(old, new), alice)
    with pytest.raises(PasswordUsedBeforeError):
        engine.run(ChangePassword(passwords[-1], passwords[1]), alice)
    engine.run(ChangePassword(passwords[-1], passwords[0]), alice)


def test_a_weak_password_is_refused_and_nothing_changes(engine, people):
    with pytest.raises(WeakPasswordError):
        engine.run(ChangePassword(PASSWORD, "Alice#2026zz"), person(engine, "alice"))
    assert engine.run(LogIn("alice", PASSWORD), ENGINE).token


def test_loading_the_organisation_again_changes_units_and_adds_new_people_only(engine, people):
    content = organisation()
    content["unit"] = [{**unit, "short_name": "新名"} if unit["code"] == SQUAD else unit for unit in content["unit"]]
    content["person"].append({"id": "dora", "name": "杜若（示例）", "unit": EAST, "roles": ["dist_handler"]})
    assert engine.run(LoadOrganisation(content), ENGINE) == 1
    assert person(engine, "alice").unit_name == "新名"
    assert person(engine, "dora").roles == {"dist_handler"}
    with engine.database.transaction(write=False) as session:
        assert session.execute(select(Unit.code)).all()
        assert session.get(Person, "dora").password_hash == ""


def test_only_the_engine_loads_an_organisation(engine, system):
    with pytest.raises(NotAllowedError):
        engine.run(LoadOrganisation({"unit": []}), system)


def test_people_without_a_password_cannot_log_in(engine):
    load_people(engine)
    assert engine.run(LogIn("alice", ""), ENGINE).token is None


def test_the_directory_of_people_is_for_its_keepers(engine, system, security):
    for actor in (system, security):
        assert len(engine.ask(ListPeople(), actor)) == 17
    with pytest.raises(NotAllowedError):
        engine.ask(ListPeople(), person(engine, "alice"))
