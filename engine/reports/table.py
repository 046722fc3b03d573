"""A table with titled columns: what a report or a ledger answers with, for a page and for CSV alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Protocol

from engine.command import Context


@dataclass(frozen=True)
class Column:
    """A column: its heading, and whether it holds numbers."""

    title: str
    number: bool = False


@dataclass(frozen=True)
class Table:
    """A title, a note on what is counted, columns, rows of plain values, and totals if they make sense."""

    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    totals: tuple[Any, ...] = ()


class Report(Protocol):
    """A report over a period; `since` and `until` are days of Shanghai, both included."""

    title: ClassVar[str]

    def __init__(self, since: date, until: date) -> None:
        """Choose the period."""
        ...

    def execute(self, context: Context) -> Table:
        """Answer the table."""
        ...


def share(part: int, whole: int) -> str:
    """Return a share in per cent with one decimal, or a dash where there is nothing to share."""
    return f"{100 * part / whole:.1f}%" if whole else "—"


def totals(rows: Sequence[Sequence[Any]], columns: Sequence[int]) -> dict[int, int]:
    """Return the sums of some columns."""
    return {column: sum(row[column] for row in rows) for column in columns}
