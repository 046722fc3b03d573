"""Script tasks: lines `variable = expression`; an expression may go on over several lines."""

import re
from typing import Final

from engine.feel.errors import FeelSyntaxError
from engine.feel.expression import Expression, Functions, compile_expression
from engine.feel.run import TEXT_LIMIT

_ASSIGNMENT: Final = re.compile(r"\s*([^\W\d]\w*)\s*=(?!=)\s*(.*)", re.DOTALL)
_COMMENT: Final = ("//", "#")
_LIMIT: Final = 200


def parse_assignments(text: str, functions: Functions | None = None) -> tuple[tuple[str, Expression], ...]:
    """Return the variables and their expressions in order; raises FeelSyntaxError with the position in the text."""
    if len(text) > TEXT_LIMIT * 5:
        raise FeelSyntaxError("脚本过长", 0, text[:80])
    found: list[tuple[str, Expression]] = []
    for start, statement in _statements(text):
        match = _ASSIGNMENT.fullmatch(statement)
        if not match:
            raise FeelSyntaxError("应写成“变量 = 表达式”", start, text)
        found.append((match.group(1), _compiled(match.group(2), functions, start + match.start(2), text)))
        if len(found) > _LIMIT:
            raise FeelSyntaxError("脚本的行数过多", start, text)
    return tuple(found)


def _compiled(text: str, functions: Functions | None, start: int, whole: str) -> Expression:
    try:
        return compile_expression(text.strip(), functions)
    except FeelSyntaxError as problem:
        raise FeelSyntaxError(problem.message, start + problem.position, whole) from None


def _statements(text: str) -> list[tuple[int, str]]:
    """Join the lines whose brackets or texts are still open; return each with its position."""
    statements: list[tuple[int, str]] = []
    start, depth, pending = 0, 0, ""
    position = 0
    for line in text.splitlines(keepends=True):
        if not pending:
            start = position
        position += len(line)
        if not pending and (not line.strip() or line.lstrip().startswith(_COMMENT)):
            continue
        depth += _open_brackets(line)
        pending += line
        if depth <= 0:
            statements.append((start, pending.strip()))
            pending, depth = "", 0
    if pending.strip():
        statements.append((start, pending.strip()))
    return statements


def _open_brackets(line: str) -> int:
    plain = re.sub(r'"(?:[^"\\]|\\.)*"', "", line)
    return sum(plain.count(bracket) for bracket in "([{") - sum(plain.count(bracket) for bracket in ")]}")
