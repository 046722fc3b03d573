"""Short ways to draw: pieces of BPMN as text."""

from itertools import pairwise

LINE = '<startEvent id="s"/><endEvent id="e"/>'


def flow(*pairs):
    """Flows `a_b`; a third entry is the condition."""
    return "".join(_flow(*pair) for pair in pairs)


def _flow(source, target, condition=None):
    inside = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{source}__{target}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'


def around(element, name="t"):
    """Draw start, element and end in a row."""
    return LINE + element + flow(("s", name), (name, "e"))


def chain(*elements):
    """Draw elements in a row between start and end; each is (id, XML)."""
    names = ["s", *(name for name, _ in elements), "e"]
    return LINE + "".join(xml for _, xml in elements) + flow(*pairwise(names))


def user(name):
    return name, f'<userTask id="{name}"/>'


def sub(name, *elements, tag="subProcess", beside=""):
    """Draw a sub-process with elements in a row; its start and end are named after it."""
    names = [f"{name}_s", *(each for each, _ in elements), f"{name}_e"]
    inner = f'<startEvent id="{names[0]}"/><endEvent id="{names[-1]}"/>' + "".join(xml for _, xml in elements)
    return name, f'<{tag} id="{name}">{inner}{flow(*pairwise(names))}{beside}</{tag}>'


def event(kind, inside="", attributes=""):
    return f"<{kind}EventDefinition {attributes}>{inside}</{kind}EventDefinition>"


def timer(text, form="timeDuration"):
    return event("timer", f"<{form}>{text}</{form}>")


def boundary(name, host, definition, *, stops=True, more=""):
    stop = "true" if stops else "false"
    return (
        f'<boundaryEvent id="{name}" attachedToRef="{host}" cancelActivity="{stop}" {more}>{definition}</boundaryEvent>'
    )


def event_sub(name, definition, *elements, stops=True):
    """Draw an event sub-process."""
    stop = "true" if stops else "false"
    names = [f"{name}_s", *(each for each, _ in elements), f"{name}_e"]
    start = f'<startEvent id="{names[0]}" isInterrupting="{stop}">{definition}</startEvent><endEvent id="{names[-1]}"/>'
    inner = start + "".join(xml for _, xml in elements) + flow(*pairwise(names))
    return f'<subProcess id="{name}" triggeredByEvent="true">{inner}</subProcess>'
