"""Proving: explore what a procedure can do, and say what is wrong with it, if anything."""

from collections.abc import Iterator, Sequence
from time import monotonic

from engine.proof.abstraction import Abstract
from engine.proof.conditions import read_condition
from engine.proof.domains import Domains
from engine.proof.explore import BudgetSpentError, Explorer
from engine.proof.findings import Findings
from engine.proof.moves import HUMAN, Moves, written_by
from engine.proof.result import PROVED, REFUTED, UNDECIDED, Proof
from engine.proof.rules import ComplianceRule, rules_for
from engine.proof.watching import Watch
from engine.proof.world import World, closure
from engine.tokens.definition import Node

MOST_STATES = 20_000
MOST_SECONDS = 5.0


def prove(
    procedure: str,
    world: World,
    rules: Sequence[ComplianceRule] = (),
    *,
    most_states: int = MOST_STATES,
    seconds: float = MOST_SECONDS,
) -> Proof:
    """Prove a procedure sound and compliant, or show the shortest run that is not.

    `procedure` is a key of `world`; `rules` are those of the installation, of which the ones for it are asked. Within
    `most_states` states and `seconds` seconds; otherwise the answer is undecided, with what was found so far. Raises
    KeyError where there is no such procedure.
    """
    begun = monotonic()
    return _Proving(procedure, world, rules_for(rules, procedure)).prove(most_states, seconds, begun)


class _Proving:
    """One proof, set up: the processes, the variables that matter, the rules."""

    def __init__(self, procedure: str, world: World, rules: Sequence[ComplianceRule]) -> None:
        self._procedure = procedure
        self._rules = rules
        self._processes = dict(closure(world, procedure))
        if procedure not in self._processes:
            raise KeyError(procedure)
        domains = Domains(world.names)
        for process in self._processes.values():
            domains.add_process(process)
        wanted = {
            rule.id: None if rule.outcome is None else read_condition(rule.outcome, world.names) for rule in rules
        }
        for condition in wanted.values():
            if condition is not None:
                domains.add_condition(condition)
        self._abstract = Abstract(world, domains)
        decisions = self._decisions() if any(rule.kind == "never_by_timer" for rule in rules) else frozenset()
        domains.add_watched(decisions)
        domains.settle()
        self._watch = Watch({rule.id: rule for rule in rules}, wanted, decisions)

    def prove(self, most_states: int, seconds: float, begun: float) -> Proof:
        written = {name for node, ref in self._nodes() for name in self._all_written(node, ref)}
        moves = Moves(self._abstract, self._abstract.domains.tracked - written)
        explorer = Explorer(self._abstract, moves, self._watch, most_states, seconds)
        why = ""
        try:
            explorer.explore(f"{self._procedure}:0")
        except BudgetSpentError as spent:
            why = str(spent)
        found = tuple(Findings(self._procedure, self._processes, self._rules, explorer).of(complete=not why))
        why = why or "；".join(self._abstract.missing)
        refuted = any(one.severity == "error" for one in found)
        return Proof(
            self._procedure,
            REFUTED if refuted else UNDECIDED if why else PROVED,
            found,
            why,
            len(explorer.places),
            monotonic() - begun,
            tuple(rule.id for rule in self._rules),
        )

    def _nodes(self) -> Iterator[tuple[Node, str]]:
        for key, process in self._processes.items():
            for node in process.nodes.values():
                yield node, f"{key}:0"

    def _all_written(self, node: Node, ref: str) -> Iterator[str]:
        yield from written_by(self._abstract, node, ref)
        yield from (one.target for one in node.extensions.in_ if one.target)

    def _decisions(self) -> frozenset[str]:
        """Return the variables in which people's decisions are kept: the outcomes of forms."""
        found = set()
        for node, ref in self._nodes():
            form = self._abstract.form_of(node, ref) if node.task in HUMAN else None
            if form is not None and form.outcome is not None:
                found.add(form.outcome.key[0])
        return frozenset(found)
