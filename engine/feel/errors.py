"""What FEEL refuses: text that is no FEEL, and work over budget. All other errors are null (DMN 1.5 §10.3.2)."""

from engine.errors import InvalidError


class FeelSyntaxError(InvalidError):
    """The text is not FEEL; `position` is the offset of the first character that does not fit."""

    words = "表达式有误（第 {place} 个字符处）：{message}"

    def __init__(self, message: str, position: int = 0, text: str = "") -> None:
        """Keep the Chinese message, the zero-based position and the text."""
        super().__init__(message=message, place=position + 1, reason=message)
        self.message = message
        self.position = position
        self.text = text


class FeelBudgetError(InvalidError):
    """An expression asked for more steps, depth or memory than one evaluation may use."""

    words = "表达式的计算量超出限制：{reason}"

    def __init__(self, reason: str) -> None:
        """Say in Chinese which limit was reached."""
        super().__init__(reason=reason)


class FeelError(Exception):
    """Internal: this operation has no value; the result is null and the words become a warning."""
