"""Drawings: a file in which nothing is meant to run is kept as a drawing, with the list of what it cannot do.

BPMN 2.0.2 §2.1: a model may be descriptive only. Pools without a process, choreographies and conversations describe who
talks to whom; there is nothing in them that one engine could execute.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from lxml import etree

from engine.bpmn.check_known import DefinitionFile
from engine.bpmn.check_tree import Tree
from engine.bpmn.xml import B, local, parse_xml
from engine.errors import Problem

DRAWING = "drawing"
Reasons = Callable[[str], Sequence[Problem]]
_ONLY_DRAWN = {
    "choreography": "编排图", "globalChoreographyTask": "全局编排任务", "conversation": "会话图",
    "globalConversation": "全局会话", "conversationNode": "会话", "subConversation": "子会话",
    "callConversation": "调用会话",
}  # fmt: skip
_DIAGRAMS = ("collaboration", "choreography", "globalConversation")
# What is wrong with a file whatever it is for.
_LASTING = frozenset({"too-many-nodes", "too-many-joins", "too-deep", "duplicate-process"})


def keep_drawings(
    trees: Sequence[Tree], problems: Sequence[Problem], processes: Collection[str], reasons: Reasons
) -> list[Problem]:
    """Return the problems, where what only keeps drawings from being executed no longer refuses them.

    `processes` are the keys of procedures that run; a drawing does not take the place of one. `reasons` are the
    reader's for a file, told where no check has named the element.
    """
    found = list(problems)
    for tree in trees:
        only_drawn = list(_only_drawn(tree))
        fails = any(one.file == tree.file and one.severity == "error" for one in found)
        if _is_drawing(tree, draws=bool(only_drawn), fails=fails):
            named = {one.element for one in found if one.file == tree.file}
            read = [replace(one, severity="warning") for one in reasons(tree.file) if one.element not in named]
            more = [_told(tree), *only_drawn, *_not_meant(tree), *read, *_instead(tree, processes)]
            found = [_warned(one, tree.file) for one in found] + more
    return found


def drawings_in(problems: Sequence[Problem]) -> frozenset[str]:
    """Return the files that are to be kept as drawings, as their check says."""
    return frozenset(one.file for one in problems if one.rule == DRAWING)


def name_of(file: DefinitionFile) -> tuple[str, str]:
    """Return key and title of a drawing: those of its first process or diagram, else the name of its file."""
    root = parse_xml(file.content, file.path)
    named = [each for tag in ("process", *_DIAGRAMS) for each in root.iterchildren(f"{B}{tag}") if each.get("id")]
    stem = file.path.rpartition("/")[2].rpartition(".")[0]
    return (str(named[0].get("id")), named[0].get("name") or "") if named else (stem, "")


def _is_drawing(tree: Tree, *, draws: bool, fails: bool) -> bool:
    """Tell whether nothing is meant to run; a process that does not say is executed if it can be."""
    stated = {process.get("isExecutable") for process in tree.processes}
    if stated & {"true", "1"}:
        return False
    return draws if not stated else fails or stated <= {"false", "0"}


def _told(tree: Tree) -> Problem:
    return Problem(tree.file, DRAWING, "只作为图样保存，不能执行；下列各项说明原因", severity="warning")


def _warned(problem: Problem, file: str) -> Problem:
    drawn = problem.file == file and problem.severity == "error" and problem.rule not in _LASTING
    return replace(problem, severity="warning") if drawn else problem


def _only_drawn(tree: Tree) -> Iterator[Problem]:
    """Yield what can only be drawn, a pool without a process too."""
    for element in tree.root.iter(etree.Element):
        words = _ONLY_DRAWN.get(local(element))
        if words is not None:
            yield tree.problem("only-drawn", element, f"{words}（{_name(element)}）只能画，不能执行", warn=True)
        elif element.tag == f"{B}participant" and not element.get("processRef"):
            yield tree.problem("only-drawn", element, f"参与者（{_name(element)}）没有流程，只能画", warn=True)


def _not_meant(tree: Tree) -> Iterator[Problem]:
    for process in tree.processes:
        if process.get("isExecutable") in {"false", "0"}:
            yield tree.problem("not-executable", process, "标为不可执行（isExecutable=false）", warn=True)


def _instead(tree: Tree, processes: Collection[str]) -> Iterator[Problem]:
    for process in tree.processes:
        if process.get("id") in processes:
            reason = "已有同名的可执行流程，图样不能代替它；请改流程标识，或设为可执行（isExecutable=true）"
            yield tree.problem("drawing-of-a-process", process, reason)


def _name(element: etree._Element) -> str:
    return " ".join((element.get("name") or element.get("id") or "").split())[:60]
