"""Walks along an index: a page that is narrowed looks at a window, ends where that ends, and the next one goes on."""

import pytest

from engine.actor import ENGINE
from engine.model import ProcessInstance
from engine.queries import walks, worklist
from engine.queries.matters import Counted, CountMatters, ListMatters, MatterSort
from engine.queries.walks import Source, Walk
from engine.queries.worklist import ListTasks
from tests.rows import EAST, WEST, add_definition, add_matter, add_task, load_people, person

INTAKE = f"r:dist_intake@{EAST}"


@pytest.fixture
def intake(engine):
    load_people(engine)
    definition = add_definition(engine)
    for number in range(12):
        matter = add_matter(engine, definition, f"LD-{number:02}", unit_code=WEST if number % 6 == 5 else EAST)
        add_task(engine, matter, candidates=[INTAKE], due_in_hours=number)
    return person(engine, "intake")


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(worklist, "WINDOW", 4)
    monkeypatch.setattr(walks, "NEAR", 1)


def pages(engine, actor, **query):
    cursor = None
    while True:
        page = engine.ask(ListTasks("claimable", cursor=cursor, **query), actor)
        yield [row.number for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return


@pytest.mark.parametrize("descending", [False, True])
def test_a_search_that_finds_little_goes_on_page_by_page_and_misses_nothing(engine, intake, short, descending):
    found = list(pages(engine, intake, unit=WEST, limit=2, descending=descending))
    assert [number for page in found for number in page] == sorted(["LD-05", "LD-11"], reverse=descending)
    assert len(found) > 2


def test_without_a_narrowing_pages_are_full(engine, intake, short):
    assert [len(page) for page in pages(engine, intake, limit=5)] == [5, 5, 2]


def test_another_order_than_that_of_the_index_says_that_only_the_first_rows_stand_in_it(engine, intake, short):
    page = engine.ask(ListTasks("claimable", sort="title", descending=True), intake)
    assert page.partial
    assert [row.number for row in page.rows] == ["LD-03", "LD-02", "LD-01", "LD-00"]


def test_an_order_over_the_whole_list_is_not_partial(engine, intake):
    page = engine.ask(ListTasks("claimable", sort="title", descending=True), intake)
    assert (page.partial, len(page.rows)) == (False, 12)


def test_two_indexes_are_walked_as_one(engine, intake, monkeypatch):
    monkeypatch.setattr(walks, "NEAR", 1)
    sources = [
        Source(ProcessInstance.number, ProcessInstance.id, (ProcessInstance.unit_code == unit,), ProcessInstance)
        for unit in (EAST, WEST)
    ]

    class Page:
        def __init__(self, cursor):
            self.cursor = cursor

        def execute(self, context):
            walk = Walk(sources, lambda one: [one.number.not_in(("LD-00", "LD-01", "LD-02"))], 2, False, 3)
            return walk.sorted_by(context, lambda one: one.number, str, self.cursor)

    assert len(engine.ask(Page(None), ENGINE).ids) == 2


@pytest.mark.parametrize("text", ["LD-07", "ld-07", " LD-07 "])
def test_a_matter_is_found_by_its_whole_number_however_old_it_is(engine, intake, text, monkeypatch):
    monkeypatch.setattr("engine.queries.matters.NEWEST", 2)
    monkeypatch.setattr(walks, "NEAR", 1)
    assert [row.number for row in engine.ask(ListMatters(search=text), ENGINE).rows] == ["LD-07"]


@pytest.mark.parametrize("sort", MatterSort)
def test_lists_of_matters_show_every_row_once(engine, intake, sort):
    for narrowed, count in (
        ({"unit": EAST}, 10),
        ({"status": "open"}, 12),
        ({"procedure": "some_procedure"}, 12),
        ({}, 12),
    ):
        seen, cursor = [], None
        while not seen or cursor is not None:
            page = engine.ask(ListMatters(sort=sort, cursor=cursor, limit=5, **narrowed), intake)
            seen += [row.number for row in page.rows]
            cursor = page.next_cursor
        assert len(seen) == len(set(seen)) == count


def test_counts_of_matters_stop_at_their_limit(engine, intake, monkeypatch):
    monkeypatch.setattr("engine.queries.matters.COUNT_LIMIT", 5)
    assert engine.ask(CountMatters(), intake) == {"active": Counted(5, more=True)}
