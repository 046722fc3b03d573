"""Conversion functions and `not` (DMN 1.5 §10.3.4.1, §10.3.4.2)."""

import re
from decimal import Decimal
from typing import Any

from engine.feel.arithmetic import NUMBERS
from engine.feel.compare import kind
from engine.feel.errors import FeelError
from engine.feel.functions.registry import builtin
from engine.feel.run import Run
from engine.feel.text import text_of

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?", re.ASCII)
_SEPARATORS = {None, " ", ",", "."}


@builtin("number(from: value)")
def number(run: Run, text: Any) -> Decimal:
    """Read a number written with a decimal point; a number is returned as it is."""
    if isinstance(text, Decimal):
        return text
    return number_grouped(run, text, None)


@builtin("number(from: value, grouping separator: any, decimal separator?: any)")
def number_grouped(_run: Run, text: Any, grouping: Any, point: Any = None) -> Decimal:
    """Read a number written with separators of its own."""
    if not isinstance(text, str):
        raise FeelError("需要文本")
    if grouping not in _SEPARATORS or point not in {None, ",", "."} or (point is not None and grouping == point):
        raise FeelError("分隔符有误")
    plain = text.replace(grouping, "") if grouping else text
    plain = plain.replace(point, ".") if point else plain
    if len(plain) > 200 or not _NUMBER.fullmatch(plain):
        raise FeelError("文本不是数值")
    found: Decimal = NUMBERS.create_decimal(plain)
    return found


@builtin("string(from: any)")
def string(run: Run, value: Any) -> str | None:
    """Return a value as text; null stays null."""
    return None if value is None else text_of(run, value)


@builtin("not(negand: any)")
def negation(_run: Run, value: Any) -> bool | None:
    """Return the opposite of true and false, null for all else."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return not value if isinstance(value, bool) else None


@builtin("is(value1?: any, value2?: any)")
def is_same(_run: Run, left: Any = None, right: Any = None) -> bool:
    """Tell whether two values are the same element of the same domain (zones included)."""
    return kind(left) == kind(right) and (left is right or bool(left == right))
