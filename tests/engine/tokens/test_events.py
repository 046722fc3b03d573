"""Timers, messages, signals, errors, escalations, conditions, links and the others, at every place they may stand."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.tokens import StaleEventError, effects, events
from tests.engine.tokens.drawing import LINE, around, boundary, chain, event, event_sub, flow, sub, timer, user
from tests.engine.tokens.world import EPOCH, Instance, read

BESIDE = (
    '<message id="m1" name="news"/><message id="m2" name="for:${no}"/><signal id="g1" name="alarm"/>'
    '<signal id="g2" name="OK:${no}"/><error id="er1" errorCode="E1" name="first"/><error id="er2" errorCode="E2"/>'
    '<escalation id="es1" escalationCode="up"/>'
)
NEWS, ALARM = event("message", attributes='messageRef="m1"'), event("signal", attributes='signalRef="g1"')
ERROR = event("error", attributes='errorRef="er1"')


def run(body, **variables):
    return Instance(read(body, beside=BESIDE), **variables).start()


def catch(name, definition, more=""):
    return name, f'<intermediateCatchEvent id="{name}" {more}>{definition}</intermediateCatchEvent>'


def throw(name, definition):
    return name, f'<intermediateThrowEvent id="{name}">{definition}</intermediateThrowEvent>'


def test_a_timer_fires_at_its_instant():
    instance = run(chain(catch("c", timer("P3D")), user("t")))
    armed = instance.of(effects.TimerArmed)[0]
    assert (armed.catcher, armed.due) == ("c", EPOCH + timedelta(days=3))
    assert instance.pass_time(days=2).tasks == []
    assert instance.pass_time(days=1).tasks == ["t"]


@pytest.mark.parametrize(("text", "form", "due"), [
    ("${wait}", "timeDuration", EPOCH + timedelta(hours=2)),
    ("${date and time(on)}", "timeDate", datetime(2026, 12, 1, 1, tzinfo=UTC)),
    ("${date(&quot;2026-12-01&quot;)}", "timeDate", datetime(2026, 11, 30, 16, tzinfo=UTC)),
    ("${duration(&quot;P1D&quot;)}", "timeDuration", EPOCH + timedelta(days=1)),
    ("2026-12-01T09:00:00+08:00", "timeDate", datetime(2026, 12, 1, 1, tzinfo=UTC)),
])  # fmt: skip
def test_a_timer_may_be_an_expression(text, form, due):
    instance = run(chain(catch("c", timer(text, form))), wait="PT2H", on="2026-12-01T09:00:00+08:00")
    assert instance.of(effects.TimerArmed)[0].due == due


def test_a_timer_without_a_usable_time_is_an_incident_and_a_retry_reads_it_again():
    instance = run(chain(catch("c", timer("${wait}"))))
    assert "时间无法使用" in instance.incidents[0]
    instance.set(wait="PT1H").retry().pass_time(hours=1)
    assert instance.status == "completed"


def test_an_interrupting_boundary_timer_cancels_the_task():
    body = chain(user("t")) + boundary("b", "t", timer("PT1H")) + user("late")[1] + flow(("b", "late"))
    instance = run(body).pass_time(hours=1)
    assert instance.tasks == ["late"]
    assert instance.of(effects.TaskClosed)[0].reason == "cancelled"
    assert instance.complete("late").status == "completed"


def test_completing_the_task_disarms_its_boundary():
    instance = run(chain(user("t")) + boundary("b", "t", timer("PT1H")) + user("late")[1] + flow(("b", "late")))
    owner = instance.armed()[0][0]
    instance.complete("t")
    assert [effect.catcher for effect in instance.of(effects.TimerDisarmed)] == ["b"]
    with pytest.raises(StaleEventError):
        instance.send(events.Trigger(owner, "b", 0))


def test_a_cycle_reminds_as_often_as_it_says_and_leaves_the_task_open():
    body = chain(user("t")) + boundary("b", "t", timer("R3/P1D", "timeCycle"), stops=False)
    body += user("remind")[1] + flow(("b", "remind"))
    instance = run(body).pass_time(days=10)
    assert instance.tasks == ["remind", "remind", "remind", "t"]
    for _ in range(3):
        instance.complete("remind")
    assert instance.complete("t").status == "completed"


def test_after_downtime_a_repeating_timer_fires_once():
    body = chain(user("t")) + boundary("b", "t", timer("R/PT1H", "timeCycle"), stops=False)
    instance = run(body + user("remind")[1] + flow(("b", "remind")))
    instance.now += timedelta(hours=72, minutes=30)
    owner = instance.armed()[0][0]
    instance.send(events.Trigger(owner, "b", 0))
    assert instance.tasks == ["remind", "t"]
    assert instance.last[0].due == EPOCH + timedelta(hours=73)


def test_a_month_after_the_31st_is_the_last_day_of_february():
    deployed = read(chain(catch("c", timer("P1M"))))
    instance = Instance(deployed, now=datetime(2027, 1, 31, 1, tzinfo=UTC)).start()
    assert instance.of(effects.TimerArmed)[0].due == datetime(2027, 2, 28, 1, tzinfo=UTC)


def test_a_message_is_waited_for_by_name_and_correlation():
    own = '<extensionElements><camunda:properties><camunda:property name="bihuan:correlation" value="${no}"/></camunda:properties></extensionElements>'
    instance = run(chain(catch("c", own + event("message", attributes='messageRef="m2"'))), no="7")
    waiting = instance.of(effects.Subscribed)[0]
    assert (waiting.kind, waiting.name, waiting.correlation) == ("message", "for:7", "7")
    instance.message("for:7", "7", answer="是")
    assert instance.root["answer"] == "是"
    assert instance.status == "completed"


def test_the_standards_correlation_keys_are_understood():
    beside = BESIDE + (
        '<collaboration id="co"><correlationKey id="k"><correlationPropertyRef>cp</correlationPropertyRef></correlationKey></collaboration>'
        '<correlationProperty id="cp"><correlationPropertyRetrievalExpression messageRef="m1"><messagePath>order.id</messagePath>'
        "</correlationPropertyRetrievalExpression></correlationProperty>"
    )
    subscribe = (
        '<correlationSubscription correlationKeyRef="k"><correlationPropertyBinding correlationPropertyRef="cp">'
        "<dataPath>my_order</dataPath></correlationPropertyBinding></correlationSubscription>"
    )
    sender = Instance(read(chain(throw("x", NEWS)), beside=beside), order={"id": "A9"}).start()
    assert sender.of(effects.MessageThrown)[0].correlation == "A9"
    receiver = Instance(read(chain(catch("c", NEWS)) + subscribe, beside=beside), my_order="A9").start()
    assert receiver.of(effects.Subscribed)[0].correlation == "A9"


def test_a_receive_task_waits_for_its_message():
    instance = run(around('<receiveTask id="t" messageRef="m1"/>')).message("news", n=1)
    assert instance.status == "completed"
    assert instance.root == {"n": 1}


def test_a_send_task_and_a_message_end_event_send():
    body = '<startEvent id="s"/><endEvent id="e">' + NEWS + '</endEvent><sendTask id="t" messageRef="m2"/>'
    instance = run(body + flow(("s", "t"), ("t", "e")), no=3)
    assert [message.name for message in instance.of(effects.MessageThrown)] == ["for:3", "news"]
    assert instance.of(effects.MessageThrown)[0].variables == {"no": 3}


def test_a_signal_reaches_everything_in_the_instance_that_waits_also_what_opens_in_the_same_step():
    split = '<parallelGateway id="g"/>'
    body = LINE + split + throw("x", ALARM)[1] + catch("c", ALARM)[1] + user("t")[1]
    instance = run(body + flow(("s", "g"), ("g", "x"), ("g", "c"), ("c", "t"), ("t", "e"), ("x", "e")))
    assert instance.tasks == ["t"]
    assert [signal.name for signal in instance.of(effects.SignalThrown)] == ["alarm"]


def test_a_signal_from_elsewhere_with_a_subject_in_its_name():
    instance = run(chain(catch("c", event("signal", attributes='signalRef="g2"'))), no=5)
    assert instance.signal("OK:6").status == "active"
    assert instance.signal("OK:5", by="甲").status == "completed"
    assert instance.root["by"] == "甲"


def test_an_event_gateway_takes_the_first_event_and_forgets_the_others():
    body = LINE + '<eventBasedGateway id="g"/>' + catch("c1", NEWS)[1] + catch("c2", timer("P1D"))[1]
    body += user("a")[1] + user("b")[1]
    body += flow(("s", "g"), ("g", "c1"), ("g", "c2"), ("c1", "a"), ("c2", "b"), ("a", "e"), ("b", "e"))
    instance = run(body)
    assert len(instance.armed()) + len(instance.armed("subs")) == 2
    instance.pass_time(days=1)
    assert instance.tasks == ["b"]
    assert not instance.armed()
    assert not instance.armed("subs")
    assert effects.Passed("g", "g__c2", "p:1") in instance.effects


def test_an_error_is_caught_by_its_code_before_one_for_all():
    body = chain(sub("h", user("t"))) + boundary("b1", "h", ERROR) + boundary("b2", "h", event("error"))
    body += user("first")[1] + user("any")[1] + flow(("b1", "first"), ("b2", "any"))
    assert run(body).throw("t", "E1").tasks == ["first"]
    assert run(body).throw("t", "other").tasks == ["any"]


def test_an_error_that_nothing_catches_is_an_incident_when_work_reports_it():
    instance = run(chain(user("t"))).throw("t", "E9")
    assert "“E9”" in instance.incidents[0]
    assert instance.retry().tasks == ["t"]


def test_an_error_end_event_that_nothing_catches_fails_the_instance():
    body = '<startEvent id="s"/><endEvent id="e">' + ERROR + "</endEvent>" + flow(("s", "e"))
    instance = run(body)
    assert instance.status == "failed"
    assert instance.of(effects.Failed)[0].code == "E1"


def test_an_error_crosses_a_call_and_brings_its_variables():
    inner = '<startEvent id="s"/><endEvent id="e">' + ERROR + "</endEvent>" + flow(("s", "e"))
    names = 'camunda:errorCodeVariable="code"'
    body = around('<callActivity id="t" calledElement="q"/>')
    body += (
        boundary("b", "t", event("error", attributes=f'errorRef="er1" {names}')) + user("mend")[1] + flow(("b", "mend"))
    )
    instance = Instance(read(p=body, q=inner, beside=BESIDE)).start()
    assert instance.tasks == ["mend"]
    assert instance.root == {"code": "E1"}


def test_an_event_sub_process_catches_an_error_and_ends_the_scope():
    body = chain(sub("h", user("t"), beside=event_sub("x", ERROR, user("mend"))), user("after"))
    instance = run(body).throw("t", "E1")
    assert instance.tasks == ["mend"]
    assert instance.complete("mend").tasks == ["after"]


def test_an_escalation_goes_on_unless_it_is_caught_interrupting():
    up = event("escalation", attributes='escalationRef="es1"')
    body = chain(sub("h", throw("x", up), user("t")))
    free = run(body)
    assert free.of(effects.EscalationThrown)[0].code == "up"
    assert free.tasks == ["t"]
    side = body + boundary("b", "h", up, stops=False) + user("side")[1] + flow(("b", "side"))
    assert run(side).tasks == ["side", "t"]
    stop = body + boundary("b", "h", up) + user("side")[1] + flow(("b", "side"))
    assert run(stop).tasks == ["side"]


def test_a_condition_fires_when_data_changes_and_again_only_after_it_was_false():
    condition = event("conditional", "<condition>n > 2</condition>")
    body = chain(user("t")) + boundary("b", "t", condition, stops=False) + user("side")[1] + flow(("b", "side"))
    instance = run(body, n=0)
    assert instance.set(n=1).tasks == ["t"]
    assert instance.set(n=3).tasks == ["side", "t"]
    assert instance.set(n=4).tasks == ["side", "t"]
    assert instance.set(n=0).set(n=9).tasks == ["side", "side", "t"]


def test_a_conditional_catch_that_is_true_already_passes_at_once():
    assert run(chain(catch("c", event("conditional", "<condition>n > 2</condition>"))), n=3).status == "completed"


def test_links_jump():
    body = LINE + throw("x", '<linkEventDefinition name="L"/>')[1] + catch("c", '<linkEventDefinition name="L"/>')[1]
    assert run(body + user("t")[1] + flow(("s", "x"), ("c", "t"), ("t", "e"))).tasks == ["t"]


def test_parallel_multiple_waits_for_all_its_events():
    instance = run(chain(catch("c", NEWS + ALARM, 'parallelMultiple="true"'), user("t")))
    assert instance.message("news").tasks == []
    assert instance.signal("alarm").tasks == ["t"]


def test_multiple_takes_whichever_comes():
    assert run(chain(catch("c", NEWS + ALARM), user("t"))).signal("alarm").tasks == ["t"]


def test_event_definitions_may_be_referred_to():
    beside = BESIDE + '<timerEventDefinition id="td"><timeDuration>PT5M</timeDuration></timerEventDefinition>'
    body = chain(catch("c", "<eventDefinitionRef>td</eventDefinitionRef>"), user("t"))
    assert Instance(read(body, beside=beside)).start().pass_time(minutes=5).tasks == ["t"]


def test_a_message_start_of_an_event_sub_process_may_come_often_when_it_does_not_interrupt():
    instance = run(chain(user("t")) + event_sub("x", NEWS, user("act"), stops=False))
    instance.message("news", who="甲").message("news")
    assert instance.tasks == ["act", "act", "t"]
    assert instance.root["who"] == "甲"
    instance.complete("t")
    assert instance.status == "active"
    assert instance.complete("act").complete("act").status == "completed"


def test_an_interrupting_event_sub_process_stops_everything_around_and_listens_no_more():
    instance = run(
        chain(user("t")) + event_sub("x", NEWS, user("act")) + event_sub("y", ALARM, user("other"), stops=False)
    )
    assert instance.message("news").tasks == ["act"]
    assert not instance.armed("subs")
    assert instance.signal("alarm").tasks == ["act"]
    assert instance.complete("act").status == "completed"


def test_terminate_ends_only_the_scope_it_stands_in():
    split = '<parallelGateway id="g"/><endEvent id="x">' + event("terminate") + "</endEvent>"
    inner = ('<startEvent id="h_s"/>' + split + '<userTask id="t"/><userTask id="u"/>'
             + flow(("h_s", "g"), ("g", "t"), ("g", "u"), ("u", "x")))  # fmt: skip
    instance = run(chain(("h", f'<subProcess id="h">{inner}</subProcess>'), user("after")))
    assert instance.complete("u").tasks == ["after"]


def test_an_instance_may_start_at_a_message():
    body = '<startEvent id="m">' + NEWS + "</startEvent>" + chain(user("t")) + user("u")[1] + flow(("m", "u"))
    instance = Instance(read(body, beside=BESIDE), n=1).start("m")
    assert instance.tasks == ["u"]
    assert instance.root == {"n": 1}


def test_an_instance_may_start_at_a_receive_task_or_behind_a_gateway():
    body = '<receiveTask id="r" messageRef="m1" instantiate="true"/>' + user("t")[1] + flow(("r", "t"))
    assert Instance(read(body, beside=BESIDE)).start("r").tasks == ["t"]
    body = (
        '<eventBasedGateway id="g" instantiate="true" eventGatewayType="Parallel"/>'
        + catch("c1", NEWS)[1]
        + catch("c2", ALARM)[1]
    )
    body += user("a")[1] + user("b")[1] + flow(("g", "c1"), ("g", "c2"), ("c1", "a"), ("c2", "b"))
    instance = Instance(read(body, beside=BESIDE)).start("c1")
    assert instance.tasks == ["a"]
    assert instance.signal("alarm").tasks == ["a", "b"]


def test_terminating_from_outside_closes_everything_and_keeps_the_variables():
    instance = run(chain(user("t")) + boundary("b", "t", timer("PT1H")) + user("late")[1] + flow(("b", "late")), n=1)
    instance.send(events.Terminate("撤销"))
    assert (instance.status, instance.state["tokens"], instance.root) == ("terminated", {}, {"n": 1})
    with pytest.raises(StaleEventError):
        instance.send(events.Signal("alarm"))


def undo(name, host, handler):
    return (f'<boundaryEvent id="{name}" attachedToRef="{host}">{event("compensate")}</boundaryEvent>{handler}'
            f'<association id="as_{name}" sourceRef="{name}" targetRef="{name}_h"/>')  # fmt: skip


def handler(name):
    return f'<userTask id="{name}_h" isForCompensation="true"/>'


def test_compensation_undoes_the_latest_first_and_waits_for_handlers():
    body = chain(user("a"), user("b"), throw("x", event("compensate")), user("after"))
    body += undo("ca", "a", handler("ca")) + undo("cb", "b", handler("cb"))
    instance = run(body).complete("a").complete("b")
    assert instance.tasks == ["cb_h"]
    assert instance.complete("cb_h").tasks == ["ca_h"]
    assert instance.complete("ca_h").tasks == ["after"]
    assert instance.complete("after").status == "completed"


def test_compensation_of_one_activity():
    body = chain(user("a"), user("b"), throw("x", event("compensate", attributes='activityRef="a"')), user("after"))
    body += undo("ca", "a", handler("ca")) + undo("cb", "b", handler("cb"))
    instance = run(body).complete("a").complete("b")
    assert instance.tasks == ["ca_h"]
    assert instance.complete("ca_h").tasks == ["after"]


def test_compensation_that_is_not_waited_for():
    body = chain(user("a"), throw("x", event("compensate", attributes='waitForCompletion="false"')), user("after"))
    instance = run(body + undo("ca", "a", handler("ca"))).complete("a")
    assert instance.tasks == ["after", "ca_h"]
    assert instance.complete("after").status == "active"
    assert instance.complete("ca_h").status == "completed"


def test_compensation_of_a_sub_process_sees_its_variables_as_they_were():
    script = '<dataObject id="do" name="x"/><scriptTask id="b_h" isForCompensation="true"><script>seen = x</script></scriptTask>'
    inner = sub("h", user("t"), beside=f'<boundaryEvent id="b" attachedToRef="t">{event("compensate")}</boundaryEvent>{script}'
                '<association id="as" sourceRef="b" targetRef="b_h"/>')  # fmt: skip
    instance = run(chain(inner, throw("x", event("compensate")), user("after"))).complete("t", x=5)
    assert instance.root == {"seen": 5}
    assert instance.tasks == ["after"]


def test_each_performance_of_a_repeated_activity_is_undone():
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    body = chain(("a", f'<userTask id="a">{loop}</userTask>'), throw("x", event("compensate")), user("after"))
    instance = run(body + undo("ca", "a", handler("ca"))).complete("a").complete("a")
    assert instance.tasks == ["ca_h"]
    assert instance.complete("ca_h").tasks == ["ca_h"]
    assert instance.complete("ca_h").tasks == ["after"]


def test_a_compensation_event_sub_process_replaces_the_handlers_inside():
    beside = event_sub("x", event("compensate"), user("mend"))
    body = chain(sub("h", user("t"), beside=beside), throw("y", event("compensate")), user("after"))
    instance = run(body).complete("t")
    assert instance.tasks == ["mend"]
    assert instance.complete("mend").tasks == ["after"]


def test_cancelling_a_transaction_undoes_it_and_goes_on_at_its_cancel_event():
    split = '<parallelGateway id="g"/><endEvent id="x">' + event("cancel") + "</endEvent>"
    inner = ('<startEvent id="h_s"/>' + split + '<userTask id="a"/><userTask id="u"/>' + flow(("h_s", "a"), ("a", "g"), ("g", "u"))
             + '<userTask id="w"/>' + flow(("g", "w"), ("w", "x")) + undo("ca", "a", handler("ca")))  # fmt: skip
    body = chain(("h", f'<transaction id="h">{inner}</transaction>'), user("good"))
    body += boundary("b", "h", event("cancel")) + user("bad")[1] + flow(("b", "bad"))
    instance = run(body).complete("a").complete("w")
    assert instance.tasks == ["ca_h"]
    assert instance.complete("ca_h").tasks == ["bad"]
