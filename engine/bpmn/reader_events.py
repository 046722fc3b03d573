"""Event definitions: messages, signals, timers and the others, given in place or by reference (BPMN 2.0.2 §10.5)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from engine.bpmn.extensions import read_extensions
from engine.bpmn.source import Source, is_true
from engine.bpmn.xml import B, local, reference, text_in
from engine.feel import Expression
from engine.tokens.definition import EventDefinition, Extensions
from engine.tokens.timers import TimerError, schedule
from engine.tokens.values import Value

_EVENTS = "EventDefinition"
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_FORMS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
_WORDS = {"message": "消息", "signal": "信号", "error": "错误", "escalation": "升级"}


def event_elements(source: Source, element: etree._Element) -> Iterator[etree._Element]:
    """Yield the event definitions of an event in the order of the file, references looked up."""
    for child in element.iterchildren(etree.Element):
        if local(child) == "eventDefinitionRef":
            found = source.find(child.text, element, "事件定义")
            if found is not None:
                yield found
        elif local(child).endswith(_EVENTS):
            yield child


def read_events(source: Source, element: etree._Element) -> tuple[EventDefinition, ...]:
    """Read the event definitions of an event; links become flows and are not among them."""
    found = (
        read_event(source, child, element)
        for child in event_elements(source, element)
        if local(child) != "linkEventDefinition"
    )
    return tuple(event for event in found if event is not None)


def read_event(source: Source, child: etree._Element, element: etree._Element) -> EventDefinition | None:
    """Read one event definition of the event `element`."""
    kind = local(child).removesuffix(_EVENTS)
    if kind in {"message", "signal"}:
        return _named(source, kind, child, element)
    if kind not in _MORE:
        source.problem("event", element, f"事件定义“{local(child)}”不能执行")
        return None
    more = _MORE[kind](source, child, element)
    return EventDefinition(kind, child.get("id"), extensions=read_extensions(source, child), **more)


def _conditional(source: Source, child: etree._Element, element: etree._Element) -> dict[str, Any]:
    condition = source.expression_in(child, "condition")
    if condition is None:
        source.problem("event", element, "条件事件没有可用的条件")
    return {"condition": condition}


def _coded(source: Source, child: etree._Element, element: etree._Element) -> dict[str, Any]:
    kind = local(child).removesuffix(_EVENTS)
    ref = child.get(f"{kind}Ref")
    found = source.find(ref, element, _WORDS[kind])
    code = (found.get(f"{kind}Code") or found.get("name") or found.get("id")) if found is not None else None
    return {"ref": ref and reference(ref), "code": code}


def _compensate(source: Source, child: etree._Element, element: etree._Element) -> dict[str, Any]:
    activity = child.get("activityRef")
    source.find(activity, element, "活动")
    wait = is_true(child, "waitForCompletion", default=True)
    return {"activity": activity and reference(activity), "wait": wait}


def _nothing_more(_source: Source, _child: etree._Element, _element: etree._Element) -> dict[str, Any]:
    return {}


def message_event(source: Source, element: etree._Element) -> EventDefinition | None:
    """Return the message of a send or receive task, given directly or through its operation."""
    if element.get("messageRef") is None and element.get("operationRef") is None:
        return None
    return _named(source, "message", element, element)


def _named(source: Source, kind: str, child: etree._Element, element: etree._Element) -> EventDefinition | None:
    ref = child.get(f"{kind}Ref") or (_message_of_operation(source, child, element) if kind == "message" else None)
    found = source.find(ref, element, _WORDS[kind])
    if found is None:
        if not ref:
            source.problem("event", element, f"没有写明{_WORDS[kind]}")
        return None
    text = (found.get("name") or found.get("id") or "").strip()
    catches = local(element) in {"receiveTask", "startEvent", "intermediateCatchEvent", "boundaryEvent"}
    return EventDefinition(
        kind,
        child.get("id"),
        ref=found.get("id"),
        name=source.value(text, found),
        correlation=_correlation(source, element, str(found.get("id")), catches=catches) if kind == "message" else None,
        extensions=read_extensions(source, child) if child is not element else Extensions(),
    )


def _message_of_operation(source: Source, child: etree._Element, element: etree._Element) -> str | None:
    ref = child.get("operationRef") or text_in(child.find(f"{B}operationRef"))
    operation = source.find(ref, element, "操作") if ref else None
    return text_in(operation.find(f"{B}inMessageRef")) or None if operation is not None else None


def _correlation(source: Source, element: etree._Element, message: str, *, catches: bool) -> Value | None:
    """Return by what a message finds its instance: our property, else the standard's correlation keys (§8.4.2)."""
    own = read_extensions(source, element).properties.get("bihuan:correlation")
    if own is not None:
        return own
    parts: list[Expression] = []
    for key in source.correlation_properties:
        found = source.ids.get(key)
        part = _property(source, element, found, message, catches=catches) if found is not None else None
        if part is not None:
            parts.append(part)
    if not parts:
        return None
    joined: list[str | Expression] = [parts[0]]
    for part in parts[1:]:
        joined += ["|", part]
    return Value("correlation", tuple(joined))


def _property(
    source: Source, element: etree._Element, found: etree._Element, message: str, *, catches: bool
) -> Expression | None:
    """Return the sender's or the receiver's side of one correlation property."""
    key = found.get("id")
    if catches:
        for binding in source.correlation_bindings:
            if reference(binding.get("correlationPropertyRef") or "") == key and _around(binding, element):
                return source.expression_in(binding, "dataPath")
    for retrieval in found.iterfind(f"{B}correlationPropertyRetrievalExpression"):
        if reference(retrieval.get("messageRef") or "") == message:
            return source.expression_in(retrieval, "messagePath")
    return None


def _around(binding: etree._Element, element: etree._Element) -> bool:
    process = next(binding.iterancestors(f"{B}process"), None)
    return process is not None and any(around is process for around in element.iterancestors())


def _timer(source: Source, child: etree._Element, element: etree._Element) -> dict[str, Any]:
    """Read a timer; a literal one is tried at once, so that what never works is refused at deployment."""
    for time in child.iterchildren(etree.Element):
        form = _FORMS.get(local(time))
        text = text_in(time)
        if form is None or not text or not source.is_feel(time, "language"):
            continue
        value = source.value("${" + text[1:] + "}" if text.startswith("=") else text, time)
        if value is not None and value.is_literal:
            _try_timer(source, element, form, text)
        return {"form": form, "timer": value}
    source.problem("timer", element, "定时事件没有时间")
    return {}


def _try_timer(source: Source, element: etree._Element, form: str, text: str) -> None:
    try:
        found = schedule(form, text, _SOME_DAY)
    except TimerError as error:
        source.problem("timer", element, str(error))
        return
    if found.every is not None and found.left is None and local(element) == "intermediateCatchEvent":
        source.problem("timer", element, "中间事件的循环须有次数，否则流程永远不会结束")


_MORE = {
    "timer": _timer,
    "conditional": _conditional,
    "error": _coded,
    "escalation": _coded,
    "compensate": _compensate,
    "cancel": _nothing_more,
    "terminate": _nothing_more,
}
