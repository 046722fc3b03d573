"""Proving before publishing: procedures among definition files, in the world of what is deployed (design.md §10)."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy import select

from engine.bpmn.checks import DefinitionFile
from engine.bpmn.reader import read_bpmn
from engine.calendar import host_functions
from engine.command import Context
from engine.errors import InvalidDefinitionError, Problem
from engine.model import tables
from engine.proof import Proof, World, called_by, prove, read_rules, world_of_files
from engine.proof.result import SOUNDNESS, UNDECIDED

_KEPT = 512
_UNDECIDED = "proof-undecided"


class _Answers:
    """The proofs of this process of the program, by everything they depend on; a proof always answers the same."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Proof] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> Proof | None:
        with self._lock:
            return self._known.get(key)

    def put(self, key: str, proof: Proof) -> None:
        with self._lock:
            self._known[key] = proof
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)


_ANSWERS = _Answers()


@dataclass(frozen=True)
class ProveDefinitions:
    """Prove every executable process that files bring or change, and those that call it, as after their deployment.

    `config` overrides documents of the configuration by kind. Returns a proof per process; files that cannot be read
    are passed over, since the check of definitions refuses them. Raises InvalidRuleError.
    """

    files: tuple[DefinitionFile, ...]
    config: Mapping[str, Any] | None = None

    def execute(self, context: Context) -> tuple[Proof, ...]:
        """Prove, or answer what was proved before."""
        config = {**dict(context.config), **(self.config or {})}
        rules = read_rules(config.get("rules", {}))
        functions = host_functions(context.calendar)
        world = world_of_files(self.files, functions, _deployed(context))
        stamp = _stamp(context, self.files, config)
        return tuple(_proved(key, world, rules, stamp) for key in _touched(context, self.files, world))


def executable_in(context: Context, files: Iterable[DefinitionFile]) -> dict[str, str]:
    """Return the keys of the processes that files bring and that run, with the path of each."""
    return {key: file.path for file in files if file.suffix == ".bpmn" for key in _keys(context, file)}


def _keys(context: Context, file: DefinitionFile) -> tuple[str, ...]:
    try:
        read = read_bpmn(file.content, file.path, host_functions(context.calendar))
    except InvalidDefinitionError:
        return ()
    return () if read.drawing_only else tuple(read.processes)


def _touched(context: Context, files: Sequence[DefinitionFile], world: World) -> list[str]:
    """Return the processes whose runs files change: those in them or beside them, and whatever calls these."""
    deployed = [one.key for one in context.catalog.all_latest()]
    brought = executable_in(context, files)
    changed = {*brought, *({file.folder for file in files} & {*deployed})}
    callers = (key for key in deployed if key not in changed and not changed.isdisjoint(called_by(world, key)))
    return [*brought, *sorted(changed.difference(brought)), *callers]


def proof_problems(
    context: Context, proofs: Sequence[Proof], files: Sequence[DefinitionFile], refuse: Sequence[str]
) -> list[Problem]:
    """Return what proofs found as problems of files.

    Rules of compliance always refuse; what is not sound refuses where `refuse` (config/rules.toml, [publish]) holds
    `soundness`, else it warns. What was not decided is a warning that names the reason.
    """
    places = executable_in(context, files)
    problems = []
    for proof in proofs:
        file = places.get(proof.procedure, f"processes/{proof.procedure}/{proof.procedure}.bpmn")
        for found in proof.findings:
            strict = found.rule not in SOUNDNESS or "soundness" in refuse
            severity = "error" if strict and found.severity == "error" else "warning"
            there = found.process == proof.procedure
            problems.append(
                Problem(file, found.rule, found.words, found.element if there else None, None, severity, found.trace)
            )
        if proof.verdict == UNDECIDED:
            words = f"证明未能判定（{proof.why}）：能否保证合规须由另一人书面说明理由"
            problems.append(Problem(file, _UNDECIDED, words, None, None, "warning"))
    return problems


def is_undecided(problems: Iterable[Problem]) -> bool:
    """Tell whether a proof among what was found was not decided."""
    return any(problem.rule == _UNDECIDED for problem in problems)


def _proved(key: str, world: World, rules: Any, stamp: str) -> Proof:
    known = _ANSWERS.get(f"{stamp}/{key}")
    if known is None:
        known = prove(key, world, rules)
        _ANSWERS.put(f"{stamp}/{key}", known)
    return known


def _deployed(context: Context) -> World:
    """Return the world of what is deployed."""
    decision = tables.decision_definition
    latest = {one.key: one.process for one in context.catalog.all_latest()}

    def form(key: str) -> Any:
        found = context.catalog.latest_form(key)
        return None if found is None else found.form

    def xml(key: str) -> bytes | None:
        asked = select(decision.c.xml).where(decision.c.key == key).order_by(decision.c.version.desc()).limit(1)
        found: bytes | None = context.session.execute(asked).scalar()
        return found

    return World(latest.get, form, xml, host_functions(context.calendar))


def _stamp(context: Context, files: Sequence[DefinitionFile], config: Mapping[str, Any]) -> str:
    """Return a hash of everything a proof depends on: files, rules, and the versions deployed."""
    digest = hashlib.sha256(repr(config.get("rules", {}).get("proof")).encode())
    for file in sorted(files, key=lambda one: one.path):
        digest.update(file.path.encode() + b"\0" + hashlib.sha256(file.content).digest())
    for table in (tables.process_definition, tables.form_definition, tables.decision_definition):
        for one in context.session.execute(select(table.c.key, table.c.hash).order_by(table.c.key, table.c.version)):
            digest.update(f"{one.key}:{one.hash}\n".encode())
    return digest.hexdigest()
