"""The editor's layout.js, run by Node: a file without a drawing gets one, and nothing else of it changes."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from engine.bpmn.reader import read_bpmn
from tests.engine.bpmn.corpus.builder import flows, line, process, props, user
from tests.factories import definitions
from tests.procedures.shipped import ROOT
from web import build

PROGRAM = Path(__file__).parent / "editor_js" / "draw.mjs"
LAYOUT = build.FRONTEND / "src" / "editor" / "layout.js"
B = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DRAWING = re.compile(r"<bpmndi:BPMNDiagram.*</bpmndi:BPMNDiagram>", re.DOTALL)
BRANCHES = (
    '<bpmn:startEvent id="start"/><bpmn:parallelGateway id="fork"/><bpmn:parallelGateway id="join"/>'
    f'{user("left")}{user("right", inside=props(deadline="T-WD"))}<bpmn:endEvent id="end"/>'
    '<bpmn:boundaryEvent id="late" attachedToRef="left"><bpmn:timerEventDefinition id="late_timer">'
    "<bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    + flows("start>fork", "fork>left", "fork>right", "left>join", "right>join", "join>end", "late>join")
)
LOOP = line(user("work"), keys=("work",)) + flows("work>work")
DEEP = f'<bpmn:startEvent id="begin"/>{user("deep")}<bpmn:endEvent id="stop"/>{flows("begin>deep", "deep>stop")}'
NESTED = line(f'<bpmn:subProcess id="inside">{DEEP}</bpmn:subProcess>', keys=("inside",))


@pytest.fixture(scope="module")
def draw(tmp_path_factory):
    """Give files by name to layout.js and return what comes back by name."""
    build.install()

    def drawn(files: dict[str, str]) -> dict[str, str]:
        folder = tmp_path_factory.mktemp("layout")
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="")
        build.run_node(str(PROGRAM), str(LAYOUT), str(folder))
        return {name: (folder / f"{name}.drawn").read_bytes().decode("utf-8") for name in files}

    return drawn


def shipped():
    """The diagrams of every procedure, by file name, with their drawings."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("processes/*/*.bpmn"))}


def undrawn(xml):
    return DRAWING.sub("", xml)


def meaning(xml):
    """What the server reads of a file; on which line something stands is none of it."""
    found = read_bpmn(xml.encode(), "draft.bpmn").processes
    return {
        key: replace(one, line=None, nodes={name: replace(node, line=None) for name, node in one.nodes.items()})
        for key, one in found.items()
    }


def boxes(xml):
    """The shapes of a drawing: element -> (x, y, width, height)."""
    found = {}
    for shape in etree.fromstring(xml.encode()).iter("{*}BPMNShape"):
        bounds = shape.find("{*}Bounds")
        found[shape.get("bpmnElement")] = tuple(float(bounds.get(name)) for name in ("x", "y", "width", "height"))
    return found


def edges(xml):
    return {edge.get("bpmnElement") for edge in etree.fromstring(xml.encode()).iter("{*}BPMNEdge")}


def overlap(one, other):
    return all(one[i] < other[i] + other[i + 2] and other[i] < one[i] + one[i + 2] for i in (0, 1))


def test_files_with_a_drawing_come_back_byte_for_byte(draw):
    files = shipped()
    files["own-prefix.bpmn"] = '<definitions><di:BPMNShape id="a"/></definitions>'
    files["no-prefix.bpmn"] = "<definitions>\r\n<BPMNShape\nid='a'/></definitions>"
    assert draw(files) == files


def test_every_shipped_diagram_is_drawn_anew_whole_and_means_the_same(draw):
    files = {name: undrawn(xml) for name, xml in shipped().items()}
    assert not any("BPMNShape" in xml for xml in files.values())
    for name, drawn in draw(files).items():
        (read,) = meaning(files[name]).values()
        assert set(read.nodes) <= set(boxes(drawn)), name
        flows_there = {flow.get("id") for flow in etree.fromstring(drawn.encode()).iter(f"{B}sequenceFlow")}
        assert flows_there <= edges(drawn), name
        assert meaning(drawn) == meaning(files[name]), name


@pytest.mark.parametrize("inside", [BRANCHES, LOOP, NESTED], ids=["branches", "loop", "nested"])
def test_steps_stand_apart_in_the_order_of_the_flow(draw, inside):
    xml = definitions(process(inside)).decode()
    drawn = draw({"a.bpmn": xml})["a.bpmn"]
    found = boxes(drawn)
    (read,) = meaning(drawn).values()
    assert set(read.nodes) <= set(found)
    assert all(width > 0 and height > 0 for _, _, width, height in found.values())
    apart = [name for name, node in read.nodes.items() if node.kind != "boundary"]
    for place, name in enumerate(apart):
        for other in apart[place + 1 :]:
            if read.nodes[name].scope == read.nodes[other].scope:
                assert not overlap(found[name], found[other]), (name, other)
    assert found["start"][0] < found["end"][0]


def test_a_boundary_event_sits_on_its_host(draw):
    found = boxes(draw({"a.bpmn": definitions(process(BRANCHES)).decode()})["a.bpmn"])
    assert overlap(found["late"], found["left"])


@pytest.mark.parametrize(
    "text", ["", "<not-xml", "没有图", "<definitions/>"], ids=["empty", "broken", "words", "foreign"]
)
def test_what_cannot_be_laid_out_comes_back_as_it_is(draw, text):
    assert draw({"a.bpmn": text}) == {"a.bpmn": text}
