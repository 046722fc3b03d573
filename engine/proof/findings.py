"""Findings: what the states found say of soundness and of the rules, each with the run that shows it."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from engine.proof.explore import Explorer, Place, Went
from engine.proof.result import Finding, TraceStep
from engine.proof.rules import ComplianceRule
from engine.proof.shorten import shortened
from engine.proof.watching import Bits
from engine.tokens.definition import Node, Process
from engine.tokens.effects import IncidentRaised, Passed
from engine.tokens.listening import label

_SILENT = frozenset({"error", "escalation", "compensate", "cancel"})


class Findings:
    """Reads what an exploration found."""

    def __init__(
        self, procedure: str, processes: Mapping[str, Process], rules: Sequence[ComplianceRule], explorer: Explorer
    ) -> None:
        """Keep what was explored; `processes` are the procedure and all it calls, by key."""
        self._procedure = procedure
        self._processes = processes
        self._rules = rules
        self._explorer = explorer

    def of(self, *, complete: bool) -> Iterator[Finding]:
        """Yield what is wrong; what only shows when every state is known, if the exploration is complete."""
        yield from self._missing_steps()
        yield from self._stuck()
        yield from self._broken()
        yield from self._unfinished()
        if complete:
            yield from self._endless()
            yield from self._dead()

    def _missing_steps(self) -> Iterator[Finding]:
        """Yield the steps that rules protect and that are not there any more: a rule must not be gone round by name."""
        known = {node.id for process in self._processes.values() for node in process.nodes.values()}
        for rule in self._rules:
            for step in rule.needed:
                if rule.procedure is not None and step not in known:
                    words = f"合规规则“{rule.why}”保护的步骤“{step}”不在流程中；请恢复它，或经审批修改规则"
                    yield Finding(rule.id, words, self._procedure, None)

    def _stuck(self) -> Iterator[Finding]:
        for (node, message), (place, last) in self._explorer.stuck.items():
            told = (node, message)

            def shows(went: Went, _: Bits, told: tuple[str, str] = told) -> bool:
                raised = (effect for effect in went.effects if isinstance(effect, IncidentRaised))
                return told in {(effect.node, effect.message) for effect in raised}

            run = shortened(self._explorer, self._explorer.run_to(place, last), shows)
            yield Finding(_kind(message), message, self._of(node), node, _trace(run))

    def _broken(self) -> Iterator[Finding]:
        for rule in self._rules:
            if rule.id not in self._explorer.broken:
                continue
            place, last, mark = self._explorer.broken[rule.id]

            def shows(went: Went, bits: Bits, rule: str = rule.id) -> bool:
                return any(mark.rule == rule for mark in self._explorer.watch.follow(bits, went.marks)[1])

            run = shortened(self._explorer, self._explorer.run_to(place, last), shows)
            words = mark.words or _words(rule, self._name)
            element = rule.step or (rule.steps[0] if mark.kind == "reached" and rule.steps else None)
            yield Finding(rule.id, f"{rule.why}：{words}", self._of(element or ""), element, _trace(run))

    def _unfinished(self) -> Iterator[Finding]:
        """Yield the rules of what must follow, where a matter ends without it."""
        for rule in self._rules:
            if rule.kind != "always_followed_by":
                continue
            at = next(
                (
                    at
                    for at, place in enumerate(self._explorer.places)
                    if place.state["status"] == "completed" and rule.id in place.bits
                ),
                None,
            )
            if at is not None:

                def shows(went: Went, bits: Bits, rule: str = rule.id) -> bool:
                    after, _ = self._explorer.watch.follow(bits, went.marks)
                    return went.state["status"] == "completed" and rule in after

                run = shortened(self._explorer, self._explorer.run_to(at), shows)
                words = f"{rule.why}：事项可能没有经过{self._name(rule.before)}就办结"
                yield Finding(rule.id, words, self._of(rule.step), rule.step, _trace(run))

    def _endless(self) -> Iterator[Finding]:
        """Yield the nearest state from which the end can never be reached."""
        fine = self._explorer.leading_to(at for at, place in enumerate(self._explorer.places) if place.over)
        lost = next((at for at in range(len(self._explorer.places)) if at not in fine), None)
        if lost is not None:
            place = self._explorer.places[lost]
            node = next((token["n"] for token in place.state["tokens"].values()), None)
            words = f"到这里以后无论怎样办理都不能办结：{'、'.join(self._name(each) for _, each in _standing(place))}"
            yield Finding("endless", words, self._of(node or ""), node, _trace(self._explorer.run_to(lost)))

    def _dead(self) -> Iterator[Finding]:
        """Yield the elements of the procedure itself that no run comes to."""
        process = self._processes[self._procedure]
        stood = {(ref, node) for place in self._explorer.places for ref, node in _standing(place)}
        for node in process.nodes.values():
            alive = {(f"{self._procedure}:0", node.id)} & (self._explorer.passed | stood)
            if not alive and not node.by_event and not node.for_compensation and self._may_be_dead(node, process):
                words = f"{label(node)}没有任何办理过程能够到达，请检查条件或删除"
                yield Finding("dead-element", words, self._procedure, node.id, severity="warning")

    def _may_be_dead(self, node: Node, process: Process) -> bool:
        """Tell whether an element should be reached; what lies in a handler of compensation may lie still."""
        scope = process.nodes.get(node.scope)
        silent = node.kind == "boundary" and any(event.kind in _SILENT for event in node.events)
        return not silent and (scope is None or not (scope.by_event or scope.for_compensation))

    def _name(self, node: str) -> str:
        for process in self._processes.values():
            if node in process.nodes:
                return label(process.nodes[node])
        return f"“{node}”"

    def _of(self, node: str) -> str:
        return next((key for key, process in self._processes.items() if node in process.nodes), self._procedure)


def _trace(run: Sequence[Went]) -> tuple[TraceStep, ...]:
    return tuple(_step(went) for went in run)


def _step(went: Went) -> TraceStep:
    passed = [effect for effect in went.effects if isinstance(effect, Passed)]
    learnt = "，".join(_learnt(path, values) for path, values in went.learnt)
    words = f"{went.words}{f'（{learnt}）' if learnt else ''}"
    tokens, scopes = went.state["tokens"], went.state["scopes"]
    at = {(str(scopes[token["s"]]["p"]).rpartition(":")[0], str(token["n"])) for token in tokens.values()}
    return TraceStep(
        words,
        tuple((one.process.rpartition(":")[0], one.node, one.flow) for one in passed),
        tuple(sorted(at)),
    )


def _standing(place: Place) -> list[tuple[str, str]]:
    """Return the (ref, node) where tokens stand; those that host others are left out."""
    tokens, scopes = place.state["tokens"], place.state["scopes"]
    return [(scopes[token["s"]]["p"], token["n"]) for token in tokens.values() if "sub" not in token]


def _words(rule: ComplianceRule, name: Callable[[str], str]) -> str:
    if rule.kind == "before":
        wanted = f"（{rule.outcome.text}）" if rule.outcome is not None else ""
        return f"有一种走法没有先经过{name(rule.before)}{wanted}就到了{name(rule.step)}"
    if rule.kind == "other_person":
        return f"办理{name(rule.before)}的人还可以办理{name(rule.step)}"
    return "计时器在无人办理时使事项到达这里"


def _learnt(path: tuple[str, ...], values: tuple[object, ...]) -> str:
    shown = "、".join("其他" if value == "…" else "空" if value is None else str(value) for value in values[:4])
    return f"{'.'.join(path)}为{shown}{'等' if len(values) > 4 else ''}"


def _kind(message: str) -> str:
    """Return the kind of a finding that the kernel's incident tells."""
    if "令牌停在这里" in message:
        return "left-over"
    return "no-way-out" if "没有一个条件成立" in message else "deadlock"
