"""Functions that place points and ranges (DMN 1.5 §10.3.4.6 after Allen's interval algebra), and `range`."""

from typing import Any

from engine.feel.compare import equal, order
from engine.feel.errors import FeelError
from engine.feel.functions.registry import builtin
from engine.feel.range_text import parse_range
from engine.feel.run import Run
from engine.feel.values import Range

_BOTH = "(range1: range, range2: range)"


def _order(left: Any, right: Any) -> int:
    sign = order(left, right)
    if sign is None:
        raise FeelError("两个值无法比较大小")
    return sign


def _ends(value: Any) -> Range:
    """Return a point as the range that holds only it."""
    return value if isinstance(value, Range) else Range(value, value, start_included=True, end_included=True)


def _before(left: Any, right: Any) -> bool:
    one, other = _ends(left), _ends(right)
    sign = _order(one.end, other.start)
    return sign < 0 or (sign == 0 and not (one.end_included and other.start_included))


_POINTS = (
    "(point1: value, point2: value)",
    "(range: value, point: value)",
    "(point: value, range: value)",
    "(range1: value, range2: value)",
)


@builtin(*(f"before{names}" for names in _POINTS))
def before(_run: Run, left: Any, right: Any) -> bool:
    """Tell whether all of the first comes before all of the second."""
    return _before(left, right)


@builtin(*(f"after{names}" for names in _POINTS))
def after(_run: Run, left: Any, right: Any) -> bool:
    """Tell whether all of the first comes after all of the second."""
    return _before(right, left)


@builtin(f"meets{_BOTH}")
def meets(_run: Run, left: Range, right: Range) -> bool:
    """Tell whether the first ends where the second starts, both included."""
    return left.end_included and right.start_included and _order(left.end, right.start) == 0


@builtin(f"met by{_BOTH}")
def met_by(run: Run, left: Range, right: Range) -> bool:
    """Tell whether the first starts where the second ends, both included."""
    return meets(run, right, left)


def _start_order(left: Range, right: Range) -> int:
    return _order(left.start, right.start) or (right.start_included - left.start_included)


def _end_order(left: Range, right: Range) -> int:
    return _order(left.end, right.end) or (left.end_included - right.end_included)


@builtin(f"overlaps{_BOTH}")
def overlaps(_run: Run, left: Range, right: Range) -> bool:
    """Tell whether the two have a point in common."""
    return not _before(left, right) and not _before(right, left)


@builtin(f"overlaps before{_BOTH}")
def overlaps_before(_run: Run, left: Range, right: Range) -> bool:
    """Tell whether the first starts before the second and ends within it."""
    return _start_order(left, right) < 0 and not _before(left, right) and _end_order(left, right) <= 0


@builtin(f"overlaps after{_BOTH}")
def overlaps_after(run: Run, left: Range, right: Range) -> bool:
    """Tell whether the first starts within the second and ends after it."""
    return overlaps_before(run, right, left)


@builtin("finishes(point: value, range: range)", "finishes(range1: value, range2: range)")
def finishes(_run: Run, left: Any, right: Range) -> bool:
    """Tell whether the first ends the second."""
    if not isinstance(left, Range):
        return right.end_included and _order(left, right.end) == 0
    return _end_order(left, right) == 0 and _start_order(left, right) >= 0


@builtin("finished by(range: range, point: value)", "finished by(range1: range, range2: value)")
def finished_by(run: Run, left: Range, right: Any) -> bool:
    """Tell whether the second ends the first."""
    return finishes(run, right, left)


@builtin("starts(point: value, range: range)", "starts(range1: value, range2: range)")
def starts(_run: Run, left: Any, right: Range) -> bool:
    """Tell whether the first starts the second."""
    if not isinstance(left, Range):
        return right.start_included and _order(left, right.start) == 0
    return _start_order(left, right) == 0 and _end_order(left, right) <= 0


@builtin("started by(range: range, point: value)", "started by(range1: range, range2: value)")
def started_by(run: Run, left: Range, right: Any) -> bool:
    """Tell whether the second starts the first."""
    return starts(run, right, left)


@builtin("includes(range: range, point: value)", "includes(range1: range, range2: value)")
def includes(_run: Run, left: Range, right: Any) -> bool:
    """Tell whether all of the second lies within the first."""
    inner = _ends(right)
    return _start_order(inner, left) >= 0 and _end_order(inner, left) <= 0


@builtin("during(point: value, range: range)", "during(range1: value, range2: range)")
def during(run: Run, left: Any, right: Range) -> bool:
    """Tell whether all of the first lies within the second."""
    return includes(run, right, left)


@builtin("coincides(point1: value, point2: value)", "coincides(range1: value, range2: value)")
def coincides(run: Run, left: Any, right: Any) -> bool:
    """Tell whether both are the same."""
    if isinstance(left, Range) != isinstance(right, Range):
        raise FeelError("不能比较点和区间")
    if isinstance(left, Range):
        return _start_order(left, right) == 0 and _end_order(left, right) == 0
    return equal(run, left, right) is True


@builtin("range(from: string)")
def range_from(run: Run, text: str) -> Range:
    """Read an interval such as `[1..10)`."""
    found = parse_range(run, text)
    if found is None:
        raise FeelError("文本不是区间")
    return found
