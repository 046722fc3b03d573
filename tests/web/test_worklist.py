"""我的工作: tabs, counts, groups, filters, and what others may not see."""

import pytest

from engine.actor import role_principal
from tests.rows import SQUAD, add_definition, add_matter, add_task


@pytest.fixture
def definition(engine, people):
    return add_definition(engine)


@pytest.fixture
def tasks(engine, definition):
    """Three tasks of alice's with different due dates, and one that her squad may claim."""
    made = {}
    for name, hours in (("overdue", -30), ("today", 1), ("later", 24 * 30)):
        matter = add_matter(engine, definition, f"LD-{name}", title=f"线索 {name}")
        made[name] = add_task(engine, matter, assignee="alice", due_in_hours=hours)
    matter = add_matter(engine, definition, "LD-group", title="待领的线索")
    made["group"] = add_task(engine, matter, candidates=[role_principal("squad_officer", SQUAD)])
    return made


def test_tasks_stand_in_groups_with_the_time_left_in_words(browse, tasks):
    page = browse("alice").text("/work")
    assert page.index("已逾期") < page.index("线索 overdue") < page.index("线索 later")
    assert "逾期" in page
    assert 'class="light light-3"' in page
    assert "待领的线索" not in page


def test_a_task_of_the_group_can_be_claimed_from_the_list(browse, tasks):
    page = browse("bob").text("/work?tab=claimable")
    assert "待领的线索" in page
    assert f"/tasks/{tasks['group']}/claim" in page


def test_others_see_nothing_of_it(browse, tasks):
    page = browse("charlie").text("/work?tab=claimable")
    assert "待领的线索" not in page
    assert "没有等待签收的任务" in page
    assert browse("charlie").get(f"/tasks/{tasks['group']}").status_code == 404


def test_search_looks_at_number_and_title_and_can_be_cleared(browse, tasks):
    browser = browse("alice")
    page = browser.text("/work?search=overdue")
    assert "线索 overdue" in page
    assert "线索 later" not in page
    assert "清除筛选" in page
    assert "没有符合条件的任务" in browser.text("/work?search=nothing-like-this")


def test_sorting_by_number_leaves_the_groups_out(browse, tasks):
    page = browse("alice").text("/work?sort=number&descending=1")
    assert "已逾期" not in page
    assert page.index("LD-today") < page.index("LD-overdue")


def test_the_empty_list_says_what_there_is_instead(browse, tasks):
    page = browse("bob").text("/work")
    assert "今天没有待办" in page
    assert "有 1 件等待签收" in page


def test_htmx_gets_the_list_alone(browse, tasks):
    answer = browse("alice").get("/work", headers={"HX-Request": "true", "HX-Target": "list"})
    assert "<html" not in answer.get_data(as_text=True)


def test_titles_are_text(browse, engine, definition):
    matter = add_matter(engine, definition, "LD-x", title="<script>alert(1)</script>")
    add_task(engine, matter, assignee="alice")
    page = browse("alice").text("/work")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
