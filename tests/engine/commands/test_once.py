"""Once: a request that comes again acts once and gets the first answer."""

import pytest

from engine.actor import ENGINE
from engine.commands.once import Once
from engine.errors import TextNotStorableError
from engine.queries.answers import FindWhetherDone
from engine.task_actions.comment import AddComment
from tests.factories import open_task, person, read


@pytest.fixture
def matter(engine):
    return read(engine, "user_task", id=open_task(engine))[0].instance_id


def test_the_second_request_with_a_key_gets_the_first_answer_and_changes_nothing(engine, matter):
    alice = person(engine, "alice")
    first = engine.run(Once(AddComment(matter, None, "意见"), "key"), alice)
    assert engine.run(Once(AddComment(matter, None, "另一条"), "key"), alice) == first
    assert [row.text for row in read(engine, "comment")] == ["意见"]


def test_another_key_and_another_person_are_another_request(engine, matter):
    for name, key in (("alice", "one"), ("alice", "two"), ("bob", "one")):
        engine.run(Once(AddComment(matter, None, "意见"), key), person(engine, name))
    assert len(read(engine, "comment")) == 3


def test_what_was_refused_is_not_remembered(engine, matter):
    alice = person(engine, "alice")
    with pytest.raises(TextNotStorableError):
        engine.run(Once(AddComment(matter, None, "\0"), "key"), alice)
    assert not engine.ask(FindWhetherDone("key"), alice)
    engine.run(Once(AddComment(matter, None, "意见"), "key"), alice)
    assert engine.ask(FindWhetherDone("key"), alice)
    assert not engine.ask(FindWhetherDone("key"), ENGINE)
