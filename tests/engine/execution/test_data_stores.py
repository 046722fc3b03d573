"""A data store is shared by procedures and outlives each matter."""

from tests.factories import deploy, line, prepare, procedure, read, start

STORE = '<bpmn:dataStore id="ds" name="台账"/>'
REFERENCE = '<bpmn:dataStoreReference id="ref" dataStoreRef="ds"/>'


def task(association, script):
    return f'<bpmn:scriptTask id="t" scriptFormat="feel">{association}<bpmn:script>{script}</bpmn:script></bpmn:scriptTask>'


def io(inside):
    return (
        f'<bpmn:ioSpecification id="io">{inside}<bpmn:inputSet id="i"/><bpmn:outputSet id="o"/></bpmn:ioSpecification>'
    )


WRITES = task(
    io('<bpmn:dataOutput id="out" name="entry"/>')
    + '<bpmn:dataOutputAssociation id="a"><bpmn:sourceRef>out</bpmn:sourceRef><bpmn:targetRef>ref</bpmn:targetRef>'
    "</bpmn:dataOutputAssociation>",
    'entry = "甲公司"',
)
READS = task(
    io('<bpmn:dataInput id="in" name="known"/>')
    + '<bpmn:dataInputAssociation id="a"><bpmn:sourceRef>ref</bpmn:sourceRef><bpmn:targetRef>in</bpmn:targetRef>'
    "</bpmn:dataInputAssociation>",
    "found = known",
)


def test_what_one_procedure_stores_another_reads(engine):
    prepare(engine)
    for key, body in (("reading", READS), ("writing", WRITES)):
        deploy(engine, *procedure(key, line(body + REFERENCE, keys=("t",)), more=STORE))
    start(engine, "reading")
    start(engine, "writing")
    start(engine, "reading")
    found = [(row.instance_id, row.value) for row in read(engine, "variable") if row.name == "found"]
    assert found == [(1, None), (3, "甲公司")]
    assert [(row.register, row.key, row.instance_id) for row in read(engine, "register_entry")] == [
        ("data-store", "台账", 2)
    ]
