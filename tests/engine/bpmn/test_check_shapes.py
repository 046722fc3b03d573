"""The drawing as readers see it: everything is on it, and nothing lies on anything else."""

from random import Random
from time import process_time

import pytest

from engine.bpmn.check_shapes import check_shapes
from engine.bpmn.check_tree import Tree
from engine.bpmn.checks import DefinitionFile, check_definitions
from engine.bpmn.xml import parse_xml
from tests.engine.bpmn.corpus.builder import KNOWN, PATH, definitions, flows, line, process, user

START = '<bpmn:startEvent id="start"/>'
A_B = user("a") + user("b")
HOUR = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
DI = (
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI"'
)


def rules(file: DefinitionFile) -> set[str]:
    return {problem.rule for problem in check_definitions([file], KNOWN)}


def drawn(boxes: dict[str, tuple[float, ...]], body: str = "", edges: tuple[str, ...] = ()) -> DefinitionFile:
    """A row start, a, b, end (or `body`) with shapes at (x, y, width, height), and edges."""
    shapes = [
        f'<bpmndi:BPMNShape id="di_{key}" bpmnElement="{key}">'
        f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/></bpmndi:BPMNShape>'
        for key, (x, y, width, height) in boxes.items()
    ]
    shapes += [
        f'<bpmndi:BPMNEdge id="di_{key}" bpmnElement="{key}"><di:waypoint x="0" y="0"/><di:waypoint x="9" y="0"/>'
        "</bpmndi:BPMNEdge>"
        for key in edges
    ]
    plane = f'<bpmndi:BPMNPlane id="plane" bpmnElement="demo">{"".join(shapes)}</bpmndi:BPMNPlane>'
    row = body or line(A_B, keys=("a", "b"))
    return DefinitionFile(
        PATH, definitions(process(row) + f'<bpmndi:BPMNDiagram id="di" {DI}>{plane}</bpmndi:BPMNDiagram>')
    )


ROW = {"start": (0, 22, 36, 36), "a": (100, 0, 100, 80), "b": (250, 0, 100, 80), "end": (400, 22, 36, 36)}
EDGES = ("start_a", "a_b", "b_end")


def test_shapes_that_lie_apart_are_not_told():
    assert rules(drawn(ROW, edges=EDGES)) == set()


@pytest.mark.parametrize("place", [(150, 40, 100, 80), (100, 0, 100, 80), (120, 20, 30, 30), (50, -50, 300, 300)])
def test_a_shape_on_another_is_told(place):
    (found,) = check_definitions([drawn({**ROW, "b": place}, edges=EDGES)], KNOWN)
    assert (found.rule, found.severity) == ("no-overlapping-elements", "warning")
    assert found.element in {"a", "b"}
    assert all(f"用户任务“办理”（{key}）" in found.message for key in "ab")


def test_shapes_that_touch_do_not_overlap():
    assert rules(drawn({**ROW, "b": (200, 0, 100, 80)}, edges=EDGES)) == set()


def test_what_belongs_on_another_shape_does_not_overlap():
    inside = '<bpmn:startEvent id="i"/><bpmn:endEvent id="o"/>' + flows("i>o")
    inner = f'<bpmn:subProcess id="sub" name="内层">{inside}</bpmn:subProcess>'
    bound = f'<bpmn:boundaryEvent id="late" name="到期" attachedToRef="sub">{HOUR}</bpmn:boundaryEvent>'
    body = line(inner, bound, keys=("sub",)) + flows("late>end")
    places = {
        "start": ROW["start"], "sub": (100, 0, 200, 100), "end": ROW["end"], "i": (110, 20, 36, 36), "o": (200, 20, 36, 36),
        "late": (150, 82, 36, 36),
    }  # fmt: skip
    assert rules(drawn(places, body, ("start_sub", "sub_end", "i_o", "late_end"))) == set()


def test_what_is_not_drawn_is_told_once_for_its_level():
    (found,) = check_definitions([drawn({"start": ROW["start"], "end": ROW["end"]}, edges=EDGES)], KNOWN)
    assert (found.rule, found.element, found.severity) == ("no-bpmndi", "demo", "warning")
    assert "2 个元素" in found.message
    assert "（a）" in found.message
    (flow,) = check_definitions([drawn(ROW, edges=EDGES[:2])], KNOWN)
    assert flow.rule == "no-bpmndi"
    assert "b_end" in flow.message


@pytest.mark.parametrize(
    "place", [("x", 0, 1, 1), (0, 0, "INF", 80), (0, 0, 0, 0), (0, 0, -9, 80), (0, "NaN", 100, 80)]
)
def test_a_shape_without_a_place_is_no_overlap(place):
    assert "no-overlapping-elements" not in rules(drawn({**ROW, "a": place}, edges=EDGES))


def test_some_overlap_is_told_exactly_where_there_is_one():
    random = Random(7)
    for _ in range(300):
        count = random.randint(2, 12)
        keys = [f"t{at}" for at in range(count)]
        places = {
            key: (random.randrange(900), random.randrange(900), random.randrange(9, 300), random.randrange(9, 300))
            for key in keys
        }
        body = line(*(user(key) for key in keys), keys=tuple(keys))
        tree = Tree(parse_xml(drawn(places, body).content, PATH), PATH)
        told = [one for one in check_shapes(tree) if one.rule == "no-overlapping-elements"]
        assert bool(told) == any(
            _apart_by(a, b) for at, a in enumerate(places.values()) for b in list(places.values())[:at]
        )


def _apart_by(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    """Tell whether two boxes lie on each other by more than the four units nobody sees."""
    return all(max(a[i], b[i]) < min(a[i] + a[i + 2], b[i] + b[i + 2]) - 4 for i in (0, 1))


def test_five_thousand_shapes_in_one_column_take_no_second():
    keys = [f"t{at}" for at in range(5000)]
    places = {key: (0, 100 * at, 100, 80) for at, key in enumerate(keys)}
    tasks = "".join(f'<bpmn:task id="{key}" name="办理"/>' for key in keys)
    tree = Tree(parse_xml(drawn(places, START + tasks).content, PATH), PATH)
    before = process_time()
    list(check_shapes(tree))
    assert process_time() - before < 1
