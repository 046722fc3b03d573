"""Numeric functions (DMN 1.5 §10.3.4.5)."""

import decimal
from decimal import Decimal
from typing import Any

from engine.feel.arithmetic import NUMBERS, negate, whole
from engine.feel.errors import FeelError
from engine.feel.functions.registry import builtin
from engine.feel.run import Run
from engine.feel.values import DayTimeDuration, YearMonthDuration

SCALE_LIMIT = 6111


def _scaled(number: Decimal, scale: Decimal, rounding: str) -> Decimal:
    places = whole(scale)
    if not -SCALE_LIMIT <= places <= SCALE_LIMIT + 65:
        raise FeelError("小数位数超出范围")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places:
        return number
    if number.adjusted() + places + 1 > NUMBERS.prec:
        return number
    return number.quantize(Decimal((0, (1,), -places)), rounding=rounding, context=NUMBERS)


@builtin("decimal(n: number, scale: number)")
def to_scale(_run: Run, number: Decimal, scale: Decimal) -> Decimal:
    """Round to a number of decimal places, halves to the even digit."""
    return _scaled(number, scale, decimal.ROUND_HALF_EVEN)


@builtin("floor(n: number, scale?: number)")
def floor(_run: Run, number: Decimal, scale: Decimal = Decimal(0)) -> Decimal:
    """Round downwards."""
    return _scaled(number, scale, decimal.ROUND_FLOOR)


@builtin("ceiling(n: number, scale?: number)")
def ceiling(_run: Run, number: Decimal, scale: Decimal = Decimal(0)) -> Decimal:
    """Round upwards."""
    return _scaled(number, scale, decimal.ROUND_CEILING)


@builtin("round up(n: number, scale: number)")
def round_up(_run: Run, number: Decimal, scale: Decimal) -> Decimal:
    """Round away from zero."""
    return _scaled(number, scale, decimal.ROUND_UP)


@builtin("round down(n: number, scale: number)")
def round_down(_run: Run, number: Decimal, scale: Decimal) -> Decimal:
    """Round towards zero."""
    return _scaled(number, scale, decimal.ROUND_DOWN)


@builtin("round half up(n: number, scale: number)")
def round_half_up(_run: Run, number: Decimal, scale: Decimal) -> Decimal:
    """Round to the nearest, halves away from zero (四舍五入)."""
    return _scaled(number, scale, decimal.ROUND_HALF_UP)


@builtin("round half down(n: number, scale: number)")
def round_half_down(_run: Run, number: Decimal, scale: Decimal) -> Decimal:
    """Round to the nearest, halves towards zero."""
    return _scaled(number, scale, decimal.ROUND_HALF_DOWN)


@builtin("abs(n: value)")
def absolute(run: Run, value: Any) -> Any:
    """Return the size of a number or duration."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, Decimal):
        return abs(value)
    if isinstance(value, DayTimeDuration):
        return value if value.nanos >= 0 else negate(run, value)
    if isinstance(value, YearMonthDuration):
        return value if value.months >= 0 else negate(run, value)
    raise FeelError("需要数值或时长")


@builtin("modulo(dividend: number, divisor: number)")
def modulo(_run: Run, dividend: Decimal, divisor: Decimal) -> Decimal:
    """Return dividend - divisor * floor(dividend / divisor)."""
    if not divisor:
        raise FeelError("除数为零")
    if abs(dividend.adjusted() - divisor.adjusted()) > 2 * NUMBERS.prec:
        raise FeelError("超出范围")
    wide = decimal.Context(prec=6 * NUMBERS.prec)
    rest = wide.remainder(dividend, divisor)
    if rest and (rest < 0) != (divisor < 0):
        rest = wide.add(rest, divisor)
    return NUMBERS.plus(rest)


@builtin("sqrt(number: number)")
def square_root(run: Run, number: Decimal) -> Decimal:
    """Return the square root."""
    run.charge(20)
    return NUMBERS.sqrt(number)


@builtin("log(number: number)")
def logarithm(run: Run, number: Decimal) -> Decimal:
    """Return the natural logarithm of a positive number."""
    run.charge(100)
    if number <= 0:
        raise FeelError("对数的参数应为正数")
    return NUMBERS.ln(number)


@builtin("exp(number: number)")
def exponential(run: Run, number: Decimal) -> Decimal:
    """Return e to the power of a number."""
    run.charge(100)
    return NUMBERS.exp(number)


@builtin("odd(number: number)")
def odd(_run: Run, number: Decimal) -> bool:
    """Tell whether a whole number is odd."""
    return _remainder(number) == 1


@builtin("even(number: number)")
def even(_run: Run, number: Decimal) -> bool:
    """Tell whether a whole number is even."""
    return _remainder(number) == 0


def _remainder(number: Decimal) -> Decimal:
    return abs(number) % 2 if number.adjusted() < NUMBERS.prec else Decimal(0)
