"""The map: a procedure's diagram drawn from its own coordinates (BPMN DI), with the path so far and the present step.

Drawn on the server as plain SVG without scripts, so that it needs no JavaScript and prints; it is shown as a picture.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from engine.queries.matter_views import DiagramView
from web.map_reader import Drawing, Edge, Shape, read_drawing
from web.map_words import wrapped

_PAD = 16
_WINDOW = (520.0, 300.0)
_LINE = "#586272"
_PASSED, _ACTIVE = "#1f4e8c", "#bc4c00"
_PASSED_FILL, _ACTIVE_FILL = "#eef4fb", "#fff1e5"
_MARKS = {
    "added": ("#1a7f37", "#e6f6ea"), "removed": ("#cf222e", "#fdeaec"), "changed": ("#9a6700", "#fff8c5"),
    "moved": ("#6e7781", "#f3f4f6"),
}  # fmt: skip
_FONT = "'PingFang SC','Microsoft YaHei','Noto Sans SC','Noto Sans CJK SC',sans-serif"
_MARKERS = {
    "timer": '<circle cx="0" cy="0" r="8"/><path d="M0 -5V0L4 2"/>',
    "message": '<path d="M-8 -5H8V5H-8ZM-8 -5L0 1L8 -5"/>',
    "signal": '<path d="M0 -7L7 5H-7Z"/>',
    "error": '<path d="M-7 6L-3 -6L2 1L7 -6L3 6L-2 -1Z"/>',
    "escalation": '<path d="M0 -7L5 6L0 1L-5 6Z"/>',
    "conditional": '<path d="M-6 -7H6V7H-6ZM-4 -4H4M-4 0H4M-4 4H4"/>',
    "link": '<path d="M-7 -3H2V-6L8 0L2 6V3H-7Z"/>',
    "compensate": '<path d="M0 -5V5L-7 0ZM7 -5V5L0 0Z"/>',
    "cancel": '<path d="M-6 -6L6 6M6 -6L-6 6"/>',
    "terminate": '<circle cx="0" cy="0" r="8" fill="currentColor"/>',
    "exclusive": '<path d="M-6 -6L6 6M6 -6L-6 6" stroke-width="3"/>',
    "parallel": '<path d="M0 -10V10M-10 0H10" stroke-width="3"/>',
    "inclusive": '<circle cx="0" cy="0" r="9" stroke-width="3"/>',
    "complex": '<path d="M0 -10V10M-10 0H10M-7 -7L7 7M7 -7L-7 7" stroke-width="2.5"/>',
    "eventBased": '<circle cx="0" cy="0" r="12"/><circle cx="0" cy="0" r="9"/><path d="M0 -6L6 -2L4 5H-4L-6 -2Z"/>',
}
_TASK_SIGNS = {
    "userTask": '<circle cx="6" cy="4" r="3"/><path d="M0 14C0 7 12 7 12 14Z"/>',
    "manualTask": '<path d="M0 5H8C10 5 10 8 8 8M0 5V12H8C10 12 10 8 8 8"/>',
    "serviceTask": '<circle cx="6" cy="7" r="5"/><circle cx="6" cy="7" r="2"/><path d="M6 0V2M6 12V14M-1 7H1"/>',
    "sendTask": '<path d="M0 2H14V12H0ZM0 2L7 8L14 2" fill="#586272"/>',
    "receiveTask": '<path d="M0 2H14V12H0ZM0 2L7 8L14 2"/>',
    "businessRuleTask": '<path d="M0 2H14V12H0ZM0 5H14M5 5V12M0 8.5H14"/>',
    "scriptTask": '<path d="M3 1H12L9 7L12 13H2L5 7ZM4 4H10M5 10H10"/>',
}


@dataclass(frozen=True)
class State:
    """Where the matter stands and went: ids of nodes and flows; and how busy each node is, if known.

    `marks` colours elements by what happened to them between two versions: added, removed, changed or moved.
    """

    active: Collection[str] = ()
    passed: Collection[str] = ()
    flows: Collection[str] = ()
    badges: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)

    def colour(self, element: str) -> tuple[str, str, float]:
        """Return line, fill and width of a node."""
        if element in self.marks:
            return (*_MARKS[self.marks[element]], 2.5)
        if element in self.active:
            return _ACTIVE, _ACTIVE_FILL, 3
        return (_PASSED, _PASSED_FILL, 2) if element in self.passed else (_LINE, "#ffffff", 1.4)


def draw_map(view: DiagramView, *, around: bool = False) -> str:
    """Return the SVG of a matter's diagram; `around` shows only what lies around the present step."""
    return draw(view.xml, State(set(view.active), set(view.passed_nodes), set(view.passed_flows)), around=around)


def present_place(view: DiagramView) -> tuple[int, int]:
    """Return where on the picture the present step lies, in pixels from its upper left corner; (0, 0) without one."""
    drawing = read_drawing(view.xml)
    standing = _present(drawing, view.active)
    if standing is None:
        return 0, 0
    left, top, _, _ = _box(drawing)
    middle_x, middle_y = standing.middle()
    return round(middle_x - left), round(middle_y - top)


def places(xml: str) -> list[tuple[str, str, tuple[int, int, int, int]]]:
    """Return id, name and box (left, top, right, bottom in pixels of the picture) of every node."""
    drawing = read_drawing(xml)
    if not drawing.shapes:
        return []
    left, top, _, _ = _box(drawing)
    return [
        (shape.id, shape.name, (round(shape.x - left), round(shape.y - top),
                                round(shape.x + shape.width - left), round(shape.y + shape.height - top)))
        for shape in reversed(drawing.shapes)
        if shape.kind not in {"participant", "lane", "textAnnotation", "group"}
    ]  # fmt: skip


def draw(xml: str, state: State | None = None, *, around: bool = False) -> str:
    """Return the SVG of a diagram; without coordinates, a picture that says so."""
    drawing, now = read_drawing(xml), state or State()
    if not drawing.shapes:
        return _svg((0, 0, 360, 60), _text(180, 34, "这个流程没有图形，请看步骤清单。"))
    parts = [_container(shape, now) for shape in drawing.shapes if shape.is_container]
    parts += [_edge(edge, now) for edge in sorted(drawing.edges, key=lambda edge: edge.id in now.flows)]
    parts += [_node(shape, now) for shape in drawing.shapes if not shape.is_container]
    parts += [_badge(shape, now) for shape in drawing.shapes]
    return _svg(_window(drawing, now) if around else _box(drawing), "".join(parts))


def _window(drawing: Drawing, state: State) -> tuple[float, float, float, float]:
    """Return the part of the picture around the present step, or around its beginning."""
    left, top, wide, high = _box(drawing)
    middle_x, middle_y = (_present(drawing, state.active) or drawing.shapes[-1]).middle()
    width, height = min(_WINDOW[0], wide), min(_WINDOW[1], high)
    x = max(left, min(middle_x - width / 2, left + wide - width))
    y = max(top, min(middle_y - height / 2, top + high - height))
    return x, y, width, height


def _present(drawing: Drawing, active: Collection[str]) -> Shape | None:
    """Return a present step; rather one inside a sub-process than the sub-process, which is active, too."""
    standing = [shape for shape in drawing.shapes if shape.id in active]
    return min(standing, key=lambda shape: (shape.is_container, shape.width * shape.height), default=None)


def _svg(box: tuple[float, float, float, float], body: str) -> str:
    x, y, width, height = box
    arrows = "".join(
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L10 5L0 10Z" fill="{colour}" stroke="none"/></marker>'
        for name, colour in (("arrow", _LINE), ("passed", _PASSED))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{x:g} {y:g} {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" font-family="{_FONT}" font-size="12" fill="none" stroke-linejoin="round">'
        f"<defs>{arrows}</defs>{body}</svg>"
    )


def _box(drawing: Drawing) -> tuple[float, float, float, float]:
    points = [corner for shape in drawing.shapes for corner in shape.corners()]
    points += [point for edge in drawing.edges for point in edge.points]
    left, top = min(x for x, _ in points) - _PAD, min(y for _, y in points) - _PAD
    right, bottom = max(x for x, _ in points) + _PAD, max(y for _, y in points) + _PAD
    return left, top, right - left, bottom - top


def _container(shape: Shape, state: State) -> str:
    line, _, width = state.colour(shape.id)
    rounded = 'rx="8"' if shape.kind == "subProcess" else ""
    dashed = ' stroke-dasharray="2 4"' if shape.by_event else ""
    frame = _rect(shape, f'{rounded} stroke="{line}" stroke-width="{width}" fill="#ffffff" fill-opacity="0.6"{dashed}')
    if shape.kind in {"participant", "lane"} and shape.horizontal:
        x, y = shape.x + 15, shape.y + shape.height / 2
        return frame + f'<g transform="rotate(-90 {x:g} {y:g})">{_text(x, y + 4, shape.name)}</g>'
    return frame + _text(shape.x + shape.width / 2, shape.y + 18, shape.name)


def _node(shape: Shape, state: State) -> str:
    if shape.kind.endswith("Event"):
        return _event(shape, state)
    if shape.kind.endswith("Gateway"):
        return _gateway(shape, state)
    if shape.kind == "textAnnotation":
        x, y, down = shape.x, shape.y, shape.height
        bracket = f'<path d="M{x + 8:g} {y:g}H{x:g}V{y + down:g}H{x + 8:g}" stroke="{_LINE}"/>'
        return bracket + _lines(shape.x + 10 + shape.width / 2, shape.y + down / 2, shape.name, shape.width)
    if shape.kind in {"dataObjectReference", "dataStoreReference", "group"}:
        return _rect(shape, f'stroke="{_LINE}" stroke-dasharray="4 3"') + _label(shape)
    return _task(shape, state)


def _task(shape: Shape, state: State) -> str:
    line, fill, width = state.colour(shape.id)
    thick = max(width, 4) if shape.kind == "callActivity" else width
    box = _rect(shape, f'rx="8" stroke="{line}" stroke-width="{thick}" fill="{fill}"')
    sign = _TASK_SIGNS.get(shape.kind, "")
    drawn = f'<g transform="translate({shape.x + 6:g} {shape.y + 6:g})" stroke="{_LINE}">{sign}</g>' if sign else ""
    middle = shape.x + shape.width / 2
    return box + drawn + _loop(shape) + _lines(middle, shape.y + shape.height / 2, shape.name, shape.width - 12)


def _loop(shape: Shape) -> str:
    x, y = shape.x + shape.width / 2, shape.y + shape.height - 12
    drawn = {
        "parallel": f"M{x - 4:g} {y:g}v8M{x:g} {y:g}v8M{x + 4:g} {y:g}v8",
        "sequential": f"M{x - 5:g} {y:g}h10M{x - 5:g} {y + 4:g}h10M{x - 5:g} {y + 8:g}h10",
        "loop": f"M{x + 3:g} {y + 7:g}a5 5 0 1 0 -5 0l-2 2",
        "collapsed": f"M{x - 6:g} {y - 2:g}h12v12h-12zM{x:g} {y:g}v8M{x - 4:g} {y + 4:g}h8",
    }.get(shape.loop)
    return f'<path d="{drawn}" stroke="{_LINE}"/>' if drawn else ""


def _event(shape: Shape, state: State) -> str:
    line, fill, width = state.colour(shape.id)
    x, y, radius = shape.x + shape.width / 2, shape.y + shape.height / 2, shape.width / 2
    dashed = ' stroke-dasharray="4 3"' if not shape.interrupting else ""
    thick = 4 if shape.kind == "endEvent" else width
    circle = (
        f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" stroke="{line}" stroke-width="{thick}" fill="{fill}"{dashed}/>'
    )
    if shape.kind.startswith("intermediate") or shape.kind == "boundaryEvent":
        circle += f'<circle cx="{x:g}" cy="{y:g}" r="{radius - 3.5:g}" stroke="{line}"{dashed}/>'
    return circle + _marker(x, y, shape.marker, line) + _label(shape)


def _gateway(shape: Shape, state: State) -> str:
    line, fill, width = state.colour(shape.id)
    x, y, half, up = shape.x + shape.width / 2, shape.y + shape.height / 2, shape.width / 2, shape.height / 2
    diamond = f"M{x:g} {y - up:g}L{x + half:g} {y:g}L{x:g} {y + up:g}L{x - half:g} {y:g}Z"
    drawn = f'<path d="{diamond}" stroke="{line}" stroke-width="{width}" fill="{fill}"/>'
    return drawn + _marker(x, y, shape.kind.removesuffix("Gateway"), line) + _label(shape)


def _marker(x: float, y: float, name: str, colour: str) -> str:
    sign = _MARKERS.get(name)
    if not sign:
        return ""
    return f'<g transform="translate({x:g} {y:g})" stroke="{colour}" color="{colour}">{sign}</g>'


def _edge(edge: Edge, state: State) -> str:
    passed = edge.id in state.flows
    line, width, head = (_PASSED, 3, "passed") if passed else (_LINE, 1.4, "arrow")
    if edge.id in state.marks:
        line, width = _MARKS[state.marks[edge.id]][0], 2.5
    way = "M" + "L".join(f"{x:g} {y:g}" for x, y in edge.points)
    dashed = {"messageFlow": ' stroke-dasharray="8 4"', "association": ' stroke-dasharray="1 4"'}.get(edge.kind, "")
    arrow = "" if edge.kind == "association" else f' marker-end="url(#{head})"'
    drawn = f'<path d="{way}" stroke="{line}" stroke-width="{width}"{dashed}{arrow}/>'
    return drawn + (_lines(*edge.label_place(), edge.name, 110, halo=True) if edge.name else "")


def _badge(shape: Shape, state: State) -> str:
    text = state.badges.get(shape.id)
    if not text:
        return ""
    x, y, half = shape.x + shape.width, shape.y, 5 + 4 * len(text)
    pill = f'<rect x="{x - half:g}" y="{y - 10:g}" width="{2 * half:g}" height="20" rx="10" fill="{_ACTIVE}"/>'
    return pill + f'<text x="{x:g}" y="{y + 4:g}" fill="#ffffff" text-anchor="middle">{escape(text)}</text>'


def _label(shape: Shape) -> str:
    if not shape.name:
        return ""
    x, y, width = shape.label_place()
    return _lines(x, y, shape.name, width, halo=True)


def _rect(shape: Shape, more: str) -> str:
    return f'<rect x="{shape.x:g}" y="{shape.y:g}" width="{shape.width:g}" height="{shape.height:g}" {more}/>'


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" fill="#1c2430" text-anchor="middle"{more}>{escape(words)}</text>' if words else ""
    )


def _lines(x: float, y: float, words: str, width: float, *, halo: bool = False) -> str:
    """Draw words centred at a point, wrapped to a width; a halo keeps labels readable over lines."""
    lines = wrapped(words, width)
    more = ' stroke="#ffffff" stroke-width="3" paint-order="stroke"' if halo else ""
    first = y + 4 - 7.5 * (len(lines) - 1)
    return "".join(_text(x, first + 15 * index, line, more) for index, line in enumerate(lines))
