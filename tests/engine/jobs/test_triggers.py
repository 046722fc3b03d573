"""What begins a matter from outside: receive tasks, event-based gateways and start events that wait for several."""

import pytest

from engine.actor import ENGINE
from engine.commands.messages import CorrelateMessage
from tests.factories import deploy, flows, line, prepare, procedure, read, start, user, worker

NEWS = (
    '<bpmn:message id="m1" name="report"/><bpmn:message id="m2" name="opinion"/>'
    '<bpmn:signal id="s1" name="flood"/><bpmn:signal id="s2" name="storm"/>'
)
END = '<bpmn:endEvent id="end"/>'


def message(ref):
    return f'<bpmn:messageEventDefinition id="d_{ref}" messageRef="{ref}"/>'


def signal(ref):
    return f'<bpmn:signalEventDefinition id="d_{ref}" signalRef="{ref}"/>'


def catch(key, definition):
    return f'<bpmn:intermediateCatchEvent id="{key}">{definition}</bpmn:intermediateCatchEvent>'


def by_gateway(kind):
    return (
        f'<bpmn:eventBasedGateway id="g" instantiate="true" eventGatewayType="{kind}"/>'
        + catch("c1", message("m1")) + catch("c2", message("m2")) + user("work", name="报告") + user("other", name="意见")
        + END + flows("g>c1", "g>c2", "c1>work", "c2>other", "work>end", "other>end")
    )  # fmt: skip


def send(engine, name):
    engine.run(CorrelateMessage(name, None, {}), ENGINE)
    worker(engine).drain()


def names(engine):
    return [(row.instance_id, row.name) for row in read(engine, "user_task")]


@pytest.fixture(autouse=True)
def organisation(engine):
    prepare(engine)


def test_an_instantiating_receive_task_begins_a_matter(engine):
    inside = '<bpmn:receiveTask id="r" messageRef="m1" instantiate="true"/>' + user("work", name="报告") + END
    deploy(engine, *procedure("inbox", inside + flows("r>work", "work>end"), more=NEWS))
    send(engine, "report")
    assert names(engine) == [(1, "报告")]


def test_an_instantiating_gateway_begins_a_matter_for_each_event(engine):
    deploy(engine, *procedure("inbox", by_gateway("Exclusive"), more=NEWS))
    send(engine, "report")
    send(engine, "opinion")
    (first, report), (second, opinion) = names(engine)
    assert first < second
    assert (report, opinion) == ("报告", "意见")


def test_behind_a_parallel_instantiating_gateway_the_same_matter_waits_for_the_other_event(engine):
    deploy(engine, *procedure("inbox", by_gateway("Parallel"), more=NEWS))
    send(engine, "opinion")
    send(engine, "report")
    assert names(engine) == [(1, "意见"), (1, "报告")]


def test_a_parallel_multiple_start_begins_one_matter_once_all_its_events_came(engine):
    inside = f'<bpmn:startEvent id="start" parallelMultiple="true">{signal("s1")}{signal("s2")}</bpmn:startEvent>'
    inside += user("work", name="应急") + END + flows("start>work", "work>end")
    deploy(engine, *procedure("alarm", inside, more=NEWS))
    thrower = '<bpmn:intermediateThrowEvent id="{0}">{1}</bpmn:intermediateThrowEvent>'
    for key, ref in (("weather", "s1"), ("wind", "s2")):
        body = line(thrower.format("t", signal(ref)), keys=("t",))
        deploy(engine, *procedure(key, body, more=NEWS))
        assert names(engine) == []
        start(engine, key)
        worker(engine).drain()
    assert [name for _, name in names(engine)] == ["应急"]


def test_what_cannot_begin_a_matter_is_refused_behind_an_instantiating_gateway(engine):
    timer = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
    inside = by_gateway("Exclusive").replace(message("m2"), timer)
    with pytest.raises(Exception, match="只能等待消息或信号"):
        deploy(engine, *procedure("inbox", inside, more=NEWS))
