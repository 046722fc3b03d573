"""The places of a definition where text is evaluated: each builds what holds a text, and lets it be evaluated."""

import json
from xml.sax.saxutils import quoteattr

from engine.dmn import read_dmn
from engine.errors import InvalidDefinitionError
from engine.forms import read_form
from engine.tokens import variables_in_sight
from tests.engine.tokens.world import EPOCH, Instance, read

FLOW = '<sequenceFlow id="{0}_{1}" sourceRef="{0}" targetRef="{1}">{2}</sequenceFlow>'
REFUSED, RAN = "refused", "ran"


def _escaped(text):
    return quoteattr(text.translate({code: None for code in range(32) if code not in {9, 10, 13}}))[1:-1]


def _run(body, *, beside="", **more):
    """Deploy and start a process; what the reader refuses is refused."""
    try:
        deployed = read(body, beside=beside, **more) if beside else read(body, **more)
    except InvalidDefinitionError:
        return REFUSED
    Instance(deployed, items=[1], n=1, x=1).start()
    return RAN


def _chain(inner, *, ends="", flow=""):
    start = '<startEvent id="s"/>' + inner + '<endEvent id="e"/>'
    return start + FLOW.format("s", "a", "") + FLOW.format("a", "e", flow) + ends


def _expression(tag, text):
    return f'<{tag} xsi:type="tFormalExpression">{_escaped(text)}</{tag}>'


def _timer(kind):
    def place(text):
        inner = f'<intermediateCatchEvent id="a"><timerEventDefinition>{_expression(kind, "${" + text + "}")}</timerEventDefinition></intermediateCatchEvent>'
        return _run(_chain(inner))

    return place


def _loop(inside, attributes=""):
    def place(text):
        loop = f"<multiInstanceLoopCharacteristics {attributes.format(_escaped('${' + text + '}'))}>{inside(text)}</multiInstanceLoopCharacteristics>"
        return _run(_chain(f'<userTask id="a">{loop}</userTask>'))

    return place


def _script(text):
    return _run(_chain(f'<scriptTask id="a" scriptFormat="feel"><script>x = {_escaped(text)}</script></scriptTask>'))


def _condition(text):
    gate = '<startEvent id="s"/><exclusiveGateway id="a" default="a_f"/><endEvent id="e"/><endEvent id="f"/>'
    flows = FLOW.format("s", "a", "") + FLOW.format("a", "e", _expression("conditionExpression", text))
    return _run(gate + flows + FLOW.format("a", "f", ""))


def _standard_loop(text):
    loop = f"<standardLoopCharacteristics>{_expression('loopCondition', text)}</standardLoopCharacteristics>"
    return _run(_chain(f'<userTask id="a">{loop}</userTask>'))


def _conditional(text):
    event = f"<conditionalEventDefinition>{_expression('condition', text)}</conditionalEventDefinition>"
    return _run(_chain(f'<intermediateCatchEvent id="a">{event}</intermediateCatchEvent>'))


def _ad_hoc(text):
    inside = f'<userTask id="t"/>{_expression("completionCondition", text)}'
    return _run(_chain(f'<adHocSubProcess id="a">{inside}</adHocSubProcess>'))


def _complex(text):
    inner = (
        '<startEvent id="s"/><parallelGateway id="split"/><complexGateway id="a">{0}</complexGateway><endEvent id="e"/>'
    )
    flows = "".join(
        f'<sequenceFlow id="f{index}" sourceRef="{one}" targetRef="{other}"/>'
        for index, (one, other) in enumerate([("s", "split"), ("split", "a"), ("split", "a"), ("a", "e")])
    )
    return _run(inner.format(_expression("activationCondition", text)) + flows)


def _correlation(text):
    inside = (
        f'<extensionElements><camunda:properties><camunda:property name="bihuan:correlation" value="{_escaped("${" + text + "}")}"/>'
        '</camunda:properties></extensionElements><messageEventDefinition messageRef="m"/>'
    )
    beside = '<message id="m" name="M"/>'
    return _run(_chain(f'<intermediateCatchEvent id="a">{inside}</intermediateCatchEvent>'), beside=beside)


def _name_of(kind):
    def place(text):
        event = f'<intermediateCatchEvent id="a"><{kind}EventDefinition {kind}Ref="m"/></intermediateCatchEvent>'
        beside = f'<{kind} id="m" name="{_escaped("${" + text + "}")}"/>'
        return _run(_chain(event), beside=beside)

    return place


def _parameter(tag):
    def place(text):
        inside = f'<camunda:{tag} name="y">{_escaped("${" + text + "}")}</camunda:{tag}>'
        task = f'<scriptTask id="a" scriptFormat="feel"><extensionElements><camunda:inputOutput>{inside}</camunda:inputOutput></extensionElements><script>z = 1</script></scriptTask>'
        return _run(_chain(task))

    return place


def _call(text):
    inside = f'<extensionElements><camunda:in sourceExpression="{_escaped("${" + text + "}")}" target="y"/></extensionElements>'
    caller = _chain(f'<callActivity id="a" calledElement="q">{inside}</callActivity>')
    return _run(caller, q='<startEvent id="qs"/><endEvent id="qe"/>' + FLOW.format("qs", "qe", ""))


def _attribute(name):
    def place(text):
        try:
            deployed = read(_chain(f'<userTask id="a" camunda:{name}="{_escaped("${" + text + "}")}"/>'))
        except InvalidDefinitionError:
            return REFUSED
        instance = Instance(deployed, items=[1], n=1, x=1).start()
        node = deployed.process("p:1").nodes["a"]
        value = {"assignee": node.extensions.assignee, "candidateGroups": node.extensions.candidate_groups}.get(
            name, node.extensions.due_date
        )
        value.evaluate(variables_in_sight(instance.state, instance.open("a")[0]), EPOCH)
        return RAN

    return place


def _decision(shape):
    def place(text):
        head = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        xml = f'{head}<decision id="k" name="k">{shape.format(_escaped(text))}</decision></definitions>'
        try:
            model = read_dmn(xml.encode(), "k.dmn")
        except InvalidDefinitionError:
            return REFUSED
        model.evaluate("k", {"n": 1, "items": [1]}, EPOCH)
        return RAN

    return place


_TABLE = (
    '<decisionTable><input><inputExpression><text>n</text></inputExpression></input><output name="o"/><rule>'
    "<inputEntry><text>{0}</text></inputEntry><outputEntry><text>{1}</text></outputEntry></rule></decisionTable>"
)


def _form(**about):
    def place(text):
        given = {
            name: json.loads(json.dumps(value).replace('"@"', json.dumps("=" + text))) for name, value in about.items()
        }
        schema = {
            "type": "default",
            "components": [{"type": "textfield", "id": "f", "key": "k", "label": "字段", **given}],
        }
        try:
            form = read_form(schema, "h/f")
        except InvalidDefinitionError:
            return REFUSED
        form.prepare({"n": 1}, lambda *_: (), EPOCH)
        form.check({"k": "1"}, {"n": 1}, lambda *_: (), EPOCH, lambda _: {})
        return RAN

    return place


PLACES = {
    "script task": _script,
    "sequence flow condition": _condition,
    "timer date": _timer("timeDate"),
    "timer duration": _timer("timeDuration"),
    "timer cycle": _timer("timeCycle"),
    "multi-instance cardinality": _loop(lambda text: _expression("loopCardinality", text)),
    "multi-instance collection": _loop(lambda _: "", 'camunda:collection="{}" camunda:elementVariable="one"'),
    "multi-instance completion": _loop(
        lambda text: _expression("loopCardinality", "2") + _expression("completionCondition", text)
    ),
    "standard loop condition": _standard_loop,
    "conditional event": _conditional,
    "ad-hoc completion": _ad_hoc,
    "complex gateway activation": _complex,
    "correlation": _correlation,
    "message name": _name_of("message"),
    "signal name": _name_of("signal"),
    "input parameter": _parameter("inputParameter"),
    "output parameter": _parameter("outputParameter"),
    "call activity mapping": _call,
    "assignee": _attribute("assignee"),
    "candidate groups": _attribute("candidateGroups"),
    "due date": _attribute("dueDate"),
    "decision input entry": _decision(_TABLE.replace("{1}", "1")),
    "decision output entry": _decision(_TABLE.replace("{0}", "-").replace("{1}", "{0}")),
    "decision literal": _decision("<literalExpression><text>{0}</text></literalExpression>"),
    "form condition": _form(conditional={"hide": "@"}),
    "form expression field": _form(type="expression", expression="@"),
    "form options": _form(type="select", valuesExpression="@"),
    "form check": _form(properties={"bihuan:check": "@", "bihuan:checkMessage": "不对"}),
}
