"""Diagrams that parse but cannot be worked: nobody, unknown things, wrong times, wrong expressions, foreign code."""

from tests.engine.bpmn.corpus.builder import (
    Case,
    DefinitionFile,
    definitions,
    diagram,
    flows,
    line,
    one,
    process,
    props,
    user,
)

TIMER = '<bpmn:intermediateCatchEvent id="wait" name="等待"><bpmn:timerEventDefinition id="t">{}</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>'
MANY = "<bpmn:multiInstanceLoopCharacteristics {}>{}</bpmn:multiInstanceLoopCharacteristics>"


def _people():
    yield "nobody to do it", user("work", "", name="无人"), "nobody", "无人"
    yield "an empty candidate group", user("work", 'camunda:candidateGroups=" "'), "nobody", "work"
    yield "a manual task for nobody", '<bpmn:manualTask id="work"/>', "nobody", "work"
    yield (
        "an unknown role",
        user("work", 'camunda:candidateGroups="squad_offcer"'),
        "unknown-role",
        "是否应为“squad_officer”",
    )
    yield (
        "an unknown role among known ones",
        user("work", 'camunda:candidateGroups="dist_intake, nobody_knows"'),
        "unknown-role",
        "nobody_knows",
    )
    yield (
        "an unknown form",
        user("work", 'camunda:candidateGroups="dist_intake" camunda:formRef="ghost"'),
        "unknown-form",
        "forms/demo/ghost.form",
    )
    yield (
        "an unknown form key",
        user("work", 'camunda:candidateGroups="dist_intake" camunda:formKey="other/ghost"'),
        "unknown-form",
        "other/ghost",
    )
    yield "an unknown deadline", user("work", inside=props(deadline="LD-99")), "unknown-deadline", "LD-99"
    yield (
        "an unknown variant",
        user("work", inside=props(deadline="LD-02", deadlineVariant="slow")),
        "unknown-deadline",
        "urgent",
    )
    yield (
        "separation from a task that is not there",
        user("work", inside=props(notSameAs="ghost")),
        "unknown-task",
        "ghost",
    )
    yield "separation from itself", user("work", inside=props(notSameAs="work")), "unknown-task", "自己"
    yield "the same person as nobody", user("work", inside=props(sameAs="ghost")), "unknown-task", "ghost"
    yield "an unknown unit", user("work", inside=props(unit="310191002")), "unknown-unit", "是否应为“310191001”"
    yield (
        "an unknown unit kept away",
        user("work", inside=props(excludeUnit="310191, 9")),
        "unknown-unit",
        "回避单位“9”",
    )
    for code in ("310191, 310191001", "{to_unit}", "squad@310191", "3101 91", "x" * 65):
        yield f"a unit {code[:20]}", user("work", inside=props(unit=code)), "unit-code", code[:60]
    yield (
        "a misspelt property",
        user("work", inside=props(dedline="LD-02")),
        "unknown-property",
        "bihuan:deadline",
        "warning",
    )
    yield (
        "a step nobody can begin by hand",
        user("work", inside=props(startableBy="squad_leader")),
        "unknown-property",
        "bihuan:startableBy",
        "warning",
    )
    for element in ("intermediateCatchEvent", "receiveTask"):
        catches = f'<bpmn:{element} id="work" camunda:formRef="ghost" {{}}</bpmn:{element}>'
        event = '><bpmn:messageEventDefinition messageRef="m"/>' if element.endswith("Event") else ' messageRef="m">'
        yield f"an unknown form of a {element}", catches.format(event), "unknown-form", "forms/demo/ghost.form"


def _automatic():
    yield "a service without topic", '<bpmn:serviceTask id="work" name="编号"/>', "no-topic", "编号"
    yield (
        "an unknown topic",
        '<bpmn:serviceTask id="work" camunda:type="external" camunda:topic="number.asign"/>',
        "unknown-topic",
        "number.assign",
    )
    for attribute, value in (
        ("class", "java.lang.Runtime"),
        ("delegateExpression", "${bean}"),
        ("expression", "${bean.run()}"),
    ):
        yield f"Java by {attribute}", f'<bpmn:serviceTask id="work" camunda:{attribute}="{value}"/>', "java", "Java"
    yield "Java in a send task", '<bpmn:sendTask id="work" camunda:class="a.B"/>', "java", "work"
    yield (
        "Java in a message end",
        '<bpmn:intermediateThrowEvent id="work"><bpmn:messageEventDefinition id="m" camunda:class="a.B"/></bpmn:intermediateThrowEvent>',
        "java",
        "work",
    )
    yield "a rule without decision", '<bpmn:businessRuleTask id="work" name="研判"/>', "no-decision", "研判"
    yield (
        "an unknown decision",
        '<bpmn:businessRuleTask id="work" camunda:decisionRef="triagge"/>',
        "unknown-decision",
        "triage",
    )
    yield "a call to nothing", '<bpmn:callActivity id="work"/>', "no-called-process", "work"
    yield (
        "a call to an unknown process",
        '<bpmn:callActivity id="work" calledElement="ghost"/>',
        "unknown-process",
        "ghost",
    )
    for kind, words in (("newest", "newest"), ("version", "哪一个"), ("versionTag", "哪一个")):
        bound = f'<bpmn:callActivity id="work" calledElement="archive" camunda:calledElementBinding="{kind}"/>'
        yield f"a call bound to a {kind} that is not given", bound, "work", words
        bound = f'<bpmn:businessRuleTask id="work" camunda:decisionRef="triage" camunda:decisionRefBinding="{kind}"/>'
        yield f"a decision bound to a {kind} that is not given", bound, "work", words
    yield "a call to a case", '<bpmn:callActivity id="work" camunda:caseRef="c"/>', "case", "CMMN"
    for language in ("javascript", "groovy", "python", "juel", "JavaScript", "ruby", "feel2"):
        task = (
            f'<bpmn:scriptTask id="work" scriptFormat="{language}"><bpmn:script>x = 1</bpmn:script></bpmn:scriptTask>'
        )
        yield f"a script in {language}", task, "script-language", language
    yield "an empty script", '<bpmn:scriptTask id="work" scriptFormat="feel"/>', "no-script", "work"
    yield (
        "a script of elsewhere",
        '<bpmn:scriptTask id="work" scriptFormat="feel" camunda:resource="http://x/y.js"><bpmn:script>x = 1</bpmn:script></bpmn:scriptTask>',
        "not-executed",
        "work",
    )
    for name in ("executionListener", "taskListener", "connector", "formData"):
        inside = f"<bpmn:extensionElements><camunda:{name}/></bpmn:extensionElements>"
        yield f"a camunda {name}", user("work", inside=inside), "not-executed", "work"
    hidden = '<bpmn:extensionElements><camunda:inputOutput><camunda:inputParameter name="x"><camunda:script scriptFormat="groovy">Runtime</camunda:script></camunda:inputParameter></camunda:inputOutput></bpmn:extensionElements>'
    yield "a script in an input", user("work", inside=hidden), "not-executed", "work"
    yield (
        "Java that maps variables",
        '<bpmn:callActivity id="work" calledElement="archive" camunda:variableMappingClass="a.B"/>',
        "not-executed",
        "work",
    )
    foreign = '<bpmn:extensionElements><zeebe:taskDefinition xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" type="x"/></bpmn:extensionElements>'
    yield "an extension of another tool", user("work", inside=foreign), "foreign", "zeebe", "warning"
    yield (
        "an attribute of another tool",
        '<bpmn:userTask id="work" camunda:assignee="a" xmlns:act="http://activiti.org/bpmn" act:x="1"/>',
        "foreign",
        "activiti",
        "warning",
    )
    yield (
        "an unknown camunda element",
        user("work", inside="<bpmn:extensionElements><camunda:potato/></bpmn:extensionElements>"),
        "not-read",
        "potato",
        "warning",
    )
    yield (
        "an unknown camunda attribute",
        user("work", 'camunda:assignee="a" camunda:potato="1"'),
        "not-read",
        "potato",
        "warning",
    )


def _times():
    for text in (
        "",
        "soon",
        "P",
        "PT",
        "P1",
        "1D",
        "PT1H30",
        "P-1D",
        "-P1D",
        "P1D1H",
        "PT1,5H",
        "P1H",
        "P1Y2Y",
        "p1d",
        " P1D1",
    ):
        yield f"a duration {text!r}", TIMER.format(f"<bpmn:timeDuration>{text}</bpmn:timeDuration>"), "timer", "等待"
    for text in ("P11Y", "P99999999Y", "P4000D", "PT99999999H", "P999999999999999999999D", "P600W"):
        yield (
            f"a duration of {text}",
            TIMER.format(f"<bpmn:timeDuration>{text}</bpmn:timeDuration>"),
            "timer-too-long",
            text,
        )
    for text in ("R/PT0S", "R/PT1S", "R/PT59S", "R5/PT10S", "R/P0D", "R3/2026-01-01T00:00:00/PT1S", "R/PT0.001S"):
        yield f"a cycle of {text}", TIMER.format(f"<bpmn:timeCycle>{text}</bpmn:timeCycle>"), "timer-too-short", text
    for text in (
        "0 0 9 * * ?",
        "*/5 * * * *",
        "PT1H",
        "R",
        "R/",
        "R/R/P1D",
        "R-1/P1D",
        "RX/P1D",
        "R/P1D/P1D",
        "R99999999999/P1D",
        "R/nie/P1D",
        "R/P20Y",
    ):
        rule = "timer-too-long" if text == "R/P20Y" else "timer"
        yield f"a cycle {text}", TIMER.format(f"<bpmn:timeCycle>{text}</bpmn:timeCycle>"), rule, "等待"
    for text in ("tomorrow", "2026-13-01T00:00:00", "2026-02-30", "99999-01-01T00:00:00", "25:00"):
        yield f"a date {text}", TIMER.format(f"<bpmn:timeDate>{text}</bpmn:timeDate>"), "timer", "等待"
    yield "a timer without time", TIMER.format(""), "timer", "等待"
    yield (
        "a quoted cycle too short",
        TIMER.format('<bpmn:timeCycle>${"R/PT1S"}</bpmn:timeCycle>'),
        "timer-too-short",
        "PT1S",
    )
    yield (
        "a quoted duration too long",
        TIMER.format('<bpmn:timeDuration>${duration("P50Y")}</bpmn:timeDuration>'),
        "timer-too-long",
        "P50Y",
    )


def _repetitions():
    def many(attributes: str = "", inside: str = "") -> str:
        return user("work", inside=MANY.format(attributes, inside))

    def count(text: str) -> str:
        return many("", f'<bpmn:loopCardinality xsi:type="bpmn:tFormalExpression">{text}</bpmn:loopCardinality>')

    for text in ("1001", "999999999", "10000000000000000000000", "${5000}", "=5000"):
        yield f"{text} instances", count(text), "cardinality", "1000"
    for text in ("-1", "2.5", "${-3}"):
        yield f"{text} of something", count(text), "cardinality", "非负整数"
    yield "many without number", many(), "no-cardinality", "work"
    loop = user("work", inside="<bpmn:standardLoopCharacteristics {}/>")
    yield "a loop of 5,000", loop.format('loopMaximum="5000"'), "cardinality", "5000"
    yield "a loop without end", loop.format(""), "loop-without-end", "work"


def _expressions():
    texts = (
        "x ==", "(x", "x)", "if x then 1", "for i in", "x && y", "x || y", "!x", "x ? 1 : 2", '"open', "1..",
        "some x in", "execution.getVariable('x')", "x; y", "x = 'a'", "}", "function(x)", "[1, 2", "{a: }", "x <> ",
        "@", "#{x}", "x +", "${", "${x", "not(", "between 1 and", "1 in [", "date(", "__import__('os')",
        "().__class__.__bases__[0]", "lambda: 0", "x := 1",
    )  # fmt: skip
    for text in texts:
        escaped = text.replace("&", "&amp;").replace("<", "&lt;")
        wrapped = text if text.startswith("${") else f"${{{escaped}}}"
        yield f"a condition {text}", START_GATE.format(wrapped), "expression", "g_a"
    yield "a bad assignee", user("work", 'camunda:assignee="${x ==}"'), "expression", "work"
    yield "a bad property", user("work", inside=props(unit="${(}")), "expression", "work"
    yield (
        "a bad input",
        '<bpmn:serviceTask id="work" camunda:topic="notify"><bpmn:extensionElements><camunda:inputOutput><camunda:inputParameter name="a">${1 +}</camunda:inputParameter></camunda:inputOutput></bpmn:extensionElements></bpmn:serviceTask>',
        "expression",
        "work",
    )
    yield "a bad timer", TIMER.format("<bpmn:timeDuration>${x +}</bpmn:timeDuration>"), "expression", "等待"
    yield "a bad called element", '<bpmn:callActivity id="work" calledElement="${x +}"/>', "expression", "work"
    for text in ("x", "x = ", "= 1", "x == 1", "x = 1; y = 2", "import os", "1 = x", "x = 1 +", "x.y = 1 2"):
        task = f'<bpmn:scriptTask id="work" scriptFormat="feel"><bpmn:script>{text}</bpmn:script></bpmn:scriptTask>'
        yield f"a script {text}", task, "expression", "work"
    yield (
        "a condition in another language",
        START_GATE.replace("<bpmn:conditionExpression", '<bpmn:conditionExpression language="javascript"').format(
            "x = 1"
        ),
        "expression-language",
        "javascript",
    )
    deep = "(" * 5000 + "1" + ")" * 5000
    yield "a condition 5,000 brackets deep", START_GATE.format(deep), "expression", "g_a"
    yield "a condition of 100 kB", START_GATE.format(" + ".join(["1"] * 25_000)), "expression", "g_a"


START_GATE = (
    '<bpmn:startEvent id="start" camunda:formRef="register"/><bpmn:exclusiveGateway id="g" default="g_b"/>'
    + user("a") + user("b") + '<bpmn:endEvent id="end"/>' + flows("start>g", "g>b", "a>end", "b>end")
    + '<bpmn:sequenceFlow id="g_a" sourceRef="g" targetRef="a">'
    '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{}</bpmn:conditionExpression></bpmn:sequenceFlow>'
)  # fmt: skip


def _schema():
    yield "an unknown element", '<bpmn:potato id="work"/>', "schema", "potato"
    yield "an unknown attribute", user("work", 'camunda:assignee="a" potato="1"'), "schema", "potato"
    yield "a wrong boolean", '<bpmn:subProcess id="work" triggeredByEvent="perhaps"/>', "schema", "perhaps"
    yield (
        "a wrong gateway direction",
        '<bpmn:exclusiveGateway id="work" gatewayDirection="Sideways"/>',
        "schema",
        "Sideways",
    )
    yield "an id with blanks", user("work item"), "schema", "work item"
    yield "an id that starts with a digit", user("1work"), "schema", "1work"
    yield (
        "a boundary event without host",
        '<bpmn:boundaryEvent id="work"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>',
        "schema",
        "attachedToRef",
    )
    yield "text between elements", "喵" + user("work"), "schema", "文字"
    yield "a condition on a task", user("work", inside="<bpmn:conditionExpression/>"), "schema", "work"
    yield "two ids alike", user("work") + user("work"), "schema", "重复"
    yield "a flow without target", user("work") + '<bpmn:sequenceFlow id="f" sourceRef="work"/>', "schema", "targetRef"
    yield (
        "a process without executable parts named twice",
        '<bpmn:laneSet id="work"/><bpmn:laneSet id="work"/>',
        "schema",
        "重复",
    )


def cases() -> list[Case]:
    """Return every case of this kind."""
    made = []
    for name, element, rule, place, *severity in [*_people(), *_automatic(), *_times(), *_repetitions()]:
        key = "wait" if 'id="wait"' in element else "work"
        made.append(Case(name, (one(element, key),), rule, place, *severity))
    for name, element, rule, place, *severity in [*_expressions(), *_schema()]:
        body = (
            element if 'id="start"' in element else line(element, keys=("wait" if 'id="wait"' in element else "work",))
        )
        made.append(Case(name, (diagram(body),), rule, place, *severity))
    made.append(Case("two processes of one id in two files", (diagram(line(user("a"), keys=("a",))), DefinitionFile(
        "processes/other/other.bpmn", definitions(process(line(user("a"), keys=("a",)), "demo")))), "duplicate-process", "demo"))  # fmt: skip
    made.append(Case("a process named otherwise than its folder", (DefinitionFile(
        "processes/demo/demo.bpmn", definitions(process(line(user("a"), keys=("a",)), "other"))),), "process-key", "other"))  # fmt: skip
    made.append(Case("a flow node without id", (diagram("<bpmn:startEvent/>"),), "no-id", "id"))
    made.append(Case("the same file twice", (one(user("work"), "work"), one(user("work"), "work")), "twice", "2"))
    made.append(
        Case("a file of another kind", (DefinitionFile("processes/demo/run.py", b"import os"),), "kind", ".bpmn")
    )
    return made
