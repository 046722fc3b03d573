"""Models of our own in the manner of the outside suite: element by element, each with the trace it must give.

Scripts are the suite's markers (see betsy.py); `task1` is a script task that appends `SCRIPT_task1` to the trace.
"""

from dataclasses import dataclass, field
from itertools import pairwise

from tests.engine.tokens.drawing import boundary, chain, event, event_sub, flow, sub, timer
from tests.engine.tokens.world import HEAD


@dataclass(frozen=True)
class Model:
    """A model, the start variables of one case, and the trace expected after `wait` seconds; `2` is SCRIPT_task2."""

    name: str
    body: str
    expected: str
    wait: float = 0
    beside: str = ""
    variables: dict = field(default_factory=dict)
    parallel_first: bool = False

    @property
    def xml(self):
        own = f'<process id="{self.name}" isExecutable="true">{self.body}</process>'
        return f"{HEAD}{self.beside}{own}</definitions>".encode()

    @property
    def case(self):
        return {
            "variables": self.variables, "expected": [_line(word) for word in self.expected.split()], "wait_seconds": self.wait,
            "start_parallel_process_first": self.parallel_first,
        }  # fmt: skip


TRUE_IF_A = event("conditional", '<condition>test.contains("a")</condition>')


def script(name, marker, inside="", attributes=""):
    return name, f'<scriptTask id="{name}" {attributes}>{inside}<script>{marker}</script></scriptTask>'


def log(number, inside="", attributes=""):
    """A script task `taskN` that logs SCRIPT_taskN."""
    return script(f"task{number}", f"SCRIPT_task{number}", inside, attributes)


def catch(name, inside, attributes=""):
    return name, f'<intermediateCatchEvent id="{name}" {attributes}>{inside}</intermediateCatchEvent>'


def throw(name, inside):
    return name, f'<intermediateThrowEvent id="{name}">{inside}</intermediateThrowEvent>'


def end(name, inside):
    return f'<endEvent id="{name}">{inside}</endEvent>'


def signal(name="S"):
    return event("signal", attributes=f'signalRef="{name}"')


def message(name="M"):
    return event("message", attributes=f'messageRef="{name}"')


def process(key, body):
    """One more process of the file; the ids of its start and end are its own."""
    own = body
    for old in ("s", "e"):
        own = own.replace(f'id="{old}"', f'id="{key}_{old}"').replace(f'Ref="{old}"', f'Ref="{key}_{old}"')
    return f'<process id="{key}" isExecutable="true">{own.replace("__", f"_{key}_")}</process>'


def started(definition, *elements):
    """A process that begins at a start event with a trigger."""
    return chain(*elements).replace('<startEvent id="s"/>', f'<startEvent id="s">{definition}</startEvent>')


def beside(name, *elements, ends="end"):
    """Elements in a row behind something that has no part in the main line."""
    names = [name, *(each for each, _ in elements), f"{name}_{ends}"]
    flows = flow(*pairwise(names))
    return f'<endEvent id="{names[-1]}"/>' + "".join(xml for _, xml in elements) + flows


DEFINED = (
    '<signal id="S" name="signal"/><signal id="S2" name="signal 2"/><message id="M" name="message"/>'
    '<message id="M2" name="message 2"/>'
    '<error id="E" errorCode="ERR-1"/><error id="ES" errorCode="ERR_CODE"/><escalation id="X" escalationCode="X-1"/>'
)


def _line(word):
    return f"SCRIPT_task{word}" if word.isdigit() else word


MARK = ("mark", '<scriptTask id="mark"><script>CREATE_MARKER_FILE</script></scriptTask>')
WAIT = ("wait", f'<intermediateCatchEvent id="wait">{timer("PT3S")}</intermediateCatchEvent>')
LONG = ("long", '<scriptTask id="long"><script>WAIT_TEN_SECONDS</script></scriptTask>')
MULTI = "<multiInstanceLoopCharacteristics {}>{}</multiInstanceLoopCharacteristics>"
COUNT = "<loopCardinality>{}</loopCardinality>"
LOOP = "<standardLoopCharacteristics {}><loopCondition>{}</loopCondition></standardLoopCharacteristics>"


THREE = COUNT.format(3)


def multi(inside=THREE, attributes=""):
    return MULTI.format(attributes, inside)


def forked(*branches):
    """Branches beside each other, without a join; each ends at an end event of its own."""
    body = '<startEvent id="s"/><parallelGateway id="fork"/>' + flow(("s", "fork"))
    for number, branch in enumerate(branches):
        names = ["fork", *(name for name, _ in branch), f"e{number}"]
        body += f'<endEvent id="e{number}"/>' + "".join(xml for _, xml in branch)
        body += flow(*pairwise(names))
    return body


def split(kind, *branches, attributes="", more=""):
    """Start, a gateway `g` and from it one task each: (number, condition or None)."""
    body = f'<startEvent id="s"/><{kind} id="g" {attributes}>{more}</{kind}>' + flow(("s", "g"))
    for number, condition in branches:
        body += log(number)[1] + flow(("g", f"task{number}", condition))
    return body


def hosted(definition, *inside, stops=True, tag="subProcess", wait=0, trace="", name="", more="", **rest):
    """A sub-process with a boundary event, a task 3 behind the event and a task 4 behind the sub-process."""
    body = chain(sub("h", *inside, tag=tag), log(4)) + boundary("b", "h", definition, stops=stops) + beside("b", log(3))
    return Model(
        f"{name}_boundary_{tag}_{'interrupting' if stops else 'beside'}", body + more, trace, wait=wait, **rest
    )


def guarded(definition, *inside, stops=True, trace="", name="", **rest):
    """A sub-process with an event sub-process that does task 3, and a task 4 behind."""
    inner = event_sub("v", definition, log(3), stops=stops)
    body = chain(sub("h", *inside, beside=inner), log(4))
    return Model(f"{name}_event_sub_process_{'interrupting' if stops else 'beside'}", body, trace, **rest)


def top(definition, *elements, stops=True, trace="", name="", **rest):
    """An event sub-process of the process itself."""
    body = chain(*elements) + event_sub("v", definition, log(3), stops=stops)
    return Model(f"{name}_event_sub_process_of_process_{'interrupting' if stops else 'beside'}", body, trace, **rest)


def compensated(name, activity, thrower, trace, *, handler=None, more="", **rest):
    """An activity `h` with a compensation handler that does task 1, then what throws."""
    handler = handler or log(1, attributes='isForCompensation="true"')[1]
    body = chain(activity, thrower) + boundary("b", "h", event("compensate")) + handler
    body += '<association id="as" associationDirection="One" sourceRef="b" targetRef="task1"/>'
    return Model(f"Compensation_{name}", body + more, trace, **rest)


UNDO = event("compensate")
UNDO_H = event("compensate", attributes='activityRef="h" waitForCompletion="true"')
TASK_H = ("h", '<task id="h"/>')
ERROR = event("error", attributes='errorRef="E"')
REFERRED = "<eventDefinitionRef>{}</eventDefinitionRef>"


def ending(definition, *elements):
    """Elements in a row before an end event that throws."""
    return chain(*elements).replace('<endEvent id="e"/>', end("e", definition))


def ending_inside(definition, *elements, tag="subProcess", beside=""):
    name, xml = sub("h", *elements, tag=tag, beside=beside)
    return name, xml.replace('<endEvent id="h_e"/>', end("h_e", definition))
