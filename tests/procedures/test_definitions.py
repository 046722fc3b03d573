"""Every shipped definition is sound, complete and readable as a drawing."""

import json
import tomllib
from collections.abc import Iterator
from itertools import combinations, pairwise

import pytest
from lxml import etree

from engine.bpmn.checks import check_definitions
from engine.bpmn.reader import read_bpmn
from engine.forms import read_form
from engine.proof import prove, read_rules, world_of_files
from engine.proof.result import PROVED
from engine.tokens.definition import Node
from tests.procedures.shipped import ROOT, config, files, form, functions, known

DIAGRAMS = sorted((ROOT / "processes").rglob("*.bpmn"))
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
BOUNDS = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
POINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
CONTAINERS = {"participant", "lane", "subProcess"}
WORLD = world_of_files(files(), functions())
RULES = read_rules(config("rules"))


def _tasks() -> Iterator[tuple[str, Node]]:
    for path in DIAGRAMS:
        for process in read_bpmn(path.read_bytes(), path.name, functions()).processes.values():
            for node in process.nodes.values():
                if node.kind == "activity" and node.task in {"user", "manual"}:
                    yield process.id, node


def test_the_checks_find_nothing_to_say() -> None:
    assert [str(problem) for problem in check_definitions(files(), known())] == []


def test_every_folder_holds_one_procedure_with_its_description() -> None:
    for folder in sorted((ROOT / "processes").iterdir()):
        procedure = tomllib.loads((folder / "procedure.toml").read_text("utf-8"))
        assert (procedure["key"], (folder / f"{folder.name}.bpmn").exists()) == (folder.name, True)


def test_every_task_says_what_its_button_does() -> None:
    silent = []
    for process, node in _tasks():
        key = node.extensions.form_ref
        outcome = form(key if "/" in key else f"{process}/{key}").outcome if key else None
        if outcome is None and not node.extensions.property("submitLabel"):
            silent.append(node.id)
    assert silent == []


def test_no_button_is_called_submit() -> None:
    labels = [str(node.extensions.property("submitLabel") or "") for _, node in _tasks()]
    assert not {"提交", "确定", "OK"} & set(labels)


def test_node_ids_are_unique_across_procedures() -> None:
    ids = [node.id for _, node in _tasks()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_the_drawing_is_complete_and_nothing_overlaps(path: object) -> None:
    root = etree.parse(str(path)).getroot()
    names = {
        element.get("id"): etree.QName(element).localname for element in root.iter(f"{BPMN}*") if element.get("id")
    }
    drawn = {shape.get("bpmnElement") for shape in root.iter(f"{DI}BPMNShape", f"{DI}BPMNEdge")}
    must = {
        one
        for one, tag in names.items()
        if tag in CONTAINERS or tag == "sequenceFlow" or tag.endswith(("Task", "Event", "Gateway", "Activity"))
    }
    assert must - drawn == set()
    boxes = {
        shape.get("bpmnElement"): tuple(float(shape.find(BOUNDS).get(side)) for side in ("x", "y", "width", "height"))
        for shape in root.iter(f"{DI}BPMNShape")
    }
    solid = [one for one in boxes if names[one] not in CONTAINERS and names[one] != "boundaryEvent"]
    assert [pair for pair in combinations(solid, 2) if _overlap(boxes[pair[0]], boxes[pair[1]])] == []


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_flows_are_drawn_with_right_angles(path: object) -> None:
    slanted = []
    for edge in etree.parse(str(path)).getroot().iter(f"{DI}BPMNEdge"):
        points = [(float(point.get("x")), float(point.get("y"))) for point in edge.findall(POINT)]
        # A few pixels towards the middle of an odd-sized shape are not seen.
        if any(min(abs(a[0] - b[0]), abs(a[1] - b[1])) > 6 for a, b in pairwise(points)):
            slanted.append(edge.get("bpmnElement"))
    assert slanted == []


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    apart = one[0] + one[2] <= other[0] or other[0] + other[2] <= one[0]
    return not (apart or one[1] + one[3] <= other[1] or other[1] + other[3] <= one[1])


def test_the_example_people_hold_every_role_that_the_procedures_ask_for() -> None:
    held = {role for person in config("example/organisation")["person"] for role in person["roles"]}
    asked = {
        role
        for _, node in _tasks()
        if node.extensions.candidate_groups and node.extensions.candidate_groups.is_literal
        for role in node.extensions.candidate_groups.text.split(",")
    }
    assert asked - held == set()


def test_every_deadline_says_where_it_comes_from() -> None:
    unfounded = [
        row["code"] for row in config("deadlines")["deadline"] if row["owner"] == "statutory" and not row["basis"]
    ]
    assert unfounded == []


def test_every_form_can_be_read() -> None:
    read = [read_form(json.loads(file.content), file.path, functions()) for file in files() if file.suffix == ".form"]
    assert len(read) > 80


@pytest.mark.parametrize("key", [path.stem for path in DIAGRAMS])
def test_every_procedure_is_proved_sound_and_compliant(key: str) -> None:
    proof = prove(key, WORLD, RULES)
    assert [finding.words for finding in proof.findings] == []
    assert proof.verdict == PROVED


def test_every_rule_of_compliance_looks_at_steps_that_exist() -> None:
    nodes = {
        node
        for path in DIAGRAMS
        for process in read_bpmn(path.read_bytes(), path.name, functions()).processes.values()
        for node in process.nodes
    }
    named = {step for rule in RULES for step in (rule.step, rule.before, *rule.steps)} - {""}
    assert named - nodes == set()
    assert len(RULES) > 25
