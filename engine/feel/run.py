"""One evaluation: its budget, its instant and its warnings."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from engine.feel.errors import FeelBudgetError

TEXT_LIMIT: Final = 10_000
TOKEN_LIMIT: Final = 2_000
NESTING_LIMIT: Final = 60
STEP_LIMIT: Final = 25_000
FRAME_LIMIT: Final = 350
STRING_LIMIT: Final = 200_000
LIST_LIMIT: Final = 20_000
WARNING_LIMIT: Final = 20
DIGIT_LIMIT: Final = 34


class Run:
    """Counts the work of one evaluation. Deterministic: it counts steps and sizes, never time.

    A step is about one node evaluated (below 1 µs); loops charge their body once per round and functions charge
    by the size of what they touch, so that straight-line code costs nothing to watch.
    """

    __slots__ = ("frames", "now", "patterns", "steps", "trace", "types", "warnings")

    def __init__(
        self, now: datetime | None = None, types: Mapping[str, Any] | None = None, steps: int = STEP_LIMIT
    ) -> None:
        self.steps = steps
        self.trace: list[dict[str, Any]] = []
        self.frames = 0
        self.patterns: set[tuple[str, str | None]] = set()
        self.now = now
        self.types: Mapping[str, Any] = types or {}
        self.warnings: list[str] = []

    def charge(self, steps: int) -> None:
        """Pay for `steps`; raises FeelBudgetError when nothing is left."""
        self.steps -= steps
        if self.steps < 0:
            raise FeelBudgetError("步骤过多")

    def charge_text(self, length: int) -> None:
        """Pay for touching or building `length` characters."""
        if length > STRING_LIMIT:
            raise FeelBudgetError("文本过长")
        self.charge(1 + length // 50)

    def charge_items(self, count: int) -> None:
        """Pay for touching or building a list of `count` items."""
        if count > LIST_LIMIT:
            raise FeelBudgetError("列表过长")
        self.charge(1 + count)

    def enter(self, frames: int) -> None:
        """Go down into a function body that nests `frames` deep."""
        self.frames += frames
        if self.frames > FRAME_LIMIT:
            raise FeelBudgetError("函数调用层次过深")

    def leave(self, frames: int) -> None:
        """Come back from a function body."""
        self.frames -= frames

    def warn(self, message: str) -> None:
        """Keep why something became null."""
        if len(self.warnings) < WARNING_LIMIT and message not in self.warnings:
            self.warnings.append(message)


class Env:
    """Names in sight: one layer per loop, function, context or filter item; the outermost holds the variables given."""

    __slots__ = ("parent", "run", "vars")

    def __init__(self, values: dict[str, Any], parent: "Env | None", run: Run) -> None:
        self.vars = values
        self.parent = parent
        self.run = run

    def child(self, values: dict[str, Any]) -> "Env":
        """Return an inner layer."""
        return Env(values, self, self.run)
