"""Camunda 7's attributes and elements: all that says something is kept (design.md section 3)."""

from collections.abc import Mapping

from lxml import etree

from engine.bpmn.source import Source
from engine.bpmn.xml import B, C, local
from engine.tokens.definition import CallMapping, Extensions, Parameter
from engine.tokens.values import Value

_JAVA = {
    "class": "Java 类",
    "expression": "Java 表达式",
    "delegateExpression": "Java 委托表达式",
    "resource": "外部脚本",
    "caseRef": "CMMN 案例",
    "variableMappingClass": "Java 类",
    "variableMappingDelegateExpression": "Java 委托表达式",
}
_NONE = Extensions()
_LISTENERS = frozenset({"executionListener", "taskListener", "connector", "formData", "script"})


def read_extensions(source: Source, element: etree._Element) -> Extensions:
    """Read what Camunda's vocabulary says about an element; code of other platforms is a problem."""
    own = {str(name)[len(C) :]: str(text) for name, text in element.attrib.items() if str(name).startswith(C)}
    parent = element.find(f"{B}extensionElements")
    if not own and parent is None:
        return _NONE
    _refuse_code(source, element, own)
    mapping = parent.find(f"{C}inputOutput") if parent is not None else None

    def value(name: str) -> Value | None:
        return source.value(own.get(name), element)

    return Extensions(
        assignee=value("assignee"),
        candidate_users=value("candidateUsers"),
        candidate_groups=value("candidateGroups"),
        due_date=value("dueDate"),
        follow_up_date=value("followUpDate"),
        priority=value("priority"),
        form_ref=own.get("formRef"),
        form_ref_binding=own.get("formRefBinding", "latest"),
        form_ref_version=value("formRefVersion"),
        form_key=value("formKey"),
        topic=value("topic"),
        type=own.get("type"),
        decision_ref=value("decisionRef"),
        decision_binding=own.get("decisionRefBinding", "latest"),
        decision_version=value("decisionRefVersion"),
        decision_tag=value("decisionRefVersionTag"),
        map_decision_result=own.get("mapDecisionResult", "resultList"),
        result_variable=own.get("resultVariable"),
        called_binding=own.get("calledElementBinding", "latest"),
        called_version=value("calledElementVersion"),
        called_tag=value("calledElementVersionTag"),
        collection=value("collection"),
        element_variable=own.get("elementVariable"),
        initiator=own.get("initiator"),
        error_code_variable=own.get("errorCodeVariable"),
        error_message_variable=own.get("errorMessageVariable"),
        escalation_code_variable=own.get("escalationCodeVariable"),
        variable_name=own.get("variableName"),
        variable_events=tuple(part.strip() for part in own.get("variableEvents", "").split(",") if part.strip()),
        retries=_retries(parent),
        inputs=_parameters(source, mapping, "inputParameter"),
        outputs=_parameters(source, mapping, "outputParameter"),
        in_=_mappings(source, parent, "in"),
        out=_mappings(source, parent, "out"),
        properties=_properties(source, parent),
        attributes=own,
    )


def names_brought(text: str) -> tuple[str, ...]:
    """Return the variables that a message or signal brings, as `bihuan:brings` lists them with commas."""
    return tuple(name for part in text.split(",") if (name := part.strip()))


def _refuse_code(source: Source, element: etree._Element, own: Mapping[str, str]) -> None:
    for name, words in _JAVA.items():
        if name in own:
            source.problem("code", element, f"{words}（camunda:{name}）不能执行；请改用主题（camunda:topic）或 FEEL")
    for child in element.iterfind(f"{B}extensionElements//{C}*"):
        if local(child) in _LISTENERS:
            source.problem("code", child, f"camunda:{local(child)} 不能执行；请改用服务任务、脚本任务或表单")


def _retries(parent: etree._Element | None) -> str | None:
    found = parent.find(f"{C}failedJobRetryTimeCycle") if parent is not None else None
    return (found.text or "").strip() or None if found is not None else None


def _properties(source: Source, parent: etree._Element | None) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for entry in parent.iterfind(f"{C}properties/{C}property") if parent is not None else ():
        name = entry.get("name") or entry.get("id") or ""
        text = entry.get("value") or ""
        found[name] = source.value(text, entry) or Value(text, (text,))
    return found


def _parameters(source: Source, mapping: etree._Element | None, tag: str) -> tuple[Parameter, ...]:
    if mapping is None:
        return ()
    return tuple(_parameter(source, entry, entry.get("name") or "") for entry in mapping.iterfind(f"{C}{tag}"))


def _parameter(source: Source, entry: etree._Element, name: str) -> Parameter:
    """Read what an entry holds: a text, a list or a map; a list may hold texts, lists and maps."""
    child = next((each for each in entry if local(each) in {"list", "map"}), None)
    return _held(source, entry if child is None else child, name)


def _held(source: Source, element: etree._Element, name: str) -> Parameter:
    if local(element) == "list":
        return Parameter(name, tuple(_held(source, each, "") for each in element))
    if local(element) == "map":
        keys = [(each.get("key") or "", each) for each in element]
        return Parameter(name, {key: _parameter(source, each, key) for key, each in keys})
    text = (element.text or "").strip()
    return Parameter(name, source.value(text, element) or Value(text, (text,)))


def _mappings(source: Source, parent: etree._Element | None, tag: str) -> tuple[CallMapping, ...]:
    found = []
    for entry in parent.iterfind(f"{C}{tag}") if parent is not None else ():
        if entry.get("businessKey") is not None:
            found.append(CallMapping(business_key=source.value(entry.get("businessKey"), entry)))
            continue
        text = entry.get("sourceExpression")
        if text is None and entry.get("source"):
            text = "${" + str(entry.get("source")) + "}"
        found.append(
            CallMapping(
                target=entry.get("target"),
                source=source.value(text, entry),
                all=entry.get("variables") == "all",
                local=entry.get("local") == "true",
            )
        )
    return tuple(found)
