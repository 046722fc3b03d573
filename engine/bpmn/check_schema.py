"""The first check: the OMG schema of BPMN 2.0, its English answers told in Chinese."""

import re
from collections.abc import Iterator

from engine.bpmn.check_tree import WORDS, Tree
from engine.bpmn.referee import SchemaError, schema_errors
from engine.errors import Problem

_DRAWING = ("{http://www.omg.org/spec/BPMN/20100524/DI}", "{http://www.omg.org/spec/DD/20100524/D")
_TAG = re.compile(r"\{[^{}]*\}([\w.-]+)")
_PATTERNS = (
    (re.compile(r"attribute '([^']+)' is not allowed"), "不应有属性“{0}”，请删除"),
    (re.compile(r"attribute '([^']+)' is required but missing"), "缺少属性“{0}”，请补上"),
    (re.compile(r"attribute '([^']+)': '(.*)' is not a valid value of the atomic type 'xs:ID'", re.DOTALL),
     "标识“{1}”重复或写法不对；请改为唯一的、以字母或汉字开头且不含空格的标识"),
    (re.compile(r"attribute '([^']+)': '(.*)' is not a valid value of the atomic type '(.+)'", re.DOTALL),
     "属性“{0}”的值“{1}”不符合要求（应为 {2}）"),
    (re.compile(r"attribute '([^']+)': \[facet.+ The value '(.*)' is not an element of the set \{(.*)\}", re.DOTALL),
     "属性“{0}”的值“{1}”不在允许的范围内：{2}"),
    (re.compile(r"attribute '([^']+)': The QName value '(.*)' has no corresponding"),
     "属性“{0}”的值“{1}”使用了没有声明的前缀"),
    (re.compile(r"Missing child element\(s\)\. Expected is (.*)\.", re.DOTALL), "内容不完整，缺少：{0}"),
    (re.compile(r"This element is not expected\. Expected is (.*)\.", re.DOTALL),
     "元素“{tag}”不应出现在这里（此处可用：{0}）；请在流程设计器中重新保存，或删除它"),
    (re.compile(r"This element is not expected\."), "元素“{tag}”不应出现在这里，请删除"),
    (re.compile(r"Character content"), "元素里有多余的文字，请删除"),
    (re.compile(r"^Element '[^']*': '(.*)' is not a valid value of the atomic type '(.+)'", re.DOTALL),
     "内容“{0}”不符合要求（应为 {1}）"),
    (re.compile(r"No matching global (?:element )?declaration"), "元素“{tag}”不是 BPMN 元素"),
)  # fmt: skip


def check_schema(tree: Tree) -> Iterator[Problem]:
    """Yield where the file deviates from the schema; in the drawing part such deviations are only warnings."""
    for error in schema_errors(tree.root):
        if not _is_tolerated(error):
            drawing = any(f"Element '{space}" in error.words for space in _DRAWING)
            yield tree.problem("schema", error.element, chinese(error.words), warn=drawing)


def _is_tolerated(error: SchemaError) -> bool:
    """Camunda allows an expression where the schema wants the name of a process."""
    return "attribute 'calledElement': '${" in error.words


def chinese(words: str) -> str:
    """Tell one of libxml2's schema messages in Chinese; what is not known is quoted."""
    tag = _TAG.search(words)
    name = tag.group(1) if tag else ""
    for pattern, told in _PATTERNS:
        match = pattern.search(words)
        if match:
            return told.format(*(_short(part) for part in match.groups()), tag=WORDS.get(name, name))
    return f"不符合 BPMN 2.0 规范：{_short(words)}"


def _short(part: str) -> str:
    """Return names without namespaces, and lists of them cut to a readable length."""
    plain = _TAG.sub(r"\1", part).removeprefix("one of").strip("( )")
    names = plain.split(", ")
    return "、".join(names[:8]) + (" 等" if len(names) > 8 else "") if len(names) > 1 else plain[:120]
