"""Checks of the drawing (BPMN DI): each element is drawn, and none lies on another (BPMN 2.0.2 §12)."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

from lxml import etree

from engine.bpmn.check_tree import Tree, label
from engine.bpmn.xml import B, reference
from engine.errors import Problem

_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_BOUNDS = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
_LEAST = 4.0
_MOST_TOLD = 10


@dataclass(frozen=True, order=True)
class _Box:
    top: float
    bottom: float
    left: float
    right: float
    id: str


def check_shapes(tree: Tree) -> Iterator[Problem]:
    """Yield warnings about a file that has a drawing; one without any is laid out by the editor."""
    drawn = {reference(each.get("bpmnElement", "")) for each in tree.root.iter(f"{_DI}BPMNShape", f"{_DI}BPMNEdge")}
    if not drawn:
        return
    for process in tree.executable:
        for scope in tree.scopes(process):
            yield from _check_drawn(tree, scope, drawn)
    for plane in tree.root.iter(f"{_DI}BPMNPlane"):
        for boxes in _levels(tree, plane):
            for over, under in _overlaps(boxes):
                reason = f"与{label(tree.nodes[under].element)}重叠，图上看不清；请移开"
                yield tree.problem("no-overlapping-elements", tree.nodes[over].element, reason, warn=True)


def _check_drawn(tree: Tree, scope: etree._Element, drawn: set[str]) -> Iterator[Problem]:
    """Yield one problem for each level; the editor shows nothing of what is not drawn."""
    nodes = [node.element for node in tree.children(scope.get("id", "")) if node.id not in drawn]
    flows = [flow for flow in scope.iterchildren(f"{B}sequenceFlow") if flow.get("id") not in drawn]
    missing = nodes or flows
    if missing:
        names = "、".join(label(element) for element in missing[:3])
        reason = f"有 {len(missing)} 个元素没有画在图上（{names}），编辑时看不见；请补画，或删去全部图形由系统重新排列"
        yield tree.problem("no-bpmndi", scope, reason, warn=True)


def _levels(tree: Tree, plane: etree._Element) -> Iterator[list[_Box]]:
    """Yield the boxes of each level of executable processes that a plane shows; boundary events lie on their host."""
    levels: dict[str, list[_Box]] = {}
    for shape in plane.iterchildren(f"{_DI}BPMNShape"):
        node = tree.nodes.get(reference(shape.get("bpmnElement", "")))
        box = _box(node.id, shape.find(_BOUNDS)) if node is not None and node.tag != "boundaryEvent" else None
        if node is not None and box is not None:
            levels.setdefault(node.scope, []).append(box)
    shown = {scope.get("id", "") for process in tree.executable for scope in tree.scopes(process)}
    yield from (boxes for scope, boxes in levels.items() if scope in shown)


def _box(key: str, bounds: etree._Element | None) -> _Box | None:
    """Return where a shape lies, drawn in by what no reader sees; None where that cannot be told."""
    if bounds is None:
        return None
    try:
        x, y, width, height = (float(bounds.get(side, "")) for side in ("x", "y", "width", "height"))
    except ValueError:
        return None
    if not isfinite(x + y + width + height) or width <= _LEAST or height <= _LEAST:
        return None
    return _Box(y, y + height - _LEAST, x, x + width - _LEAST, key)


def _overlaps(boxes: list[_Box]) -> list[tuple[str, str]]:
    """Return shapes that lie on another, each once with one other, by a sweep from left to right.

    `across` holds the boxes under the sweep line from top to bottom. A box found to lie on another is left out of it,
    so those in it lie apart and only the nearest above and below can touch a new one: n boxes take n log n steps.
    """
    found: list[tuple[str, str]] = []
    across: list[_Box] = []
    for box in sorted(boxes, key=lambda one: (one.left, one.top, one.id)):
        other = _touched(across, box)
        if other is None:
            across.insert(bisect_right(across, box), box)
        elif other.id != box.id:
            found.append((box.id, other.id))
            if len(found) == _MOST_TOLD:
                break
    return found


def _touched(across: list[_Box], box: _Box) -> _Box | None:
    """Return a box under the sweep line that `box` lies on; those the line has left are taken out on the way."""
    at = bisect_right(across, box)
    while at > 0:
        above = across[at - 1]
        if above.right > box.left:
            if above.bottom > box.top:
                return above
            break
        at -= 1
        del across[at]
    while at < len(across):
        below = across[at]
        if below.right > box.left:
            return below if below.top < box.bottom else None
        del across[at]
    return None
