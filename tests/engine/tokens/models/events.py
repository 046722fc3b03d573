"""Compensation, cancel, error, link, message, signal, timer, multiple, terminate, and definitions by reference."""

from tests.engine.tokens.drawing import boundary, chain, event, event_sub, flow, sub, timer
from tests.engine.tokens.models.building import (
    ERROR,
    LONG,
    MARK,
    REFERRED,
    TASK_H,
    TRUE_IF_A,
    UNDO,
    UNDO_H,
    WAIT,
    Model,
    beside,
    catch,
    compensated,
    end,
    ending,
    ending_inside,
    forked,
    log,
    message,
    multi,
    process,
    script,
    signal,
    started,
    throw,
)

EVENTS = [
    compensated("intermediate_throw", TASK_H, throw("x", UNDO), "1"),
    compensated("intermediate_throw_one", TASK_H, throw("x", UNDO_H), "1"),
    compensated("intermediate_throw_without_waiting", TASK_H, throw(
        "x", event("compensate", attributes='waitForCompletion="false"')), "1"),
    compensated("of_a_sub_process", sub("h", log(2)), throw("x", UNDO_H), "1 2"),
    compensated("of_a_transaction", sub("h", log(2), tag="transaction"), throw("x", UNDO_H), "1 2"),
    compensated("never_done", TASK_H, ("x", '<task id="x"/>'), ""),
    compensated("by_sub_process", TASK_H, throw("x", UNDO), "1",
                handler=sub("task1", log(9))[1].replace(' id="task1"', ' id="task1" isForCompensation="true"')
                .replace("SCRIPT_task9", "SCRIPT_task1")),
    Model("Compensation_end_event_in_sub_process", chain(ending_inside(UNDO, ("t", '<task id="t"/>'), beside=(
        boundary("b", "t", UNDO) + log(1, attributes='isForCompensation="true"')[1]
        + '<association id="as" sourceRef="b" targetRef="task1"/>')), log(2)), "1 2"),
    Model("Compensation_latest_first_of_all", ending(UNDO, ("t", '<task id="t"/>'), ("u", '<task id="u"/>'))
          + "".join(boundary(f"b{i}", i, UNDO) + f'<association id="as{i}" sourceRef="b{i}" targetRef="task{n}"/>'
                    + log(n, attributes='isForCompensation="true"')[1] for i, n in (("t", 1), ("u", 2))), "2 1"),
    Model("Compensation_of_repeated_activity", ending(UNDO, ("t", f'<task id="t">{multi()}</task>'))
          + boundary("b", "t", UNDO) + log(1, attributes='isForCompensation="true"')[1]
          + '<association id="as" sourceRef="b" targetRef="task1"/>', "1 1 1"),
    Model("Compensation_event_sub_process_of_the_process", ending(UNDO_H, ("h", sub(
        "h", log(2), beside=event_sub("v", UNDO, log(1)))[1])), "1 2"),
    Model("Cancel_transaction", chain(ending_inside(event("cancel"), log(1), tag="transaction"), log(4))
          + boundary("b", "h", event("cancel")) + beside("b", log(3)), "1 3"),
    Model("Cancel_compensates_first", chain(ending_inside(event("cancel"), ("t", '<task id="t"/>'), tag="transaction", beside=(
        boundary("c", "t", UNDO) + log(1, attributes='isForCompensation="true"')[1]
        + '<association id="as" sourceRef="c" targetRef="task1"/>')), log(4))
          + boundary("b", "h", event("cancel")) + beside("b", log(3)), "1 3"),
    *(Model(f"Error_from_end_event_{words}", chain(ending_inside(ERROR, log(1), tag=tag), log(4))
            + boundary("b", "h", definition) + beside("b", log(3)), "1 3")
      for tag in ("subProcess", "transaction") for words, definition in (
          (f"{tag}_by_code", ERROR), (f"{tag}_any", event("error")))),
    Model("Error_not_caught_by_another_code", chain(ending_inside(ERROR, log(1)), log(4))
          + boundary("b", "h", event("error", attributes='errorRef="ES"')) + beside("b", log(3)), "1 ERROR_thrownErrorEvent"),
    Model("Error_of_a_script", chain(script("h", "THROW_ERROR"), log(4)) + boundary(
        "b", "h", event("error", attributes='errorRef="ES"')) + beside("b", log(3)), "3"),
    Model("Error_of_a_script_in_a_sub_process", chain(sub("h", script("x", "THROW_ERROR")), log(4)) + boundary(
        "b", "h", event("error")) + beside("b", log(3)), "3"),
    Model("Error_of_a_script_uncaught", chain(script("h", "THROW_ERROR"), log(4)), "ERROR_runtime"),
    Model("Error_end_event_of_the_process", ending(ERROR, log(1)), "1 ERROR_thrownErrorEvent"),
    Model("Error_event_sub_process", chain(ending_inside(ERROR, log(1), beside=event_sub("v", ERROR, log(3))), log(4)), "1 3 4"),
    Model("Error_event_sub_process_of_the_process", ending(ERROR, log(1)) + event_sub("v", ERROR, log(3)), "1 3"),
    Model("Error_of_a_called_process", chain(("c", '<callActivity id="c" calledElement="Called"/>'), log(4))
          + boundary("b", "c", ERROR) + beside("b", log(3)), "1 3", beside=process("Called", ending(ERROR, log(1)))),
    Model("Escalation_end_event_in_sub_process", chain(ending_inside(
        event("escalation", attributes='escalationRef="X"'), log(1)), log(4))
        + boundary("b", "h", event("escalation", attributes='escalationRef="X"'), stops=False) + beside("b", log(3)), "1 3 4"),
    Model("Escalation_end_event_uncaught", ending(event("escalation", attributes='escalationRef="X"'), log(1)), "1"),
    Model("Escalation_without_reference", chain(ending_inside(event("escalation"), log(1)), log(4))
          + boundary("b", "h", event("escalation"), stops=False) + beside("b", log(3)), "1 3 4"),
    Model("Link_twice_thrown", forked([log(1)], [log(2)]).replace('<endEvent id="e0"/>', "").replace('<endEvent id="e1"/>', "")
          .replace(flow(("task1", "e0")), flow(("task1", "l0"))).replace(flow(("task2", "e1")), flow(("task2", "l1")))
          + throw("l0", '<linkEventDefinition name="L"/>')[1] + throw("l1", '<linkEventDefinition name="L"/>')[1]
          + catch("k", '<linkEventDefinition name="L"/>')[1] + log(3)[1] + flow(("k", "task3")), "1 2 3 3"),
    Model("Link_by_target", '<startEvent id="s"/>' + throw("l", '<linkEventDefinition id="l1" name="from"><target>l2</target>'
          "</linkEventDefinition>")[1] + catch("k", '<linkEventDefinition id="l2" name="to"><source>l1</source>'
          "</linkEventDefinition>")[1] + log(1)[1] + flow(("s", "l"), ("k", "task1")), "1"),
    Model("Message_intermediate_in_one_process", forked([catch("c", message()), log(1)], [throw("x", message()), log(2)]), "1 2"),
    Model("Message_before_its_receiver", forked([WAIT, catch("c", message()), log(1)], [throw("x", message()), log(2)]),
          "1 2", wait=5),
    Model("Message_end_event", forked([catch("c", message()), log(1)], [log(2)]).replace(
        '<endEvent id="e1"/>', end("e1", message())), "1 2"),
    Model("Message_between_processes", ending(message(), log(2)), "MARKER_exists 2", parallel_first=True,
          beside=process("ParallelProcess", chain(catch("c", message()), MARK))),
    Model("Signal_start_of_two_processes", ending(signal(), log(1)), "1 2 3",
          beside=process("A", started(signal(), log(2))) + process("B", started(signal(), log(3)))),
    Model("Signal_between_processes", chain(throw("x", signal()), log(2)), "MARKER_exists 2", parallel_first=True,
          beside=process("ParallelProcess", chain(catch("c", signal()), MARK))),
    Model("Signal_nobody_waits_for", chain(throw("x", signal()), catch("c", signal()), log(1)), ""),
    Model("Timer_start", started(timer("PT2S"), log(1)), "1", wait=5),
    Model("Timer_start_date", started(timer("2026-11-25T01:00:02Z", "timeDate"), log(1)), "1", wait=5),
    Model("Timer_start_cycle", started(timer("R3/PT1S", "timeCycle"), log(1)), "1 1 1", wait=5),
    Model("Timer_past_date", chain(catch("c", timer("2020-01-01T00:00:00", "timeDate")), log(1)), "1"),
    *(Model(f"Timer_intermediate_{form}", chain(catch("c", timer(text, form)), log(1)), "1", wait=3)
      for form, text in (("timeDuration", "PT1S"), ("timeDate", "2026-11-25T01:00:01+00:00"))),
    *(Model(f"Conditional_start_{value}", started(TRUE_IF_A, log(1)), trace, variables={"test": value})
      for value, trace in (("a", "1"), ("b", ""))),
    Model("Conditional_intermediate_later", forked(
        [catch("c", event("conditional", "<condition>integerVariable >= 1</condition>")), log(1)],
        [WAIT, script("i", "INCREMENT_INTEGER_VARIABLE"), log(2)]), "1 2", wait=5, variables={"integerVariable": 0}),
    Model("Multiple_start_first", chain(throw("x", signal()), log(2)), "1 2",
          beside=process("Other", started(signal() + signal("S2"), log(1)))),
    Model("Multiple_start_second", chain(throw("x", signal("S2")), log(2)), "1 2",
          beside=process("Other", started(signal() + signal("S2"), log(1)))),
    Model("Multiple_end_event", ending(signal() + message(), log(1)), "1 2 3", beside=process(
        "A", started(signal(), log(2))) + process("B", started(message(), log(3)))),
    Model("Multiple_intermediate_catch", forked([catch("c", signal() + message()), log(1)], [throw("x", message())]), "1"),
    Model("Multiple_with_timer", chain(catch("c", signal() + timer("PT1S")), log(1)), "1", wait=3),
    Model("Parallel_multiple_intermediate", forked(
        [catch("c", signal() + signal("S2"), 'parallelMultiple="true"'), log(1)], [throw("x", signal("S2")), throw("y", signal())]), "1"),
    Model("Parallel_multiple_intermediate_with_timer", forked(
        [catch("c", signal() + timer("PT1S"), 'parallelMultiple="true"'), log(1)], [throw("x", signal())]), "1", wait=3),
    *(Model(f"Parallel_multiple_boundary_{words}", forked(
        [sub("h", catch("hold", timer("PT5S")), log(1)), log(4)], [WAIT, throw("x", signal()), throw("y", signal("S2"))])
        + boundary("b", "h", signal() + signal("S2"), stops=stops, more='parallelMultiple="true"') + beside("b", log(3)),
        trace, wait=8) for words, stops, trace in (("interrupting", True, "3"), ("beside", False, "1 3 4"))),
    *(Model(f"Parallel_multiple_event_sub_process_{words}", chain(sub(
        "h", throw("x", signal()), throw("y", signal("S2")), catch("hold", timer("PT1S")), log(1), beside=event_sub(
            "v", signal() + signal("S2"), log(3), stops=stops).replace("<startEvent ", '<startEvent parallelMultiple="true" ')),
        log(4)), trace, wait=3) for words, stops, trace in (("interrupting", True, "3 4"), ("beside", False, "1 3 4"))),
    Model("Parallel_multiple_start_of_all", chain(throw("x", signal()), throw("y", message())), "1", beside=process(
        "Other", started(signal() + message(), log(1)).replace("<startEvent ", '<startEvent parallelMultiple="true" '))),
    Model("Parallel_multiple_start_of_one", chain(throw("x", signal()), log(2)), "2", beside=process(
        "Other", started(signal() + message(), log(1)).replace("<startEvent ", '<startEvent parallelMultiple="true" '))),
    Model("Parallel_multiple_start_of_two_signals", chain(throw("x", signal()), throw("y", signal("S2"))), "1", beside=process(
        "Other", started(signal() + signal("S2"), log(1)).replace("<startEvent ", '<startEvent parallelMultiple="true" '))),
    Model("Terminate_in_sub_process", chain(ending_inside(event("terminate"), log(1)), log(2)), "1 2"),
    Model("Terminate_stops_the_other_branch", forked([log(1)], [catch("c", timer("PT1S")), log(2)]).replace(
        '<endEvent id="e0"/>', end("e0", event("terminate"))), "1", wait=3),
    Model("Terminate_in_called_process", chain(("c", '<callActivity id="c" calledElement="Called"/>'), log(2)), "1 2",
          beside=process("Called", ending(event("terminate"), log(1)))),
    *(Model(f"By_reference_{kind}", chain(catch("c", REFERRED.format("d")), log(1)), trace, wait=3, beside=xml,
            variables={"test": "a"})
      for kind, xml, trace in (
          ("timer_duration", timer("PT1S").replace("<timerEventDefinition", '<timerEventDefinition id="d"'), "1"),
          ("timer_date", timer("2026-11-25T01:00:01Z", "timeDate").replace("<timerEventDefinition", '<timerEventDefinition id="d"'), "1"),
          ("conditional", TRUE_IF_A.replace("<conditionalEventDefinition", '<conditionalEventDefinition id="d"'), "1"),
          ("signal", '<signalEventDefinition id="d" signalRef="S"/>', ""))),
    Model("By_reference_error_boundary", chain(ending_inside(REFERRED.format("d"), log(1)), log(4))
          + boundary("b", "h", REFERRED.format("d")) + beside("b", log(3)), "1 3", beside='<errorEventDefinition id="d" errorRef="E"/>'),
    Model("By_reference_terminate", forked([log(1)], [WAIT, log(2)]).replace(
        '<endEvent id="e0"/>', end("e0", REFERRED.format("d"))), "1", wait=5, beside='<terminateEventDefinition id="d"/>'),
    Model("By_reference_compensation", chain(TASK_H, throw("x", REFERRED.format("d"))) + boundary("b", "h", REFERRED.format("d"))
          + log(1, attributes='isForCompensation="true"')[1] + '<association id="as" sourceRef="b" targetRef="task1"/>', "1",
          beside='<compensateEventDefinition id="d"/>'),
    Model("By_reference_escalation_event_sub_process", chain(ending_inside(
        REFERRED.format("d"), log(1), beside=event_sub("v", REFERRED.format("d"), log(3), stops=False)), log(4)), "1 3 4",
        beside='<escalationEventDefinition id="d" escalationRef="X"/>'),
    Model("By_reference_cancel", chain(ending_inside(REFERRED.format("d"), log(1), tag="transaction"), log(4))
          + boundary("b", "h", REFERRED.format("d")) + beside("b", log(3)), "1 3", beside='<cancelEventDefinition id="d"/>'),
    Model("Boundary_of_a_task", chain(("h", LONG[1].replace("long", "h")), log(4)) + boundary("b", "h", timer("PT2S"))
          + beside("b", log(3)), "3", wait=15),
    Model("Boundary_beside_a_task", chain(("h", LONG[1].replace("long", "h")), log(4))
          + boundary("b", "h", timer("R2/PT3S", "timeCycle"), stops=False) + beside("b", log(3)), "3 3 4", wait=15),
    Model("Boundary_cycle_interrupts_once", chain(("h", LONG[1].replace("long", "h")), log(4))
          + boundary("b", "h", timer("R2/PT3S", "timeCycle")) + beside("b", log(3)), "3", wait=15),
]  # fmt: skip
