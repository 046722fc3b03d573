"""The parts of a procedure.toml, or of the same as deployed (JSON): each setting, each entry of its lists."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from engine.comparison.change import Part
from engine.errors import InvalidDefinitionError, Problem

_NAMES = {
    "title": "名称", "code": "代码", "number": "编号规则", "sensitivity": "敏感级别", "start_roles": "可发起岗位",
    "callable_only": "仅供调用", "group": "分组", "summary": "说明", "retention": "保存期限", "documents": "文书",
    "archive": "归档清单", "ledger": "台账列", "matter": "事项字段", "name": "名称", "form": "表单", "key": "标识",
}  # fmt: skip


def setting_parts(content: bytes, path: str) -> dict[str, Part]:
    """Return settings by their name; raises InvalidDefinitionError where it cannot be read."""
    try:
        text = content.decode("utf-8")
        read = json.loads(text) if path.endswith(".json") else tomllib.loads(text)
    except ValueError as wrong:
        raise InvalidDefinitionError([Problem(path, "config", f"无法读取：{wrong}")]) from wrong
    return dict(_parts(read))


def _parts(read: Mapping[str, Any]) -> Iterator[tuple[str, Part]]:
    for key, value in read.items():
        label = _NAMES.get(key, key)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for index, entry in enumerate(value):
                name = str(entry.get("name") or entry.get("key") or index + 1)
                yield f"{key}.{name}", Part(f"{label}“{name}”", dict(_facts(entry)))
        elif isinstance(value, dict):
            yield key, Part(f"设置“{label}”", dict(_facts(value)))
        else:
            yield key, Part(f"设置“{label}”", {"内容": _text(value)})


def _facts(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in entry.items():
        yield _NAMES.get(key, key), _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "、".join(str(one) for one in value) if isinstance(value, list) else str(value)
