"""Looking into a restricted matter stands in its history; a look at any other does not (domain 2.6)."""

import pytest

from tests.factories import complete, deploy, line, procedure, start, tell_story, user

OPENED = "restricted matter opened"


@pytest.mark.parametrize(("level", "noted"), [("S2", 0), ("S3", 1)])
def test_opening_the_file_is_noted_for_restricted_matters_only(engine, browse, level, noted):
    deploy(engine, *procedure("quiet", line(user("work"), user("more"), keys=("work", "more")), sensitivity=level))
    matter = start(engine, "quiet")
    complete(engine, matter.tasks[0].task_id)
    alice = browse("alice")
    assert alice.get(f"/matters/{matter.instance_id}").status_code == 200
    assert alice.get(f"/matters/{matter.instance_id}/timeline").status_code == 200
    assert tell_story(engine, matter.instance_id).count(OPENED) == noted


def test_a_page_that_shows_no_content_is_no_opening(engine, browse):
    deploy(engine, *procedure("quiet", line(user("work"), keys=("work",)), sensitivity="S3"))
    matter = start(engine, "quiet")
    assert browse("bob").get(f"/tasks/{matter.tasks[0].task_id}").status_code == 200
    assert OPENED not in tell_story(engine, matter.instance_id)
