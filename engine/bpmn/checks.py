"""What is refused at deployment, and why: every problem names file, element and line, and says what to do.

Rules: security.md S4 and S6, design.md section 3; an error refuses the whole deployment, a warning does not.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from lxml import etree

from engine.bpmn.check_drawing import DRAWING, drawings_in, keep_drawings
from engine.bpmn.check_events import check_events
from engine.bpmn.check_extensions import check_extensions
from engine.bpmn.check_files import check_procedure, check_size, read_decisions, read_form_file, read_procedure
from engine.bpmn.check_flow import check_flow
from engine.bpmn.check_known import DefinitionFile, Known, World
from engine.bpmn.check_language import read_expressions
from engine.bpmn.check_schema import check_schema
from engine.bpmn.check_style import check_style
from engine.bpmn.check_times import check_times
from engine.bpmn.check_tree import FLOW_NODES, JOINS, SUB_PROCESSES, Tree
from engine.bpmn.check_variables import check_variables, passed_by_calls
from engine.bpmn.check_waits import Waits, check_calls
from engine.bpmn.check_work import check_work
from engine.bpmn.reader import read_bpmn
from engine.bpmn.xml import BPMN, B, parse_xml
from engine.errors import InvalidDefinitionError, Problem

MOST_NODES = 5000
MOST_ATTRIBUTES = 100
LONGEST_ATTRIBUTE = 10_000
LONGEST_TEXT = 100_000
DEEPEST = 50
# What joins look back over is kept per flow into one: so many pairs of a flow and a node take some 200 MB.
MOST_LOOKED_BACK = 3_000_000
_MOST_PROBLEMS = 200
_KINDS = frozenset({".bpmn", ".dmn", ".form", ".toml"})

__all__ = ["DefinitionFile", "Known", "check_definitions"]


def check_definitions(files: Sequence[DefinitionFile], known: Known | None = None) -> tuple[Problem, ...]:
    """Return what is wrong with files that are to be deployed together: errors first, then warnings."""
    world = World(known or Known())
    problems = [problem for file in files for problem in (*check_size(file), *_check_kind(file))]
    bad = {problem.file for problem in problems}
    good = [file for file in files if file.path not in bad]
    problems += _check_twice(files)
    problems += _read_beside(good, world)
    trees = [tree for file in good if file.suffix == ".bpmn" for tree in _read_diagram(file, problems)]
    world.processes |= {each.get("id", "") for tree in trees for each in (*tree.executable, *tree.global_tasks)}
    for path, content in world.procedures.items():
        problems += check_procedure(path, DefinitionFile(path, b"").folder, content, world)
    problems += _check_keys(trees)
    bounded = [tree for tree in trees if not _is_too_large(tree, problems)]
    problems += _check_trees(bounded, world)
    problems += _compile(good, problems, world.known)
    problems = keep_drawings(trees, problems, world.known.processes or (), _Reasons(good))
    drawings = drawings_in(problems)
    # How a drawing looks to those who carry it out is nobody's concern: nothing carries it out.
    problems += [problem for tree in bounded if tree.file not in drawings for problem in check_style(tree)]
    return _in_order(problems)


def _check_kind(file: DefinitionFile) -> Iterator[Problem]:
    if file.suffix not in _KINDS:
        yield Problem(
            file.path, "kind", "不认识的文件类型；流程为 .bpmn，决策为 .dmn，表单为 .form，说明为 procedure.toml"
        )


def _check_twice(files: Sequence[DefinitionFile]) -> Iterator[Problem]:
    for path, count in Counter(file.path for file in files).items():
        if count > 1:
            yield Problem(path, "twice", f"同一文件出现了 {count} 次，请只保留一份")


def _read_beside(files: Sequence[DefinitionFile], world: World) -> Iterator[Problem]:
    """Read decisions, forms and procedure.toml, so that diagrams can refer to them."""
    owners: dict[str, str] = {}
    for file in files:
        if file.suffix == ".dmn":
            model, problems = read_decisions(file)
            yield from problems
            for key in model.decisions if model else ():
                if key in owners:
                    yield Problem(
                        file.path, "duplicate-decision", f"决策“{key}”与 {owners[key]} 中的重复，请改名", element=key
                    )
                owners.setdefault(key, file.path)
            world.decisions |= set(owners)
        elif file.suffix == ".form":
            keys, problems = read_form_file(file, world.known)
            world.forms[f"{file.folder}/{file.path.rpartition('/')[2].removesuffix('.form')}"] = keys
            yield from problems
        elif file.suffix == ".toml":
            content, problems = read_procedure(file)
            yield from problems
            if content is not None:
                world.procedures[file.path] = content


def _read_diagram(file: DefinitionFile, problems: list[Problem]) -> Iterator[Tree]:
    """Parse one diagram; what cannot be parsed is told and left out."""
    try:
        root = parse_xml(file.content, file.path)
    except InvalidDefinitionError as refusal:
        problems += refusal.problems
        return
    if root.tag != f"{B}definitions":
        problems.append(Problem(file.path, "root", f"不是 BPMN 2.0 文件：根元素应为 definitions（{BPMN}）"))
        return
    tree = Tree(root, file.path)
    for element in root.iter(etree.Element):
        excess = _excess(element)
        if excess:
            problems.append(tree.problem("too-long", element, excess))
            return
    yield tree


def _excess(element: etree._Element) -> str | None:
    """Tell what of an element is beyond any use; libxml2 looks attributes up one by one, so many cost minutes."""
    if len(element.attrib) > MOST_ATTRIBUTES or len(element.nsmap) > MOST_ATTRIBUTES:
        return f"一个元素的属性超过 {MOST_ATTRIBUTES} 个，请删减"
    if any(len(value) > LONGEST_ATTRIBUTE for value in element.attrib.values()):
        return f"有属性超过 {LONGEST_ATTRIBUTE} 个字符，请缩短"
    if len(element.text or "") > LONGEST_TEXT:
        return f"文字超过 {LONGEST_TEXT} 个字符，请缩短"
    return None


def _is_too_large(tree: Tree, problems: list[Problem]) -> bool:
    """Refuse a diagram beyond any reader's grasp before its graph is walked."""
    found: list[Problem] = []
    for process in tree.processes:
        count = len(tree.inside(process))
        if count > MOST_NODES:
            found.append(
                tree.problem("too-many-nodes", process, f"有 {count} 个元素，超过 {MOST_NODES} 个；请拆成几个流程")
            )
        joining = sum(
            len(node.incoming) for node in tree.inside(process) if node.tag in JOINS and len(node.incoming) > 1
        )
        if joining * count > MOST_LOOKED_BACK:
            reason = f"有 {count} 个元素，其中汇合网关有 {joining} 条进入的顺序流，太多；请拆成几个流程"
            found.append(tree.problem("too-many-joins", process, reason))
        for scope in tree.scopes(process):
            depth = sum(1 for _ in scope.iterancestors(*(f"{B}{tag}" for tag in SUB_PROCESSES)))
            if depth >= DEEPEST:
                found.append(tree.problem("too-deep", scope, f"子流程嵌套超过 {DEEPEST} 层；请改用调用活动"))
                break
    problems += found
    return bool(found)


def _check_keys(trees: Sequence[Tree]) -> Iterator[Problem]:
    """One key everywhere: each process id is unique in the deployment and one of them names the folder."""
    owners: dict[str, str] = {}
    for tree in trees:
        keys = [process.get("id", "") for process in tree.executable]
        for process in tree.executable:
            key = process.get("id", "")
            if key in owners:
                yield tree.problem("duplicate-process", process, f"流程标识“{key}”与 {owners[key]} 中的重复，请改名")
            owners.setdefault(key, tree.file)
        parts = tree.file.split("/")
        if (
            len(parts) > 2
            and parts[-3] == "processes"
            and keys
            and parts[-1] == f"{parts[-2]}.bpmn"
            and parts[-2] not in keys
        ):
            reason = f"流程标识应与文件夹同名：文件夹是“{parts[-2]}”，文件里是“{'、'.join(keys)}”"
            yield tree.problem("process-key", tree.executable[0], reason)


def _check_trees(trees: Sequence[Tree], world: World) -> Iterator[Problem]:
    waits, passed = Waits(trees), passed_by_calls(trees)
    for tree in trees:
        if not tree.processes:
            yield Problem(tree.file, "no-process", "文件里没有流程（process），请画一个流程")
        yield from _check_ids(tree)
        yield from check_schema(tree)
        yield from check_extensions(tree)
        yield from check_flow(tree, waits)
        yield from check_events(tree)
        yield from check_times(tree, waits)
        yield from _enough(check_work(tree, world))
        found, problems = read_expressions(tree, world.known.functions)
        yield from problems
        yield from check_variables(tree, found, world, passed)
    yield from check_calls(waits)


def _enough(problems: Iterator[Problem]) -> Iterator[Problem]:
    """Stop after as many errors as anybody reads: naming each of 100,000 unknown roles would take minutes."""
    errors = 0
    for problem in problems:
        yield problem
        errors += problem.severity == "error"
        if errors >= _MOST_PROBLEMS:
            return


def _check_ids(tree: Tree) -> Iterator[Problem]:
    """Every flow element can be named, and no two alike (the schema tells duplicates of all other elements)."""
    for element in tree.root.iter(f"{B}process", f"{B}sequenceFlow", *(f"{B}{tag}" for tag in FLOW_NODES)):
        if not element.get("id"):
            yield tree.problem("no-id", element, "有元素没有标识（id），请在流程设计器中重新保存")


def _compile(files: Sequence[DefinitionFile], problems: Sequence[Problem], known: Known) -> Iterator[Problem]:
    """Let the reader have the last word on files that no check has refused."""
    refused = {problem.file for problem in problems if problem.severity == "error"}
    for file in files:
        if file.suffix == ".bpmn" and file.path not in refused:
            try:
                read_bpmn(file.content, file.path, known.functions)
            except InvalidDefinitionError as refusal:
                yield from refusal.problems


class _Reasons:
    """Answers what keeps the processes of a file from being executed, as the reader sees it."""

    def __init__(self, files: Sequence[DefinitionFile]) -> None:
        """Keep the files; each is read only if asked about."""
        self._contents = {file.path: file.content for file in files}

    def __call__(self, path: str) -> tuple[Problem, ...]:
        """Return the reasons for one file."""
        try:
            return read_bpmn(self._contents[path], path).reasons
        except InvalidDefinitionError as refusal:
            return refusal.problems


def _in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return each problem once, errors first, then which files are drawings; no more than anybody reads."""
    once = list(dict.fromkeys(problems))
    once.sort(key=lambda one: (one.severity != "error", one.rule != DRAWING, one.file, one.line or 0))
    return tuple(once[:_MOST_PROBLEMS])
