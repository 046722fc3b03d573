"""The directory: whose role is meant at a unit, and which units lie below."""

import pytest

from engine.directory import Directory, OrgUnit, Role

CITY, EAST, STREET, SQUAD, TOWN_SQUAD = "310100", "310191", "310191001", "310191901", "310191902"


@pytest.fixture
def directory():
    units = [
        OrgUnit(CITY, "市城市管理行政执法局", "市局", 1),
        OrgUnit(EAST, "东江区城市管理行政执法局", "东江区局", 2, business_parent=CITY),
        OrgUnit("310192", "西岭区城市管理行政执法局", "西岭区局", 2, business_parent=CITY),
        OrgUnit(STREET, "临江街道办事处", "临江街道", 3, business_parent=EAST),
        OrgUnit(SQUAD, "临江中队", "临江中队", 4, admin_parent=STREET, business_parent=EAST),
        OrgUnit("loop1", "甲", "甲", 4, business_parent="loop2"),
        OrgUnit("loop2", "乙", "乙", 4, business_parent="loop1"),
    ]
    roles = [
        Role("squad_officer", "中队队员", 4),
        Role("squad_leader", "中队长", 4, leads=True),
        Role("town_leader", "街镇分管负责人", 3, leads=True),
        Role("dist_intake", "收件分办岗", 2),
        Role("city_leader", "市局领导", 1),
        Role("archivist", "档案管理员", "any"),
        Role("mediator_ext", "人民调解员", "ext"),
    ]
    return Directory(units, roles)


@pytest.mark.parametrize(
    ("role", "unit", "principal"),
    [
        ("squad_officer", SQUAD, f"r:squad_officer@{SQUAD}"),
        ("dist_intake", SQUAD, f"r:dist_intake@{EAST}"),
        ("dist_intake", EAST, f"r:dist_intake@{EAST}"),
        ("city_leader", SQUAD, f"r:city_leader@{CITY}"),
        ("town_leader", SQUAD, f"r:town_leader@{STREET}"),
        ("town_leader", EAST, None),
        ("squad_leader", EAST, None),
        ("archivist", SQUAD, f"r:archivist@{SQUAD}"),
        ("mediator_ext", EAST, f"r:mediator_ext@{EAST}"),
        ("dist_intake", "no such unit", None),
        ("dist_intake", "loop1", None),
    ],
)
def test_a_role_is_that_of_the_first_unit_of_its_level_on_the_way_up(directory, role, unit, principal):
    assert directory.principal(role, unit) == principal


def test_candidates_are_named_people_and_resolved_roles_each_once(directory):
    found = directory.candidates(["dist_intake", "squad_leader", "dist_intake"], ["alice", ""], EAST)
    assert found == ("p:alice", f"r:dist_intake@{EAST}")


def test_the_subtree_follows_both_parents(directory):
    assert directory.subtree(STREET) == {STREET, SQUAD}
    assert directory.subtree(EAST) == {EAST, STREET, SQUAD}
    assert directory.subtree(CITY) == {CITY, EAST, "310192", STREET, SQUAD}
    assert directory.subtree("no such unit") == {"no such unit"}
    assert directory.subtree_of([STREET, "310192"]) == {STREET, SQUAD, "310192"}


def test_units_in_a_circle_do_not_hang(directory):
    assert directory.subtree("loop1") == {"loop1", "loop2"}


def test_the_district_of_a_unit_is_the_level_two_above_it(directory):
    assert directory.district(SQUAD).code == EAST
    assert directory.district(CITY) is None


def test_principals_are_told_in_words(directory):
    assert directory.describe(f"r:dist_intake@{EAST}") == "东江区局 收件分办岗"
    assert directory.describe("p:alice") == "alice"


def test_roles_are_found_by_their_marks(directory):
    assert directory.roles_where(leads=True) == {"squad_leader", "town_leader"}
