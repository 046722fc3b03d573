"""Context functions (DMN 1.5 §10.3.4.9)."""

from typing import Any

from engine.feel.errors import FeelError
from engine.feel.functions.registry import builtin
from engine.feel.run import Run


@builtin("get value(m: context, key: string)", "get value(context: context, key: string)")
def get_value(_run: Run, context: dict[str, Any], key: str) -> Any:
    """Return the value of a member, null when there is none."""
    return context.get(key)


@builtin("get entries(m: context)", "get entries(context: context)")
def get_entries(run: Run, context: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the members as a list of {key, value}."""
    run.charge_items(2 * len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context(entries: list)")
def context_of(run: Run, entries: list[Any]) -> dict[str, Any]:
    """Return the context of a list of {key, value}."""
    run.charge_items(len(entries))
    result: dict[str, Any] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("key"), str) or "value" not in entry:
            raise FeelError("条目应有 key 和 value")
        if entry["key"] in result:
            raise FeelError("条目的 key 重复")
        result[entry["key"]] = entry["value"]
    return result


@builtin("context put(context: context, key: string, value: any)")
def context_put(run: Run, context: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Return the context with one member set."""
    run.charge_items(len(context))
    return {**context, key: value}


@builtin("context put(context: context, keys: list, value: any)")
def context_put_deep(run: Run, context: dict[str, Any], keys: list[Any], value: Any) -> dict[str, Any]:
    """Return the context with the member at the end of a path set."""
    run.charge_items(len(context))
    if not keys or not isinstance(keys[0], str):
        raise FeelError("keys 应为文本列表")
    if len(keys) == 1:
        return {**context, keys[0]: value}
    inner = context.get(keys[0])
    if not isinstance(inner, dict) or len(keys) > 50:
        raise FeelError("路径上没有上下文")
    return {**context, keys[0]: context_put_deep(run, inner, keys[1:], value)}


@builtin("context merge(contexts: list)")
def context_merge(run: Run, contexts: list[Any]) -> dict[str, Any]:
    """Return one context of many; the last wins."""
    result: dict[str, Any] = {}
    for context in contexts:
        if not isinstance(context, dict):
            raise FeelError("列表中应为上下文")
        run.charge_items(len(context))
        result.update(context)
    return result
