"""The parts of a DMN file: decisions with their columns, and the rows of their tables."""

from collections.abc import Iterator

from lxml import etree

from engine.comparison.change import Part
from engine.dmn.xml import child, children, local, parse_xml, text

_POLICIES = {
    "UNIQUE": "唯一（U）", "FIRST": "首个（F）", "PRIORITY": "优先（P）", "ANY": "任一（A）", "COLLECT": "汇集（C）",
    "RULE ORDER": "按行序（R）", "OUTPUT ORDER": "按输出序（O）",
}  # fmt: skip

_KINDS = {
    "decision": "决策",
    "businessKnowledgeModel": "业务知识",
    "inputData": "输入数据",
    "decisionService": "决策服务",
}
_LINKS = ("informationRequirement", "knowledgeRequirement", "authorityRequirement")


def decision_parts(content: bytes, path: str) -> dict[str, Part]:
    """Return decisions and rows of a DMN file by id; raises InvalidDmnError where it is no XML."""
    root = parse_xml(content, path)
    found: dict[str, Part] = {}
    for element in children(root, *_KINDS):
        key, label = element.get("id", ""), _label(element)
        table = next(iter(element.iterfind("{*}decisionTable")), None)
        found[key] = Part(label, dict(_facts(element, table)))
        if table is not None:
            found.update(_rows(key, label, table))
    return found


def _label(element: etree._Element) -> str:
    kind = {"decision": "决策", "businessKnowledgeModel": "业务知识", "inputData": "输入数据"}.get(
        local(element), "决策服务"
    )
    return f"{kind}“{element.get('name') or element.get('id')}”"


def _facts(element: etree._Element, table: etree._Element | None) -> Iterator[tuple[str, str]]:
    yield "名称", element.get("name") or ""
    needs = [link.get("href", "").lstrip("#") for kind in _LINKS for link in element.iterfind(f"{{*}}{kind}/{{*}}*")]
    if needs:
        yield "依据", "、".join(needs)
    if table is None:
        body = [str(one.text or "").strip() for one in element.iter("{*}text")]
        if body:
            yield "内容", "\n".join(body)
        return
    yield "命中规则", _POLICIES.get(table.get("hitPolicy", "UNIQUE"), table.get("hitPolicy", ""))
    if table.get("aggregation"):
        yield "汇总方式", table.get("aggregation", "")
    yield "列", "、".join(_columns(table))
    for column, expression in zip(_columns(table), table.iterfind("{*}input/{*}inputExpression"), strict=False):
        yield f"列“{column}”", text(expression)


def _columns(table: etree._Element) -> list[str]:
    ins = [one.get("label") or text(child(one, "inputExpression")) for one in children(table, "input")]
    outs = [one.get("label") or one.get("name") or "输出" for one in children(table, "output")]
    return [*ins, *outs]


def _rows(decision: str, label: str, table: etree._Element) -> dict[str, Part]:
    columns = _columns(table)
    found = {}
    for index, rule in enumerate(children(table, "rule"), 1):
        cells = [text(one) for one in children(rule, "inputEntry", "outputEntry")]
        facts = {f"“{name}”": entry for name, entry in zip(columns, cells, strict=False)}
        note = "；".join(str(part).strip() for one in children(rule, "description") for part in one.itertext())
        note = note or "；".join(text(one) for one in children(rule, "annotationEntry"))
        if note:
            facts["说明"] = note
        found[rule.get("id") or f"{decision}#{index}"] = Part(f"{label}第 {index} 行", facts, of=decision)
    return found
