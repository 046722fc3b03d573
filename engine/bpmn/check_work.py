"""Checks of the work: who does it, with which form, until when, and what automatic tasks call."""

import re
from collections.abc import Iterator

from lxml import etree

from engine.bpmn.check_known import World
from engine.bpmn.check_tree import Node, Tree, properties
from engine.bpmn.check_waits import called_key
from engine.bpmn.xml import B, C, local, text_in
from engine.errors import Problem

_PEOPLE = frozenset({"userTask", "manualTask"})
_CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})
_CALLED_PEOPLE = frozenset({"globalUserTask", "globalManualTask"})
_TASK_PROPERTIES = frozenset(
    {
        "bihuan:deadline", "bihuan:deadlineVariant", "bihuan:unit", "bihuan:notSameAs", "bihuan:sameAs",
        "bihuan:excludeUnit", "bihuan:submitLabel", "bihuan:certified",
        "bihuan:manualStart",
        "bihuan:whileSuspended", "bihuan:title", "bihuan:startableBy",
        "bihuan:label", "bihuan:correlation", "bihuan:brings",
    }
)  # fmt: skip
# A principal is written `r:<role>@<unit>` and lists have commas, so none of these can be in a code.
_UNIT_CODE = re.compile(r"[\w.-]{1,64}")
_JAVA = ("class", "delegateExpression", "expression")


def check_work(tree: Tree, world: World) -> Iterator[Problem]:
    """Yield what is wrong with the tasks, calls and their properties."""
    for process in tree.executable:
        key = process.get("id", "")
        for node in tree.inside(process):
            yield from _check_properties(tree, node)
            if node.tag in _PEOPLE:
                yield from _check_people(tree, node, world)
                yield from _check_units(tree, node, world)
                yield from _check_deadline(tree, node, world)
                yield from _check_separation(tree, node)
            if node.tag in _PEOPLE | _CATCHING:
                yield from _check_form(tree, node, world, key)
            yield from _check_startable(tree, node, world)
            if node.tag == "adHocSubProcess":
                yield from _check_by_hand(tree, node)
            yield from _check_automatic(tree, node, world)
    for element in tree.global_tasks:
        if local(element) in _CALLED_PEOPLE:
            called = Node(element, element.get("id", ""), "userTask", "")
            yield from _check_people(tree, called, world)
            yield from _check_units(tree, called, world)


def listed_in(text: str) -> list[str]:
    """Return the ids of a comma separated list; none where an expression gives them."""
    return [part.strip() for part in text.split(",") if part.strip() and "${" not in text]


def _check_people(tree: Tree, node: Node, world: World) -> Iterator[Problem]:
    element = node.element
    own = properties(element)
    given = [element.get(f"{C}{name}", "").strip() for name in ("assignee", "candidateUsers", "candidateGroups")]
    if not any(given) and "bihuan:sameAs" not in own:
        reason = "没有办理人：请填写候选组（岗位角色）、候选人或办理人，否则没有人能看到这项任务"
        yield tree.problem("nobody", element, reason)
    for role in listed_in(element.get(f"{C}candidateGroups", "")):
        if not world.has_role(role):
            yield tree.problem(
                "unknown-role", element, f"候选组“{role}”不在岗位角色表中；{_near(role, world.known.roles)}"
            )


def _check_units(tree: Tree, node: Node, world: World) -> Iterator[Problem]:
    """Demand units that exist: without one the work stays with the matter's unit, and nobody is kept from it."""
    own = properties(node.element)
    for name, words in (("bihuan:unit", "办理单位"), ("bihuan:excludeUnit", "回避单位")):
        value, entry = own.get(name, ("", node.element))
        codes = listed_in(value) if name == "bihuan:excludeUnit" else [value.strip()]
        for code in codes:
            if not code or "${" in code:
                continue
            if not _UNIT_CODE.fullmatch(code):
                reason = f"{words}“{code[:80]}”不是单位代码：请填写一个单位的代码，或写作表达式 ${{…}}"
                yield tree.problem("unit-code", entry, reason)
            elif not world.has_unit(code):
                reason = f"{words}“{code}”不在组织架构中；{_near(code, world.known.units)}"
                yield tree.problem("unknown-unit", entry, reason)


def _check_form(tree: Tree, node: Node, world: World, key: str) -> Iterator[Problem]:
    reference = node.element.get(f"{C}formRef", "").strip()
    form_key = node.element.get(f"{C}formKey", "").strip()
    if reference and "${" not in reference and not world.has_form(f"{key}/{reference}"):
        reason = f"表单“{reference}”不存在；应有文件 forms/{key}/{reference}.form，请新建表单或改正名称"
        yield tree.problem("unknown-form", node.element, reason)
    if form_key and "${" not in form_key and not world.has_form(form_key):
        reason = f"表单“{form_key}”不存在；请改用表单引用（formRef）或写作“流程/表单”"
        yield tree.problem("unknown-form", node.element, reason)


def _check_deadline(tree: Tree, node: Node, world: World) -> Iterator[Problem]:
    own, deadlines = properties(node.element), world.known.deadlines
    code, entry = own.get("bihuan:deadline", ("", node.element))
    if deadlines is None or not code or "${" in code:
        return
    if code not in deadlines:
        yield tree.problem("unknown-deadline", entry, f"时限代码“{code}”不在时限登记表中；{_near(code, deadlines)}")
        return
    variant, place = own.get("bihuan:deadlineVariant", ("", node.element))
    if variant and "${" not in variant and variant not in deadlines[code]:
        known = "、".join(sorted(deadlines[code])) or "无"
        yield tree.problem("unknown-deadline", place, f"时限“{code}”没有变体“{variant}”；已有变体：{known}")


def _check_separation(tree: Tree, node: Node) -> Iterator[Problem]:
    """Separation of duties names other tasks of the same file."""
    own = properties(node.element)
    for name in ("bihuan:notSameAs", "bihuan:sameAs"):
        value, entry = own.get(name, ("", node.element))
        for other in listed_in(value):
            target = tree.nodes.get(other)
            if target is None or target.tag not in _PEOPLE | {"startEvent"}:
                reason = f"{name} 指向的“{other}”不是本流程中的用户任务，请填写用户任务的标识"
                yield tree.problem("unknown-task", entry, reason)
            elif target is node:
                yield tree.problem("unknown-task", entry, f"{name} 不能指向任务自己")


def _check_startable(tree: Tree, node: Node, world: World) -> Iterator[Problem]:
    """Demand roles that exist, and warn where nobody is ever offered anything."""
    value, entry = properties(node.element).get("bihuan:startableBy", ("", node.element))
    if value and not _may_be_started(tree, node):
        reason = (
            "扩展属性“bihuan:startableBy”在这里不起作用：只有等待消息的事件、接收任务和临时子流程里的环节可以由人发起"
        )
        yield tree.problem("unknown-property", entry, reason, warn=True)
    for role in listed_in(value):
        if role not in {"participants", "starter"} and not world.has_role(role):
            yield tree.problem(
                "unknown-role", entry, f"可发起的角色“{role}”不在岗位角色表中；{_near(role, world.known.roles)}"
            )


def _may_be_started(tree: Tree, node: Node) -> bool:
    """Tell whether a message reaches an element, or it lies in an ad-hoc sub-process (engine.execution.by_hand)."""
    around = tree.nodes.get(node.scope)
    if node.tag == "startEvent":
        return around is not None and around.by_event and "messageEventDefinition" in node.kinds
    if node.tag == "receiveTask" or (node.tag in _CATCHING and "messageEventDefinition" in node.kinds):
        return True
    return around is not None and around.tag == "adHocSubProcess"


def _check_by_hand(tree: Tree, node: Node) -> Iterator[Problem]:
    """Demand that what is started by hand can be started by somebody, and comes to an end."""
    if properties(node.element).get("bihuan:manualStart", ("",))[0] != "true":
        return
    if not any("bihuan:startableBy" in properties(child.element) for child in tree.children(node.id)):
        reason = "里面的环节由人发起（bihuan:manualStart），而没有一个写明谁可以发起（bihuan:startableBy）"
        yield tree.problem("nobody", node.element, reason)
    if not text_in(node.element.find(f"{B}completionCondition")):
        reason = "里面的环节由人发起，而没有写明何时结束；请填写完成条件（completionCondition）"
        yield tree.problem("loop-without-end", node.element, reason)


def _check_properties(tree: Tree, node: Node) -> Iterator[Problem]:
    for name, (_, entry) in properties(node.element).items():
        if name.startswith("bihuan:") and name not in _TASK_PROPERTIES:
            reason = f"扩展属性“{name}”不认识，不会起作用；{_near(name, _TASK_PROPERTIES)}"
            yield tree.problem("unknown-property", entry, reason, warn=True)


def _check_automatic(tree: Tree, node: Node, world: World) -> Iterator[Problem]:
    """Yield what a task calls that does not exist, or that is Java and does not run here."""
    carriers = [node.element, *node.definitions]
    for carrier in carriers:
        for name in _JAVA:
            if carrier.get(f"{C}{name}"):
                reason = f"camunda:{name} 指向 Java 代码，不会执行；请改用主题（camunda:topic）、FEEL 脚本或决策表"
                yield tree.problem("java", carrier, reason)
    if node.tag in {"serviceTask", "sendTask"}:
        yield from _check_topic(tree, node, node.element, world)
    elif node.tag == "businessRuleTask":
        yield from _check_decision(tree, node, world)
    elif node.tag == "callActivity":
        yield from _check_call(tree, node, world)


def _check_topic(tree: Tree, node: Node, carrier: etree._Element, world: World) -> Iterator[Problem]:
    topic = carrier.get(f"{C}topic", "").strip()
    if not topic:
        sends = carrier.get("messageRef") or carrier.get("operationRef")
        if not any(carrier.get(f"{C}{name}") for name in _JAVA) and not sends:
            yield tree.problem(
                "no-topic", node.element, "没有填写主题（camunda:topic），不知道调用什么；请选择一个连接器"
            )
    elif "${" not in topic and world.known.topics is not None and topic not in world.known.topics:
        yield tree.problem(
            "unknown-topic", node.element, f"主题“{topic}”没有对应的连接器；{_near(topic, world.known.topics)}"
        )


def _check_decision(tree: Tree, node: Node, world: World) -> Iterator[Problem]:
    decision = node.element.get(f"{C}decisionRef", "").strip()
    if node.element.get(f"{C}topic"):
        yield from _check_topic(tree, node, node.element, world)
    elif not decision:
        yield tree.problem("no-decision", node.element, "没有填写决策引用（camunda:decisionRef），请选择一张决策表")
    elif "${" not in decision and not world.has_decision(decision):
        known = world.decisions | set(world.known.decisions or ())
        yield tree.problem("unknown-decision", node.element, f"决策“{decision}”不存在；{_near(decision, known)}")


def _check_call(tree: Tree, node: Node, world: World) -> Iterator[Problem]:
    called = called_key(node)
    if node.element.get(f"{C}caseRef"):
        yield tree.problem("case", node.element, "不支持调用 CMMN 案例（camunda:caseRef），请改为调用流程")
    elif not node.element.get("calledElement", "").strip():
        yield tree.problem("no-called-process", node.element, "没有填写被调用的流程（calledElement），请选择一个流程")
    elif called and not world.has_process(called):
        known = world.processes | set(world.known.processes or ())
        yield tree.problem("unknown-process", node.element, f"被调用的流程“{called}”不存在；{_near(called, known)}")


def _near(word: str, known: object) -> str:
    """Return a hint at the most similar known word, or at where to look."""
    words = [str(entry) for entry in known] if isinstance(known, (set, frozenset, list, tuple, dict)) else []
    from_known = _closest(word, words)
    return f"是否应为“{from_known}”？" if from_known else "请检查名称是否正确"


def _closest(word: str, words: list[str]) -> str | None:
    """Return the known word that shares the most with `word`, if it is close; cheap enough for long lists."""
    best, score = None, 0.7
    for entry in sorted(words):
        if abs(len(entry) - len(word)) > 5 or len(word) > 200:
            continue
        pairs = {word[i : i + 2] for i in range(len(word) - 1)}
        others = {entry[i : i + 2] for i in range(len(entry) - 1)}
        alike = 2 * len(pairs & others) / max(1, len(pairs) + len(others))
        if alike > score:
            best, score = entry, alike
    return best
