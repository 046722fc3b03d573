"""Reader: a form-js schema becomes a Form, or is refused with every problem found, in Chinese."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from engine.errors import InvalidFormError, Problem
from engine.forms.form import Form
from engine.forms.model import CHOICE_KINDS, KEYED_KINDS, NESTED_KINDS, SHOWN_KINDS, Field
from engine.forms.rules import PROPERTIES, read_rules

NEWEST_SCHEMA = 19
MAX_FIELDS = 600
MAX_DEPTH = 6
RESERVED = frozenset(
    {"matter", "actor", "task", "decisions", "this", "parent", "i", "csrf_token", "row_version", "idempotency_key"}
)
REFUSED = {
    "html": "页面不允许嵌入 HTML",
    "iframe": "页面不允许嵌入外部网页",
    "image": "表单不显示外部图片",
    "documentPreview": "请改用附件字段",
}
TYPES = frozenset({"person", "persons", "unit", "units", "ref", "sign", "vault", "auto", "money", "opinion"})


def read_form(schema: Any, name: str, functions: Mapping[str, Callable[..., Any]] | None = None) -> Form:
    """Read a form-js schema (a JSON object). `functions` are the host functions its expressions may call.

    Raises InvalidFormError with a Problem for each component, key, option list or expression that cannot be taken.
    """
    reading = _Reading(name, functions or {})
    if not isinstance(schema, Mapping) or not isinstance(schema.get("components"), list):
        reading.refuse("form-schema", "文件不是 form-js 表单：缺少 components 列表。")
        raise InvalidFormError(reading.problems)
    reading.check_version(schema.get("schemaVersion", NEWEST_SCHEMA))
    fields = reading.fields(schema["components"], set(), 1)
    fields = _with_override_reason(fields)
    if sum(field.outcome for field in _all(fields)) > 1:
        reading.refuse("form-outcome", "一张表单只能有一个作为办理按钮的字段（bihuan:outcome）。")
    if reading.problems:
        raise InvalidFormError(reading.problems)
    return Form(str(schema.get("id") or name), name, fields, dict(functions or {}))


class _Reading:
    """One reading of a schema, collecting problems."""

    def __init__(self, name: str, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.name = name
        self.functions = functions
        self.problems: list[Problem] = []
        self.count = 0

    def refuse(self, rule: str, message: str, element: str | None = None) -> None:
        self.problems.append(Problem(self.name, rule, message, element))

    def check_version(self, version: Any) -> None:
        if not isinstance(version, int) or version > NEWEST_SCHEMA:
            self.refuse("form-version", f"表单版本 {version!s:.20} 不受支持，请用不高于 {NEWEST_SCHEMA} 的版本保存。")

    def fields(self, components: Any, taken: set[tuple[str, ...]], depth: int) -> tuple[Field, ...]:
        """Read components that share a scope; `taken` are the keys already used in it."""
        if not isinstance(components, list) or depth > MAX_DEPTH:
            self.refuse("form-nesting", f"分组和列表的嵌套不能超过 {MAX_DEPTH} 层。")
            return ()
        read = (self.field(component, taken, depth) for component in components)
        return tuple(field for field in read if field is not None)

    def field(self, component: Any, taken: set[tuple[str, ...]], depth: int) -> Field | None:
        """Read one component; None when it is refused."""
        self.count += 1
        if self.count > MAX_FIELDS:
            if self.count == MAX_FIELDS + 1:
                self.refuse("form-size", f"一张表单不能超过 {MAX_FIELDS} 个组件。")
            return None
        if not isinstance(component, Mapping) or not isinstance(component.get("type"), str):
            self.refuse("form-component", "有一个组件没有类型。")
            return None
        kind = str(component["type"])
        place = str(component.get("key") or component.get("path") or component.get("id") or kind)
        if kind not in KEYED_KINDS | SHOWN_KINDS | NESTED_KINDS:
            reason = REFUSED.get(kind, "产品不支持这种组件")
            self.refuse("form-component", f"组件“{place}”的类型“{kind}”不能使用：{reason}。", place)
            return None
        return self._known_field(component, kind, place, taken, depth)

    def _known_field(
        self, component: Mapping[str, Any], kind: str, place: str, taken: set[tuple[str, ...]], depth: int
    ) -> Field:
        key = self.key(component, kind, place, taken)
        properties = self.properties(component, kind, place)
        rules = read_rules(component, properties, self.functions, lambda r, m: self.refuse(r, m, place))
        label = component.get("label")
        if kind in KEYED_KINDS and not (isinstance(label, str) and label.strip()):
            self.refuse("form-label", f"字段“{place}”没有标签，请填写中文名称。", place)
        inner = taken if kind == "group" and not key else set()
        children = self.fields(component["components"], inner, depth + 1) if component.get("components") else ()
        if kind == "dynamiclist" and not children:
            self.refuse("form-list", f"列表“{place}”没有列。", place)
        field = Field(
            str(component.get("id") or place), kind, key, str(label or ""), component, rules, properties, children
        )
        self.check_choices(field, place)
        return field

    def key(self, component: Mapping[str, Any], kind: str, place: str, taken: set[tuple[str, ...]]) -> tuple[str, ...]:
        """Return the path of the component in its scope; () for one without a value."""
        if kind in SHOWN_KINDS:
            return ()
        text = component.get("key") if kind in KEYED_KINDS else component.get("path")
        if kind == "group" and not text:
            return ()
        parts = tuple(str(text or "").split("."))
        if not all(part.isidentifier() for part in parts):
            self.refuse("form-key", f"字段“{place}”的键“{text}”不能使用，请用字母、数字和下划线，不以数字开头。", place)
        elif parts[0] in RESERVED or parts[0].startswith("_"):
            self.refuse("form-key", f"字段“{place}”的键“{parts[0]}”由系统使用，请换一个。", place)
        elif parts in taken:
            self.refuse("form-key", f"键“{text}”在同一范围内用了两次。", place)
        taken.add(parts)
        return parts

    def properties(self, component: Mapping[str, Any], kind: str, place: str) -> dict[str, str]:
        """Return the properties of the component; an unknown one of the product is a slip that would do nothing."""
        given = component.get("properties")
        properties = {str(k): str(v) for k, v in given.items()} if isinstance(given, Mapping) else {}
        for name in properties:
            base = name.rstrip("0123456789")
            if name.startswith("bihuan:") and base not in PROPERTIES:
                self.refuse("form-property", f"字段“{place}”的属性“{name}”产品不认识。", place)
        if properties.get("bihuan:type", "auto") not in TYPES:
            self.refuse("form-property", f"字段“{place}”的类型“{properties['bihuan:type']}”产品不认识。", place)
        if properties.get("bihuan:outcome") == "true" and kind not in {"radio", "select"}:
            self.refuse("form-outcome", f"字段“{place}”作为办理按钮，必须是单选或下拉。", place)
        for limit in ("bihuan:maxRows", "bihuan:minRows"):
            if not properties.get(limit, "0").isdecimal():
                self.refuse("form-property", f"字段“{place}”的 {limit} 必须是整数。", place)
        return properties

    def check_choices(self, field: Field, place: str) -> None:
        """Refuse a field of choices that has nowhere to take them from."""
        if field.kind not in CHOICE_KINDS or field.option_source:
            return
        schema = field.schema
        values = schema.get("values")
        listed = isinstance(values, list) and all(
            isinstance(item, Mapping) and "value" in item and item.get("label") for item in values
        )
        if not (listed and values) and not schema.get("valuesKey") and field.rules.options is None:
            self.refuse("form-options", f"字段“{place}”没有选项，或有选项缺少值或名称。", place)


def _all(fields: tuple[Field, ...]) -> list[Field]:
    found = list(fields)
    for field in fields:
        found.extend(_all(field.children))
    return found


def _with_override_reason(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Where a field has a suggestion, its form asks why somebody decides otherwise; add the field unless it is there.

    The field shows only when an answer differs (domain.md section 8, G-OPINION).
    """
    known = _all(fields)
    if not any(field.rules.suggestion for field in known) or any(f.key == ("override_reason",) for f in known):
        return fields
    label = "不采纳系统建议理由"
    schema = {"type": "textarea", "key": "override_reason", "label": label}
    rules = replace(read_rules(schema, {}, {}, lambda *_: None))
    reason = Field("override_reason", "textarea", ("override_reason",), label, schema, rules, {})
    position = max(index for index, field in enumerate(fields) if any(f.rules.suggestion for f in _all((field,))))
    return (*fields[: position + 1], reason, *fields[position + 1 :])
