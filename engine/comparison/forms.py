"""The parts of a form: its fields, at whatever depth."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from engine.comparison.change import Part
from engine.errors import InvalidFormError, Problem

_NAMES = {
    "type": "类型", "label": "名称", "key": "标识", "text": "文字", "description": "说明", "defaultValue": "默认值",
    "values": "选项", "valuesKey": "选项来源", "valuesExpression": "选项算式", "expression": "算式", "readonly": "只读",
    "disabled": "停用", "required": "必填", "min": "最小值", "max": "最大值", "minLength": "最短", "maxLength": "最长",
    "pattern": "格式", "conditional": "条件", "hide": "隐藏条件", "validate": "校验", "path": "路径", "subtype": "种类",
    "isRepeating": "可重复", "properties": "属性", "columns": "列", "decimalDigits": "小数位",
}  # fmt: skip


def form_parts(content: bytes, path: str) -> dict[str, Part]:
    """Return the fields of a form by id; raises InvalidFormError where it is no JSON object."""
    try:
        schema = json.loads(content)
        fields = list(_fields(schema["components"], ""))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise InvalidFormError([Problem(path, "form", "不是表单文件（form-js JSON）")]) from wrong
    return dict(fields)


def _fields(components: list[dict[str, Any]], group: str) -> Iterator[tuple[str, Part]]:
    for index, one in enumerate(components):
        key = str(one.get("id") or one.get("key") or f"{group}#{index}")
        facts = dict(_facts(one, ""))
        yield key, Part(_label(one), {**facts, **({"所在分组": group} if group else {})}, json.dumps(one.get("layout")))
        yield from _fields(one.get("components", []), str(one.get("label") or one.get("path") or key))


def _label(one: Mapping[str, Any]) -> str:
    name = str(one.get("label") or one.get("text") or one.get("key") or one.get("id") or one["type"])[:40]
    return f"{'分组' if one.get('components') else '字段'}“{name}”"


def _facts(one: Mapping[str, Any], around: str) -> Iterator[tuple[str, str]]:
    for name, value in one.items():
        if name in {"id", "layout", "components"}:
            continue
        known = _NAMES.get(name, name.removeprefix("bihuan:"))
        full = f"{around}·{known}" if around and around not in {"校验", "属性", "条件"} else known
        if isinstance(value, dict):
            yield from _facts(value, full)
        else:
            yield full, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(str(one.get("label") or one) if isinstance(one, dict) else str(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
