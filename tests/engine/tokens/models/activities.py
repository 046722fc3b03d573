"""Activities: sub-processes, loops, multi-instance, calls, ad-hoc, quantities; lanes and plain flows."""

from tests.engine.tokens.drawing import LINE, boundary, chain, flow, sub
from tests.engine.tokens.models.building import (
    COUNT,
    LONG,
    LOOP,
    Model,
    beside,
    forked,
    log,
    multi,
    process,
    script,
    signal,
)

DONE = ("", "<completionCondition>true</completionCondition>")


def ad_hoc(*elements, attributes=""):
    return "h", f'<adHocSubProcess id="h" {attributes}>{"".join(xml for _, xml in elements)}</adHocSubProcess>'


ACTIVITIES = [
    Model("SubProcess", chain(sub("h", log(1)), log(2)), "1 2"),
    Model("SubProcess_without_start_event", chain(("h", f'<subProcess id="h">{log(1)[1]}</subProcess>'), log(2)), "1 2"),
    Model("Task_none_manual", chain(("t", '<task id="t"/>'), log(1)), "1"),
    Model("Loop_test_before_false", chain(log(1, LOOP.format('testBefore="true"', "false")), log(2)), "2"),
    Model("Loop_while", chain(
        script("i", "INCREMENT_INTEGER_VARIABLE", LOOP.format('testBefore="true"', "integerVariable&lt;3")),
        script("j", "INCREMENT_INTEGER_VARIABLE_AND_LOG"), log(2)), "INCREMENT_correct 2", variables={"integerVariable": 0}),
    Model("Loop_until", chain(log(1, LOOP.format('testBefore="false"', "${loopCounter &lt; 3}")), log(2)), "1 1 1 2"),
    Model("Loop_maximum_without_condition", chain(
        log(1, '<standardLoopCharacteristics loopMaximum="2"/>'), log(2)), "1 1 2"),
    Model("Loop_maximum_test_before", chain(
        log(1, LOOP.format('testBefore="true" loopMaximum="2"', "true")), log(2)), "1 1 2"),
    Model("Loop_of_a_sub_process", chain(
        ("h", sub("h", log(1))[1].replace("</subProcess>", LOOP.format('loopMaximum="2"', "true") + "</subProcess>")),
        log(2)), "1 1 2"),
    Model("MultiInstance_parallel", chain(log(1, multi()), log(2)), "1 1 1 2"),
    Model("MultiInstance_sequential", chain(log(1, multi(attributes='isSequential="true"')), log(2)), "1 1 1 2"),
    Model("MultiInstance_zero", chain(log(1, multi(COUNT.format(0))), log(2)), "2"),
    Model("MultiInstance_from_variable", chain(log(1, multi(COUNT.format("integerVariable"))), log(2)), "1 1 2",
          variables={"integerVariable": 2}),
    Model("MultiInstance_sub_process", chain(
        ("h", sub("h", log(1))[1].replace("</subProcess>", multi() + "</subProcess>")), log(2)), "1 1 1 2"),
    Model("MultiInstance_call", chain(
        ("c", f'<callActivity id="c" calledElement="Called">{multi()}</callActivity>'), log(2)), "1 1 1 2",
        beside=process("Called", chain(log(1)))),
    *(Model(f"MultiInstance_completion_{words}_{kind}", chain(log(1, multi(
        COUNT.format(5) + f"<completionCondition>{condition}</completionCondition>", f'isSequential="{kind}"')), log(2)),
        "1 1 2")
      for words, condition in (("bpmn", "numberOfCompletedInstances>=2"), ("camunda", "${nrOfCompletedInstances == 2}"))
      for kind in ("true", "false")),
    Model("MultiInstance_all_behavior", chain(log(1, multi(attributes='behavior="All"')), log(2)), "1 1 1 2"),
    Model("MultiInstance_none_behavior_parallel", chain(
        log(1, multi(attributes='behavior="None" noneBehaviorEventRef="SE"')), log(2))
        + boundary("b", "task1", signal(), stops=False) + beside("b", log(3)),
        "1 1 1 2 3 3 3", beside='<signalEventDefinition id="SE" signalRef="S"/>'),
    Model("MultiInstance_one_behavior_parallel", chain(
        log(1, multi(attributes='behavior="One" oneBehaviorEventRef="SE"')), log(2))
        + boundary("b", "task1", signal(), stops=False) + beside("b", log(3)),
        "1 1 1 2 3", beside='<signalEventDefinition id="SE" signalRef="S"/>'),
    Model("MultiInstance_complex_behavior_after_two", chain(log(1, multi(
        COUNT.format(3) + "<complexBehaviorDefinition><condition>numberOfCompletedInstances=2</condition>"
        f'<event id="ev">{signal()}</event></complexBehaviorDefinition>', 'isSequential="true" behavior="Complex"')), log(2))
        + boundary("b", "task1", signal(), stops=False) + beside("b", log(3)), "1 1 2 3"),
    Model("CallActivity_process", chain(("c", '<callActivity id="c" calledElement="Called"/>'), log(2)), "1 2",
          beside=process("Called", chain(log(1)))),
    Model("CallActivity_qualified", chain(("c", '<callActivity id="c" calledElement="t:Called"/>'), log(2)), "1 2",
          beside=process("Called", chain(log(1)))),
    *(Model(f"CallActivity_{kind}", chain(("c", '<callActivity id="c" calledElement="G"/>'), log(2)), trace,
            beside=f'<{kind} id="G">{inside}</{kind}>')
      for kind, inside, trace in (("globalTask", "", "2"), ("globalScriptTask", "<script>SCRIPT_task1</script>", "1 2"))),
    Model("Transaction", chain(sub("h", log(1), tag="transaction"), log(2)), "1 2"),
    Model("Send_and_receive_task", forked(
        [("r", '<receiveTask id="r" messageRef="M"/>'), log(1)], [("x", '<sendTask id="x" messageRef="M"/>'), log(2)]), "1 2"),
    Model("Send_and_receive_by_operation", forked(
        [("r", '<receiveTask id="r" operationRef="op"/>'), log(1)], [("x", '<sendTask id="x" operationRef="op"/>'), log(2)]),
        "1 2", beside='<interface id="if" name="if"><operation id="op" name="op"><inMessageRef>M</inMessageRef></operation></interface>'),
    Model("Receive_task_instantiates", chain(("x", '<sendTask id="x" messageRef="M"/>'), log(2)), "1 2",
          beside=process("Other", '<receiveTask id="r" messageRef="M" instantiate="true"/>' + log(1)[1]
                         + '<endEvent id="oe"/>' + flow(("r", "task1"), ("task1", "oe")))),
    Model("AdHoc_parallel", chain(
        ("h", f'<adHocSubProcess id="h" ordering="Parallel">{log(1)[1]}{log(2)[1]}</adHocSubProcess>'), log(3)), "1 2 3"),
    Model("AdHoc_sequential", chain(
        ("h", f'<adHocSubProcess id="h" ordering="Sequential">{log(1)[1]}{log(2)[1]}</adHocSubProcess>'), log(3)), "1 2 3"),
    Model("AdHoc_default_ordering_with_flows", chain(
        ("h", f'<adHocSubProcess id="h">{log(1)[1]}{log(2)[1]}{flow(("task1", "task2"))}</adHocSubProcess>'), log(3)), "1 2 3"),
    Model("AdHoc_sequential_completion", chain(
        ("h", (f'<adHocSubProcess id="h" ordering="Sequential">{log(1)[1]}{log(2)[1]}'
              "<completionCondition>true</completionCondition></adHocSubProcess>")), log(3)), "1 3"),
    Model("AdHoc_parallel_completion_cancels", chain(
        ("h", (f'<adHocSubProcess id="h">{log(1)[1]}{LONG[1]}'
              "<completionCondition>true</completionCondition></adHocSubProcess>")), log(3)), "1 3", wait=1),
    Model("AdHoc_parallel_completion_waits", chain(
        ("h", (f'<adHocSubProcess id="h" cancelRemainingInstances="false">{log(1)[1]}{LONG[1]}'
              "<completionCondition>true</completionCondition></adHocSubProcess>")), log(3)), "1", wait=1),
    Model("Token_start_quantity", forked([("m", '<task id="m"/>')], [("n", '<task id="n"/>')])
          + log(1, attributes='startQuantity="2"')[1] + flow(("m", "task1"), ("n", "task1")), "1"),
    Model("Token_completion_quantity", chain(log(1, attributes='completionQuantity="2"'), log(2)), "1 2 2"),
    Model("Token_completion_and_start_quantity", chain(
        log(1, attributes='completionQuantity="4"'), log(2, attributes='startQuantity="2"'), log(3)), "1 2 2 3 3"),
]  # fmt: skip

BASICS = [
    Model("Participant", chain(log(1)), "1", beside='<collaboration id="co"><participant id="pa" name="P" '
          'processRef="Participant"/><participant id="black" name="black box"/><messageFlow id="mf" sourceRef="black" '
          'targetRef="pa"/></collaboration>'),
    Model("Lanes_nested", '<laneSet id="ls"><lane id="l1"><childLaneSet id="cl"><lane id="l2"><flowNodeRef>task1</flowNodeRef>'
          "</lane></childLaneSet></lane></laneSet>" + chain(log(1), log(2)), "1 2"),
    Model("Flow_unconditional_twice", forked([log(1)], [log(2)]), "1 2"),
    Model("Flow_implicit_split", LINE + log(0)[1] + log(1)[1] + log(2)[1] + flow(
        ("s", "task0"), ("task0", "task1"), ("task0", "task2"), ("task1", "e"), ("task2", "e")), "0 1 2"),
    *(Model(f"Flow_conditional_default_{value}", LINE + '<task id="t" default="t__task2"/>' + log(1)[1] + log(2)[1]
            + log(3)[1] + flow(("s", "t"), ("t", "task1", 'test.contains("a")'), ("t", "task2"),
                               ("t", "task3", "test.equals('b')")), trace, variables={"test": value})
      for value, trace in (("a", "1"), ("b", "3"), ("c", "2"))),
    Model("Process_without_start_and_end", log(1)[1] + log(2)[1] + flow(("task1", "task2")), "1 2"),
    Model("Two_none_starts", '<startEvent id="a"/><startEvent id="b"/>' + log(1)[1] + log(2)[1]
          + flow(("a", "task1"), ("b", "task2")), "1 2"),
]  # fmt: skip
