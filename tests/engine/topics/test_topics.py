"""The topics of service tasks, each through a small procedure that uses it."""

import pytest

from engine.actor import ENGINE
from engine.commands.incidents import RetryIncident
from tests.factories import (
    claim,
    deploy,
    do,
    form_file,
    line,
    open_tasks,
    pass_time,
    prepare,
    procedure,
    props,
    read,
    service,
    start,
    tell_story,
    text_field,
    user,
    worker,
)


@pytest.fixture(autouse=True)
def organisation(engine):
    prepare(engine)


def run(engine, *elements, keys, start_values=None, **more):
    """Deploy a procedure of these elements in a row, start it, let the worker work; returns the matter's id."""
    deploy(engine, *procedure("demo", line(*elements, keys=keys), **more))
    matter = start(engine, "demo").instance_id
    worker(engine).drain()
    return matter


def variables(engine, matter):
    return {row.name: row.value for row in read(engine, "variable", instance_id=matter)}


def data(**entries):
    """A camunda:map."""
    return (
        "<camunda:map>"
        + "".join(f'<camunda:entry key="{key}">{value}</camunda:entry>' for key, value in entries.items())
        + "</camunda:map>"
    )


def test_number_assign_gives_the_next_number_of_a_series(engine):
    number = service("number", "number.assign", inputs={"pattern": "RA-{unit}-{yyyy}-{nnnn}"}, result="wp_no")
    matter = run(engine, number, user("work"), keys=("number", "work"))
    again = start(engine, "demo").instance_id
    worker(engine).drain()
    assert variables(engine, matter)["wp_no"] == "RA-191901-2026-0001"
    assert variables(engine, again)["wp_no"] == "RA-191901-2026-0002"


def test_an_entry_put_into_a_register_is_read_by_another_service_task(engine):
    put = service("put", "register.put", inputs={
        "register": "assessment", "key": "RA-1", "status": "有效", "valid_from": "2026-03-02", "valid_until": "2026-03-31",
        "data": data(area="临江街道", level="低")})  # fmt: skip
    change = service(
        "change",
        "register.put",
        inputs={"register": "assessment", "key": "RA-1", "status": "中止", "data": data(level="高")},
    )
    get = service("get", "register.get", inputs={"register": "assessment", "key": "RA-1"}, result="wp")
    none = service("none", "register.get", inputs={"register": "assessment", "key": "RA-2"}, result="missing")
    matter = run(engine, put, change, get, none, user("work"), keys=("put", "change", "get", "none", "work"))
    found = variables(engine, matter)
    entry = found["wp"]
    assert (entry["key"], entry["status"], entry["unit"]) == ("RA-1", "中止", "191901")
    assert (entry["valid_from"], entry["valid_until"]) == ("2026-03-02", "2026-03-31")
    assert (entry["area"], entry["level"]) == ("临江街道", "高")
    assert found["missing"] is None
    assert tell_story(engine, matter).count("register written") == 2


def test_matter_start_begins_a_linked_matter_of_the_same_starter(engine):
    deploy(engine, *procedure("other", line(user("other_work"), keys=("other_work",)), roles=""))
    begin = service(
        "begin",
        "matter.start",
        inputs={"procedure": "other", "link": "移送", "variables": data(title="移送来的")},
        result="made",
    )
    matter = run(engine, begin, user("work"), keys=("begin", "work"))
    made = variables(engine, matter)["made"]
    other = read(engine, "process_instance", id=made["id"])[0]
    assert (other.key, other.number, other.title, other.started_by, other.parent_id) == (
        "other",
        made["number"],
        "移送来的",
        "alice",
        matter,
    )
    (link,) = read(engine, "matter_link")
    assert (link.from_instance, link.to_instance, link.kind) == (matter, other.id, "移送")


def test_a_paused_matter_gets_back_the_time_it_had_left(engine, clock):
    inside = line(
        user("begin"),
        service("pause", "matter.suspend", inputs={"reason": "检测"}),
        user("wait", inside=props(whileSuspended="true", deadline="T-WD")),
        service("resume", "matter.resume"),
        user("work"),
        keys=("begin", "pause", "wait", "resume", "work"),
    )
    deploy(engine, *procedure("demo", inside))
    matter = start(engine, "demo").instance_id
    do(engine, matter, "begin")
    worker(engine).drain()
    assert read(engine, "process_instance", id=matter)[0].status == "suspended"
    pass_time(engine, clock, days=30)
    do(engine, matter, "wait")
    worker(engine).drain()
    assert read(engine, "process_instance", id=matter)[0].status == "active"
    story = tell_story(engine, matter)
    assert story.index("matter suspended") < story.index("matter resumed")


def test_notify_tells_people_by_role_and_name(engine):
    tell = service("tell", "notify", inputs={"roles": "squad_leader", "persons": "charlie", "text": "请知悉"})
    matter = run(engine, tell, user("work"), keys=("tell", "work"))
    rows = read(engine, "notice", kind="notify")
    assert sorted(row.person_id for row in rows) == ["charlie", "lead"]
    assert all("请知悉" in row.text and row.instance_id == matter for row in rows)


def test_sensitivity_only_rises(engine):
    up = service("up", "sensitivity.raise", inputs={"level": "S3", "reason": "涉密"})
    down = service("down", "sensitivity.raise", inputs={"level": "S1"})
    matter = run(engine, up, down, user("work"), keys=("up", "down", "work"))
    assert read(engine, "process_instance", id=matter)[0].sensitivity == 3
    assert [row.person_id for row in read(engine, "participant", instance_id=matter, kind="access")] == ["alice"]
    assert read(engine, "user_task", instance_id=matter)[0].sensitivity == 3


def test_access_grant_names_people_on_the_access_list(engine):
    grant = service("grant", "access.grant", inputs={"persons": "bob,charlie,nobody"})
    matter = run(engine, grant, user("work"), keys=("grant", "work"), sensitivity="S3")
    assert {row.person_id for row in read(engine, "participant", instance_id=matter, kind="access")} == {
        "alice",
        "bob",
        "charlie",
    }


def test_archive_lists_what_was_begun_and_not_filed(engine):
    fork = (
        '<bpmn:startEvent id="start"/><bpmn:parallelGateway id="fork"/><bpmn:parallelGateway id="join"/><bpmn:endEvent id="end"/>'
        + user("one", 'camunda:candidateGroups="squad_officer" camunda:formRef="first"')
        + user("two", 'camunda:candidateGroups="squad_officer" camunda:formRef="second"')
        + service("check", "matter.archive", inputs={"mode": "check"}, result="missing")
        + user("file")
    )  # fmt: skip
    from tests.factories import flows

    inside = fork + flows(
        "start>fork", "fork>one", "fork>two", "one>check", "check>file", "file>join", "two>join", "join>end"
    )
    about = '[[archive]]\nname = "登记表"\nform = "first"\n[[archive]]\nname = "核查表"\nform = "second"\n'
    deploy(
        engine, *procedure("demo", inside, about=about),
        form_file("demo", "first", text_field("note")), form_file("demo", "second", text_field("other")),
    )  # fmt: skip
    matter = start(engine, "demo").instance_id
    do(engine, matter, "one")
    worker(engine).drain()
    assert variables(engine, matter)["missing"] == ["核查表"]


def test_a_missing_parameter_becomes_an_incident_that_a_retry_does_not_lose(engine):
    broken = service("number", "number.assign", result="no")
    matter = run(engine, broken, user("work"), keys=("number", "work"))
    (incident,) = read(engine, "incident")
    assert (incident.instance_id, incident.node_id) == (matter, "number")
    assert "pattern" in incident.message
    assert "incident raised" in tell_story(engine, matter)
    engine.run(RetryIncident(incident.id), ENGINE)
    worker(engine).drain()
    assert len(read(engine, "incident", resolved_at=None)) == 1
    assert open_tasks(engine, matter) == []


def test_a_service_task_of_a_cancelled_branch_is_not_called(engine):
    inside = line(
        user("work"),
        service("number", "number.assign", inputs={"pattern": "X-{nn}"}, result="no"),
        keys=("work", "number"),
    )
    deploy(engine, *procedure("demo", inside))
    started = start(engine, "demo")
    claim(engine, started.tasks[0].task_id)
    do(engine, started.instance_id, "work")
    assert [row.kind for row in read(engine, "job")] == ["connector"]
    worker(engine).drain()
    assert read(engine, "process_instance", id=started.instance_id)[0].status == "completed"
    assert read(engine, "job") == []
