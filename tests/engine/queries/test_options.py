"""Option lists, registers, notices and incidents: each within the scope of who asks."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from engine.actor import ENGINE
from engine.commands.deployments import Deploy
from engine.errors import MatterNotFoundError, NotAllowedError
from engine.model import Incident, Notice, RegisterEntry
from engine.options import UnknownOptionsError
from engine.queries.notices import CountNotices, ListNotices
from engine.queries.operations import CountIncidents, ListIncidents
from engine.queries.registers import ListRegister, OptionsFor
from engine.task_actions.notices import MarkNoticesRead
from tests.factories import DefinitionFile
from tests.rows import CITY, EAST, SQUAD, WEST, add_definition, add_matter, add_participant, load_people, person

CODES = b"""
[[list]]
id = "PRIORITY"
name = "priority"
items = [{ value = "A", label = "A first" }, { value = "B", label = "B second" }]
[[list]]
id = "MORE"
name = "more"
items = [{ value = "C", label = "C third" }]
"""


@pytest.fixture
def people(engine):
    load_people(engine)


@pytest.fixture
def intake(engine, people):
    return person(engine, "intake")


def values(engine, source, actor):
    return [option.value for option in engine.ask(OptionsFor(source), actor)]


def test_code_lists_are_joined_and_a_word_of_ones_own_stands_for_itself(engine, intake):
    engine.run(Deploy((DefinitionFile("config/codes.toml", CODES),), "test"), ENGINE)
    found = engine.ask(OptionsFor("code:PRIORITY+MORE+其他"), intake)
    assert [(option.value, option.label) for option in found] == [
        ("A", "A first"),
        ("B", "B second"),
        ("C", "C third"),
        ("其他", "其他"),
    ]


@pytest.mark.parametrize("source", ["", "code:NOTHING", "sql:select 1", "peoples", "file:/etc/passwd"])
def test_a_source_that_does_not_exist_is_refused(engine, intake, source):
    with pytest.raises(UnknownOptionsError):
        engine.ask(OptionsFor(source), intake)


def test_people_are_those_of_the_district_and_above_without_administrators(engine, intake):
    found = values(engine, "people", intake)
    assert {"alice", "charlie", "town", "handler", "chief", "city"} <= set(found)
    assert set(found).isdisjoint({"western", "westlegal", "modeller", "system", "security", "audit"})
    assert "western" in values(engine, "people", person(engine, "city"))


def test_people_are_narrowed_by_role_and_certificate(engine, intake):
    assert set(values(engine, "people:role=dist_handler", intake)) == {"handler", "handler2"}
    assert set(values(engine, "people:role=dist_handler,squad_leader", intake)) == {"handler", "handler2", "lead"}
    assert values(engine, "people:certified", intake) == []


def test_units_are_narrowed_by_level(engine, intake):
    assert values(engine, "units:level=4", intake) == [SQUAD, "191902"]
    assert values(engine, "units:level=1,2", intake) == [CITY, EAST]
    assert WEST not in values(engine, "units", intake)


@pytest.fixture
def register(engine, intake):
    matter = add_matter(engine, add_definition(engine), "RA-1", sensitivity=2, unit_code=EAST)
    now = engine.clock.now()
    rows = [
        ("WP-1", matter, EAST, "approved", now + timedelta(days=9)),
        ("WP-2", None, EAST, "approved", now - timedelta(days=1)),
        ("WP-3", None, EAST, "suspended", None),
        ("WP-4", None, WEST, "approved", None),
        ("WP-5", None, CITY, "approved", None),
    ]
    with engine.database.transaction() as session:
        for key, instance, unit, status, until in rows:
            values = {"register": "wp", "key": key, "instance_id": instance, "unit_code": unit, "status": status}
            data = {"data": {"title": f"标题 {key}"}, "valid_until": until, "updated_at": now}
            session.execute(insert(RegisterEntry).values(**values, **data))
    return matter


def test_registers_offer_the_entries_of_ones_district_and_above(engine, intake, register):
    assert values(engine, "register:wp", intake) == ["WP-1", "WP-2", "WP-3", "WP-5"]
    assert values(engine, "register:wp?status=approved", intake) == ["WP-1", "WP-2", "WP-5"]
    assert values(engine, "register:wp?status=approved&valid", intake) == ["WP-1", "WP-5"]


def test_what_an_entry_is_about_shows_only_to_those_who_may_see_its_matter(engine, intake, register):
    def shown(actor):
        return {row.key: (row.label, row.data) for row in engine.ask(ListRegister("wp"), actor)}

    assert shown(intake)["WP-1"] == ("WP-1", {})
    assert shown(intake)["WP-2"] == ("WP-2 标题 WP-2", {"title": "标题 WP-2"})
    add_participant(engine, register, "intake", "assignee")
    assert shown(intake)["WP-1"][0] == "WP-1 标题 WP-1"


def test_options_within_a_matter_are_for_those_who_may_see_it(engine, register):
    with pytest.raises(MatterNotFoundError):
        engine.ask(OptionsFor("people", register), person(engine, "western"))


def test_notices_are_ones_own_and_read_once(engine, intake):
    with engine.database.transaction() as session:
        for number, reader in enumerate(["intake", "intake", "handler"]):
            row = {"person_id": reader, "kind": "light", "text": f"提醒 {number}", "dedupe_key": f"k{number}"}
            session.execute(insert(Notice).values(**row, created_at=engine.clock.now()))
    notices = engine.ask(ListNotices(), intake)
    assert [notice.text for notice in notices] == ["提醒 1", "提醒 0"]
    everything = [notice.id for notice in notices] + [
        notice.id for notice in engine.ask(ListNotices(), person(engine, "handler"))
    ]
    engine.run(MarkNoticesRead(everything), intake)
    assert engine.ask(CountNotices(), intake) == 0
    assert engine.ask(ListNotices(unread=True), intake) == ()
    assert engine.ask(CountNotices(), person(engine, "handler")) == 1
    assert [notice.id for notice in engine.ask(ListNotices(before=notices[0].id), intake)] == [notices[1].id]


def test_incidents_show_to_operators_number_and_step_and_no_content(engine, people):
    matter = add_matter(engine, add_definition(engine), "LD-1", sensitivity=3, title="秘密标题")
    with engine.database.transaction() as session:
        row = {"instance_id": matter, "kind": "token", "node_id": "Task", "message": "找不到决策表"}
        session.execute(insert(Incident).values(**row, created_at=engine.clock.now()))
    (incident,) = engine.ask(ListIncidents(), person(engine, "system"))
    assert (incident.number, incident.step, incident.message) == ("LD-1", "Task", "找不到决策表")
    assert "秘密标题" not in repr(incident)
    assert engine.ask(CountIncidents(), person(engine, "modeller")) == 1
    for who in ("alice", "security", "audit"):
        assert engine.ask(CountIncidents(), person(engine, who)) == 0
        with pytest.raises(NotAllowedError):
            engine.ask(ListIncidents(), person(engine, who))
