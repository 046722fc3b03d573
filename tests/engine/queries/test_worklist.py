"""The worklist: tabs, counts, pages, sorting, filters, search; within scope and never by names of persons."""

import pytest

from engine.commands.positions import GrantPosition
from engine.errors import InvalidError, TextNotStorableError
from engine.queries import worklist
from engine.queries.cursors import InvalidCursorError, encode
from engine.queries.worklist import CountTasks, ListTasks, TaskSort, UnknownChoiceError
from tests.rows import EAST, SQUAD, WEST, add_definition, add_matter, add_participant, add_task, load_people, person

INTAKE = f"r:dist_intake@{EAST}"


@pytest.fixture
def definition(engine):
    load_people(engine)
    return add_definition(engine)


@pytest.fixture
def intake(engine, definition):
    return person(engine, "intake")


def add(engine, definition, number, hours=None, **values):
    matter = add_matter(engine, definition, number, **values)
    return add_task(engine, matter, candidates=[INTAKE], due_in_hours=hours)


def all_pages(engine, actor, **query):
    rows, cursor = [], None
    while True:
        page = engine.ask(ListTasks(cursor=cursor, **query), actor)
        rows.extend(page.rows)
        cursor = page.next_cursor
        if cursor is None:
            return rows


def numbers(rows):
    return [row.number for row in rows]


def test_claimable_work_comes_in_the_order_it_is_due_and_what_is_never_due_comes_last(engine, definition, intake):
    for number, hours in (("LD-1", 9), ("LD-2", None), ("LD-3", 1), ("LD-4", 9)):
        add(engine, definition, number, hours)
    assert numbers(all_pages(engine, intake, tab="claimable")) == ["LD-3", "LD-1", "LD-4", "LD-2"]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", TaskSort)
def test_pages_show_every_row_once_whatever_the_order(engine, definition, intake, sort, descending):
    expected = {f"LD-{count}" for count in range(7)}
    for count in range(7):
        hours = None if count == 3 else count // 2
        add(engine, definition, f"LD-{count}", hours, sensitivity=count % 4)
    rows = all_pages(engine, intake, tab="claimable", sort=sort, descending=descending, limit=2)
    assert len(rows) == 7
    assert set(numbers(rows)) == expected


def test_a_task_for_two_of_ones_positions_is_listed_and_counted_once(engine, definition):
    engine.run(GrantPosition("intake", "dist_handler", EAST), person(engine, "security"))
    matter = add_matter(engine, definition, "LD-1")
    add_task(engine, matter, candidates=[INTAKE, f"r:dist_handler@{EAST}"], due_in_hours=1)
    intake = person(engine, "intake")
    assert numbers(all_pages(engine, intake, tab="claimable", limit=1)) == ["LD-1"]
    assert engine.ask(CountTasks(), intake)["claimable"] == 1


def test_the_tabs_hold_what_is_mine_claimable_done_started_and_copied(engine, definition, intake):
    add(engine, definition, "LD-1", 1)
    mine = add_matter(engine, definition, "LD-2")
    add_task(engine, mine, assignee="intake")
    add_task(
        engine, mine, status="completed", assignee="intake", completed_by="intake", completed_at=engine.clock.now()
    )
    started = add_matter(engine, definition, "LD-3", started_by="intake")
    copied = add_matter(engine, definition, "LD-4")
    add_participant(engine, copied, "intake", "cc")
    add_task(engine, add_matter(engine, definition, "LD-5"), candidates=[f"r:dist_intake@{WEST}"])
    expected = {"mine": ["LD-2"], "claimable": ["LD-1"], "done": ["LD-2"], "started": ["LD-3"], "cc": ["LD-4"]}
    assert {tab: numbers(all_pages(engine, intake, tab=tab)) for tab in expected} == expected
    assert engine.ask(CountTasks(), intake) == dict.fromkeys(expected, 1)
    row = engine.ask(ListTasks("started"), intake).rows[0]
    assert (row.id, row.instance_id) == (None, started)


def test_a_completed_task_in_mine_is_gone(engine, definition, intake):
    matter = add_matter(engine, definition, "LD-1")
    add_task(engine, matter, assignee="intake")
    assert engine.ask(ListTasks("mine"), person(engine, "handler")).rows == ()


def test_a_row_says_how_much_time_is_left_and_which_rule_says_so(engine, definition, intake):
    matter = add_matter(engine, definition, "LD-1")
    add_task(engine, matter, candidates=[INTAKE], due_in_hours=2, light=1)
    row = engine.ask(ListTasks("claimable"), intake).rows[0]
    assert (row.due.time_left, row.due.light.label, row.group) == ("今天 11:00 到期", "黄灯", "today")
    assert row.candidates_text == "东江区局 收件分办岗"


def test_overdue_work_is_red_even_before_the_worker_has_said_so(engine, definition, intake, clock):
    add(engine, definition, "LD-1", 1)
    clock.advance(hours=2)
    row = engine.ask(ListTasks("claimable"), intake).rows[0]
    assert (row.due.light.label, row.group, row.due.time_left) == ("红灯", "overdue", "今天 10:00 已到期")


def test_restricted_rows_show_number_status_due_and_light_only_and_nothing_else_finds_them(engine, definition, intake):
    add(engine, definition, "LD-1", 1, sensitivity=3, title="秘密标题")
    row = engine.ask(ListTasks("claimable"), intake).rows[0]
    assert row.masked
    assert (row.number, row.status_text, row.title) == ("LD-1", "待签收", "受限事项")
    assert not any((row.step, row.procedure_title, row.unit_name, row.assignee_name, row.candidates_text, row.priority))
    for narrowed in ({"search": "秘密"}, {"procedure": "some_procedure"}, {"unit": SQUAD}):
        assert engine.ask(ListTasks("claimable", **narrowed), intake).rows == ()
    assert len(engine.ask(ListTasks("claimable", search="LD-1"), intake).rows) == 1


def test_the_search_finds_parts_of_numbers_and_titles_literally(engine, definition, intake):
    add(engine, definition, "LD-310-001", 1, title="占道 100% 经营")
    add(engine, definition, "LD-310-002", 2, title="渣土_车")
    for text, found in (("310-00", 2), ("占道", 1), ("%", 1), ("_", 1), ("\\", 0), ("ld-310-002", 1), ("  ", 2)):
        assert len(engine.ask(ListTasks("claimable", search=text), intake).rows) == found, text


def test_the_search_never_looks_at_persons(engine, definition, intake):
    matter = add_matter(engine, definition, "LD-1", started_by="alice")
    add_task(engine, matter, candidates=[INTAKE], assignee=None, submission={"named": "张三"})
    for text in ("alice", "张三", "intake"):
        assert engine.ask(ListTasks("claimable", search=text), intake).rows == ()


def test_filters_narrow_by_procedure_unit_and_light(engine, definition, intake):
    add(engine, definition, "LD-1", 1)
    add(engine, definition, "LD-2", 1, unit_code=WEST)
    assert numbers(all_pages(engine, intake, tab="claimable", unit=EAST)) == ["LD-1"]
    assert numbers(all_pages(engine, intake, tab="claimable", unit=WEST)) == ["LD-2"]
    assert all_pages(engine, intake, tab="claimable", light=3) == []
    assert all_pages(engine, intake, tab="claimable", procedure="other") == []


@pytest.mark.parametrize(
    "query",
    [{"tab": "everything"}, {"sort": "title; DROP TABLE user_task"}, {"sort": "due_at"}, {"sort": "1"}],
)
def test_tabs_and_sort_keys_that_are_none_are_refused(engine, intake, query):
    with pytest.raises(UnknownChoiceError):
        engine.ask(ListTasks(**query), intake)


@pytest.mark.parametrize(
    "cursor",
    ["x", "====", "bnVsbA", encode("text", 1), encode(5, 1), "W3sidCI6ICIyMDI2LTAxLTAxIn0sIDFd", "[" * 3000, "é"],
)
def test_a_cursor_that_was_not_given_out_is_refused(engine, intake, cursor):
    with pytest.raises(InvalidCursorError):
        engine.ask(ListTasks("claimable", cursor=cursor), intake)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_text_no_database_stores_is_refused(engine, intake, text):
    with pytest.raises(TextNotStorableError):
        engine.ask(ListTasks("claimable", search=text), intake)
    with pytest.raises(InvalidError):
        engine.ask(ListTasks("claimable", cursor=encode(text, 1), sort="title"), intake)


def test_counts_stop_at_their_limit(engine, definition, intake, monkeypatch):
    monkeypatch.setattr(worklist, "COUNT_LIMIT", 3)
    for number in range(5):
        add(engine, definition, f"LD-{number}", 1)
    assert engine.ask(CountTasks(), intake)["claimable"] == 3
