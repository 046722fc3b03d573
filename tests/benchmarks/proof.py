"""Check and proof together: every shipped procedure, and generated ones of up to 60 nodes."""

from itertools import count
from statistics import median
from time import perf_counter

from engine.bpmn.checks import check_definitions
from engine.proof import World, prove, read_rules, world_of_files
from tests.engine.tokens.random_process import Xml, generate
from tests.procedures.shipped import ROOT, config, files, functions, known

_MOST_NODES = 60


def measure(engines, *, quick):
    """Seconds per procedure; a budget of 5 s each."""
    shipped = [_shipped(path.name) for path in sorted((ROOT / "processes").iterdir())]
    made = list(_generated(50 if quick else 500))
    rows = [_row("shipped", shipped), _row("generated", made)]
    return "Check and proof", ["procedures", "number", "p50", "p95", "longest", "≤0.5 s", "not decided"], rows


def _shipped(key):
    """Check a procedure's own files and prove it in the world of all."""
    own = [file for file in files() if f"/{key}/" in file.path]
    world, rules = world_of_files(files(), functions()), read_rules(config("rules"))
    begun = perf_counter()
    check_definitions(own, known())
    proof = prove(key, world, rules)
    return perf_counter() - begun, proof


def _generated(number):
    """Prove random processes of sequences, choices, branches, loops, repetitions, calls and boundary events."""
    found = 0
    for seed in count():
        deployed = Xml().deploy(generate(seed, 3))
        if not 20 <= sum(len(process.nodes) for process in deployed.processes.values()) <= _MOST_NODES:
            continue
        begun = perf_counter()
        proof = prove("p", World(deployed.processes.get, lambda _: None, lambda _: None, {}))
        yield perf_counter() - begun, proof
        found += 1
        if found == number:
            return


def _row(name, found):
    times = sorted(seconds for seconds, _ in found)
    within = sum(seconds <= 0.5 for seconds in times) / len(times)
    undecided = sum(proof.verdict == "undecided" for _, proof in found)
    late = times[min(len(times) - 1, int(len(times) * 0.95))]
    return [
        name,
        len(times),
        f"{median(times):.3f} s",
        f"{late:.2f} s",
        f"{times[-1]:.2f} s",
        f"{within:.1%}",
        undecided,
    ]
