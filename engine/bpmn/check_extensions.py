"""Checks of what the standard leaves open: Camunda's vocabulary, foreign namespaces, and languages."""

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from engine.bpmn.check_tree import Tree
from engine.bpmn.xml import BPMN, CAMUNDA, B, C, local
from engine.errors import Problem

_OWN = frozenset(
    {
        BPMN, CAMUNDA,
        "http://www.omg.org/spec/BPMN/20100524/DI", "http://www.omg.org/spec/DD/20100524/DI",
        "http://www.omg.org/spec/DD/20100524/DC", "http://www.w3.org/2001/XMLSchema-instance",
        "http://www.w3.org/XML/1998/namespace", "http://camunda.org/schema/modeler/1.0",
        "http://bpmn.io/schema/bpmn/biocolor/1.0", "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
    }
)  # fmt: skip
_READ = frozenset(
    {
        "assignee", "candidateUsers", "candidateGroups", "dueDate", "followUpDate", "priority", "formRef", "formKey",
        "formRefBinding", "formRefVersion", "type", "topic", "taskPriority", "jobPriority", "decisionRef",
        "decisionRefBinding", "decisionRefVersion", "decisionRefVersionTag",
        "mapDecisionResult", "resultVariable", "calledElementBinding",
        "calledElementVersion", "calledElementVersionTag", "collection", "elementVariable", "initiator",
        "isStartableInTasklist", "versionTag", "historyTimeToLive", "exclusive", "errorCodeVariable",
        "errorMessageVariable", "escalationCodeVariable", "class", "delegateExpression", "expression", "caseRef",
        "modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon", "errorMessage", "variableName",
        "variableEvents", "asyncBefore", "asyncAfter", "diagramRelationId",
    }
)  # fmt: skip
_READ_ELEMENTS = frozenset(
    {
        "properties", "property", "inputOutput", "inputParameter", "outputParameter", "list", "value", "map", "entry",
        "in", "out", "failedJobRetryTimeCycle",
    }
)  # fmt: skip
_REFUSED_ELEMENTS = {
    "executionListener": "执行监听器不会执行；请改用脚本任务或服务任务",
    "taskListener": "任务监听器不会执行；请改用脚本任务或服务任务",
    "connector": "Camunda 连接器不会执行；请改用主题（camunda:topic）",
    "script": "这里的脚本不会执行；请改写为 ${FEEL 表达式}",
    "formData": "内嵌表单（camunda:formData）不支持；请改用表单引用（camunda:formRef）",
    "errorEventDefinition": "外部任务的错误映射不支持；请在任务上加错误边界事件",
}
_REFUSED_ATTRIBUTES = {
    "resource": "外部脚本文件不会执行；请把 FEEL 写在脚本任务里",
    "variableMappingClass": "变量映射的 Java 类不会执行；请改用 in / out 映射",
    "variableMappingDelegateExpression": "变量映射的 Java 表达式不会执行；请改用 in / out 映射",
    "formHandlerClass": "表单的 Java 类不会执行；请删除",
}
_FEEL = frozenset(
    {"", "feel", "https://www.omg.org/spec/DMN/20191111/FEEL/", "https://www.omg.org/spec/DMN/20180521/FEEL/"}
)
_EXPRESSIONS = ("conditionExpression", "condition", "completionCondition", "loopCondition", "loopCardinality",
                "activationCondition", "timeDate", "timeDuration", "timeCycle")  # fmt: skip


def check_extensions(tree: Tree) -> Iterator[Problem]:
    """Yield foreign things: those that would have run elsewhere are refused, the others kept with a warning."""
    foreign: Counter[str] = Counter()
    first: dict[str, etree._Element] = {}
    for element in tree.root.iter(etree.Element):
        space = etree.QName(element).namespace or ""
        if space not in _OWN:
            foreign[space] += 1
            first.setdefault(space, element)
        elif space == CAMUNDA:
            yield from _check_element(tree, element)
        for name in element.attrib:
            yield from _check_attribute(tree, element, str(name), foreign, first)
    for space, count in foreign.items():
        reason = f"有 {count} 处来自其他工具的扩展（{space or '无命名空间'}），会原样保留但不起作用"
        yield tree.problem("foreign", first[space], reason, warn=True)
    yield from _check_languages(tree)


def _check_element(tree: Tree, element: etree._Element) -> Iterator[Problem]:
    name = local(element)
    if name in _REFUSED_ELEMENTS:
        yield tree.problem("not-executed", element, _REFUSED_ELEMENTS[name])
    elif name not in _READ_ELEMENTS:
        parent = element.getparent()
        if parent is not None and not (str(parent.tag).startswith(C) and local(parent) not in _READ_ELEMENTS):
            yield tree.problem("not-read", element, f"camunda:{name} 会原样保留但不起作用", warn=True)


def _check_attribute(
    tree: Tree, element: etree._Element, name: str, foreign: Counter[str], first: dict[str, etree._Element]
) -> Iterator[Problem]:
    if not name.startswith("{"):
        return
    space, _, short = name[1:].partition("}")
    if space not in _OWN:
        foreign[space] += 1
        first.setdefault(space, element)
    elif space == CAMUNDA and short in _REFUSED_ATTRIBUTES:
        yield tree.problem("not-executed", element, _REFUSED_ATTRIBUTES[short])
    elif space == CAMUNDA and short not in _READ:
        yield tree.problem("not-read", element, f"camunda:{short} 会原样保留但不起作用", warn=True)


def _check_languages(tree: Tree) -> Iterator[Problem]:
    """FEEL is the only language; nothing else is ever run."""
    for script in tree.root.iter(f"{B}scriptTask"):
        language = (script.get("scriptFormat") or "").strip()
        if language.lower() not in _FEEL:
            reason = f"脚本语言“{language[:30]}”不支持；请改为 FEEL，每行写“变量 = 表达式”"
            yield tree.problem("script-language", script, reason)
    for expression in tree.root.iter(*(f"{B}{name}" for name in _EXPRESSIONS)):
        language = (expression.get("language") or "").strip()
        if language.lower() not in _FEEL and language not in _FEEL:
            reason = f"表达式语言“{language[:30]}”不支持；请改为 FEEL"
            yield tree.problem("expression-language", expression, reason)
