"""The map is drawn from the diagram's own coordinates, and nothing in a diagram becomes markup."""

from pathlib import Path

import pytest
from lxml import etree

from web.map import State, draw
from web.map_reader import read_drawing
from web.map_words import wrapped

DIAGRAM = """<?xml version="1.0"?>
<b:definitions xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:d="http://www.omg.org/spec/DD/20100524/DI" targetNamespace="t">
  <b:process id="P"><b:startEvent id="S" name="开始"/><b:userTask id="A" name="{name}"/>
    <b:boundaryEvent id="B" attachedToRef="A" cancelActivity="false"><b:timerEventDefinition/></b:boundaryEvent>
    <b:exclusiveGateway id="G" name="同意？"/><b:sequenceFlow id="F" name="是" sourceRef="S" targetRef="A"/></b:process>
  <di:BPMNDiagram><di:BPMNPlane bpmnElement="P">
    <di:BPMNShape bpmnElement="S"><dc:Bounds x="100" y="100" width="36" height="36"/></di:BPMNShape>
    <di:BPMNShape bpmnElement="A"><dc:Bounds x="200" y="80" width="100" height="80"/></di:BPMNShape>
    <di:BPMNShape bpmnElement="B"><dc:Bounds x="240" y="142" width="36" height="36"/></di:BPMNShape>
    <di:BPMNShape bpmnElement="G"><dc:Bounds x="360" y="95" width="50" height="50"/></di:BPMNShape>
    <di:BPMNEdge bpmnElement="F"><d:waypoint x="136" y="118"/><d:waypoint x="200" y="118"/></di:BPMNEdge>
  </di:BPMNPlane></di:BPMNDiagram>
</b:definitions>"""


def drawn(name="核查", **state):
    return etree.fromstring(draw(DIAGRAM.replace("{name}", name), State(**state)).encode())


def test_every_word_of_the_diagram_is_on_the_map():
    assert {"开始", "核查", "同意？", "是"} <= set(drawn().itertext())


def test_the_present_step_and_the_way_so_far_stand_out():
    text = etree.tostring(drawn(active={"A"}, passed={"S"}, flows={"F"})).decode()
    assert "#bc4c00" in text
    assert 'marker-end="url(#passed)"' in text
    assert "#bc4c00" not in etree.tostring(drawn()).decode()


def test_the_part_around_the_present_step_shows_it_and_not_the_middle_of_its_sub_process():
    file = Path("processes/penalty_case/penalty_case.bpmn").read_text("utf-8")
    drawing = read_drawing(file)
    outer = max((one for one in drawing.shapes if one.kind == "subProcess"), key=lambda one: one.width)
    inner = next(one for one in drawing.shapes if one.kind == "userTask" and abs(one.middle()[0] - outer.x) < 400)
    part = etree.fromstring(draw(file, State(active={outer.id, inner.id}), around=True).encode())
    left, top, width, height = map(float, part.get("viewBox").split())
    (x, y), far = inner.middle(), outer.middle()
    assert left < x < left + width
    assert top < y < top + height
    assert not left < far[0] < left + width


def test_a_name_is_text_and_never_markup():
    hostile = "&lt;script&gt;alert(1)&lt;/script&gt;"
    picture = drawn(hostile)
    assert not [element for element in picture.iter() if str(element.tag).endswith("script")]
    assert "alert" in "".join(picture.itertext())


def test_a_file_without_coordinates_says_so():
    assert "步骤清单" in draw("<definitions/>")
    assert read_drawing("not xml").shapes == ()


def test_impossible_coordinates_do_not_break_the_picture():
    etree.fromstring(draw(DIAGRAM.replace('x="100"', 'x="NaN"').replace('y="80"', 'y="1e400"')).encode())


def test_long_names_are_wrapped_and_cut():
    assert wrapped("核查报告", 24) == ["核查", "报告"]
    assert wrapped("一" * 100, 24)[-1].endswith("…")


SHIPPED = sorted((Path(__file__).parents[2] / "processes").glob("*/*.bpmn"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_procedure_can_be_drawn(path):
    xml = path.read_text(encoding="utf-8")
    assert read_drawing(xml).shapes
    etree.fromstring(draw(xml).encode())
