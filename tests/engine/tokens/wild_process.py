"""Wild processes: graphs without any structure, with every element in places where nobody would draw it."""

import random
from itertools import count

from tests.engine.tokens.drawing import event, flow, timer
from tests.engine.tokens.world import read

BESIDE = (
    '<message id="M" name="m"/><signal id="S" name="s"/><error id="E" errorCode="e"/>'
    '<escalation id="X" escalationCode="x"/><escalationEventDefinition id="SE" escalationRef="X"/>'
)
CALLED = '<startEvent id="qs"/><userTask id="qt"/><endEvent id="qe"/>' + flow(("qs", "qt"), ("qt", "qe"))
CAUGHT = ("timer", "cycle", "message", "signal", "conditional")
AT_EDGE = (*CAUGHT, "error", "escalation")
THROWN = ("message", "signal", "escalation", "compensate")
AT_END = (*THROWN, "error", "terminate")
GATEWAYS = ("exclusive", "parallel", "inclusive", "inclusive", "complex")


class Wild:
    """Draws one wild process from a seed."""

    def __init__(self, seed):
        self.dice = random.Random(f"wild {seed}")
        self.numbers = count(1)

    def deploy(self):
        return read(self._scope(0, "process"), q=CALLED, beside=BESIDE)

    def _name(self, letter):
        return f"{letter}{next(self.numbers)}"

    def _maybe(self, chance, text):
        return text if self.dice.random() < chance else ""

    def _event(self, kinds):
        kind = self.dice.choice(kinds)
        if kind == "timer":
            return timer(self.dice.choice(["PT1H", "PT2H"]))
        if kind == "cycle":
            return timer("R3/PT1H", "timeCycle")
        if kind == "conditional":
            return event(kind, f"<condition>a = {self.dice.randint(0, 3)}</condition>")
        ref = {"message": 'messageRef="M"', "signal": 'signalRef="S"'}.get(kind, "")
        if kind in {"error", "escalation"}:
            ref = self._maybe(0.5, f'{kind}Ref="{"E" if kind == "error" else "X"}"')
        return event(kind, attributes=ref)

    def _loop(self):
        kind, dice = self.dice.random(), self.dice
        if kind < 0.75:
            return ""
        if kind < 0.85:
            before = dice.choice(["true", "false"])
            inside = "<loopCondition>a &lt; 2</loopCondition>"
            return f'<standardLoopCharacteristics testBefore="{before}" loopMaximum="3">{inside}</standardLoopCharacteristics>'
        behavior = dice.choice(
            ["", 'behavior="None" noneBehaviorEventRef="SE"', 'behavior="One" oneBehaviorEventRef="SE"']
        )
        inside = f"<loopCardinality>{dice.randint(0, 3)}</loopCardinality>"
        inside += self._maybe(0.5, "<completionCondition>nrOfCompletedInstances = 2</completionCondition>")
        row = dice.choice(["true", "false"])
        tag = "multiInstanceLoopCharacteristics"
        return f'<{tag} isSequential="{row}" {behavior}>{inside}</{tag}>'

    def _activity(self, depth):
        kind = self.dice.random()
        if kind < 0.5:
            name, many = self._name("u"), (1, 1, 1, 1, 2)
            quantities = f'startQuantity="{self.dice.choice(many)}" completionQuantity="{self.dice.choice(many)}"'
            return name, f'<userTask id="{name}" {quantities}>{self._loop()}</userTask>'
        if kind < 0.65:
            name, script = self._name("t"), self.dice.choice(["a = 1", "a = 2", "a = (if a = null then 0 else a) + 1"])
            return name, f'<scriptTask id="{name}">{self._loop()}<script>{script}</script></scriptTask>'
        if kind < 0.9 and depth < 3:
            return self._sub_process(depth)
        name = self._name("c")
        return name, f'<callActivity id="{name}" calledElement="q">{self._loop()}</callActivity>'

    def _sub_process(self, depth):
        name, tag = self._name("h"), self.dice.choice(["subProcess", "subProcess", "transaction", "adHocSubProcess"])
        inside, more = self._scope(depth + 1, tag) + self._loop(), ""
        if tag == "adHocSubProcess":
            more = f'ordering="{self.dice.choice(["Parallel", "Sequential"])}"'
            more += f' cancelRemainingInstances="{self.dice.choice(["true", "false"])}"'
            inside += self._maybe(0.5, "<completionCondition>a = 1</completionCondition>")
        return name, f'<{tag} id="{name}" {more}>{inside}</{tag}>'

    def _node(self, depth):
        kind = self.dice.random()
        if kind < 0.6:
            return self._activity(depth)
        if kind < 0.85:
            name, gateway = self._name("g"), self.dice.choice(GATEWAYS)
            asked = "<activationCondition>activationCount >= 1</activationCondition>"
            inside = self._maybe(0.7, asked) if gateway == "complex" else ""
            return name, f'<{gateway}Gateway id="{name}">{inside}</{gateway}Gateway>'
        if kind < 0.93:
            name, all_of = self._name("i"), self.dice.choice(["true", "false"])
            inside = self._event(CAUGHT) + self._maybe(0.3, self._event(("message", "signal")))
            return (
                name,
                f'<intermediateCatchEvent id="{name}" parallelMultiple="{all_of}">{inside}</intermediateCatchEvent>',
            )
        name = self._name("w")
        return name, f'<intermediateThrowEvent id="{name}">{self._event(THROWN)}</intermediateThrowEvent>'

    def _scope(self, depth, tag):
        """Draw what lies in a process or sub-process: nodes, flows between any two, boundaries, an event sub-process."""
        start = [] if tag == "adHocSubProcess" else [self._name("s")]
        nodes = [self._node(depth) for _ in range(self.dice.randint(2, 6 if depth < 2 else 3))]
        ends = [self._name("e") for _ in range(self.dice.randint(1, 2))]
        kinds = (*AT_END, "cancel", "cancel") if tag == "transaction" else AT_END
        xml = [f'<startEvent id="{name}"/>' for name in start] + [each for _, each in nodes]
        xml += [f'<endEvent id="{name}">{self._maybe(0.35, self._event(kinds))}</endEvent>' for name in ends]
        names, sources = [name for name, _ in nodes], [*start, *(name for name, _ in nodes)]
        for name in names:
            if name[0] in "utch":
                drawn, edge = self._boundary(name)
                xml.append(drawn)
                sources += edge
        return "".join(xml) + self._flows(sources, [*names, *ends]) + self._event_sub_process(depth)

    def _boundary(self, host):
        drawn, edge = "", []
        if self.dice.random() < 0.35:
            edge = [self._name("b")]
            stops = self.dice.choice(["true", "false"])
            attributes = f'id="{edge[0]}" attachedToRef="{host}" cancelActivity="{stops}"'
            drawn = f"<boundaryEvent {attributes}>{self._event(AT_EDGE)}</boundaryEvent>"
        if self.dice.random() < 0.2:
            name, handler = self._name("b"), self._name("k")
            drawn += f'<boundaryEvent id="{name}" attachedToRef="{host}">{event("compensate")}</boundaryEvent>'
            drawn += f'<userTask id="{handler}" isForCompensation="true"/>'
            drawn += f'<association id="{self._name("a")}" sourceRef="{name}" targetRef="{handler}"/>'
        return drawn, edge

    def _flows(self, sources, targets):
        dice = self.dice
        pairs = {(source, dice.choice(targets)) for source in sources for _ in range(dice.choice([1, 1, 1, 2, 2, 3]))}
        led_to = {target for _, target in pairs}
        pairs |= {(dice.choice(sources), target) for target in targets if target not in led_to}
        drawn = []
        for source, target in sorted(pairs):
            conditional = source[0] in "ug" and dice.random() < 0.4
            drawn.append(flow((source, target, f"a = {dice.randint(0, 2)}") if conditional else (source, target)))
        return "".join(drawn)

    def _event_sub_process(self, depth):
        if depth > 2 or self.dice.random() > 0.25:
            return ""
        name, inside = self._name("v"), self._scope(depth + 2, "subProcess")
        stops = self.dice.choice(["true", "false"])
        begins = self._event((*CAUGHT, "error", "escalation"))
        start, _, rest = inside.partition("/>")
        return f'<subProcess id="{name}" triggeredByEvent="true">{start} isInterrupting="{stops}">{begins}</startEvent>{rest}</subProcess>'
