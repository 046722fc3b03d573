"""FEEL, the expression language of DMN 1.5: compiled once, safe by budget, without any way into Python."""

from engine.feel.assignments import parse_assignments
from engine.feel.errors import FeelBudgetError, FeelSyntaxError
from engine.feel.expression import Evaluation, Expression, UnaryTests, compile_expression, compile_unary_tests
from engine.feel.json_values import to_json
from engine.feel.values import DateTime, DayTimeDuration, FarDate, Function, Range, Time, YearMonthDuration

__all__ = [
    "DateTime",
    "DayTimeDuration",
    "Evaluation",
    "Expression",
    "FarDate",
    "FeelBudgetError",
    "FeelSyntaxError",
    "Function",
    "Range",
    "Time",
    "UnaryTests",
    "YearMonthDuration",
    "compile_expression",
    "compile_unary_tests",
    "parse_assignments",
    "to_json",
]
