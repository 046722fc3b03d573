"""Data objects, properties, stores and associations; and what is an error at deployment or at run time."""

from tests.engine.tokens.drawing import LINE, boundary, chain, event, flow, sub, timer
from tests.engine.tokens.models.building import (
    COUNT,
    LOOP,
    REFERRED,
    Model,
    beside,
    catch,
    ending,
    log,
    multi,
    script,
    split,
    throw,
)

OBJECT = '<dataObject id="data" name="data" itemSubjectRef="str"/>'
STRING = '<itemDefinition id="str" structureRef="xsd:string"/>'
IO_OUT = (
    '<ioSpecification id="io1"><dataOutput id="out1" name="out1"/><inputSet id="is1"/><outputSet id="os1">'
    '<dataOutputRefs>out1</dataOutputRefs></outputSet></ioSpecification><dataOutputAssociation id="da1">'
    "<sourceRef>out1</sourceRef><targetRef>{}</targetRef></dataOutputAssociation>"
)
IO_IN = (
    '<ioSpecification id="io2"><dataInput id="in2" name="in2"/><inputSet id="is2"><dataInputRefs>in2</dataInputRefs>'
    '</inputSet><outputSet id="os2"/></ioSpecification><dataInputAssociation id="da2"><sourceRef>{}</sourceRef>'
    "<targetRef>in2</targetRef>{}</dataInputAssociation>"
)
SET = script("set", "SET_STRING_DATA")
READ = script("read", "LOG_DATA")
DATA = [
    Model("DataObject", OBJECT + chain(SET, READ), "DATA_correct", beside=STRING),
    Model("DataObject_by_reference", OBJECT + '<dataObjectReference id="ref" dataObjectRef="data"/>' + chain(
        script("set", "SET_STRING_DATA", IO_OUT.format("ref")), script("read", "LOG_DATA", IO_IN.format("ref", ""))),
        "DATA_correct", beside=STRING),
    Model("DataObject_by_id_only", '<dataObject id="obj"/>' + chain(
        script("set", "SET_STRING_DATA", IO_OUT.format("obj")), script("read", "LOG_DATA", IO_IN.format("obj", ""))),
        "DATA_correct"),
    Model("DataStore", '<dataStoreReference id="ref" dataStoreRef="store"/>' + chain(
        script("set", "SET_STRING_DATA", IO_OUT.format("ref")), script("read", "LOG_DATA", IO_IN.format("ref", ""))),
        "DATA_correct", beside='<dataStore id="store" name="store"/>'),
    Model("Data_transformed", OBJECT + chain(script("set", "SET_STRING_DATA", IO_OUT.format("data")), script(
        "read", "LOG_DATA", IO_IN.format("data", "<transformation>data</transformation>"))), "DATA_correct"),
    Model("Data_assigned", OBJECT + chain(SET, script("read", "LOG_DATA", IO_IN.format(
        "data", "<assignment><from>data</from><to>in2</to></assignment>"))), "DATA_correct"),
    Model("Property_of_a_sub_process", chain(("h", sub("h", SET, READ)[1].replace(
        '<startEvent id="h_s"/>', '<property id="data"/><startEvent id="h_s"/>')),
        log(1)), "DATA_correct 1"),
    Model("Property_seen_from_a_sub_process", '<property id="data" name="data"/>' + chain(SET, sub("h", READ)), "DATA_correct"),
    Model("DataObject_of_a_sub_process_is_gone_after_it", chain(("h", sub("h", SET)[1].replace(
        '<startEvent id="h_s"/>', OBJECT + '<startEvent id="h_s"/>')), READ), "", beside=STRING),
]  # fmt: skip

ERRORS = [
    Model("Loop_negative_maximum", chain(log(1, LOOP.format('loopMaximum="-1"', "true"))), "ERROR"),
    Model("Loop_maximum_of_letters", chain(log(1, LOOP.format('loopMaximum="x"', "true"))), "ERROR"),
    Model("MultiInstance_of_text", chain(log(1, multi(COUNT.format('"three"')))), "ERROR"),
    Model("MultiInstance_without_count", chain(log(1, multi(""))), "ERROR"),
    *(Model(f"Token_{name}_{text}", chain(log(1, attributes=f'{name}="{text}"'), log(2)), "ERROR")
      for name in ("startQuantity", "completionQuantity") for text in ("0", "-1", "x")),
    Model("Call_of_nothing", chain(("c", '<callActivity id="c" calledElement="Nowhere"/>'), log(1)), "ERROR"),
    Model("Call_without_process", chain(("c", '<callActivity id="c"/>'), log(1)), "ERROR"),
    Model("Inclusive_without_match", split("inclusiveGateway", (1, "false"), (2, "false")), "ERROR"),
    Model("Complex_without_match", split("complexGateway", (1, "false"), (2, "false")), "ERROR"),
    Model("Task_without_match", LINE + '<task id="t"/>' + log(1)[1] + flow(("s", "t"), ("t", "task1", "false")), "ERROR"),
    Model("Link_without_target", '<startEvent id="s"/>' + throw("l", '<linkEventDefinition name="L"/>')[1] + flow(("s", "l")), "ERROR"),
    Model("Reference_to_no_definition", chain(catch("c", REFERRED.format("nothing")), log(1)), "ERROR"),
    Model("Cancel_end_outside_of_transactions", ending(event("cancel"), log(1)), "ERROR"),
    Model("Message_throw_without_message", chain(throw("x", event("message")), log(1)), "ERROR"),
    Model("Send_task_without_message", chain(("x", '<sendTask id="x"/>'), log(1)), "ERROR"),
    Model("Flow_to_nowhere", chain(log(1)) + flow(("task1", "nowhere")), "ERROR"),
    Model("Timer_of_nonsense", chain(catch("c", timer("soon")), log(1)), "ERROR"),
    Model("Boundary_of_nothing", chain(log(1)) + boundary("b", "nothing", timer("PT1S")) + beside("b", log(3)), "ERROR"),
]  # fmt: skip
