"""Drawings in the manner of the interchange cases that vendors' tools exchange: valid models that nothing can run."""

from tests.engine.bpmn.corpus.builder import HEAD, TAIL, flows

START, END = '<bpmn:startEvent id="start" name="Start"/>', '<bpmn:endEvent id="end" name="End"/>'
PLAIN = START + "".join(f'<bpmn:task id="t{i}" name="Task {i}"/>' for i in range(1, 4)) + END


def process(inside, key="Process_1", more=""):
    return f'<bpmn:process id="{key}" {more}>{inside}</bpmn:process>'


def pools(*participants, more=""):
    inside = "".join(
        f'<bpmn:participant id="pool_{name}" name="{name}"{f" processRef={chr(34)}{ref}{chr(34)}" if ref else ""}/>'
        for name, ref in participants
    )
    return f'<bpmn:collaboration id="Collaboration_1">{inside}{more}</bpmn:collaboration>'


def choreography(inside):
    people = "".join(f'<bpmn:participant id="{one}" name="{one}"/>' for one in ("buyer", "seller"))
    flow = '<bpmn:messageFlow id="mf" sourceRef="buyer" targetRef="seller"/>'
    return f'<bpmn:choreography id="Choreography_1">{people}{flow}{inside}</bpmn:choreography>'


def task(key, order="buyer"):
    return (
        f'<bpmn:choreographyTask id="{key}" name="{key}" initiatingParticipantRef="{order}">'
        "<bpmn:participantRef>buyer</bpmn:participantRef><bpmn:participantRef>seller</bpmn:participantRef>"
        "<bpmn:messageFlowRef>mf</bpmn:messageFlowRef></bpmn:choreographyTask>"
    )


EVENTS = "".join(
    f'<bpmn:intermediateThrowEvent id="throw_{kind}"><bpmn:{kind}EventDefinition id="d_{kind}"/></bpmn:intermediateThrowEvent>'
    for kind in ("message", "signal", "escalation", "compensate")
)
TASKS = "".join(
    f'<bpmn:{tag} id="{tag}" name="{tag}"/>'
    for tag in ("userTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask", "scriptTask", "manualTask", "callActivity")
)  # fmt: skip
CHAIN = ("start>userTask", "userTask>serviceTask", "serviceTask>sendTask", "sendTask>receiveTask",
         "receiveTask>businessRuleTask", "businessRuleTask>scriptTask", "scriptTask>manualTask",
         "manualTask>callActivity", "callActivity>end")  # fmt: skip

CONVERSATION = (
    '<bpmn:collaboration id="Collaboration_1"><bpmn:participant id="pa" name="A"/><bpmn:participant id="pb" name="B"/>'
    '<bpmn:conversation id="talk" name="talk"><bpmn:participantRef>pa</bpmn:participantRef>'
    '<bpmn:participantRef>pb</bpmn:participantRef></bpmn:conversation><bpmn:conversationLink id="l1" '
    'sourceRef="pa" targetRef="talk"/></bpmn:collaboration>'
)

# name -> (what stands in the file, what the list must name)
DRAWINGS = {
    "plain tasks that say they do not run": (
        process(PLAIN + flows("start>t1", "t1>t2", "t2>t3", "t3>end"), more='isExecutable="false"'), "isExecutable=false"),
    "tasks of every kind without anything to do": (process(START + TASKS + END + flows(*CHAIN)), "receiveTask"),
    "gateways without conditions": (
        process(START + '<bpmn:exclusiveGateway id="g"/><bpmn:task id="t1"/><bpmn:task id="t2"/>' + END
                + flows("start>g", "g>t1", "g>t2", "t1>end", "t2>end")), "g"),
    "a sub-process and boundary events without triggers": (
        process(START + '<bpmn:subProcess id="sub"><bpmn:task id="in"/></bpmn:subProcess><bpmn:boundaryEvent id="b" '
                'attachedToRef="sub"><bpmn:timerEventDefinition id="d"/></bpmn:boundaryEvent><bpmn:task id="late"/>' + END
                + flows("start>sub", "sub>end", "b>late", "late>end")), "b"),
    "pools with processes and a message flow": (
        pools(("buyer", "P1"), ("seller", "P2"), more='<bpmn:messageFlow id="m" sourceRef="a" targetRef="c"/>')
        + process('<bpmn:serviceTask id="a"/>', "P1", 'isExecutable="false"')
        + process('<bpmn:task id="c"/>', "P2", 'isExecutable="false"'), "P1"),
    "black-box pools only": (
        pools(("bureau", ""), ("citizen", ""),
              more='<bpmn:messageFlow id="m" sourceRef="pool_bureau" targetRef="pool_citizen"/>'), "citizen"),
    "a choreography": (choreography(task("offer") + task("accept", "seller") + flows("offer>accept")), "Choreography_1"),
    "a choreography with a gateway and events": (
        choreography('<bpmn:startEvent id="cs"/>' + task("offer") + '<bpmn:exclusiveGateway id="cg"/>' + task("accept", "seller")
                     + '<bpmn:endEvent id="ce"/>' + flows("cs>offer", "offer>cg", "cg>accept", "accept>ce", "cg>ce")),
        "Choreography_1"),
    "a conversation": (CONVERSATION, "talk"),
    "events without what they name": (process(START + EVENTS + END + flows(
        "start>throw_message", "throw_message>throw_signal", "throw_signal>throw_escalation",
        "throw_escalation>throw_compensate", "throw_compensate>end")), "throw_message"),
    "lanes, artifacts, data and groups": (
        '<bpmn:category id="cat"><bpmn:categoryValue id="value" value="important"/></bpmn:category>'
        + process('<bpmn:laneSet id="set"><bpmn:lane id="lane" name="Office"><bpmn:flowNodeRef>t1</bpmn:flowNodeRef></bpmn:lane>'
                  "</bpmn:laneSet>" + START + '<bpmn:serviceTask id="t1" name="Look up"/>' + END + flows("start>t1", "t1>end")
                  + '<bpmn:dataObject id="data"/><bpmn:dataObjectReference id="ref" dataObjectRef="data"/>'
                  '<bpmn:dataStoreReference id="store" name="Register"/><bpmn:group id="grp" categoryValueRef="value"/>'
                  '<bpmn:textAnnotation id="note"><bpmn:text>Look here</bpmn:text></bpmn:textAnnotation>'
                  '<bpmn:association id="as" sourceRef="t1" targetRef="note"/>'), "Look up"),
    "another vendor's extensions and language": (
        process('<bpmn:extensionElements><v:rule xmlns:v="http://vendor.example/bpmn" on="1"/></bpmn:extensionElements>'
                + START + '<bpmn:scriptTask id="t1" scriptFormat="text/javascript"><bpmn:script>x()</bpmn:script></bpmn:scriptTask>'
                + END + flows("start>t1", "t1>end")), "t1"),
    "nothing connected": (process(START + '<bpmn:task id="t1"/><bpmn:task id="t2"/>' + END), "t1"),
}  # fmt: skip


def document(inside):
    """Return the file; it names no platform that would execute it."""
    return (HEAD.replace(' modeler:executionPlatform="Camunda Platform"', "") + inside + TAIL).encode()
