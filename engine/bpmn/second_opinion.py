"""Two engines, one diagram: our kernel and SpiffWorkflow run the same scenarios, and what waits is compared."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.bpmn.check_known import DefinitionFile
from engine.bpmn.check_tree import Tree, label
from engine.bpmn.referee import SecondEngine, SecondEngineError
from engine.bpmn.referee_copy import copy_for_referee
from engine.bpmn.referee_data import data_for
from engine.bpmn.referee_kernel import Files, KernelRun
from engine.bpmn.referee_lint import reachable, unsound
from engine.bpmn.xml import parse_xml

Step = tuple[str, Mapping[str, Any]]
Act = Callable[[KernelRun | SecondEngine], None]
_GATEWAYS = frozenset({"exclusive", "inclusive", "parallel", "complex"})


@dataclass(frozen=True)
class Scenario:
    """Start variables, then who does what: the id of a task (or of an awaited event) and what is filed with it."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What two engines say; `agrees` is None where the second one cannot judge, and `reasons` says why."""

    agrees: bool | None
    differences: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    scenarios: int = 0
    steps: int = 0

    def __str__(self) -> str:
        """Return the verdict in one Chinese sentence."""
        if self.agrees is None:
            return f"第二引擎不适用：{'；'.join(self.reasons)}"
        if self.agrees:
            return f"两个引擎一致（{self.scenarios} 个情景，{self.steps} 步）"
        return f"两个引擎不一致：{'；'.join(self.differences)}"


def referee(definitions: Files, key: str, scenarios: Iterable[Scenario], now: datetime) -> Verdict:
    """Run every scenario on both engines and compare after each step what is open and whether it is finished.

    `definitions` is made of files that have passed check_definitions; `key` is the process that is started.
    """
    trees = trees_of(definitions.files)
    reasons = unsound(trees, key)
    if reasons:
        return Verdict(None, reasons=tuple(reasons))
    copies = {trees[called].file: copy_for_referee(trees[called]) for called in reachable(trees, key)}
    differences, count, steps = [], 0, 0
    for scenario in scenarios:
        count += 1
        kernel = KernelRun(definitions, key, now)
        try:
            second = SecondEngine(copies, key, data_for(definitions, now))
        except SecondEngineError as refusal:
            return Verdict(None, reasons=(f"SpiffWorkflow 不能读取：{refusal}",))
        done, difference = _compare(kernel, second, scenario, trees[key])
        steps += done
        if difference:
            differences.append(f"情景 {count}：{difference}")
    return Verdict(not differences, tuple(differences), (), count, steps)


def _compare(kernel: KernelRun, second: SecondEngine, scenario: Scenario, tree: Tree) -> tuple[int, str | None]:
    """Return how many steps were compared, and the first difference in words."""
    ways: list[tuple[str, Act]] = [("启动", _start(scenario.variables))]
    ways += [(f"办理{label(tree.ids.get(node)) or node}", _completion(node, filed)) for node, filed in scenario.steps]
    for number, (word, act) in enumerate(ways):
        ours, theirs = _after(kernel, act), _after(second, act)
        if kernel.stuck and not _is_gateway(kernel):
            return number, None  # data that no timer or decision can use says nothing of the flow of control
        if ours != theirs:
            return number, f"第 {number} 步{word}之后，本系统：{ours}；SpiffWorkflow：{theirs}"
    return len(scenario.steps), None


def _start(variables: Mapping[str, Any]) -> Act:
    return lambda run: run.start(dict(variables))


def _completion(node: str, filed: Mapping[str, Any]) -> Act:
    return lambda run: run.complete(node, dict(filed))


def _is_gateway(kernel: KernelRun) -> bool:
    node = kernel.node(kernel.stuck_at)
    return node is not None and node.kind in _GATEWAYS


def _after(run: KernelRun | SecondEngine, act: Act) -> str:
    """Do one step and tell where the run stands."""
    try:
        act(run)
    except SecondEngineError:
        return "停住"
    if run.stuck:
        return "停住"
    return "办结" if run.finished else "等待 " + "、".join(run.open())


def trees_of(files: Sequence[DefinitionFile]) -> dict[str, Tree]:
    """Return the file of each executable process by its key."""
    trees: dict[str, Tree] = {}
    for file in files:
        if file.suffix == ".bpmn":
            tree = Tree(parse_xml(file.content, file.path), file.path)
            trees |= {process.get("id", ""): tree for process in tree.executable}
    return trees
