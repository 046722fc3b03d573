"""Openings of restricted matters stand in their history."""

import pytest

from engine.commands.openings import RecordOpening
from engine.errors import MatterNotFoundError
from engine.queries.matter import ListTimeline
from tests.rows import add_definition, add_matter, add_participant, load_people, person


@pytest.fixture
def matters(engine):
    load_people(engine)
    definition = add_definition(engine)
    made = {level: add_matter(engine, definition, f"LD-{level}", sensitivity=level) for level in (2, 3)}
    for matter in made.values():
        add_participant(engine, matter, "handler", "access")
    return made


def test_opening_a_restricted_matter_is_recorded_once_per_sitting(engine, clock, matters):
    handler = person(engine, "handler")
    assert engine.run(RecordOpening(matters[3], "核对办理情况"), handler)
    assert not engine.run(RecordOpening(matters[3]), handler)
    clock.advance(minutes=31)
    assert engine.run(RecordOpening(matters[3]), handler)
    told = [(entry.actor_name, entry.text) for entry in engine.ask(ListTimeline(matters[3]), handler)]
    assert told == [("handler（示例）", "查阅受限事项，理由：核对办理情况"), ("handler（示例）", "查阅受限事项")]


def test_opening_other_matters_is_not_recorded(engine, matters):
    assert not engine.run(RecordOpening(matters[2]), person(engine, "handler"))


def test_a_matter_one_may_not_see_is_not_opened(engine, matters):
    with pytest.raises(MatterNotFoundError):
        engine.run(RecordOpening(matters[3]), person(engine, "chief"))
