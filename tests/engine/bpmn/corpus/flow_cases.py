"""Diagrams whose graph cannot work: no way in or out, crossed scopes, loops that never wait, endless calls."""

from tests.engine.bpmn.corpus.builder import Case, DefinitionFile, definitions, diagram, flows, line, one, process, user

START, END = '<bpmn:startEvent id="start"/>', '<bpmn:endEvent id="end"/>'
INNER = '<bpmn:startEvent id="in"/>'
SUB = '<bpmn:subProcess id="sub" name="内层">{}</bpmn:subProcess>'


def script(key: str, text: str = "x = 1") -> str:
    """Return a FEEL script task."""
    return f'<bpmn:scriptTask id="{key}" scriptFormat="feel"><bpmn:script>{text}</bpmn:script></bpmn:scriptTask>'


def choice(key: str, default: str = "") -> str:
    """Return an exclusive gateway."""
    return f'<bpmn:exclusiveGateway id="{key}" {f"""default="{default}" """ if default else ""}/>'


def _ends():
    yield "a flow to nowhere", START + user("work") + flows("start>work", "work>nowhere"), "flow-end", "nowhere"
    yield (
        "a flow from nowhere",
        START + user("work") + END + flows("start>work", "work>end", "ghost>end"),
        "flow-end",
        "ghost",
    )
    yield "a flow to a lane", START + flows("start>demo"), "flow-end", "demo"
    yield (
        "a flow into a sub-process's task",
        START + SUB.format(user("work")) + flows("start>work"),
        "flow-scope",
        "work",
    )
    inner = SUB.format(INNER + user("work") + flows("in>work"))
    yield (
        "a flow out of a sub-process's task",
        START + inner + END + flows("start>sub", "work>end", "sub>end"),
        "flow-scope",
        "end",
    )
    yield (
        "a flow into a start event",
        START + user("work") + flows("start>work", "work>start"),
        "flow-into-event",
        "start",
    )
    yield (
        "a flow out of an end event",
        line(user("work"), keys=("work",)) + user("late") + flows("end>late"),
        "flow-out-of-end",
        "end",
    )
    boundary = ('<bpmn:boundaryEvent id="late" attachedToRef="work"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H'
                "</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>")  # fmt: skip
    yield (
        "a flow into a boundary event",
        line(user("work"), boundary, keys=("work",)) + flows("start>late", "late>end"),
        "flow-into-event",
        "late",
    )
    event_sub = '<bpmn:subProcess id="esp" triggeredByEvent="true"><bpmn:startEvent id="es"><bpmn:errorEventDefinition/></bpmn:startEvent></bpmn:subProcess>'
    yield (
        "a flow into an event sub-process",
        START + event_sub + flows("start>esp"),
        "flow-event-sub-process",
        "start_esp",
    )
    yield (
        "a boundary event on nothing",
        START + boundary.replace('"work"', '"ghost"') + END + flows("start>end", "late>end"),
        "*",
        "late",
    )
    yield "a flow to itself", START + script("a") + flows("start>a", "a>a"), "loop-without-wait", "a"


def _unreachable():
    yield (
        "a task without a way in",
        line(user("work"), keys=("work",)) + user("island", name="孤岛"),
        "unreachable",
        "孤岛",
    )
    yield (
        "two tasks that only reach each other",
        line(user("work"), keys=("work",)) + user("a") + user("b") + flows("a>b", "b>a"),
        "unreachable",
        "a",
    )
    yield (
        "a gateway without a way in",
        line(user("work"), keys=("work",)) + choice("gate") + flows("gate>end"),
        "unreachable",
        "gate",
    )
    yield (
        "an end event without a way in",
        line(user("work"), keys=("work",)) + '<bpmn:endEvent id="lost"/>',
        "unreachable",
        "lost",
    )
    inner = SUB.format(INNER + user("work") + flows("in>work") + user("island"))
    yield "an island in a sub-process", line(inner, keys=("sub",)), "unreachable", "island"
    ring = user("a") + user("b") + flows("a>b", "b>a")
    yield "a process that is one ring", ring, "unreachable", "a"
    catch = '<bpmn:intermediateCatchEvent id="link"><bpmn:linkEventDefinition id="l" name="X"/></bpmn:intermediateCatchEvent>'
    yield (
        "a link that nothing throws",
        line(user("work"), keys=("work",)) + catch + flows("link>end"),
        "unreachable",
        "link",
    )


def _gateways():
    for tag in ("exclusive", "inclusive", "parallel", "complex", "eventBased"):
        gate = f'<bpmn:{tag}Gateway id="gate" name="判断"/>'
        yield f"a {tag} gateway without a way out", START + gate + flows("start>gate"), "gateway-no-way-out", "判断"
    both = user("a") + user("b") + END + flows("a>end", "b>end")
    for tag in ("exclusive", "inclusive"):
        gate = f'<bpmn:{tag}Gateway id="gate" name="判断" {{}}/>'
        yield (
            f"{tag} choice without default",
            START + gate.format("") + both + flows("start>gate", "gate>a?x = 1", "gate>b?x = 2"),
            "no-default-flow",
            "判断",
        )
        yield (
            f"{tag} default of elsewhere",
            START + gate.format('default="start_gate"') + both + flows("start>gate", "gate>a?x = 1", "gate>b?x = 2"),
            "default-flow",
            "判断",
        )
        yield (
            f"{tag} default that does not exist",
            START + gate.format('default="ghost"') + both + flows("start>gate", "gate>a?x = 1", "gate>b?x = 2"),
            "default-flow",
            "ghost",
        )
        yield (
            f"{tag} flow without condition",
            START
            + gate.format('default="gate_a"')
            + user("c")
            + both
            + flows("start>gate", "gate>a", "gate>b?x = 2", "gate>c", "c>end"),
            "flow-without-condition",
            "gate_c",
        )
        yield (
            f"{tag} default with condition",
            START + gate.format('default="gate_a"') + both + flows("start>gate", "gate>a?x = 1", "gate>b?x = 2"),
            "default-flow-condition",
            "gate_a",
        )
    yield (
        "an event gateway before a user task",
        START + '<bpmn:eventBasedGateway id="gate"/>' + both + flows("start>gate", "gate>a", "gate>b"),
        "event-gateway-target",
        "gate_a",
    )
    yield (
        "a condition behind a parallel gateway",
        START + '<bpmn:parallelGateway id="gate"/>' + both + flows("start>gate", "gate>a?x = 1", "gate>b"),
        "condition-unused",
        "gate_a",
    )
    begins = '<bpmn:eventBasedGateway id="gate" instantiate="true"/>'
    timer = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
    late = f'<bpmn:intermediateCatchEvent id="late">{timer}</bpmn:intermediateCatchEvent>'
    yield "a gateway that a timer would begin", begins + late + END + flows("gate>late", "late>end"), "node", "gate"
    yield (
        "a gateway that begins and is led to",
        START + begins + late + END + flows("start>gate", "gate>late", "late>end"),
        "node",
        "gate",
    )


def _loops():
    yield (
        "two scripts in a ring",
        START + choice("g", "g_end") + script("a") + END + flows("start>a", "a>g", "g>a?x = 1", "g>end"),
        "loop-without-wait",
        "a",
    )
    yield (
        "a ring of gateways",
        START
        + choice("g", "g_h")
        + choice("h", "h_g")
        + END
        + flows("start>g", "g>h", "h>g", "g>end?x = 1", "h>end?x = 1"),
        "loop-without-wait",
        "g",
    )
    yield (
        "a fork bomb",
        START
        + '<bpmn:parallelGateway id="p"/>'
        + script("a")
        + script("b")
        + flows("start>p", "p>a", "p>b", "a>p", "b>p"),
        "loop-without-wait",
        "p",
    )
    inner = SUB.format(INNER + script("s") + '<bpmn:endEvent id="out"/>' + flows("in>s", "s>out"))
    yield (
        "a ring through a sub-process",
        START + inner + choice("g", "g_end") + END + flows("start>sub", "sub>g", "g>sub?x = 1", "g>end"),
        "loop-without-wait",
        "sub",
    )
    half = SUB.format(
        INNER
        + choice("k", "k_out")
        + user("u")
        + '<bpmn:endEvent id="out"/>'
        + flows("in>k", "k>u?x = 1", "k>out", "u>out")
    )
    yield (
        "a ring through a sub-process that may not wait",
        START + half + choice("g", "g_end") + END + flows("start>sub", "sub>g", "g>sub?x = 1", "g>end"),
        "loop-without-wait",
        "sub",
    )
    thrown = SUB.format(
        INNER + '<bpmn:endEvent id="out"><bpmn:errorEventDefinition/></bpmn:endEvent>' + flows("in>out")
    )
    caught = '<bpmn:boundaryEvent id="oops" attachedToRef="sub"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>'
    yield (
        "a ring over a thrown error",
        START + thrown + caught + END + flows("start>sub", "sub>end", "oops>sub"),
        "loop-without-wait",
        "sub",
    )
    links = ('<bpmn:intermediateThrowEvent id="go"><bpmn:linkEventDefinition id="l1" name="X"/></bpmn:intermediateThrowEvent>'
             '<bpmn:intermediateCatchEvent id="come"><bpmn:linkEventDefinition id="l2" name="X"/></bpmn:intermediateCatchEvent>')  # fmt: skip
    yield (
        "a ring over a link",
        START + links + script("a") + flows("start>a", "a>go", "come>a"),
        "loop-without-wait",
        "go",
    )
    yield (
        "a standard loop of a script",
        line(
            '<bpmn:scriptTask id="a" scriptFormat="feel"><bpmn:standardLoopCharacteristics><bpmn:loopCondition>x = 1</bpmn:loopCondition></bpmn:standardLoopCharacteristics><bpmn:script>x = 1</bpmn:script></bpmn:scriptTask>',
            keys=("a",),
        ),
        "loop-without-wait",
        "a",
    )
    rule = '<bpmn:businessRuleTask id="a" camunda:decisionRef="triage" camunda:resultVariable="r"/>'
    yield (
        "a ring of decisions",
        START + choice("g", "g_end") + rule + END + flows("start>a", "a>g", "g>a?r = 1", "g>end"),
        "loop-without-wait",
        "a",
    )


def call(key: str, called: str) -> str:
    """Return a call activity."""
    return f'<bpmn:callActivity id="{key}" name="调用" calledElement="{called}"/>'


def _events():
    def catch(definition: str) -> str:
        return f'<bpmn:intermediateCatchEvent id="work" name="等待">{definition}</bpmn:intermediateCatchEvent>'

    for word in ("message", "signal"):
        yield f"a {word} that is not chosen", catch(f'<bpmn:{word}EventDefinition id="d"/>'), "no-reference", "等待"
        yield (
            f"a {word} that does not exist",
            catch(f'<bpmn:{word}EventDefinition id="d" {word}Ref="gone"/>'),
            "reference",
            "gone",
        )
    yield (
        "an error that does not exist",
        '<bpmn:endEvent id="work"><bpmn:errorEventDefinition errorRef="gone"/></bpmn:endEvent>',
        "reference",
        "gone",
    )
    yield (
        "a message that is a task",
        user("other") + catch('<bpmn:messageEventDefinition id="d" messageRef="other"/>'),
        "reference",
        "other",
    )
    yield "a catching event without trigger", catch(""), "no-trigger", "等待"
    for word in ("error", "cancel", "terminate", "compensate"):
        yield f"a catching event of kind {word}", catch(f'<bpmn:{word}EventDefinition id="d"/>'), "event-place", "等待"
    for word in ("timer", "error", "cancel", "terminate"):
        throw = f'<bpmn:intermediateThrowEvent id="work" name="抛出"><bpmn:{word}EventDefinition id="d"/></bpmn:intermediateThrowEvent>'
        yield f"a throwing event of kind {word}", throw, "event-place", "抛出"
    timed = '<bpmn:startEvent id="in"><bpmn:timerEventDefinition id="t"><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:startEvent>'
    yield "a timer start in a sub-process", f'<bpmn:subProcess id="work">{timed}</bpmn:subProcess>', "event-place", "in"
    yield (
        "two starts in a sub-process",
        '<bpmn:subProcess id="work"><bpmn:startEvent id="i"/><bpmn:startEvent id="j"/></bpmn:subProcess>',
        "many-starts",
        "work",
    )
    yield (
        "an event sub-process without trigger",
        user("work") + '<bpmn:subProcess id="esp" triggeredByEvent="true"><bpmn:startEvent id="i"/></bpmn:subProcess>',
        "event-sub-process",
        "esp",
    )
    yield (
        "a boundary event on a gateway",
        user("work")
        + '<bpmn:exclusiveGateway id="g"/><bpmn:boundaryEvent id="b" attachedToRef="g"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>',
        "boundary-host",
        "b",
    )


def _pools():
    """Yield a flow from one process into another, where only a message flow may lead (BPMN 2.0.2 §7.6.1)."""
    other = f'<bpmn:process id="other" isExecutable="true">{user("there")}</bpmn:process>'
    body = line(user("here"), keys=("here",)) + flows("here>there")
    yield Case("a flow into another process", (diagram(body, more=other),), "flow-scope", "there")


def _calls():
    yield Case("a process that calls itself", (one(call("again", "demo"), "again"),), "recursive-call", "again")
    first, second = (DefinitionFile(f"processes/{a}/{a}.bpmn", definitions(process(line(call("c", b), keys=("c",)), a)))
                     for a, b in (("left", "right"), ("right", "left")))  # fmt: skip
    yield Case("two processes that call each other", (first, second), "recursive-call", "left → right → left")
    ring = tuple(DefinitionFile(f"processes/r{n}/r{n}.bpmn", definitions(process(line(call("c", f"r{(n + 1) % 30}"), keys=("c",)), f"r{n}")))
                 for n in range(30))  # fmt: skip
    yield Case("thirty processes that call in a ring", ring, "recursive-call", "r0")
    inside = SUB.format(INNER + call("again", "demo") + flows("in>again"))
    yield Case(
        "a process that calls itself from a sub-process",
        (diagram(line(inside, keys=("sub",))),),
        "recursive-call",
        "again",
    )
    body = line(script("a"), call("again", "demo"), keys=("a", "again"))
    yield Case("a process that calls itself after a script", (diagram(body),), "recursive-call", "again")


def cases() -> list[Case]:
    """Return every case of this kind."""
    made = [*_ends(), *_unreachable(), *_gateways(), *_loops()]
    made += [(name, line(body, keys=("work",)), rule, place) for name, body, rule, place in _events()]
    return [*(Case(name, (diagram(body),), rule, place) for name, body, rule, place in made), *_pools(), *_calls()]
