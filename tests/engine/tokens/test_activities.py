"""Tasks, sub-processes, calls, loops and their data."""

import pytest

from engine.tokens import StaleEventError, advance, effects, events
from tests.engine.tokens.world import Instance, read

LINE = '<startEvent id="s"/><endEvent id="e"/>'


def flow(*pairs):
    return "".join(f'<sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairs)


def around(element, name="t"):
    return LINE + element + flow(("s", name), (name, "e"))


def io(inside):
    return f"<extensionElements><camunda:inputOutput>{inside}</camunda:inputOutput></extensionElements>"


def test_a_user_task_waits_and_what_is_filed_becomes_variables():
    instance = Instance(read(around('<userTask id="t"/>')), amount=5).start()
    assert instance.tasks == ["t"]
    instance.complete("t", opinion="同意", amount=6)
    assert instance.status == "completed"
    assert instance.root == {"amount": 6, "opinion": "同意"}
    assert instance.of(effects.Finished)[0].variables == instance.root


def test_changed_names_only_what_changed():
    instance = Instance(read(around('<userTask id="t"/>')), a=1, b=[1, 2], c=None).start()
    root = instance.state["root"]
    assert instance.changed == {(root, "a"), (root, "b"), (root, "c")}
    instance.complete("t", a=1, b=[1, 2], c=0)
    assert instance.changed == {(root, "c")}


def test_one_and_true_are_different_values():
    instance = Instance(read(around('<userTask id="t"/>')), a=1).start()
    instance.complete("t", a=True)
    assert instance.root["a"] is True


def test_a_task_is_completed_once():
    deployed = read(around('<userTask id="t"/><userTask id="u"/>') + flow(("t", "u")))
    instance = Instance(deployed).start()
    token = instance.open("t")[0]
    instance.complete("t")
    with pytest.raises(StaleEventError):
        instance.send(events.Complete(token, {}))


def test_a_script_assigns_line_by_line():
    script = '<scriptTask id="t"><script>b = a + 1\nc = b * 2\nday = date("2026-11-25")</script></scriptTask>'
    instance = Instance(read(around(script)), a=1).start()
    assert instance.root == {"a": 1, "b": 2, "c": 4, "day": "2026-11-25"}


def test_inputs_are_local_and_outputs_are_written_outside():
    mapping = io('<camunda:inputParameter name="x">${a + 1}</camunda:inputParameter>'
                 '<camunda:inputParameter name="y">n:${x}</camunda:inputParameter>'
                 '<camunda:outputParameter name="z">${result}</camunda:outputParameter>')  # fmt: skip
    instance = Instance(read(around(f'<serviceTask id="t" camunda:topic="x">{mapping}</serviceTask>')), a=1).start()
    assert instance.state["tokens"][instance.open("t")[0]]["v"] == {"x": 2, "y": "n:2"}
    instance.complete("t", result=7)
    assert instance.root == {"a": 1, "z": 7}


def test_lists_and_maps_are_parameters():
    mapping = io('<camunda:outputParameter name="z"><camunda:map><camunda:entry key="k">${a}</camunda:entry>'
                 '<camunda:entry key="l"><camunda:list><camunda:value>x</camunda:value><camunda:value>${a}</camunda:value>'
                 '</camunda:list></camunda:entry></camunda:map></camunda:outputParameter>')  # fmt: skip
    instance = Instance(read(around(f'<userTask id="t">{mapping}</userTask>')), a=1).start().complete("t")
    assert instance.root["z"] == {"k": 1, "l": ["x", 1]}


def test_without_output_mapping_the_result_of_work_is_written_into_the_process():
    instance = Instance(read(around('<serviceTask id="t" camunda:topic="x"/>'))).start().complete("t", number="LD-1")
    assert instance.root == {"number": "LD-1"}


@pytest.mark.parametrize("opened", ["user", "manual", "service"])
def test_work_is_opened_with_its_kind(opened):
    topic = ' camunda:topic="x"' if opened == "service" else ""
    instance = Instance(read(around(f'<{opened}Task id="t"{topic}/>'))).start()
    assert [(task.kind, task.node, task.process) for task in instance.of(effects.TaskOpened)] == [(opened, "t", "p:1")]


def test_a_call_sees_only_what_is_handed_in_and_gives_back_what_is_handed_out():
    mapping = ('<extensionElements><camunda:in source="a" target="x"/><camunda:in sourceExpression="${a + 10}" target="y"/>'
               '<camunda:out source="z" target="r"/></extensionElements>')  # fmt: skip
    deployed = read(p=around(f'<callActivity id="t" calledElement="q">{mapping}</callActivity>'),
                    q=around('<scriptTask id="t"><script>z = x + y\nleak = a</script></scriptTask>'))  # fmt: skip
    assert Instance(deployed, a=1).start().root == {"a": 1, "r": 12}


def test_two_calls_at_once_do_not_overwrite_each_others_variables():
    every = '<extensionElements><camunda:in variables="all"/><camunda:out variables="all"/></extensionElements>'
    calls = "".join(f'<callActivity id="c{i}" calledElement="q{i}">{every}</callActivity>' for i in (1, 2))
    body = LINE + calls + flow(("s", "c1"), ("s", "c2"), ("c1", "e"), ("c2", "e"))
    instance = Instance(
        read(p=body, q1=around('<userTask id="t1"/>', "t1"), q2=around('<userTask id="t2"/>', "t2")), a=0, b=0
    )
    instance.start().complete("t1", a=1).complete("t2", b=2)
    assert instance.root == {"a": 1, "b": 2}


def test_a_call_of_an_unknown_process_is_an_incident_that_can_be_retried():
    deployed = read(p=around('<callActivity id="t" calledElement="q"/>'))
    instance = Instance(deployed).start()
    assert "“q”没有部署" in instance.incidents[0]
    deployed.processes.update(read(q=around('<userTask id="u"/>', "u")).processes)
    assert instance.retry().tasks == ["u"]
    assert instance.complete("u").status == "completed"


def test_data_objects_of_a_sub_process_are_its_own():
    inner = '<dataObject id="d" name="note"/>' + around(
        '<scriptTask id="t"><script>note = 1\nother = 2</script></scriptTask>'
    )
    inner = (
        inner.replace('id="s"', 'id="s2"').replace('id="e"', 'id="e2"').replace('"s"', '"s2"').replace('"e"', '"e2"')
    )
    inner = inner.replace('id="s_t"', 'id="f1"').replace('id="t_e"', 'id="f2"')
    body = LINE + f'<subProcess id="sub">{inner}</subProcess>' + flow(("s", "sub"), ("sub", "e"))
    assert Instance(read(body)).start().root == {"other": 2}


def test_associations_move_data_into_and_out_of_a_task():
    body = (
        '<dataObject id="d1" name="order"/><dataObject id="d2" name="answer"/><dataObjectReference id="r1" dataObjectRef="d1"/>'
        '<serviceTask id="t" camunda:topic="x"><ioSpecification><dataInput id="i1" name="given"/>'
        '<dataOutput id="o1" name="found"/><inputSet/><outputSet/></ioSpecification>'
        "<dataInputAssociation><sourceRef>r1</sourceRef><targetRef>i1</targetRef></dataInputAssociation>"
        "<dataOutputAssociation><sourceRef>o1</sourceRef><targetRef>d2</targetRef></dataOutputAssociation></serviceTask>"
    )
    instance = Instance(read(around(body)), order=3).start()
    assert instance.state["tokens"][instance.open("t")[0]]["v"] == {"given": 3}
    instance.complete("t", found=4)
    assert instance.root == {"order": 3, "answer": 4}


def test_a_drawn_association_does_nothing():
    body = ('<dataObjectReference id="r1" name="卷宗" dataObjectRef="d1"/><dataObject id="d1"/><userTask id="t">'
            '<property id="p1" name="__targetRef_placeholder"/><dataInputAssociation><sourceRef>r1</sourceRef>'
            '<targetRef>p1</targetRef></dataInputAssociation></userTask>')  # fmt: skip
    instance = Instance(read(around(body))).start()
    assert "v" not in instance.state["tokens"][instance.open("t")[0]]


def loop(inside, attributes="", task="userTask"):
    return around(
        f'<{task} id="t"><multiInstanceLoopCharacteristics {attributes}>{inside}</multiInstanceLoopCharacteristics></{task}>'
    )


def test_multi_instance_over_a_collection_gives_each_its_item():
    body = loop("", 'camunda:collection="team" camunda:elementVariable="person"')
    instance = Instance(read(body), team=["甲", "乙", "丙"]).start()
    own = [instance.state["tokens"][key]["v"] for key in instance.open()]
    assert own == [{"loopCounter": i, "person": name} for i, name in enumerate(["甲", "乙", "丙"])]
    assert [effect.multi_index for effect in instance.of(effects.TaskOpened)] == [0, 1, 2]
    instance.complete("t", 1).complete("t", 1).complete("t")
    assert instance.status == "completed"


def test_a_completion_condition_ends_it_and_cancels_the_others():
    body = loop(
        "<loopCardinality>${n}</loopCardinality><completionCondition>${nrOfCompletedInstances >= 2}</completionCondition>"
    )
    instance = Instance(read(body), n=5).start().complete("t")
    assert len(instance.open()) == 4
    instance.complete("t")
    assert instance.status == "completed"
    assert [effect.reason for effect in instance.of(effects.TaskClosed)].count("cancelled") == 3


def test_sequential_instances_come_one_after_the_other():
    instance = Instance(
        read(loop("", 'isSequential="true" camunda:collection="${team}" camunda:elementVariable="x"')), team=[1, 2]
    )
    instance.start()
    assert len(instance.open()) == 1
    instance.complete("t").complete("t")
    assert instance.status == "completed"


def test_results_are_collected_in_the_order_of_the_items():
    body = ('<dataObject id="in" name="items"/><dataObject id="out" name="opinions"/><userTask id="t">'
            '<multiInstanceLoopCharacteristics><loopDataInputRef>in</loopDataInputRef><loopDataOutputRef>out</loopDataOutputRef>'
            '<inputDataItem id="i" name="item"/><outputDataItem id="o" name="opinion"/></multiInstanceLoopCharacteristics></userTask>')  # fmt: skip
    instance = Instance(read(around(body)), items=[1, 2, 3]).start()
    instance.complete("t", 2, opinion="c").complete("t", 0, opinion="a").complete("t", 0, opinion="b")
    assert instance.root["opinions"] == ["a", "b", "c"]
    assert "opinion" not in instance.root


@pytest.mark.parametrize("items", [None, "text", 5])
def test_a_collection_that_is_none_is_an_incident(items):
    instance = Instance(read(loop("", 'camunda:collection="team"')), team=items).start()
    assert "不是" in instance.incidents[0]
    assert instance.send(events.SetVariables({"team": [1]})).retry().tasks == ["t"]


def test_an_empty_collection_passes_at_once():
    assert Instance(read(loop("", 'camunda:collection="team"')), team=[]).start().status == "completed"


def test_a_thousand_instances_stay_cheap():
    instance = Instance(read(loop("<loopCardinality>1000</loopCardinality>"))).start()
    assert len(instance.open()) == 1000
    for key in list(instance.open()):
        instance.state = advance(instance.deployed, instance.state, events.Complete(key, {}), instance.now).state
    assert instance.status == "completed"


@pytest.mark.parametrize(("attributes", "condition", "rounds"), [('loopMaximum="3"', "true", 3), ("", "n &lt; 2", 2),
                                                                 ('testBefore="true"', "n &lt; 0", 0)])  # fmt: skip
def test_a_standard_loop_repeats_while_its_condition_is_true(attributes, condition, rounds):
    task = (f'<userTask id="t"><standardLoopCharacteristics {attributes}><loopCondition>{condition}</loopCondition>'
            "</standardLoopCharacteristics></userTask>")  # fmt: skip
    instance = Instance(read(around(task)), n=0).start()
    for round_ in range(rounds):
        instance.complete("t", n=round_ + 1)
    assert instance.status == "completed"


def ad_hoc(inside, attributes="", more=""):
    return around(f'<adHocSubProcess id="t" {attributes}>{more}<task id="x0"/>{inside}</adHocSubProcess>').replace(
        '<task id="x0"/>', ""
    )


def test_ad_hoc_activities_all_begin_and_a_condition_ends_them():
    tasks = '<userTask id="a"/><userTask id="b"/><completionCondition>done = true</completionCondition>'
    instance = Instance(read(ad_hoc(tasks)), done=False).start()
    assert instance.tasks == ["a", "b"]
    assert instance.complete("a", done=True).status == "completed"


def test_ad_hoc_in_sequence_begins_one_after_the_other():
    instance = Instance(read(ad_hoc('<userTask id="a"/><userTask id="b"/>', 'ordering="Sequential"'))).start()
    assert instance.tasks == ["a"]
    assert instance.complete("a").tasks == ["b"]
    assert instance.complete("b").status == "completed"


def test_ad_hoc_by_hand_begins_what_somebody_starts_as_often_as_wanted():
    manual = ('<extensionElements><camunda:properties><camunda:property name="bihuan:manualStart" value="true"/>'
              "</camunda:properties></extensionElements>")  # fmt: skip
    tasks = '<userTask id="a"/><userTask id="b"/><completionCondition>done = true</completionCondition>'
    instance = Instance(read(ad_hoc(tasks, more=manual))).start()
    assert instance.tasks == []
    host = next(iter(instance.state["tokens"]))
    instance.send(events.StartActivity(host, "b")).send(events.StartActivity(host, "b"))
    assert instance.tasks == ["b", "b"]
    instance.complete("b")
    assert instance.status == "active"
    assert instance.complete("b", done=True).status == "completed"


def test_quantities_gather_and_multiply_tokens():
    body = (LINE + '<task id="a" completionQuantity="3"/><userTask id="b" startQuantity="2"/>'
            + flow(("s", "a"), ("a", "b"), ("b", "e")))  # fmt: skip
    instance = Instance(read(body)).start()
    assert instance.tasks == ["b"]
    assert "“b”" in instance.incidents[0]


def test_a_failed_task_is_opened_again_by_a_retry_and_nothing_is_done_twice():
    instance = Instance(read(around('<serviceTask id="t" camunda:topic="x"/>'))).start().fail("t", "连接超时")
    assert instance.incidents == ["连接超时"]
    assert instance.tasks == []
    assert instance.retry().tasks == ["t"]
    assert instance.complete("t").status == "completed"


def test_a_retry_after_a_failure_on_the_way_out_does_not_do_the_work_again():
    body = (LINE + '<userTask id="t"/><endEvent id="x"/>'
            '<sequenceFlow id="f0" sourceRef="s" targetRef="t"/>'
            '<sequenceFlow id="f1" sourceRef="t" targetRef="e"><conditionExpression>ok = 1</conditionExpression></sequenceFlow>'
            '<sequenceFlow id="f2" sourceRef="t" targetRef="x"><conditionExpression>ok = 2</conditionExpression></sequenceFlow>')  # fmt: skip
    instance = Instance(read(body)).start().complete("t")
    assert "没有一个条件成立" in instance.incidents[0]
    instance.set(ok=2).retry()
    assert instance.status == "completed"
    assert len(instance.of(effects.TaskOpened)) == 1


def test_a_decision_gives_variables_and_is_explained():
    deployed = read(
        around(
            '<businessRuleTask id="t" camunda:decisionRef="d" camunda:resultVariable="r" camunda:mapDecisionResult="singleEntry"/>'
        )
    )
    deployed.decisions["d"] = lambda variables: Answer({"grade": variables["n"] + 1})
    instance = Instance(deployed, n=1).start()
    assert instance.root["r"] == 2
    assert instance.of(effects.DecisionMade)[0].explanation == {"why": "because"}


def test_without_result_variable_the_entries_of_a_decision_become_variables():
    deployed = read(around('<businessRuleTask id="t" camunda:decisionRef="d"/>'))
    deployed.decisions["d"] = lambda variables: Answer({"grade": 2, "why": "x"})
    assert Instance(deployed).start().root == {"grade": 2, "why": "x"}


@pytest.mark.parametrize(("mapping", "value", "expected"), [
    ("singleEntry", [{"a": 1}], 1), ("singleResult", {"a": 1, "b": 2}, {"a": 1, "b": 2}), ("singleEntry", None, None),
    ("collectEntries", [{"a": 1}, {"a": 2}], [1, 2]), ("resultList", {"a": 1}, [{"a": 1}]), ("collectEntries", [1, 2], [1, 2]),
])  # fmt: skip
def test_results_of_decisions_are_shaped_as_asked(mapping, value, expected):
    deployed = read(
        around(
            f'<businessRuleTask id="t" camunda:decisionRef="d" camunda:resultVariable="r" camunda:mapDecisionResult="{mapping}"/>'
        )
    )
    deployed.decisions["d"] = lambda variables: Answer(value)
    assert Instance(deployed).start().root["r"] == expected


class Answer:
    def __init__(self, value):
        self.value = value
        self.explanation = {"why": "because"}
        self.steps = 10
