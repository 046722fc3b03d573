"""States in their column: few tokens plain, many in parts of which a step rewrites only what it changes."""

import json
import random

import pytest
from sqlalchemy import JSON, cast, select, type_coerce

from engine.actor import ENGINE
from engine.model import tables
from engine.model.states import MOST_PLAIN, LazyState, PackedTokens, plain_state
from engine.queries.invariants import ListViolations
from engine.task_actions.complete import CompleteTask
from tests.factories import claim, complete, deploy, flows, person, prepare, procedure, read, start, user

LOOP = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>{}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
TEXTS = ("'", '"', "\\", "\\'", '{"a": "b\'"}', "事项", "\0", "\n", "")


@pytest.fixture
def many(engine):
    """A matter whose one step is done by 300 at once; returns its answer."""
    return start_many(engine, 300)


def start_many(engine, items):
    prepare(engine)
    inside = '<bpmn:startEvent id="start"/>' + user("sign", inside=LOOP.format(items)) + '<bpmn:endEvent id="end"/>'
    deploy(engine, *procedure("many", inside + flows("start>sign", "sign>end")))
    return start(engine, "many")


def stored(engine, instance_id):
    """The state as it stands in its column."""
    state = type_coerce(tables.process_instance.c.state, JSON())
    if not engine.database.is_sqlite:
        state = cast(tables.process_instance.c.state, JSON)
    with engine.database.transaction(write=False) as session:
        return session.scalar(select(state).where(tables.process_instance.c.id == instance_id))


def test_packed_tokens_do_what_a_dict_of_them_does():
    chance = random.Random(4)
    plain = {str(key): {"n": "sign", "v": {"text": chance.choice(TEXTS)}} for key in range(1, 400, 3)}
    packed = PackedTokens({}, {0: {}})
    packed.update(plain)
    for _ in range(600):
        key = str(chance.randrange(1, 400))
        if chance.random() < 0.3 and key in plain:
            del plain[key]
            del packed[key]
        else:
            plain[key] = packed[key] = {"n": key, "v": {"text": chance.choice(TEXTS)}}
        packed = packed.copy() if chance.random() < 0.2 else packed
        if chance.random() < 0.2:
            packed = PackedTokens({int(part): text for part, text in packed.texts().items()}, {})
    assert dict(packed) == plain
    assert sorted(packed, key=int) == sorted(plain, key=int)
    assert ("401" in packed, None in packed, "x" in packed) == (False, False, False)


def test_a_copy_leaves_what_it_was_copied_from_as_it_was():
    before = PackedTokens({0: PackedTokens({}, {0: {"1": {"n": "a"}}}).texts()["0"]}, {})
    after = before.copy()
    after["1"] = {"n": "b"}
    after["200"] = {"n": "c"}
    assert (dict(before), dict(after)) == ({"1": {"n": "a"}}, {"1": {"n": "b"}, "200": {"n": "c"}})


def test_many_tokens_are_stored_in_parts_and_read_as_they_were(engine, many):
    raw = stored(engine, many.instance_id)
    assert raw["tokens"] == {}
    assert len(raw["packed"]) > 300 // (MOST_PLAIN + 1)
    tokens = read(engine, "process_instance", id=many.instance_id)[0].state["tokens"]
    assert sum(token.get("w") == "task" for token in tokens.values()) == 300
    assert json.loads(json.dumps(tokens)) == tokens
    assert engine.ask(ListViolations(), ENGINE) == ()


def test_a_completion_among_many_rewrites_one_part_of_the_state(engine, many):
    before = stored(engine, many.instance_id)["packed"]
    task = many.tasks[150].task_id
    claim(engine, task)
    engine.run(CompleteTask(task, {}), person(engine, "alice"))
    after = stored(engine, many.instance_id)["packed"]
    assert len([part for part in before if before[part] != after.get(part)]) == 1


def test_few_tokens_that_are_left_are_stored_plainly_and_the_matter_comes_to_its_end(engine):
    some = start_many(engine, MOST_PLAIN + 6)
    assert "packed" in stored(engine, some.instance_id)
    tasks = [task.task_id for task in some.tasks]
    for task in tasks[:10]:
        complete(engine, task)
    raw = stored(engine, some.instance_id)
    assert "packed" not in raw
    assert len(raw["tokens"]) == MOST_PLAIN - 3
    for task in tasks[10:]:
        answer = complete(engine, task)
    assert answer.finished
    assert engine.ask(ListViolations(), ENGINE) == ()


def test_who_advances_an_instance_gets_tokens_that_are_read_when_looked_at(engine, many):
    lazy = type_coerce(tables.process_instance.c.state, LazyState())
    with engine.database.transaction(write=False) as session:
        state = session.scalar(select(lazy).where(tables.process_instance.c.id == many.instance_id))
    assert isinstance(state["tokens"], PackedTokens)
    assert plain_state(state) == read(engine, "process_instance", id=many.instance_id)[0].state
