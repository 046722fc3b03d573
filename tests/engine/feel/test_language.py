"""What expressions mean, beyond the cases of the conformance suite."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from engine.feel import (
    FeelSyntaxError,
    compile_expression,
    compile_unary_tests,
    parse_assignments,
    to_json,
)

NOW = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)


def value(text, **variables):
    return to_json(compile_expression(text).evaluate(variables, NOW))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-2 ** 2", 4),
        ("2 ** 3 ** 2", 64),
        ("1 - 2 - 3", -4),
        ("0.1 + 0.2 = 0.3", True),
        ("1 / 0", None),
        ('"a" + 1', None),
        ('1 = "1"', None),
        ("null = null", True),
        ("false and null", False),
        ("true or null", True),
        ("true and null", None),
        ('if null then "a" else "b"', "b"),
        ("{a-b: 3, c: a-b + 1}.c", 4),
        ("{first name: 1}.first name", 1),
        ('string length("\U0001f40e")', 1),
        ('string length("\\U01F40E")', 1),
        ('"\\u4e2d\\n"', "中\n"),
        ("[1, 2, 3][-1]", 3),
        ("[1, 2, 3][item >= 2]", [2, 3]),
        ("[{a: 1}, {a: 2}][a = 2].a", [2]),
        ("[{item: 1}][item = 1]", [{"item": 1}]),
        ("for i in 1..3 return i * 2", [2, 4, 6]),
        ("for i in 3..1 return i", [3, 2, 1]),
        ("for i in 1..4 return if i = 1 then 1 else i * partial[-1]", [1, 2, 6, 24]),
        ("for a in [1, 2], b in [a, a + 2] return a * b", [1, 3, 4, 8]),
        ('for d in @"2026-02-27"..@"2026-03-01" return d.day', [27, 28, 1]),
        ("some x in [1, 2] satisfies x > 1", True),
        ("every x in [] satisfies x > 1", True),
        ("5 in (1..10]", True),
        ("1 in (1..10]", False),
        ("1 in ]1..10[", False),
        ("3 in (<2, >2)", True),
        ("[1..10[.end included", False),
        ("(function(a: number, b) a + b)(b: 1, a: 2)", 3),
        ("(function(f, n) f(f, n))(function(f, n) if n <= 1 then 1 else n * f(f, n - 1), 5)", 120),
        ("sort([3, 1, 2], function(a, b) a > b)", [3, 2, 1]),
        ("[1, 2] instance of list<number>", True),
        ("{a: 1} instance of context<a: number>", True),
        ("[1..2] instance of range<number>", True),
        ("1 instance of string", False),
        ('@"2026-01-31" + @"P1M"', "2026-02-28"),
        ('@"2026-11-25" - @"2026-11-20"', "P5D"),
        ('(@"2026-11-25T10:00:00+08:00" - @"2026-11-25T01:00:00Z").hours', 1),
        ('@"2024-02-29".weekday', 4),
        ('date("2026-02-30")', None),
        ('date and time("2026-11-25T09:30:00@Asia/Shanghai").time offset', "PT8H"),
        ('years and months duration(@"2011-12-22", @"2013-08-24")', "P1Y8M"),
        ('duration("P1Y2M") + duration("P10M")', "P2Y"),
        ("string(1.50)", "1.5"),
        ('string([1, "a", {b: null}])', '[1, "a", {b: null}]'),
        ('substring("政法委", -2)', "法委"),
        ('replace("abcd", "(ab)", "[$1]")', "[ab]cd"),
        ('split("a;b;c", ";")', ["a", "b", "c"]),
        ('extract("ab12c3", "[0-9]+")', ["12", "3"]),
        ('matches("abracadabra", "bra$")', True),
        ('string join(["a", null, "b"], "、")', "a、b"),
        ("round half up(2.345, 2)", 2.35),
        ("round half down(2.345, 2)", 2.34),
        ("decimal(2.345, 2)", 2.34),
        ("modulo(-10, 3)", 2),
        ("overlaps after([5..10], [1..6])", True),
        ("before([1..5), 5)", True),
        ('context put({x: {y: 1}}, ["x", "y"], 2)', {"x": {"y": 2}}),
        ("get entries({a: 1})", [{"key": "a", "value": 1}]),
        ("list replace([1, 2, 3], function(item, newItem) item > 1, 9)", [1, 9, 9]),
        ("today()", "2026-11-25"),
        ("now()", "2026-11-25T02:30:00+08:00"),
        ("unknown(1)", None),
        ("1 + /* one */ 1 // two", 2),
    ],
)
def test_an_expression_means_what_the_standard_says(text, expected):
    assert value(text) == expected


def test_names_may_be_chinese_and_hold_blanks():
    assert value('申请 日期 = "2026-11-25" and 金额 > 10000', **{"申请 日期": "2026-11-25", "金额": 20000}) is True


def test_a_variable_that_is_no_function_does_not_hide_a_built_in():
    assert value('date(date) < today() and number = "3"', date="2026-11-01", number="3") is True


def test_numbers_are_decimal_and_floats_are_read_as_written():
    assert compile_expression("x + 0.2").evaluate({"x": 0.1}) == Decimal("0.3")


def test_dates_of_python_are_dates_of_feel():
    assert value("d.year", d=date(2026, 1, 1)) == 2026
    assert value("d.time offset", d=NOW) == "PT0S"


def test_free_names_are_those_that_are_neither_bound_nor_built_in():
    expression = compile_expression("for i in list return i + count(other) + {a: 1, b: a}.b")
    assert expression.names == {"list", "other"}


def test_an_explanation_tells_inputs_and_why_something_is_null():
    found = compile_expression("金额 > 限额").explain({"金额": 5, "其他": 1})
    assert (found.value, found.inputs) == (None, {"金额": 5})
    assert found.warnings


def test_host_functions_get_feel_values_and_their_errors_are_null():
    functions = {"addWorkingDays": lambda day, n: day.replace(day=day.day + int(n))}
    text = 'addWorkingDays(date("2026-11-25"), 2)'
    assert to_json(compile_expression(text, functions).evaluate({})) == "2026-11-27"
    assert compile_expression("addWorkingDays(1, 2)", functions).evaluate({}) is None
    assert compile_expression(text, functions).names == frozenset()


@pytest.mark.parametrize(
    ("tests", "subject", "expected"),
    [
        ("-", None, True),
        ("> 10", 11, True),
        ("> 10", None, None),
        ("[1..5], 9", 9, True),
        ('"是"', "是", True),
        ('not("是", "否")', "是", False),
        ("true", False, False),
        ("false", False, True),
        ("null", None, True),
        ("? * 2 = 8", 4, True),
        ('list contains(?, "a")', ["a"], True),
        ("limit", 3, True),
        ("< limit", 2, True),
        ("limit = 3", "anything", True),
    ],
)
def test_unary_tests_speak_of_one_value(tests, subject, expected):
    assert compile_unary_tests(tests).test(subject, {"limit": 3}) is expected


def test_assignments_may_go_on_over_lines():
    found = parse_assignments('// 说明\ntotal = a + b\nlist = [\n  1,\n  2]\n说明 = "a = b"\n')
    assert [name for name, _ in found] == ["total", "list", "说明"]
    assert [to_json(expression.evaluate({"a": 1, "b": 2})) for _, expression in found] == [3, [1, 2], "a = b"]


@pytest.mark.parametrize("text", ["", "1 +", "(1", "[1, 2", '"open', "if true then 1", "1 2 3 ]", "a b + * c", "#"])
def test_a_text_that_is_no_feel_is_refused_in_chinese_with_the_place(text):
    with pytest.raises(FeelSyntaxError) as refusal:
        compile_expression(text)
    assert "表达式有误" in str(refusal.value)
    assert 0 <= refusal.value.position <= len(text)


def test_a_mistake_in_a_script_is_told_at_its_place():
    with pytest.raises(FeelSyntaxError) as refusal:
        parse_assignments("a = 1\nb = 1 +\n")
    assert refusal.value.position >= 10


def test_json_of_values():
    assert to_json(compile_expression('[1.0, 0.5, @"P1D", [1..2], function(x) x, {a: @"10:00:00"}]').evaluate({})) == [
        1, 0.5, "P1D", "[1..2]", None, {"a": "10:00:00"},
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["x = = 1", "1 + < 2", "x between > 1 and 2", "- < 2", "x < >= 3", "2 * = 4"])
def test_a_comparison_without_its_left_side_is_no_operand(text):
    with pytest.raises(FeelSyntaxError, match="此处不应出现"):
        compile_expression(text)
