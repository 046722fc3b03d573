"""Values of attributes: literal text, a FEEL expression `${...}`, or text with expressions inside."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.feel import Expression, compile_expression, to_json
from engine.feel.run import Run as Evaluation

Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Value:
    """What an attribute says: literal text, one expression, or a text with expressions in it."""

    text: str
    parts: tuple[str | Expression, ...]

    @property
    def is_literal(self) -> bool:
        """Tell whether there is no expression in it."""
        return not any(isinstance(part, Expression) for part in self.parts)

    @property
    def names(self) -> frozenset[str]:
        """Return the variables it reads."""
        return frozenset().union(*(part.names for part in self.parts if isinstance(part, Expression)))

    def evaluate(self, variables: Mapping[str, Any], now: datetime | None = None) -> Any:
        """Return JSON: the text, the value of the one expression, or the text filled in. Raises FeelBudgetError."""
        return self.evaluate_in(Evaluation(now), variables)

    def evaluate_in(self, evaluation: Evaluation, variables: Mapping[str, Any]) -> Any:
        """Evaluate as part of a larger evaluation, whose budget it shares. Raises FeelBudgetError."""
        found = [
            part if isinstance(part, str) else to_json(part.evaluate_in(evaluation, variables)) for part in self.parts
        ]
        return found[0] if len(found) == 1 else "".join(as_text(part) for part in found)

    def evaluate_text(self, variables: Mapping[str, Any], now: datetime | None = None) -> str | None:
        """Return the value as text; None where it is null or empty."""
        value = self.evaluate(variables, now)
        return as_text(value) or None


def as_text(value: Any) -> str:
    """Return a JSON value as people write it: null is empty, numbers are plain, true and false are FEEL's."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(as_text(entry) for entry in value)
    return str(value)


def read_value(text: str, functions: Functions | None = None) -> Value:
    """Compile a text with `${...}` in it. Raises FeelSyntaxError; an unclosed `${` is literal text."""
    parts: list[str | Expression] = []
    position = 0
    for start, end in _expressions(text):
        if start > position:
            parts.append(text[position:start])
        parts.append(compile_expression(text[start + 2 : end], functions))
        position = end + 1
    if position < len(text) or not parts:
        parts.append(text[position:])
    return Value(text, tuple(parts))


def read_expression(text: str, functions: Functions | None = None) -> Expression:
    """Compile a condition, written plainly, as `${...}` or as `=...`. Raises FeelSyntaxError."""
    inner = text.strip()
    spans = _expressions(inner)
    if len(spans) == 1 and spans[0] == (0, len(inner) - 1):
        inner = inner[2:-1]
    elif inner.startswith("="):
        inner = inner[1:]
    return compile_expression(inner, functions)


def _expressions(text: str) -> list[tuple[int, int]]:
    """Return (start of `${`, position of its `}`) for each; braces of contexts and texts in quotes are passed over."""
    found: list[tuple[int, int]] = []
    position = text.find("${")
    while position >= 0:
        end = _closing(text, position + 2)
        if end is None:
            break
        found.append((position, end))
        position = text.find("${", end)
    return found


def _closing(text: str, position: int) -> int | None:
    depth, quoted = 1, False
    while position < len(text):
        letter = text[position]
        if quoted:
            position += letter == "\\"
            quoted = letter != '"'
        elif letter == '"':
            quoted = True
        elif letter in "{}":
            depth += 1 if letter == "{" else -1
            if depth == 0:
                return position
        position += 1
    return None
