"""Reading a diagram's coordinates: the shapes and edges of the first BPMN plane (BPMN 2.0.2 §12)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml import etree

_MODEL = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC = "{http://www.omg.org/spec/DD/20100524/DC}"
_DI = "{http://www.omg.org/spec/DD/20100524/DI}"
_FURTHEST = 100_000.0
_PROCESSES = frozenset({"subProcess", "adHocSubProcess", "transaction"})


@dataclass(frozen=True)
class Shape:
    """A node with its place and what it looks like."""

    id: str
    kind: str
    name: str
    x: float
    y: float
    width: float
    height: float
    expanded: bool = False
    horizontal: bool = True
    by_event: bool = False
    interrupting: bool = True
    marker: str = ""
    loop: str = ""
    label: tuple[float, float, float, float] | None = None

    @property
    def is_container(self) -> bool:
        """Tell whether others are drawn inside this one."""
        return self.kind in {"participant", "lane"} or (self.kind == "subProcess" and self.expanded)

    def middle(self) -> tuple[float, float]:
        """Return the middle of the node."""
        return self.x + self.width / 2, self.y + self.height / 2

    def corners(self) -> Iterator[tuple[float, float]]:
        """Yield what the picture must have room for, the label too."""
        yield self.x, self.y
        yield self.x + self.width, self.y + self.height
        if self.label:
            x, y, width, height = self.label
            yield x, y
            yield x + width, y + height

    def label_place(self) -> tuple[float, float, float]:
        """Return the middle of the label and its width; below the node where the file says nothing."""
        if self.label:
            x, y, width, height = self.label
            return x + width / 2, y + height / 2, max(width, 90)
        return self.x + self.width / 2, self.y + self.height + 14, 100


@dataclass(frozen=True)
class Edge:
    """A flow with its way points."""

    id: str
    kind: str
    name: str
    points: tuple[tuple[float, float], ...]
    label: tuple[float, float, float, float] | None = None

    def label_place(self) -> tuple[float, float]:
        """Return where the name stands: as the file says, else beside the first stretch."""
        if self.label:
            x, y, width, height = self.label
            return x + width / 2, y + height / 2
        (x1, y1), (x2, y2) = self.points[0], self.points[1]
        return (x1 + x2) / 2, (y1 + y2) / 2 - 8


@dataclass(frozen=True)
class Drawing:
    """Everything drawn, containers from the outside in."""

    shapes: tuple[Shape, ...]
    edges: tuple[Edge, ...]


@lru_cache(maxsize=64)
def read_drawing(xml: str) -> Drawing:
    """Read the first plane; a file that cannot be read gives an empty drawing."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)
    try:
        root = etree.fromstring(xml.encode(), parser)
    except etree.XMLSyntaxError:
        return Drawing((), ())
    plane = root.find(f"{_BPMNDI}BPMNDiagram/{_BPMNDI}BPMNPlane")
    if plane is None:
        return Drawing((), ())
    elements = {element.get("id"): element for element in root.iter() if element.get("id")}
    shapes = [_shape(item, elements.get(item.get("bpmnElement"))) for item in plane.iter(f"{_BPMNDI}BPMNShape")]
    edges = [_edge(item, elements.get(item.get("bpmnElement"))) for item in plane.iter(f"{_BPMNDI}BPMNEdge")]
    placed = [shape for shape in shapes if shape is not None]
    placed.sort(key=lambda shape: -shape.width * shape.height if shape.is_container else 0)
    return Drawing(tuple(placed), tuple(edge for edge in edges if edge is not None))


def _shape(item: Any, element: Any) -> Shape | None:
    bounds = item.find(f"{_DC}Bounds")
    if element is None or bounds is None:
        return None
    x, y, width, height = _bounds(bounds)
    kind = _kind(element)
    expanded = item.get("isExpanded") == "true"
    return Shape(
        id=element.get("id"),
        kind="subProcess" if kind in _PROCESSES else kind,
        name=_name(element),
        x=x,
        y=y,
        width=width,
        height=height,
        expanded=expanded,
        horizontal=item.get("isHorizontal") != "false",
        by_event=element.get("triggeredByEvent") == "true",
        interrupting=element.get("cancelActivity") != "false" and element.get("isInterrupting") != "false",
        marker=_marker(element),
        loop=_loop(element, collapsed=kind in _PROCESSES and not expanded),
        label=_label(item),
    )


def _edge(item: Any, element: Any) -> Edge | None:
    points = tuple((_number(point.get("x")), _number(point.get("y"))) for point in item.findall(f"{_DI}waypoint"))
    if element is None or len(points) < 2:
        return None
    return Edge(element.get("id"), _kind(element), element.get("name") or "", points, _label(item))


def _label(item: Any) -> tuple[float, float, float, float] | None:
    bounds = item.find(f"{_BPMNDI}BPMNLabel/{_DC}Bounds")
    return None if bounds is None else _bounds(bounds)


def _bounds(element: Any) -> tuple[float, float, float, float]:
    x, y, width, height = (_number(element.get(name)) for name in ("x", "y", "width", "height"))
    return x, y, max(width, 0.0), max(height, 0.0)


def _number(text: str | None) -> float:
    try:
        value = float(text or 0)
    except ValueError:
        return 0.0
    return max(-_FURTHEST, min(value, _FURTHEST)) if value == value else 0.0  # noqa: PLR0124 - NaN alone differs


def _kind(element: Any) -> str:
    return str(element.tag).removeprefix(_MODEL)


def _name(element: Any) -> str:
    text = element.find(f"{_MODEL}text")
    return (text.text or "") if text is not None else element.get("name") or ""


def _marker(element: Any) -> str:
    for child in element:
        kind = _kind(child)
        if kind.endswith("EventDefinition"):
            return kind.removesuffix("EventDefinition")
    return ""


def _loop(element: Any, *, collapsed: bool) -> str:
    many = element.find(f"{_MODEL}multiInstanceLoopCharacteristics")
    if many is not None:
        return "sequential" if many.get("isSequential") == "true" else "parallel"
    if element.find(f"{_MODEL}standardLoopCharacteristics") is not None:
        return "loop"
    return "collapsed" if collapsed else ""
