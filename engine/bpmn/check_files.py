"""Checks of the files beside the diagram: decisions (DMN), forms (form-js JSON) and procedure.toml."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from engine.bpmn.check_known import DefinitionFile, Known, World
from engine.bpmn.xml import LARGEST
from engine.dmn import DmnModel, read_dmn
from engine.errors import InvalidDefinitionError, Problem

_OPTION_SOURCES = ("code", "people", "units", "register")
_DEEPEST = 40
_MOST_COMPONENTS = 2000
_REFUSED_COMPONENTS = {
    "html": "HTML 组件会把外部内容带进页面，不允许使用；请改用文本（text）组件",
    "iframe": "内嵌网页（iframe）组件不允许使用，请删除",
    "documentPreview": "文档预览组件不支持，请改用附件",
}
_REQUIRED = ("key", "title", "code", "number")
_SENSITIVITIES = ("S0", "S1", "S2", "S3")


def check_size(file: DefinitionFile) -> Iterator[Problem]:
    """Yield a problem for a file that is empty or larger than 2 MB."""
    if len(file.content) > LARGEST:
        size = len(file.content) / 1024 / 1024
        yield Problem(file.path, "too-large", f"文件有 {size:.1f} MB，超过 2 MB 的上限；请拆分或删减")
    elif not file.content.strip():
        yield Problem(file.path, "empty", "文件是空的")


def read_decisions(file: DefinitionFile) -> tuple[DmnModel | None, tuple[Problem, ...]]:
    """Read a DMN file; its problems are those of engine.dmn."""
    try:
        return read_dmn(file.content, file.path), ()
    except InvalidDefinitionError as refusal:
        return None, refusal.problems


def read_form_file(file: DefinitionFile, known: Known) -> tuple[frozenset[str], tuple[Problem, ...]]:
    """Return the keys that a form fills, and what is wrong with it."""
    schema, problem = _json_of(file)
    if problem is not None:
        return frozenset(), (problem,)
    components, problems = _components_of(schema, file.path, known)
    keys = frozenset(str(entry.get("key") or entry.get("path")) for entry in components)
    if problems or known.read_form is None:
        return keys, tuple(problems)
    try:
        known.read_form(schema, file.path)
    except InvalidDefinitionError as refusal:
        return keys, refusal.problems
    return keys, ()


def read_procedure(file: DefinitionFile) -> tuple[Mapping[str, Any] | None, tuple[Problem, ...]]:
    """Read procedure.toml; return its content and what is wrong with its syntax."""
    try:
        return tomllib.loads(file.content.decode("utf-8")), ()
    except UnicodeDecodeError:
        return None, (Problem(file.path, "encoding", "文件不是 UTF-8 编码，请另存为 UTF-8"),)
    except (tomllib.TOMLDecodeError, RecursionError) as wrong:
        return None, (Problem(file.path, "toml", f"TOML 写法有误：{str(wrong)[:200]}"),)


def check_procedure(path: str, folder: str, content: Mapping[str, Any], world: World) -> Iterator[Problem]:
    """Yield what procedure.toml says of things that do not exist."""
    for name in _REQUIRED:
        if not isinstance(content.get(name), str) or not str(content.get(name)).strip():
            yield Problem(path, "procedure", f"缺少“{name}”，请补上", element=name)
    key = content.get("key")
    if isinstance(key, str) and folder and key != folder:
        yield Problem(path, "procedure", f"key 应与文件夹同名：这里是“{key}”，文件夹是“{folder}”", element="key")
    if "sensitivity" in content and content["sensitivity"] not in _SENSITIVITIES:
        yield Problem(path, "procedure", "sensitivity 应为 S0、S1、S2 或 S3", element="sensitivity")
    yield from _check_roles(path, content, world)
    yield from _check_archive(path, content, world)


def _check_roles(path: str, content: Mapping[str, Any], world: World) -> Iterator[Problem]:
    roles = content.get("start_roles", [])
    if not isinstance(roles, list):
        yield Problem(path, "procedure", "start_roles 应为角色列表", element="start_roles")
        return
    for role in roles:
        if not isinstance(role, str) or not world.has_role(role):
            yield Problem(path, "unknown-role", f"start_roles 中的“{role}”不在岗位角色表中", element="start_roles")


def _check_archive(path: str, content: Mapping[str, Any], world: World) -> Iterator[Problem]:
    entries = content.get("archive", [])
    for entry in entries if isinstance(entries, list) else []:
        form = entry.get("form") if isinstance(entry, Mapping) else None
        full = form if not isinstance(form, str) or "/" in form else f"{content.get('key')}/{form}"
        if isinstance(full, str) and not world.has_form(full):
            yield Problem(path, "unknown-form", f"归档清单中的表单“{form}”不存在", element="archive")


def _json_of(file: DefinitionFile) -> tuple[dict[str, Any], Problem | None]:
    try:
        schema = json.loads(file.content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return {}, Problem(file.path, "encoding", "文件不是 UTF-8 编码，请另存为 UTF-8")
    except json.JSONDecodeError as wrong:
        return {}, Problem(
            file.path, "json", f"JSON 写法有误（第 {wrong.lineno} 行第 {wrong.colno} 列）", line=wrong.lineno
        )
    except (RecursionError, ValueError):
        return {}, Problem(file.path, "json", "JSON 嵌套过深或数字过大，无法读取")
    if not isinstance(schema, dict) or not isinstance(schema.get("components"), list):
        return {}, Problem(file.path, "form", "不是 form-js 表单：缺少 components 列表")
    return schema, None


def _components_of(schema: Mapping[str, Any], path: str, known: Known) -> tuple[list[Mapping[str, Any]], list[Problem]]:
    """Return every component with a key or path, and the problems of those that are not allowed; no recursion."""
    found: list[Mapping[str, Any]] = []
    problems: list[Problem] = []
    count = 0
    todo = [(entry, 1) for entry in schema["components"]]
    while todo:
        entry, depth = todo.pop()
        count += 1
        if depth > _DEEPEST or count > _MOST_COMPONENTS:
            reason = f"表单组件超过 {_MOST_COMPONENTS} 个或嵌套超过 {_DEEPEST} 层，请拆分"
            return found, [*problems, Problem(path, "form-size", reason)]
        if not isinstance(entry, Mapping) or not isinstance(entry.get("type"), str):
            problems.append(Problem(path, "form", "有一个组件没有 type，请在表单设计器中重新保存"))
            continue
        kind, name = str(entry["type"]), str(entry.get("label") or entry.get("id") or "")[:60]
        if kind in _REFUSED_COMPONENTS:
            reason = f"组件“{name}”：{_REFUSED_COMPONENTS[kind]}"
            problems.append(Problem(path, "form-component", reason, element=str(entry.get("id") or name)))
        problems += _check_options(entry, path, known)
        if entry.get("key") or entry.get("path"):
            found.append(entry)
        inner = entry.get("components")
        todo += [(child, depth + 1) for child in inner] if isinstance(inner, list) else []
    return found, problems


def _check_options(component: Mapping[str, Any], path: str, known: Known) -> Iterator[Problem]:
    """Yield a problem unless a component takes its options from a list of the server's; see engine.options."""
    properties = component.get("properties")
    source = properties.get("bihuan:options") if isinstance(properties, Mapping) else None
    if not source:
        return
    kind, _, names = str(source).partition(":")
    where = str(component.get("key") or component.get("id") or "")
    if kind not in _OPTION_SOURCES:
        reason = f"组件“{where}”的选项来源“{str(source)[:60]}”不认识；可用：{'、'.join(_OPTION_SOURCES)}"
        yield Problem(path, "unknown-options", reason, element=where)
    elif kind == "code" and known.codes is not None:
        for name in filter(None, (part.strip() for part in names.split("+"))):
            if name.isascii() and name not in known.codes:
                reason = f"组件“{where}”的选项来源：代码表“{name[:60]}”不在 config/codes.toml 中"
                yield Problem(path, "unknown-options", reason, element=where)
