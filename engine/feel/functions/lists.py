"""List functions (DMN 1.5 §10.3.4.4)."""

from collections.abc import Callable
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from engine.feel.arithmetic import NUMBERS, add, whole
from engine.feel.compare import equal, order, sort_values
from engine.feel.errors import FeelError
from engine.feel.functions.registry import builtin
from engine.feel.run import Run
from engine.feel.values import Function

_DEEPEST = 100


def _numbers(run: Run, items: list[Any]) -> list[Decimal]:
    run.charge_items(len(items))
    if not all(isinstance(item, Decimal) for item in items):
        raise FeelError("列表中应为数值")
    return items


@builtin("list contains(list: list, element: any)")
def list_contains(run: Run, items: list[Any], element: Any) -> bool:
    """Tell whether a list holds a value."""
    run.charge_items(len(items))
    return any(equal(run, item, element) is True for item in items)


@builtin("count(list: list)")
def count(_run: Run, items: list[Any]) -> Decimal:
    """Return the number of items."""
    return Decimal(len(items))


def _extreme(run: Run, items: list[Any], sign: int) -> Any:
    run.charge_items(len(items))
    if not items:
        return None
    best = items[0]
    for item in items:
        found = order(item, best)
        if found is None:
            raise FeelError("列表中的值无法比较大小")
        if found * sign > 0:
            best = item
    return best


@builtin("min(*list: list)")
def minimum(run: Run, items: list[Any]) -> Any:
    """Return the least item."""
    return _extreme(run, items, -1)


@builtin("max(*list: list)")
def maximum(run: Run, items: list[Any]) -> Any:
    """Return the greatest item."""
    return _extreme(run, items, 1)


@builtin("sum(*list: list)")
def total(run: Run, items: list[Any]) -> Any:
    """Return the sum of numbers or durations, null for none."""
    run.charge_items(len(items))
    if not items:
        return None
    result = items[0]
    if isinstance(result, str) or (len(items) == 1 and not isinstance(result, Decimal)):
        raise FeelError("列表中应为数值")
    for item in items[1:]:
        if type(item) is not type(result):
            raise FeelError("列表中应为数值")
        result = add(run, result, item)
    return result


@builtin("product(*list: list)")
def product(run: Run, items: list[Any]) -> Any:
    """Return the product of numbers, null for none."""
    if not items:
        return None
    result = Decimal(1)
    for item in _numbers(run, items):
        result = NUMBERS.multiply(result, item)
    return result


@builtin("mean(*list: list)")
def mean(run: Run, items: list[Any]) -> Any:
    """Return the average, null for an empty list."""
    if not items:
        return None
    result = total(run, _numbers(run, items))
    return NUMBERS.divide(result, Decimal(len(items)))


@builtin("median(*list: list)")
def median(run: Run, items: list[Any]) -> Any:
    """Return the middle item, or the average of the two in the middle."""
    if not items:
        return None
    ordered = sorted(_numbers(run, items))
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return NUMBERS.divide(NUMBERS.add(ordered[middle - 1], ordered[middle]), Decimal(2))


@builtin("stddev(*list: list)")
def standard_deviation(run: Run, items: list[Any]) -> Decimal:
    """Return the standard deviation of a sample."""
    numbers = _numbers(run, items)
    if len(numbers) < 2:
        raise FeelError("至少需要两个数值")
    average = mean(run, numbers)
    run.charge(3 * len(numbers))
    squares = Decimal(0)
    for number in numbers:
        difference = NUMBERS.subtract(number, average)
        squares = NUMBERS.add(squares, NUMBERS.multiply(difference, difference))
    return NUMBERS.sqrt(NUMBERS.divide(squares, Decimal(len(numbers) - 1)))


@builtin("mode(*list: list)")
def mode(run: Run, items: list[Any]) -> list[Decimal]:
    """Return the most frequent numbers, in order."""
    counts: dict[Decimal, int] = {}
    for number in _numbers(run, items):
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(number for number, times in counts.items() if times == most)


def _ternary(run: Run, items: list[Any], *, decisive: bool) -> bool | None:
    run.charge_items(len(items))
    if any(item is decisive for item in items):
        return decisive
    return (not decisive) if all(item is (not decisive) for item in items) else None


@builtin("all(*list: list)", "and(*list: list)")
def all_true(run: Run, items: list[Any]) -> bool | None:
    """Return false if an item is false, true if all are true (or there is none), otherwise null."""
    return _ternary(run, items, decisive=False)


@builtin("any(*list: list)", "or(*list: list)")
def any_true(run: Run, items: list[Any]) -> bool | None:
    """Return true if an item is true, false if all are false (or there is none), otherwise null."""
    return _ternary(run, items, decisive=True)


@builtin("sublist(list: list, start position: number, length?: number)")
def sublist(run: Run, items: list[Any], start: Decimal, length: Decimal | None = None) -> list[Any]:
    """Return part of a list; positions count from 1, or from the end when negative."""
    run.charge_items(len(items))
    begin = whole(start)
    if begin == 0 or abs(begin) > len(items):
        raise FeelError("起始位置超出列表")
    begin = begin - 1 if begin > 0 else len(items) + begin
    if length is None:
        return items[begin:]
    size = whole(length)
    if size < 1 or begin + size > len(items):
        raise FeelError("长度超出列表")
    return items[begin : begin + size]


def append(run: Run, items: list[Any], *added: Any) -> list[Any]:
    """Return a list with more items at its end."""
    run.charge_items(len(items) + len(added))
    return [*items, *added]


def concatenate(run: Run, *lists: list[Any]) -> list[Any]:
    """Return one list of all items."""
    run.charge_items(sum(map(len, lists)))
    return [item for items in lists for item in items]


def union(run: Run, *lists: list[Any]) -> list[Any]:
    """Return one list of all different items."""
    return distinct_values(run, concatenate(run, *lists))


@builtin("insert before(list: list, position: number, newItem: any)")
def insert_before(run: Run, items: list[Any], position: Decimal, item: Any) -> list[Any]:
    """Return the list with an item put before a position."""
    index = _index(run, items, position)
    return [*items[:index], item, *items[index:]]


def _index(run: Run, items: list[Any], position: Decimal) -> int:
    run.charge_items(len(items))
    number = whole(position)
    if number == 0 or abs(number) > len(items):
        raise FeelError("位置超出列表")
    return number - 1 if number > 0 else len(items) + number


@builtin("remove(list: list, position: number)")
def remove(run: Run, items: list[Any], position: Decimal) -> list[Any]:
    """Return the list without the item at a position."""
    index = _index(run, items, position)
    return [*items[:index], *items[index + 1 :]]


@builtin("list replace(list: list, position: number, newItem: any)")
def list_replace(run: Run, items: list[Any], position: Decimal, item: Any) -> list[Any]:
    """Return the list with the item at a position replaced."""
    index = _index(run, items, position)
    return [*items[:index], item, *items[index + 1 :]]


@builtin("list replace(list: list, match: function, newItem: any)")
def list_replace_matching(run: Run, items: list[Any], match: Function, item: Any) -> list[Any]:
    """Return the list with every item replaced for which `match(item, newItem)` is true."""
    run.charge_items(len(items))
    if len(match.parameters) != 2:
        raise FeelError("函数应有两个参数")
    result: list[Any] = []
    for old in items:
        found = match.call(run, [old, item])
        if not isinstance(found, bool):
            raise FeelError("函数应返回真假值")
        result.append(item if found else old)
    return result


@builtin("reverse(list: list)")
def reverse(run: Run, items: list[Any]) -> list[Any]:
    """Return the items in the opposite order."""
    run.charge_items(len(items))
    return items[::-1]


@builtin("index of(list: list, match: any)")
def index_of(run: Run, items: list[Any], match: Any) -> list[Decimal]:
    """Return the positions of a value."""
    run.charge_items(len(items))
    return [Decimal(index) for index, item in enumerate(items, 1) if equal(run, item, match) is True]


@builtin("distinct values(list: list)")
def distinct_values(run: Run, items: list[Any]) -> list[Any]:
    """Return the list without repetitions."""
    result: list[Any] = []
    seen: set[Any] = set()
    run.charge_items(len(items))
    for item in items:
        if type(item) in {str, Decimal}:
            if (type(item), item) not in seen:
                seen.add((type(item), item))
                result.append(item)
            continue
        run.charge(len(result))
        if not any(equal(run, item, other) is True for other in result):
            result.append(item)
    return result


@builtin("flatten(list: list)")
def flatten(run: Run, items: list[Any], depth: int = 0) -> list[Any]:
    """Return the items of all lists within the list."""
    run.charge_items(len(items))
    if depth > _DEEPEST:
        raise FeelError("列表嵌套过深")
    result: list[Any] = []
    for item in items:
        result += flatten(run, item, depth + 1) if isinstance(item, list) else [item]
    run.charge_items(len(result))
    return result


@builtin("sort(list: list, precedes?: function)")
def sort(run: Run, items: list[Any], precedes: Function | None = None) -> list[Any]:
    """Return the list in order; `precedes(a, b)` tells whether a comes before b."""
    run.charge_items(len(items) * max(1, len(items).bit_length()))
    if precedes is None:
        return sort_values(items)
    return sorted(items, key=cmp_to_key(_comparison(run, precedes)))


def _comparison(run: Run, precedes: Function) -> Callable[[Any, Any], int]:
    if len(precedes.parameters) != 2 and precedes.check_count:
        raise FeelError("函数应有两个参数")

    def compare(left: Any, right: Any) -> int:
        run.charge(10)
        if precedes.call(run, [left, right]) is True:
            return -1
        return 1 if precedes.call(run, [right, left]) is True else 0

    return compare
