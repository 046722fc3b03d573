"""FEEL against the text of the standard (DMN 1.5 §10.3): a table of expressions with what each gives."""

from pathlib import Path

import pytest

from engine.feel import FeelSyntaxError, compile_expression

LINES = (Path(__file__).parent / "standard.feel").read_text(encoding="utf-8").splitlines()


def sections():
    """Section by section, the expressions with their results."""
    found = {}
    for line in LINES[1:]:
        if line.startswith("# "):
            cases = found.setdefault(line[2:], [])
        elif line:
            expression, _, result = line.rpartition("=>")
            cases.append((expression.strip(), result.strip()))
    return found


SECTIONS = sections()


def evaluated(expression):
    """An expression's value with its kind, since True equals 1; `!` where it does not compile."""
    try:
        value = compile_expression(expression).evaluate({})
    except FeelSyntaxError:
        return "!"
    return type(value), value


@pytest.mark.parametrize("section", SECTIONS)
def test_expressions_give_what_the_standard_says(section):
    wanted = {expression: "!" if result == "!" else evaluated(result) for expression, result in SECTIONS[section]}
    assert {expression: evaluated(expression) for expression in wanted} == wanted


def test_the_table_is_read_whole():
    assert sum(map(len, SECTIONS.values())) == sum("=>" in line for line in LINES)
    results = [result for cases in SECTIONS.values() for _, result in cases if result != "!"]
    assert "!" not in [evaluated(result) for result in results]
