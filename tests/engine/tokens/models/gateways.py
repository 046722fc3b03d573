"""Gateways and the workflow patterns built from them."""

from tests.engine.tokens.drawing import LINE, boundary, chain, event, flow, timer
from tests.engine.tokens.models.building import (
    COUNT,
    WAIT,
    Model,
    beside,
    catch,
    forked,
    log,
    message,
    multi,
    process,
    script,
    signal,
    split,
    throw,
)

GATEWAYS = [
    *(Model(f"Exclusive_{value}", split("exclusiveGateway", (1, '${test.contains("a")}'), (2, '${test == "b"}')),
            trace, variables={"test": value}) for value, trace in (("ab", "1"), ("b", "2"), ("c", "ERROR_runtime"))),
    *(Model(f"Exclusive_default_{value}", split("exclusiveGateway", (1, 'test.contains("a")'), (2, None),
            attributes='default="g__task2"'), trace, variables={"test": value}) for value, trace in (("a", "1"), ("c", "2"))),
    *(Model(f"Exclusive_mixed_{value}", forked([("a", '<task id="a"/>')], [("b", '<task id="b"/>')])
            + '<exclusiveGateway id="x" gatewayDirection="Mixed"/>' + log(1)[1] + log(2)[1] + flow(
                ("a", "x"), ("b", "x"), ("x", "task1", 'test.contains("a")'), ("x", "task2", 'test.contains("b")')),
            trace, variables={"test": value}) for value, trace in (("a", "1 1"), ("b", "2 2"))),
    *(Model(f"Inclusive_default_{value}", split("inclusiveGateway", (1, 'test.contains("a")'),
            (2, 'test.contains("b")'), (3, None), attributes='default="g__task3"'), trace, variables={"test": value})
      for value, trace in (("ab", "1 2"), ("a", "1"), ("c", "3"))),
    *(Model(f"Inclusive_split_exclusive_join_{value}", split("inclusiveGateway", (1, 'test.contains("a")'),
            (2, 'test.contains("b")')) + '<exclusiveGateway id="j"/>' + log(3)[1]
            + flow(("task1", "j"), ("task2", "j"), ("j", "task3")), trace, variables={"test": value})
      for value, trace in (("ab", "1 2 3 3"), ("b", "2 3"))),
    Model("Exclusive_split_parallel_join_waits", split("exclusiveGateway", (1, 'test.contains("a")'),
          (2, 'test.contains("b")')) + '<parallelGateway id="j"/>' + log(3)[1]
          + flow(("task1", "j"), ("task2", "j"), ("j", "task3")), "1", variables={"test": "a"}),
    Model("Parallel", split("parallelGateway", (1, None), (2, None)) + '<parallelGateway id="j"/>' + log(3)[1]
          + flow(("task1", "j"), ("task2", "j"), ("j", "task3")), "1 2 3"),
    Model("Parallel_mixed", split("parallelGateway", (1, None), (2, None)) + '<parallelGateway id="j"/>' + log(3)[1]
          + log(4)[1] + flow(("task1", "j"), ("task2", "j"), ("j", "task3"), ("j", "task4")), "1 2 3 4"),
    *(Model(f"Complex_split_{value}", split("complexGateway", (1, 'test.contains("a")'), (2, 'test.contains("b")'),
            (3, None), attributes='default="g__task3"'), trace, variables={"test": value})
      for value, trace in (("ab", "1 2"), ("c", "3"))),
    Model("Complex_join_of_two_in_three", split("parallelGateway", (1, None), (2, None), (4, None))
          + '<complexGateway id="j"><activationCondition>activationCount >= 2</activationCondition></complexGateway>'
          + log(3)[1] + flow(("task1", "j"), ("task2", "j"), ("task4", "j"), ("j", "task3")), "1 2 3 4"),
    Model("Complex_join_without_condition", split("parallelGateway", (1, None), (2, None))
          + '<complexGateway id="j"/>' + log(3)[1] + flow(("task1", "j"), ("task2", "j"), ("j", "task3")), "1 2 3"),
    Model("Event_based_timer", LINE + '<eventBasedGateway id="g"/>' + catch("c1", timer("PT2S"))[1]
          + catch("c2", signal())[1] + log(1)[1] + log(2)[1]
          + flow(("s", "g"), ("g", "c1"), ("g", "c2"), ("c1", "task1"), ("c2", "task2")), "1", wait=5),
    Model("Event_based_message", forked(
        [("g", '<eventBasedGateway id="g" eventGatewayType="Exclusive" instantiate="false"/>')],
        [WAIT, ("x", '<sendTask id="x" messageRef="M"/>')])
        .replace('<endEvent id="e0"/>', "").replace(flow(("g", "e0")), "")
        + catch("c1", message())[1] + '<receiveTask id="r" messageRef="M2"/>' + log(1)[1] + log(2)[1]
        + flow(("g", "c1"), ("g", "r"), ("c1", "task1"), ("r", "task2")), "1", wait=5),
    Model("Event_based_condition", LINE + '<eventBasedGateway id="g"/>' + catch("c1", timer("PT2S"))[1]
          + catch("c2", event("conditional", '<condition>test.contains("a")</condition>'))[1] + log(1)[1] + log(2)[1]
          + flow(("s", "g"), ("g", "c1"), ("g", "c2"), ("c1", "task1"), ("c2", "task2")), "2", wait=5, variables={"test": "a"}),
    Model("Event_based_instantiates", chain(throw("x", message())), "1", beside=process(
        "Other", '<eventBasedGateway id="g" instantiate="true"/>' + catch("c1", message())[1] + catch("c2", message("M2"))[1]
        + log(1)[1] + log(2)[1] + flow(("g", "c1"), ("g", "c2"), ("c1", "task1"), ("c2", "task2")))),
    Model("Event_based_instantiates_parallel", chain(throw("x", message()), WAIT, throw("y", message("M2"))), "1 2",
          wait=5, beside=process(
        "Other", '<eventBasedGateway id="g" instantiate="true" eventGatewayType="Parallel"/>' + catch("c1", message())[1]
        + catch("c2", message("M2"))[1] + log(1)[1] + log(2)[1]
        + flow(("g", "c1"), ("g", "c2"), ("c1", "task1"), ("c2", "task2")))),
    Model("Event_based_instantiates_by_signals", chain(throw("x", signal()), WAIT, throw("y", signal("S2"))), "1 2",
          wait=5, beside=process(
        "Other", '<eventBasedGateway id="g" instantiate="true" eventGatewayType="Parallel"/>' + catch("c1", signal())[1]
        + catch("c2", signal("S2"))[1] + log(1)[1] + log(2)[1]
        + flow(("g", "c1"), ("g", "c2"), ("c1", "task1"), ("c2", "task2")))),
]  # fmt: skip

PATTERNS = [
    Model("WCP01_sequence", chain(log(1), log(2)), "1 2"),
    Model("WCP06_implicit", LINE + '<task id="t"/>' + log(1)[1] + log(2)[1] + log(3)[1] + flow(
        ("s", "t"), ("t", "task1", 'test.contains("a")'), ("t", "task2", 'test.contains("b")'), ("t", "task3")), "1 3",
        variables={"test": "a"}),
    Model("WCP09_multi_instance", chain(log(1, multi(
        COUNT.format(3) + "<completionCondition>true</completionCondition>", 'isSequential="false"')), log(2)), "1 2"),
    Model("WCP14_counted_at_run_time", chain(script("i", "INCREMENT_INTEGER_VARIABLE"), script(
        "j", "INCREMENT_INTEGER_VARIABLE"), log(1, multi(COUNT.format("${integerVariable}"))), log(2)), "1 1 2",
        variables={"integerVariable": 0}),
    Model("WCP16_deferred_choice", LINE + '<eventBasedGateway id="g"/>' + catch("c1", signal())[1] + catch("c2", signal("S2"))[1]
          + '<parallelGateway id="f"/>' + throw("x", signal("S2"))[1] + log(1)[1] + log(2)[1] + flow(
              ("s", "f"), ("f", "g"), ("f", "x"), ("g", "c1"), ("g", "c2"), ("c1", "task1"), ("c2", "task2")), "2"),
    Model("WCP18_milestone", forked([catch("c", signal()), log(2)], [log(1), throw("x", signal()), WAIT, log(3)]), "1 2 3", wait=5),
    Model("WCP21_loop_by_gateway", LINE + '<exclusiveGateway id="m"/><exclusiveGateway id="g" default="g__e"/>' + log(1)[1]
          + script("i", "INCREMENT_INTEGER_VARIABLE")[1] + flow(("s", "m"), ("m", "task1"), ("task1", "i"), ("i", "g"),
          ("g", "m", "integerVariable&lt;2"), ("g", "e")), "1 1", variables={"integerVariable": 0}),
    Model("WCP22_recursion", chain(("c", '<callActivity id="c" calledElement="Called"/>'), log(2)), "1 1 2", beside=(
        '<process id="Called" isExecutable="true"><startEvent id="cs"/><exclusiveGateway id="cg" default="cf2"/>'
        + log(1)[1] + '<callActivity id="cc" calledElement="Called"><extensionElements><camunda:in variables="all"/>'
        '</extensionElements></callActivity><scriptTask id="ci"><script>INCREMENT_INTEGER_VARIABLE</script></scriptTask>'
        '<endEvent id="ce"/><sequenceFlow id="cf1" sourceRef="cs" targetRef="task1"/>'
        '<sequenceFlow id="cf3" sourceRef="task1" targetRef="ci"/><sequenceFlow id="cf4" sourceRef="ci" targetRef="cg"/>'
        '<sequenceFlow id="cf5" sourceRef="cg" targetRef="cc"><conditionExpression>integerVariable&lt;2</conditionExpression>'
        '</sequenceFlow><sequenceFlow id="cf2" sourceRef="cg" targetRef="ce"/><sequenceFlow id="cf6" sourceRef="cc" '
        'targetRef="ce"/></process>')),
    Model("WCP26_cancel_multi_instance", chain(("h", f'<scriptTask id="h">{multi()}<script>WAIT_TEN_SECONDS</script></scriptTask>'),
          log(4)) + boundary("b", "h", timer("PT1S")) + beside("b", log(3)), "3", wait=15),
]  # fmt: skip
