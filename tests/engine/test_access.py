"""Who may know of a matter: every viewer against every level of sensitivity (domain 2.6)."""

import pytest
from sqlalchemy import select

from engine.access import listed_instances, may_see, visible_instances
from engine.actor import ENGINE
from engine.errors import MatterNotFoundError, UserTaskNotFoundError
from engine.model import ProcessInstance
from engine.queries.attachments import ListAttachments
from engine.queries.matter import FindMatter, ListTimeline
from engine.queries.matters import CountMatters, ListMatters
from tests.rows import EAST, SQUAD, add_definition, add_matter, add_participant, add_task, load_people, person

# Matters of the squad 临江中队; alice registered them, bob works on them, handler may claim a task of theirs.
# For each viewer: the levels whose content he may see / the levels that stand in his lists.
MATRIX = {
    "alice": ("012", "0123"),       # registered it
    "bob": ("0123", "0123"),        # has a task in it now
    "handler": ("012", "0123"),     # may claim a task in it; S3 only once claimed
    "reader": ("012", "012"),       # copied to
    "listed": ("0123", "0123"),     # named on the access list
    "lead": ("012", "012"),         # direct leader of those who take part
    "colleague": ("01", "01"),      # same squad, no part in it
    "charlie": ("0", "0"),          # another squad of the same district
    "town": ("01", "01"),           # the street above, leads nobody who takes part
    "intake": ("01", "01"),         # the district above
    "chief": ("01", "01"),          # leads the district, whose people take no part
    "legal": ("012", "012"),        # reviews the district's acts in law
    "western": ("0", "0"),          # another district
    "westlegal": ("0", "0"),        # reviews another district's
    "city": ("01", "01"),           # the city above
    "modeller": ("", ""),
    "system": ("", ""),
    "security": ("", ""),
    "audit": ("", ""),
}  # fmt: skip
STAND_IN = {"reader": "charlie", "listed": "western", "colleague": "mate"}


@pytest.fixture
def matters(engine):
    load_people(engine)
    definition = add_definition(engine)
    made = {}
    for level in range(4):
        matter = add_matter(engine, definition, f"LD-{level}", sensitivity=level, started_by="alice")
        add_participant(engine, matter, "alice", "starter")
        add_participant(engine, matter, "bob", "assignee")
        add_task(engine, matter, candidates=[f"r:squad_officer@{EAST}"], assignee="bob")
        add_task(engine, matter, candidates=["p:handler"])
        made[str(level)] = matter
    return made


def seen_by(engine, actor, condition):
    with engine.database.transaction(write=False) as session:
        directory = engine.context(session, actor).directory
        statement = select(ProcessInstance.sensitivity).where(condition(actor, directory))
        return "".join(sorted(str(level) for level in session.execute(statement).scalars()))


def viewer(engine, matters, name):
    """The person a line of the matrix stands for, given his part in the matters."""
    if name == "colleague":
        return person(engine, "mate") or add_mate(engine)
    actor = person(engine, STAND_IN.get(name, name))
    if name == "reader":
        for matter in matters.values():
            add_participant(engine, matter, actor.person_id, "cc")
    if name == "listed":
        for matter in matters.values():
            add_participant(engine, matter, actor.person_id, "access")
    return actor


def add_mate(engine):
    from engine.commands.people import AddPerson

    engine.run(AddPerson("mate", "同事（示例）", SQUAD, roles=("squad_officer",)), ENGINE)
    return person(engine, "mate")


@pytest.mark.parametrize("name", MATRIX)
def test_each_viewer_sees_and_lists_exactly_his_levels(engine, matters, name):
    actor = viewer(engine, matters, name)
    content, rows = MATRIX[name]
    assert seen_by(engine, actor, visible_instances) == content
    assert seen_by(engine, actor, listed_instances) == rows
    # The list, the count, the page, the timeline and the files all answer alike.
    assert "".join(sorted(str(row.sensitivity) for row in engine.ask(ListMatters(), actor).rows)) == rows
    assert sum(one.number for one in engine.ask(CountMatters(), actor).values()) == len(rows)
    for level, matter in matters.items():
        if level in content:
            assert engine.ask(ListTimeline(matter), actor) is not None
            assert engine.ask(ListAttachments(matter), actor) == ()
        else:
            for query in (FindMatter(matter), ListTimeline(matter), ListAttachments(matter)):
                with pytest.raises(MatterNotFoundError):
                    engine.ask(query, actor)


def test_the_engine_itself_sees_everything(engine, matters):
    assert seen_by(engine, ENGINE, visible_instances) == "0123"


def test_lists_show_of_a_restricted_matter_number_status_due_and_light_only(engine, matters):
    row = next(row for row in engine.ask(ListMatters(), person(engine, "bob")).rows if row.sensitivity == 3)
    assert row.masked
    assert (row.number, row.status_text) == ("LD-3", "办理中")
    assert (row.title, row.step, row.procedure_title, row.unit_name, row.started_by_name) == (
        "受限事项",
        "",
        "",
        "",
        "",
    )


def test_an_administrator_takes_part_only_in_what_is_not_sensitive(engine, matters):
    for matter in matters.values():
        add_participant(engine, matter, "modeller", "assignee")
    assert seen_by(engine, person(engine, "modeller"), visible_instances) == "01"


def test_unknown_and_forbidden_matters_are_told_in_the_same_words(engine, matters):
    western = person(engine, "western")
    with pytest.raises(MatterNotFoundError) as forbidden:
        engine.ask(ListTimeline(matters["2"]), western)
    with pytest.raises(MatterNotFoundError) as unknown:
        engine.ask(ListTimeline(10**9), western)
    assert str(forbidden.value) == str(unknown.value)


def test_a_lost_position_is_lost_with_the_next_request(engine, matters, clock):
    from engine.commands.positions import EndPosition
    from engine.queries.people import ListPeople

    legal = next(row for row in engine.ask(ListPeople(search="legal", unit=EAST), ENGINE))
    assert seen_by(engine, person(engine, "legal"), visible_instances) == "012"
    engine.run(EndPosition(legal.positions[0].id), person(engine, "security"))
    assert seen_by(engine, person(engine, "legal"), visible_instances) == "01"


def test_a_task_of_a_matter_one_may_not_know_is_unknown(engine, matters):
    from engine.access import find_task

    task_id = add_task(engine, matters["2"], candidates=["p:alice"])
    with engine.database.transaction(write=False) as session:
        context = engine.context(session, person(engine, "western"))
        with pytest.raises(UserTaskNotFoundError):
            find_task(session, context.actor, context.directory, task_id)
        assert not may_see(session, context.actor, context.directory, matters["2"])
