"""Filters, `for`, `some` and `every`: each round pays for the nodes of its body."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from engine.feel.arithmetic import whole
from engine.feel.code import Closure, Code, enclosing
from engine.feel.compare import kind, order
from engine.feel.errors import FeelError
from engine.feel.lookup import name_closure
from engine.feel.nodes import Filter, For, Iterator, Literal, Name, Negate, Node, Quantified
from engine.feel.run import LIST_LIMIT, Env, Run
from engine.feel.values import AnyDate, Range, date_from_ordinal

Compile = Callable[[Node], Code]


def compile_filter(node: Filter, compile_node: Compile) -> Code:
    """Return the code of `value[condition]`."""
    base = node.value
    # The results so far need no copy where only an item of them is taken.
    value = Code(name_closure("partial")) if base == Name("partial") else compile_node(base)
    condition = compile_node(node.condition)
    constant = isinstance(node.condition, (Literal, Negate))

    def run(env: Env) -> Any:
        items = value.run(env)
        if not isinstance(items, list):
            items = [] if items is None else [items]
        if constant or not items:
            found = condition.run(env) if constant else None
            return _chosen(env.run, items, found)
        return _filtered(env, items, condition)

    return enclosing(run, value, condition)


def _chosen(run: Run, items: list[Any], found: Any) -> Any:
    if type(found) is Decimal:
        return item_at(run, items, found)
    if found is None or isinstance(found, bool):
        return list(items) if found else []
    run.warn("筛选条件应为真假值")
    return None


def _filtered(env: Env, items: list[Any], condition: Code) -> Any:
    result: list[Any] = []
    env.run.charge_items(len(items))
    for index, item in enumerate(items):
        env.run.charge(condition.size)
        found = condition.run(_item_env(env, item))
        if index == 0 and type(found) is Decimal:
            return item_at(env.run, items, found)
        if found is True:
            result.append(item)
        elif found is not False and found is not None:
            env.run.warn("筛选条件应为真假值")
            return None
    return result


def _item_env(env: Env, item: Any) -> Env:
    if type(item) is not dict:
        return env.child({"item": item})
    return env.child(item) if "item" in item else env.child({"item": item}).child(item)


def item_at(run: Run, items: list[Any], number: Decimal) -> Any:
    """Return the item at a 1-based index, from the end when negative; null when there is none."""
    if number != number.to_integral_value() or number.adjusted() > 9:
        run.warn("列表序号应为整数")
        return None
    index = int(number)
    if index == 0 or abs(index) > len(items):
        run.warn(f"列表没有第 {index} 项")
        return None
    return items[index - 1 if index > 0 else index]


_Domain = tuple[str, Closure, Closure | None]


def _domains(iterators: tuple[Iterator, ...], compile_node: Compile) -> tuple[tuple[_Domain, ...], list[Code]]:
    domains: list[_Domain] = []
    codes: list[Code] = []
    for iterator in iterators:
        start = compile_node(iterator.domain)
        end = compile_node(iterator.end) if iterator.end else None
        domains.append((iterator.name, start.run, end.run if end else None))
        codes += [start, end] if end else [start]
    return tuple(domains), codes


def _rounds(env: Env, domains: tuple[_Domain, ...], cost: int) -> Iterable[Env]:
    """Go through all combinations, the last iterator fastest; raises FeelError where there is nothing to go through."""
    (name, start, end), rest = domains[0], domains[1:]
    items = _span(env.run, start(env), end(env)) if end else _items(env.run, start(env))
    for item in items:
        env.run.charge(cost)
        inner = env.child({name: item})
        if rest:
            yield from _rounds(inner, rest, cost)
        else:
            yield inner


def _items(run: Run, domain: Any) -> Iterable[Any]:
    if isinstance(domain, list):
        return domain
    if isinstance(domain, Range):
        return _range_items(run, domain)
    if domain is None:
        raise FeelError("循环的范围为空")
    return [domain]


def _range_items(run: Run, domain: Range) -> Iterable[Any]:
    if domain.operator or domain.start is None or domain.end is None:
        raise FeelError("循环的区间没有端点")
    if order(domain.start, domain.end) == 1:
        raise FeelError("循环的区间没有元素")
    items = list(_span(run, domain.start, domain.end))
    if not domain.start_included:
        items = items[1:]
    return items if domain.end_included else items[:-1]


def _span(run: Run, start: Any, end: Any) -> Iterable[Any]:
    """Return whole numbers or days from start to end, upwards or downwards (DMN 1.5 §10.3.2.14)."""
    if kind(start) == kind(end) == "number":
        return [Decimal(number) for number in _integers(run, whole(start), whole(end))]
    if kind(start) == kind(end) == "date":
        return _days(run, start, end)
    raise FeelError("循环的区间应为数值或日期")


def _days(run: Run, start: AnyDate, end: AnyDate) -> list[AnyDate]:
    return [date_from_ordinal(day) for day in _integers(run, start.toordinal(), end.toordinal())]


def _integers(run: Run, start: int, end: int) -> range:
    run.charge_items(min(abs(end - start), LIST_LIMIT + 1))
    return range(start, end + 1) if start <= end else range(start, end - 1, -1)


def compile_for(node: For, compile_node: Compile) -> Code:
    """Return the code of `for … return …`."""
    domains, codes = _domains(node.iterators, compile_node)
    body = compile_node(node.body)
    cost = sum(code.size for code in codes) + body.size

    def run(env: Env) -> list[Any] | None:
        results: list[Any] = []
        try:
            for inner in _rounds(env.child({"partial": results}), domains, cost):
                results.append(body.run(inner))  # noqa: PERF401 - the body reads `partial`
        except FeelError as problem:
            env.run.warn(str(problem))
            return None
        env.run.charge_items(len(results))
        return results

    return enclosing(run, *codes, body)


def compile_quantified(node: Quantified, compile_node: Compile) -> Code:
    """Return the code of `some … satisfies …` and `every … satisfies …`."""
    domains, codes = _domains(node.iterators, compile_node)
    condition = compile_node(node.condition)
    cost = sum(code.size for code in codes) + condition.size
    neutral = node.every

    def run(env: Env) -> bool | None:
        result: bool | None = neutral
        try:
            for inner in _rounds(env, domains, cost):
                found = condition.run(inner)
                if found is (not neutral):
                    return not neutral
                if found is not neutral:
                    result = None
        except FeelError as problem:
            env.run.warn(str(problem))
            return None
        return result

    return enclosing(run, *codes, condition)
